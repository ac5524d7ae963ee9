use super::*;

const OBJECTS: &str = "
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 1}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web, namespace: shop}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: admin, namespace: shop}}
---
{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: web, namespace: shop}}
---
{apiVersion: example.org/v1, kind: Tenant, metadata: {name: t}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: q1, namespace: shop}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: q2}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: q3, namespace: shop}}
---
{apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 2}}
---
{apiVersion: v1, kind: Pod, metadata: {name: run-*, namespace: shop}}
---
{apiVersion: v1, kind: Pod, metadata: {name: run-*, namespace: shop}}
---
{apiVersion: example.org/v1, kind: Gadget, metadata: {name: g, namespace: default}}
";

#[test]
fn objects_are_found_by_name() {
    cases(
        &documents(OBJECTS),
        r#"
        find("ConfigMap", "web", "shop") => some ConfigMap/shop/web
        find("ConfigMap", "web", "default") => some ConfigMap/web
        find("ConfigMap", "web", "other") => none
        find("ConfigMap", "other", "shop") => none
        find("Namespace", "shop", "") => some Namespace/shop
        find("rbac.authorization.k8s.io/ClusterRole", "admin", "") => some ClusterRole/shop/admin
        find("serving.knative.dev/Service", "web", "shop") => some Service/shop/web
        find("Service", "web", "shop") => none
        find("example.org/Tenant", "t", "") => some Tenant/t
        find("example.org/Tenant", "t", "default") => some Tenant/t
        find("example.org/Tenant", "t", "shop") => none
        find("example.org/Gadget", "g", "default") => some Gadget/default/g
        find("example.org/Gadget", "g", "") => none
        find("Pod", "run-*", "shop") => none
        find("apps/Deployment", "web", "shop").value().spec.replicas => 2
        find("Deployment", "web", "shop") !! `Deployment` is not in the core group: write `apps/Dep
        find("apps/v1/Deployment", "web", "shop") !! `apps/v1/Deployment` is not a kind: write
        find("Namespace", "shop", "shop") !! a Namespace is in no namespace: write ""
        find("ConfigMap", "web", "") !! a ConfigMap is in a namespace: write which
        find("ConfigMap", d0.spec.replicas, "") !! expected a known string, found an int
        "#,
    );
}

#[test]
fn objects_are_listed_by_kind() {
    cases(
        &documents(OBJECTS),
        r#"
        documents("ConfigMap") => [ConfigMap/shop/web, ConfigMap/web]
        documents("apps/Deployment").map(d, d.spec.replicas) => [2]
        documents("Pod").size() => 2
        documents("Service") => []
        documents("serving.knative.dev/Service") => [Service/shop/web]
        documents("Gadget") => []
        documents("ConfigMap").all(d, d.metadata.name == "web") => true
        documents("configmap") !! `configmap` is not a kind: write `Kind` for the core group
        documents("Deployment") !! write `apps/Deployment`
        documents(d0.spec.replicas) !! expected a known string, found an int
        "#,
    );
}

#[test]
fn objects_are_in_a_namespace() {
    cases(
        &documents(OBJECTS),
        r#"
        namespaceOf(d0) => "shop"
        namespaceOf(d2) => "default"
        namespaceOf(d3) => ""
        namespaceOf(d4) => ""
        namespaceOf(d6) => "default"
        namespaceOf(d0.spec) !! expected a document, found a map
        quotasFor(d0) => [ResourceQuota/shop/q1, ResourceQuota/shop/q3]
        quotasFor(d2) => [ResourceQuota/q2]
        quotasFor(d4) => []
        quotasFor(kind) !! expected a document, found a string
        "#,
    );
}

#[test]
fn objects_have_a_past() {
    let now = documents(OBJECTS);
    let before = documents(
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, \
          spec: {replicas: 7}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 5}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web, namespace: default}}
---
{apiVersion: v1, kind: Pod, metadata: {name: run-*, namespace: shop}}",
    );
    let cluster = Cluster::new(&now).with_before(before.iter().map(AsRef::as_ref));
    let lines = r#"
        old(d0).value().spec.replicas => 5
        old(d10).value().spec.replicas => 5
        old(d2) => some ConfigMap/default/web
        old(d1) => none
        old(d3) => none
        old(d11) => none
        old(d0).?spec.?replicas.orValue(0) - d0.spec.replicas => 4
        old(old(d0).value()).value().spec.replicas => 5
        old(spec) !! expected a document, found a map
        "#;
    cases_in(&cluster, lines);
    // Other versions of some documents have the same past.
    let edited = now.iter().take(3).map(|one| (one.object.clone(), (**one).clone())).collect();
    let mut edited = Cluster::edited(&cluster, &edited);
    edited.documents.clone_from(&cluster.documents);
    cases_in(&edited, lines);
    cases(&now, "old(d0) => none");
}

/// A list of every object, for every object, is paid for.
#[test]
fn large_changes_are_paid_for() {
    let one = |name: usize| {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: p{name}, labels: {{app: a}}}}}}\n---\n"
        )
    };
    let text: String = (0..10_000).map(one).collect();
    let service =
        "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {app: a}}}";
    let documents = documents(&format!("{service}\n---\n{text}"));
    let cluster = Cluster::new(&documents);
    let steps = || Steps::default();
    let many =
        |call: &str| evaluated(&format!("range(10000).all(i, {call})"), &cluster, &steps(), |_| ());
    for expensive in [
        "documents(\"Pod\").size() > 0",
        "selectedBy(d0).size() > 0",
        "find(\"Pod\", \"p7\", \"default\").hasValue() && size(documents(\"Pod\")) > 0",
    ] {
        let said = many(expensive).unwrap_err();
        assert!(said.contains("takes more than"), "{expensive}: {said}");
    }
    for cheap in [
        "find(\"Pod\", \"p7\", \"default\").hasValue()",
        "quotasFor(d1) == []",
        "!old(d7).hasValue()",
    ] {
        assert_eq!(many(cheap), Ok(()), "{cheap}");
    }
    assert_eq!(given("selectedBy(d0).size()", &cluster), Ok("10000".to_owned()));
}
