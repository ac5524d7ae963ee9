//! The documents of a change as the objects of one cluster: who selects whom.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use provost_model::{Document, Entry, Node};

/// Namespace, label, value.
type Label<'c> = (&'c str, &'c str, &'c str);
/// A document and its place in the change.
type Placed<'c> = (usize, &'c Document);

/// The documents of a change, found by kind, by label and by target: a question about one
/// workload costs what it selects, not what the change holds.
#[derive(Clone, Debug, Default)]
pub struct Cluster<'c> {
    documents: Vec<&'c Document>,
    by_kind: BTreeMap<&'c str, Vec<&'c Document>>,
    /// Disruption budgets by the first label that they ask for.
    budgets: HashMap<Label<'c>, Vec<Placed<'c>>>,
    /// Disruption budgets that ask for no label by value, by namespace.
    other_budgets: HashMap<&'c str, Vec<Placed<'c>>>,
    /// What makes pods, by each of their labels.
    workloads: HashMap<Label<'c>, Vec<&'c Document>>,
    /// What makes pods, by namespace.
    all_workloads: HashMap<&'c str, Vec<&'c Document>>,
    /// Autoscalers by namespace, kind and name of their target.
    autoscalers: HashMap<Label<'c>, Vec<&'c Document>>,
}

impl<'c> Cluster<'c> {
    /// The objects in these documents.
    pub fn new(documents: &'c [Arc<Document>]) -> Self {
        Self::of(documents.iter().map(AsRef::as_ref))
    }

    /// The objects in these documents. Of several with the same name the last is in the
    /// cluster, as after `kubectl apply`.
    pub fn of(documents: impl IntoIterator<Item = &'c Document>) -> Self {
        let mut cluster = Self { documents: documents.into_iter().collect(), ..Self::default() };
        let places = cluster.documents.iter().enumerate();
        let last: HashMap<_, _> =
            places.map(|(place, document)| (Identity::of(document, place), place)).collect();
        for (place, document) in cluster.documents.clone().into_iter().enumerate() {
            cluster.by_kind.entry(document.object.kind.as_str()).or_default().push(document);
            if last.get(&Identity::of(document, place)) == Some(&place) {
                cluster.index(place, document);
            }
        }
        cluster
    }

    fn index(&mut self, place: usize, document: &'c Document) {
        let object = &document.object;
        let namespace = object.effective_namespace();
        match (object.group(), object.kind.as_str()) {
            ("policy", "PodDisruptionBudget") => match equalities(document).next() {
                Some((key, value)) => {
                    let label = (namespace, key, value);
                    self.budgets.entry(label).or_default().push((place, document));
                }
                None => {
                    self.other_budgets.entry(namespace).or_default().push((place, document));
                }
            },
            ("autoscaling", "HorizontalPodAutoscaler") => {
                let target = |field| target(document, field);
                if let (Some(kind), Some(name)) = (target("kind"), target("name")) {
                    self.autoscalers.entry((namespace, kind, name)).or_default().push(document);
                }
            }
            _ => {
                let Some(labels) = pod_labels(document) else { return };
                self.all_workloads.entry(namespace).or_default().push(document);
                for entry in labels {
                    if let Some(value) = entry.value.as_text() {
                        let label = (namespace, entry.key.as_str(), value);
                        self.workloads.entry(label).or_default().push(document);
                    }
                }
            }
        }
    }

    /// Every document of a kind, in order.
    pub fn of_kind(&self, kind: &str) -> &[&'c Document] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Every document, in order.
    pub fn documents(&self) -> impl Iterator<Item = &'c Document> + '_ {
        self.documents.iter().copied()
    }

    /// The budgets whose selector matches the pods of a workload, in order.
    pub fn budgets_for(&self, workload: &Document) -> Vec<&'c Document> {
        let namespace = workload.object.effective_namespace();
        let Some(labels) = pod_labels(workload) else { return Vec::new() };
        let asked = labels.iter().filter_map(|entry| {
            self.budgets.get(&(namespace, entry.key.as_str(), entry.value.as_text()?))
        });
        let mut found: Vec<_> = asked
            .chain(self.other_budgets.get(namespace))
            .flatten()
            .copied()
            .filter(|(_, budget)| selects(budget, labels))
            .collect();
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, budget)| budget).collect()
    }

    /// The autoscaler that names a workload as its target.
    pub fn autoscaler_for(&self, workload: &Document) -> Option<&'c Document> {
        let object = &workload.object;
        let key = (object.effective_namespace(), object.kind.as_str(), object.name.as_str());
        let group = |version: &str| {
            version.split_once('/').map_or("", |(group, _)| group) == object.group()
        };
        let mut named = self.autoscalers.get(&key)?.iter().copied();
        named.find(|autoscaler| target(autoscaler, "apiVersion").is_none_or(group))
    }

    /// How many pods of other workloads a budget also selects: their replicas, or
    /// the least that their autoscaler keeps.
    ///
    /// # Errors
    /// When it selects pods whose number is not written in the change.
    pub fn others_under(&self, budget: &Document, workload: &Document) -> Result<i128, String> {
        let namespace = budget.object.effective_namespace();
        let candidates = match equalities(budget).next() {
            Some((key, value)) => self.workloads.get(&(namespace, key, value)),
            None => self.all_workloads.get(namespace),
        };
        let itself = Identity::of(workload, 0);
        let mut pods = 0;
        for document in candidates.into_iter().flatten() {
            let selected = pod_labels(document).is_some_and(|labels| selects(budget, labels));
            if selected && Identity::of(document, 0) != itself && !is_owned(document) {
                pods += self.pods_of(document, budget)?;
            }
        }
        Ok(pods)
    }

    /// The least number of pods that a workload makes.
    fn pods_of(&self, workload: &Document, budget: &Document) -> Result<i128, String> {
        let object = &workload.object;
        match (object.group(), object.kind.as_str()) {
            ("apps" | "extensions", "Deployment" | "StatefulSet" | "ReplicaSet")
            | ("", "ReplicationController") => {
                let written = integer(workload, "replicas")?;
                match self.autoscaler_for(workload) {
                    // Autoscaling is off while the workload is scaled to nothing.
                    Some(_) if written == 0 => Ok(0),
                    Some(autoscaler) => integer(autoscaler, "minReplicas"),
                    None => Ok(written),
                }
            }
            // `getExpectedScale` of the disruption controller counts the pods of controllers.
            ("", "Pod") if budget.root.at("/spec/minAvailable").is_some_and(is_integer) => Ok(1),
            _ => Err(format!(
                "{} also selects the pods of {object}, whose number is not known",
                budget.object
            )),
        }
    }
}

