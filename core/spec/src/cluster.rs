//! The documents of a change as the objects of one cluster: who selects whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use provost_model::{Document, Node};

/// The documents of a change, found by kind.
#[derive(Clone, Debug, Default)]
pub struct Cluster<'c> {
    by_kind: BTreeMap<&'c str, Vec<&'c Document>>,
}

/// Kinds that own a number of pods written in `spec.replicas`.
const SCALABLE: [&str; 4] = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];

impl<'c> Cluster<'c> {
    /// The objects in these documents.
    pub fn new(documents: &'c [Arc<Document>]) -> Self {
        Self::of(documents.iter().map(AsRef::as_ref))
    }

    /// The objects in these documents.
    pub fn of(documents: impl IntoIterator<Item = &'c Document>) -> Self {
        let mut by_kind = BTreeMap::<_, Vec<_>>::new();
        for document in documents {
            by_kind.entry(document.object.kind.as_str()).or_default().push(document);
        }
        Self { by_kind }
    }

    /// Every document of a kind, in order.
    pub fn of_kind(&self, kind: &str) -> &[&'c Document] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Every document.
    pub fn documents(&self) -> impl Iterator<Item = &'c Document> + '_ {
        self.by_kind.values().flatten().copied()
    }

    fn in_namespace<'s>(
        &'s self,
        kind: &str,
        group: &'s str,
        namespace: &'s str,
    ) -> impl Iterator<Item = &'c Document> + 's {
        self.of_kind(kind).iter().copied().filter(move |document| {
            document.object.group() == group && document.object.effective_namespace() == namespace
        })
    }

    /// The budgets whose selector matches the pods of a workload.
    pub fn budgets_for(&self, workload: &Document) -> Vec<&'c Document> {
        let namespace = workload.object.effective_namespace();
        let Some(labels) = pod_labels(workload) else { return Vec::new() };
        self.in_namespace("PodDisruptionBudget", "policy", namespace)
            .filter(|budget| selects(budget, labels))
            .collect()
    }

    /// The autoscaler that names a workload as its target.
    pub fn autoscaler_for(&self, workload: &Document) -> Option<&'c Document> {
        let object = &workload.object;
        self.in_namespace("HorizontalPodAutoscaler", "autoscaling", object.effective_namespace())
            .find(|autoscaler| {
                let target = |field: &str| {
                    autoscaler.root.at(&format!("/spec/scaleTargetRef/{field}"))?.as_text()
                };
                let group = |version: &str| {
                    version.split_once('/').map_or("", |(group, _)| group) == object.group()
                };
                target("kind") == Some(&object.kind)
                    && target("name") == Some(&object.name)
                    && target("apiVersion").is_none_or(group)
            })
    }

    /// How many pods of other workloads a budget also selects: their replicas, or
    /// the least that their autoscaler keeps.
    ///
    /// # Errors
    /// When it selects pods whose number is not written in the change.
    pub fn others_under(&self, budget: &Document, workload: &Document) -> Result<i128, String> {
        let namespace = budget.object.effective_namespace();
        let mut pods = 0;
        for (kind, documents) in &self.by_kind {
            for document in documents {
                let other = document.object.effective_namespace() == namespace
                    && document.object != workload.object
                    && pod_labels(document).is_some_and(|labels| selects(budget, labels));
                if !other {
                    continue;
                }
                pods += match *kind {
                    "Pod" => 1,
                    "DaemonSet" | "Job" | "CronJob" => {
                        return Err(format!(
                            "{} also selects the pods of {}, whose number is not known",
                            budget.object, document.object
                        ));
                    }
                    kind if SCALABLE.contains(&kind) => self.least_replicas(document),
                    _ => 0,
                };
            }
        }
        Ok(pods)
    }

    fn least_replicas(&self, workload: &Document) -> i128 {
        let integer = |document: &Document, pointer: &str| {
            document.root.at(pointer).and_then(Node::as_integer).map(i128::from)
        };
        match self.autoscaler_for(workload) {
            Some(autoscaler) => integer(autoscaler, "/spec/minReplicas"),
            None => integer(workload, "/spec/replicas"),
        }
        .unwrap_or(1)
    }
}

/// The labels of the pods that a workload makes.
fn pod_labels(workload: &Document) -> Option<&Node> {
    let pointer = match workload.object.kind.as_str() {
        "Pod" => "/metadata/labels",
        "CronJob" => "/spec/jobTemplate/spec/template/metadata/labels",
        _ => "/spec/template/metadata/labels",
    };
    workload.root.at(pointer)
}

/// Does a budget's label selector match these labels?
///
/// An absent selector matches nothing; an empty one matches everything in `policy/v1`
/// and nothing in `policy/v1beta1` (Kubernetes API reference, PodDisruptionBudgetSpec).
fn selects(budget: &Document, labels: &Node) -> bool {
    let Some(selector) = budget.root.at("/spec/selector").filter(|node| !node.is_null()) else {
        return false;
    };
    let label = |key: &str| labels.get(key).and_then(Node::as_text);
    let equalities = selector.get("matchLabels").map_or(&[][..], Node::entries);
    let expressions = selector.get("matchExpressions").map_or(&[][..], Node::items);
    if equalities.is_empty() && expressions.is_empty() {
        return budget.object.api_version != "policy/v1beta1";
    }
    equalities.iter().all(|entry| label(&entry.key) == entry.value.as_text())
        && expressions.iter().all(|expression| {
            let field = |name| expression.get(name).and_then(Node::as_text).unwrap_or_default();
            let value = label(field("key"));
            let values = expression.get("values").map_or(&[][..], Node::items);
            let listed = value.is_some_and(|v| values.iter().any(|item| item.as_text() == Some(v)));
            match field("operator") {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => false,
            }
        })
}
