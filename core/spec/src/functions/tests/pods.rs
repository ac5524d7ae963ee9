use super::*;

fn workload(kind: &str, name: &str, labels: &str) -> String {
    format!(
        "{{apiVersion: {kind}, metadata: {{name: {name}, namespace: s}}, spec: {{template: \
         {{metadata: {{labels: {labels}}}, spec: {{containers: [{{name: c}}]}}}}}}}}\n---\n"
    )
}

#[test]
fn every_kind_of_workload_has_pods() {
    let kinds = [
        "apps/v1, kind: Deployment",
        "apps/v1, kind: StatefulSet",
        "apps/v1, kind: DaemonSet",
        "apps/v1, kind: ReplicaSet",
        "v1, kind: ReplicationController",
        "batch/v1, kind: Job",
        "argoproj.io/v1alpha1, kind: Rollout",
    ];
    for kind in kinds {
        cases(
            &documents(&workload(kind, "a", "{app: a}")),
            r#"
            podSpec(d0) => some {"containers":[{"name":"c"}]}
            podSpec(d0).value().containers[0].name => "c"
            podLabels(d0) => some {"app":"a"}
            "#,
        );
    }
    cases(
        &documents(
            "{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {app: p}}, spec: {x: 1}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: c}, spec: {jobTemplate: {spec: {template: \
              {metadata: {labels: {app: c}}, spec: {x: 2}}}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {template: {spec: {x: 3}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {template: null}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p, labels: null}, spec: null}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, labels: {app: c}}, spec: {x: 1}}
---
{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: s}, spec: {template: \
              {metadata: {labels: {app: s}}, spec: {x: 1}}}}",
        ),
        r#"
        podSpec(d0).value().x => 1
        podSpec(d1).value().x => 2
        podSpec(d2).value().x => 3
        podSpec(d3) => none
        podSpec(d4) => none
        podSpec(d5) => none
        podSpec(d6) => none
        podSpec(d0.spec) !! expected a document, found a map
        podLabels(d0) => some {"app":"p"}
        podLabels(d1) => some {"app":"c"}
        podLabels(d2) => some {}
        podLabels(d3) => none
        podLabels(d4) => some {}
        podLabels(d5) => none
        podLabels(d6) => none
        podLabels(d2).value().size() => 0
        keys(podLabels(d0).value()) => ["app"]
        podLabels(kind) !! expected a document, found a string
        "#,
    );
}