/// What makes two documents one object.
#[derive(PartialEq, Eq, Hash)]
struct Identity<'c> {
    group: &'c str,
    kind: &'c str,
    namespace: &'c str,
    name: &'c str,
    /// Apart from the name: objects whose name is made by the server are all different.
    place: Option<usize>,
}

impl<'c> Identity<'c> {
    fn of(document: &'c Document, place: usize) -> Self {
        let object = &document.object;
        let generated = object.name.is_empty() || object.name.ends_with('*');
        Self {
            group: object.group(),
            kind: &object.kind,
            namespace: object.effective_namespace(),
            name: &object.name,
            place: generated.then_some(place),
        }
    }
}

fn is_integer(node: &Node) -> bool {
    node.as_integer().is_some()
}

/// An integer of the `spec` of a workload or an autoscaler; they default to 1.
fn integer(document: &Document, field: &str) -> Result<i128, String> {
    match document.root.at(&format!("/spec/{field}")).filter(|node| !node.is_null()) {
        None => Ok(1),
        Some(node) => node
            .as_integer()
            .map(i128::from)
            .ok_or_else(|| format!("`{field}` of {} is not an integer", document.object)),
    }
}

/// Is it the work of another object, whose pods it makes?
fn is_owned(document: &Document) -> bool {
    let owners = document.root.at("/metadata/ownerReferences").map_or(&[][..], Node::items);
    owners.iter().any(|owner| {
        owner.get("controller").is_some_and(|node| node.value == provost_model::Value::Bool(true))
    })
}

/// A field of what an autoscaler scales.
fn target<'c>(autoscaler: &'c Document, field: &str) -> Option<&'c str> {
    autoscaler.root.at(&format!("/spec/scaleTargetRef/{field}"))?.as_text()
}

/// The labels of the pods that a workload makes; `None` when it makes none.
fn pod_labels(workload: &Document) -> Option<&[Entry]> {
    let pod = match workload.object.kind.as_str() {
        "Pod" => Some(&workload.root),
        "CronJob" => workload.root.at("/spec/jobTemplate/spec/template"),
        _ => workload.root.at("/spec/template"),
    };
    Some(pod?.at("/metadata/labels").map_or(&[], Node::entries))
}

/// The labels that a budget asks for by value.
fn equalities(budget: &Document) -> impl Iterator<Item = (&str, &str)> {
    let labels = budget.root.at("/spec/selector/matchLabels").map_or(&[][..], Node::entries);
    labels.iter().filter_map(|entry| Some((entry.key.as_str(), entry.value.as_text()?)))
}

/// Does a budget's label selector match these labels?
///
/// An absent selector matches nothing; an empty one matches everything in `policy/v1`
/// and nothing in `policy/v1beta1` (Kubernetes API reference, PodDisruptionBudgetSpec).
fn selects(budget: &Document, labels: &[Entry]) -> bool {
    let Some(selector) = budget.root.at("/spec/selector").filter(|node| !node.is_null()) else {
        return false;
    };
    let label = |key: &str| {
        labels.iter().find(|entry| entry.key == key).and_then(|entry| entry.value.as_text())
    };
    let equalities = selector.get("matchLabels").map_or(&[][..], Node::entries);
    let expressions = selector.get("matchExpressions").map_or(&[][..], Node::items);
    if equalities.is_empty() && expressions.is_empty() {
        return budget.object.api_version != "policy/v1beta1";
    }
    equalities.iter().all(|entry| {
        let wanted = entry.value.as_text();
        wanted.is_some() && label(&entry.key) == wanted
    }) && expressions.iter().all(|expression| {
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

#[cfg(test)]
mod tests;
