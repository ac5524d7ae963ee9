#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use provost_model::{ObjectReference, Source};

use super::*;

pub(crate) fn documents(text: &str) -> Vec<Arc<Document>> {
    let source = Source::new("objects.yaml", text);
    let parsed = provost_syntax::read(&source, &provost_syntax::Limits::default());
    assert_eq!(parsed.problem, None);
    let document = |(index, root): (usize, Node)| {
        let text = |pointer: &str| root.at(pointer).and_then(Node::as_text).map(str::to_owned);
        let object = ObjectReference {
            api_version: text("/apiVersion").unwrap(),
            kind: text("/kind").unwrap(),
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name").unwrap_or_default(),
        };
        Arc::new(Document { object, root, source: Arc::clone(&source), index })
    };
    let roots = parsed.documents.into_iter().filter(|root| !root.is_null());
    roots.enumerate().map(document).collect()
}

/// A budget, a pod that carries some labels, and whether one selects the other.
fn selected(selector: &str, labels: &str) -> bool {
    selected_by("policy/v1", selector, labels)
}

fn selected_by(version: &str, selector: &str, labels: &str) -> bool {
    let documents = documents(&format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, \
         spec: {{template: {{metadata: {{labels: {labels}}}}}}}}}\n---\n\
         {{apiVersion: {version}, kind: PodDisruptionBudget, metadata: {{name: b}}, \
         spec: {{{selector}}}}}"
    ));
    !Cluster::new(&documents).budgets_for(&documents[0], &Steps::default()).unwrap().is_empty()
}

#[test]
fn selectors_select_as_the_api_server_does() {
    let api = "{app: api, tier: back}";
    assert!(selected("selector: {matchLabels: {app: api}}", api));
    assert!(selected("selector: {matchLabels: {app: api, tier: back}}", api));
    assert!(!selected("selector: {matchLabels: {app: api, tier: front}}", api));
    assert!(!selected("selector: {matchLabels: {app: api, zone: a}}", api));
    let expression = |expression: &str, labels: &str| {
        selected(&format!("selector: {{matchExpressions: [{expression}]}}"), labels)
    };
    assert!(expression("{key: app, operator: In, values: [web, api]}", api));
    assert!(!expression("{key: app, operator: In, values: [web]}", api));
    assert!(!expression("{key: zone, operator: In, values: [a]}", api));
    assert!(expression("{key: app, operator: NotIn, values: [web]}", api));
    assert!(!expression("{key: app, operator: NotIn, values: [api]}", api));
    // What has no such label is not in any list.
    assert!(expression("{key: zone, operator: NotIn, values: [a]}", api));
    assert!(expression("{key: app, operator: Exists}", api));
    assert!(!expression("{key: zone, operator: Exists}", api));
    assert!(expression("{key: zone, operator: DoesNotExist}", api));
    assert!(!expression("{key: app, operator: DoesNotExist}", api));
    assert!(!expression("{key: app, operator: Resembles}", api));
    let both = "selector: {matchLabels: {app: api}, matchExpressions: [{key: tier, operator: ";
    assert!(selected(&format!("{both}Exists}}]}}"), api));
    assert!(!selected(&format!("{both}DoesNotExist}}]}}"), api));
}

#[test]
fn empty_selectors_select_everything_and_absent_ones_nothing() {
    for labels in ["{app: api}", "{}", "null"] {
        assert!(selected("selector: {}", labels));
        assert!(selected("selector: {matchLabels: {}, matchExpressions: []}", labels));
        assert!(!selected("selector: null", labels));
        assert!(!selected("minAvailable: 1", labels));
        assert!(!selected_by("policy/v1beta1", "selector: {}", labels));
    }
    assert!(selected_by("policy/v1beta1", "selector: {matchLabels: {a: b}}", "{a: b}"));
}

/// The API server refuses such labels: that both are no text does not make them equal.
#[test]
fn labels_that_are_no_text_select_nothing() {
    assert!(!selected("selector: {matchLabels: {app: 1}}", "{app: 1}"));
    assert!(!selected("selector: {matchLabels: {app: 1}}", "{tier: back}"));
    assert!(!selected("selector: {matchLabels: {app: true}}", "{}"));
}

const WORKLOAD: &str = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: s}, \
                        spec: {replicas: 4, template: {metadata: {labels: {app: a}}}}}";
const BUDGET: &str = "{apiVersion: policy/v1, kind: PodDisruptionBudget, \
                      metadata: {name: b, namespace: s}, \
                      spec: {minAvailable: 1, selector: {matchLabels: {app: a}}}}";

/// The pods of others under the budget, next to the workload.
fn others(objects: &[&str]) -> Result<i128, String> {
    let mut texts = vec![WORKLOAD, BUDGET];
    texts.extend(objects);
    let documents = documents(&texts.join("\n---\n"));
    Cluster::new(&documents).others_under(&documents[1], &documents[0], &Steps::default())
}