#[test]
fn selectors_select_labels() {
    cases(
        &documents(
            "{apiVersion: v1, kind: A, labels: {app: a, tier: b}, none: {}, empty: null, \
             equal: {matchLabels: {app: a}}, other: {matchLabels: {app: x}}, \
             listed: {matchExpressions: [{key: tier, operator: In, values: [b, c]}]}, \
             notIn: {matchExpressions: [{key: zone, operator: NotIn, values: [b]}]}, \
             exists: {matchLabels: {app: a}, matchExpressions: [{key: zone, operator: Exists}]}, \
             absent: {matchExpressions: [{key: zone, operator: DoesNotExist}]}, \
             plain: {app: a}, both: {app: a, tier: b}, more: {app: a, zone: z}, \
             operator: {matchExpressions: [{key: tier, operator: Like, values: [b]}]}, \
             noValues: {matchExpressions: [{key: tier, operator: In}]}, \
             values: {matchExpressions: [{key: tier, operator: Exists, values: [b]}]}, \
             noKey: {matchExpressions: [{operator: Exists}]}, \
             number: {matchLabels: {app: 1}}, numbers: {app: 1}, list: {matchLabels: [a]}, \
             map: {matchExpressions: {key: app}}, text: word}",
        ),
        r#"
        selects(none, labels) => true
        selects(none, none) => true
        selects(none, d0.?missing) => true
        selects(empty, labels) => false
        selects(d0.?missing, labels) => false
        selects(d0.?equal, d0.?labels) => true
        selects(equal, labels) => true
        selects(equal, none) => false
        selects(other, labels) => false
        selects(listed, labels) => true
        selects(listed, none) => false
        selects(notIn, labels) => true
        selects(exists, labels) => false
        selects(absent, labels) => true
        selects(plain, labels) !! a label selector has `matchLabels` and `matchExpressions`, not `a
        selects(operator, labels) !! `Like` is not an operator of a selector
        selects(noValues, labels) !! the values that a selector lists for `tier` do not go with `In`
        selects(values, labels) !! do not go with `Exists`
        selects(noKey, labels) !! a selector has an expression without a `key`
        selects(number, labels) !! the label `app` of a selector is no string: write it in quotes
        selects(list, labels) !! the labels that a selector asks for are a map
        selects(map, labels) !! `matchExpressions` of a selector is a list
        selects(made, labels) !! expected a map of a document, found a map
        selects(text, labels) !! expected a map of a document, found a string
        selects(equal, text) !! expected a map of a document, found a string
        serviceSelects(plain, labels) => true
        serviceSelects(both, labels) => true
        serviceSelects(more, labels) => false
        serviceSelects(none, labels) => false
        serviceSelects(empty, labels) => false
        serviceSelects(d0.?missing, labels) => false
        serviceSelects(plain, d0.?missing) => false
        serviceSelects(equal, labels) !! the label `matchLabels` of a selector is no string
        serviceSelects(numbers, labels) !! the label `app` of a selector is no string
        serviceSelects(text, labels) !! expected a map of a document, found a string
        "#,
    );
}

/// What a document with this head and `spec` selects among three workloads of its namespace.
fn selected(head: &str, spec: &str) -> Result<String, String> {
    let text = [
        &format!(
            "{{apiVersion: {head}, metadata: {{name: s, namespace: s}}, spec: {spec}}}\n---\n"
        ),
        &workload("apps/v1, kind: Deployment", "a", "{app: a, tier: x}"),
        &workload("apps/v1, kind: StatefulSet", "b", "{app: b, tier: x}"),
        &workload("batch/v1, kind: Job", "c", "{app: c}"),
        &workload("apps/v1, kind: Deployment", "a", "{app: a, tier: y}")
            .replace("namespace: s", "namespace: t"),
        "{apiVersion: bitnami.com/v1, kind: SealedSecret, metadata: {name: x, namespace: s}, \
         spec: {template: {metadata: {labels: {app: a}}}}}\n---\n",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: s, labels: {app: a}}}",
    ];
    let text: String = text.into_iter().map(ToString::to_string).collect();
    let documents = documents(&text);
    given("selectedBy(d0)", &Cluster::new(&documents))
}

#[test]
fn documents_select_workloads_of_their_namespace() {
    let found = |head: &str, spec: &str| selected(head, spec).unwrap();
    let all = "[Deployment/s/a, StatefulSet/s/b, Job/s/c]";
    let service = "v1, kind: Service";
    assert_eq!(found(service, "{selector: {app: a}}"), "[Deployment/s/a]");
    assert_eq!(found(service, "{selector: {tier: x}}"), "[Deployment/s/a, StatefulSet/s/b]");
    assert_eq!(found(service, "{selector: {tier: x, app: b}}"), "[StatefulSet/s/b]");
    for nothing in [
        "{}",
        "null",
        "{selector: {}}",
        "{selector: null}",
        "{selector: {app: 1}}",
        "{type: ExternalName, selector: {app: a}}",
        "{selector: {matchLabels: {app: a}}}",
    ] {
        assert_eq!(found(service, nothing), "[]", "{nothing}");
    }
    let budget = "policy/v1, kind: PodDisruptionBudget";
    assert_eq!(found(budget, "{selector: {matchLabels: {app: a}}}"), "[Deployment/s/a]");
    assert_eq!(found(budget, "{selector: {}}"), all);
    assert_eq!(found(budget, "{}"), "[]");
    assert_eq!(found("policy/v1beta1, kind: PodDisruptionBudget", "{selector: {}}"), "[]");
    let policy = "networking.k8s.io/v1, kind: NetworkPolicy";
    assert_eq!(found(policy, "{podSelector: {}}"), all);
    assert_eq!(found(policy, "{}"), all);
    assert_eq!(
        found(
            policy,
            "{podSelector: {matchExpressions: [{key: app, operator: In, values: [b, c]}]}}"
        ),
        "[StatefulSet/s/b, Job/s/c]"
    );
    let deployment = "apps/v1, kind: Deployment";
    assert_eq!(found(deployment, "{selector: {matchLabels: {app: b}}}"), "[StatefulSet/s/b]");
    assert_eq!(found("v1, kind: ReplicationController", "{selector: {app: c}}"), "[Job/s/c]");
}

#[test]
fn what_selects_no_pods_is_a_fault() {
    for head in [
        "v1, kind: ConfigMap",
        "monitoring.coreos.com/v1, kind: ServiceMonitor",
        "serving.knative.dev/v1, kind: Service",
    ] {
        let said = selected(head, "{selector: {app: a}}").unwrap_err();
        assert!(said.contains("selects no pods: `selectedBy` takes a Service"), "{said}");
    }
    cases(
        &documents("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}"),
        "selectedBy(metadata) !! expected a document, found a map
         othersUnder(d0, d0) !! ConfigMap/c selects no pods",
    );
}

/// Selecting by the index finds what looking at each workload finds.
#[test]
fn an_object_that_is_there_twice_is_selected_once() {
    let text = [
        "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: s}, \
         spec: {selector: {app: a}}}\n---\n",
        &workload("apps/v1, kind: Deployment", "a", "{app: b}"),
        &workload("apps/v1, kind: Deployment", "a", "{app: a}"),
        &workload("apps/v1, kind: Deployment", "b", "{app: a}"),
        &workload("apps/v1, kind: Deployment", "b", "{app: b}"),
    ]
    .concat();
    let documents = documents(&text);
    assert_eq!(
        given("selectedBy(d0)", &Cluster::new(&documents)),
        Ok("[Deployment/s/a]".to_owned())
    );
}

#[test]
fn budgets_and_autoscalers_of_a_workload() {
    let text = [
        &workload("apps/v1, kind: Deployment", "a", "{app: a}") as &str,
        "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: one, namespace: s}, \
         spec: {minAvailable: 50%, selector: {matchLabels: {app: a}}}}\n---\n",
        "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: two, namespace: s}, \
         spec: {maxUnavailable: 1, selector: {}}}\n---\n",
        "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h, \
         namespace: s}, spec: {minReplicas: 2, scaleTargetRef: {kind: Deployment, name: a}}}\n---\n",
        "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: c, namespace: s}, \
         spec: {replicas: 4, template: {metadata: {labels: {app: a}}}}}",
    ]
    .concat();
    cases(
        &documents(&text),
        r#"
        budgetFor(d0) => some PodDisruptionBudget/s/one
        budgetsFor(d0) => [PodDisruptionBudget/s/one, PodDisruptionBudget/s/two]
        budgetFor(d1) => none
        budgetsFor(d1) => []
        autoscalerFor(d0) => some HorizontalPodAutoscaler/s/h
        autoscalerFor(d4) => none
        othersUnder(d1, d0) => 4
        othersUnder(d1, d4) => 2
        desiredHealthy(d1, 5) => 3
        desiredHealthy(d2, 5) => 4
        desiredHealthy(d2, 0) => 0
        promised(d1, d0, 6) => 1
        budgetFor(d0.spec) !! expected a document, found a map
        "#,
    );
}
