//! The pods that an object makes.

use provost_model::{Document, Entry, Node, Span, Value};

/// Labels of what carries none.
static NO_LABELS: Node = Node { span: Span { start: 0, end: 0 }, value: Value::Map(Vec::new()) };

/// Is it a pod, or does it make pods? The built-in kinds, and others that have a pod template
/// with containers where a Deployment has it.
pub(crate) fn is_workload(document: &Document) -> bool {
    let object = &document.object;
    match (object.group(), object.kind.as_str()) {
        ("", "Pod" | "ReplicationController")
        | ("apps" | "extensions", "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet")
        | ("batch", "CronJob" | "Job") => true,
        _ => document
            .root
            .at("/spec/template/spec/containers")
            .is_some_and(|containers| matches!(containers.value, Value::List(_))),
    }
}

/// The pod that an object is, or the template of those that it makes.
fn pod(document: &Document) -> Option<&Node> {
    let pod = match document.object.kind.as_str() {
        "Pod" => Some(&document.root),
        "CronJob" => document.root.at("/spec/jobTemplate/spec/template"),
        _ => document.root.at("/spec/template"),
    };
    pod.filter(|pod| !pod.is_null())
}

/// The labels of the pods that an object makes; `None` when it makes none. Anything with a
/// template at `spec.template` may make pods.
pub(crate) fn labels(document: &Document) -> Option<&[Entry]> {
    Some(pod(document)?.at("/metadata/labels").map_or(&[], Node::entries))
}

/// May it make pods?
pub(crate) fn makes_pods(document: &Document) -> bool {
    pod(document).is_some()
}

/// The labels of the pods of a workload, as a map; `None` when it is none.
pub(crate) fn label_map(document: &Document) -> Option<&Node> {
    let pod = pod(document).filter(|_| is_workload(document))?;
    let labels = pod.at("/metadata/labels").filter(|labels| !labels.is_null());
    Some(labels.unwrap_or(&NO_LABELS))
}

/// The `spec` of the pods of a workload; `None` when it is none, or has none.
pub(crate) fn spec(document: &Document) -> Option<&Node> {
    let spec = pod(document).filter(|_| is_workload(document))?.get("spec");
    spec.filter(|spec| !spec.is_null())
}