fn other(kind: &str, name: &str, spec: &str) -> String {
    format!(
        "{{apiVersion: {kind}, metadata: {{name: {name}, namespace: s}}, \
         spec: {{{spec}, template: {{metadata: {{labels: {{app: a}}}}}}}}}}"
    )
}

#[test]
fn the_pods_of_other_workloads_are_counted_at_the_least() {
    let deployment = other("apps/v1, kind: Deployment", "c", "replicas: 3");
    assert_eq!(others(&[]), Ok(0));
    assert_eq!(others(&[&deployment]), Ok(3));
    assert_eq!(others(&[&other("apps/v1, kind: StatefulSet", "c", "x: 1")]), Ok(1));
    assert_eq!(others(&[&other("v1, kind: ReplicationController", "c", "replicas: 2")]), Ok(2));
    assert_eq!(others(&[&other("apps/v1, kind: Deployment", "c", "replicas: 0")]), Ok(0));
    let autoscaler = |least: &str| {
        format!(
            "{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, \
             metadata: {{name: h, namespace: s}}, spec: {{{least} maxReplicas: 9, \
             scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: c}}}}}}"
        )
    };
    assert_eq!(others(&[&deployment, &autoscaler("minReplicas: 2,")]), Ok(2));
    assert_eq!(others(&[&deployment, &autoscaler("")]), Ok(1));
    let none = other("apps/v1, kind: Deployment", "c", "replicas: 0");
    assert_eq!(others(&[&none, &autoscaler("minReplicas: 2,")]), Ok(0));
}

#[test]
fn pods_whose_number_is_not_written_are_not_counted_wrong() {
    for kind in [
        "apps/v1, kind: DaemonSet",
        "batch/v1, kind: Job",
        "argoproj.io/v1alpha1, kind: Rollout",
        "example.org/v1, kind: Deployment",
    ] {
        let said = others(&[&other(kind, "c", "replicas: 3")]).unwrap_err();
        assert!(said.contains("whose number is not known"), "{said}");
    }
    let words = other("apps/v1, kind: Deployment", "c", "replicas: three");
    assert_eq!(others(&[&words]), Err("`replicas` of Deployment/s/c is not an integer".to_owned()));
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: s, labels: {app: a}}}";
    assert_eq!(others(&[pod]), Ok(1));
}

/// A dump of a cluster holds the replica sets and pods that its deployments made.
#[test]
fn pods_of_a_controller_are_counted_there() {
    let owned = "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: s, \
                 labels: {app: a}, ownerReferences: [{kind: ReplicaSet, controller: true}]}}";
    assert_eq!(others(&[owned]), Ok(0));
}

/// Overlays repeat an object; applied in order, the last is in the cluster.
#[test]
fn an_object_that_is_there_twice_is_one_object() {
    let stricter = BUDGET.replace("minAvailable: 1", "minAvailable: 3");
    let documents = documents(&[WORKLOAD, BUDGET, &stricter].join("\n---\n"));
    let cluster = Cluster::new(&documents);
    let budgets = cluster.budgets_for(&documents[0], &Steps::default()).unwrap();
    assert_eq!(budgets.len(), 1);
    assert_eq!(budgets[0].root.at("/spec/minAvailable").and_then(Node::as_integer), Some(3));
    let other = other("apps/v1, kind: Deployment", "c", "replicas: 3");
    assert_eq!(others(&[&other, &other, WORKLOAD]), Ok(3));
    // Written without a namespace it is in the default one.
    let text = BUDGET.replace("namespace: s", "namespace: default");
    let without = BUDGET.replace(", namespace: s", "");
    let workload = WORKLOAD.replace(", namespace: s", "");
    let documents = self::documents(&[workload, text, without].join("\n---\n"));
    assert_eq!(
        Cluster::new(&documents).budgets_for(&documents[0], &Steps::default()).unwrap().len(),
        1
    );
}

#[test]
fn an_autoscaler_is_found_by_what_it_scales() {
    let scales = |target: &str| {
        let autoscaler = format!(
            "{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, \
             metadata: {{name: h, namespace: s}}, spec: {{scaleTargetRef: {{{target}}}}}}}"
        );
        let documents = documents(&[WORKLOAD, &autoscaler].join("\n---\n"));
        Cluster::new(&documents).autoscaler_for(&documents[0]).unwrap().is_some()
    };
    assert!(scales("apiVersion: apps/v1, kind: Deployment, name: a"));
    assert!(scales("kind: Deployment, name: a"));
    assert!(!scales("apiVersion: apps/v1, kind: StatefulSet, name: a"));
    assert!(!scales("apiVersion: apps/v1, kind: Deployment, name: b"));
    assert!(!scales("apiVersion: example.org/v1, kind: Deployment, name: a"));
}
