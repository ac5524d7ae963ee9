//! The documents of a change as the objects of one cluster: who selects whom.

mod before;
mod identity;
mod index;
mod kinds;
mod known;
mod layers;
mod pods;
mod selector;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use provost_model::{Document, Node};

use crate::evaluate::Steps;
use before::Before;
use identity::Identity;
use kinds::Scope;

pub use identity::{namespace, namespace_of};
pub(crate) use kinds::is_kind;
pub use kinds::parse as parse_kind;
pub use known::{Kinds, WORKLOADS, is_not_known};
pub(crate) use pods::{label_map, makes_pods, spec as pod_spec};
pub(crate) use selector::{Selector, validate_equalities, validate_labels};

/// Namespace, label, value.
type Label<'c> = (&'c str, &'c str, &'c str);
/// A document and its place among all.
type Placed<'c> = (usize, &'c Document);

fn bare<'c>(placed: Vec<Placed<'c>>) -> Vec<&'c Document> {
    placed.into_iter().map(|(_, document)| document).collect()
}

/// The documents of a change, found by name, by kind, by label and by target: a question about
/// one object costs what it selects, not what the change holds.
#[derive(Clone, Debug, Default)]
pub struct Cluster<'c> {
    /// What it is put over: objects that are not here may be there.
    under: Option<&'c Cluster<'c>>,
    /// Places of what is no longer as it is under this one.
    hidden: HashSet<usize>,
    /// The first place that nothing has.
    end: usize,
    objects: HashMap<Identity<'c>, Placed<'c>>,
    /// Objects by group and kind.
    by_kind: HashMap<(&'c str, &'c str), Vec<Placed<'c>>>,
    /// Disruption budgets by the first label that they ask for.
    budgets: HashMap<Label<'c>, Vec<Placed<'c>>>,
    /// Disruption budgets that ask for no label by value, by namespace.
    other_budgets: HashMap<&'c str, Vec<Placed<'c>>>,
    /// What makes pods, by each of their labels.
    workloads: HashMap<Label<'c>, Vec<Placed<'c>>>,
    /// What makes pods, by namespace.
    all_workloads: HashMap<&'c str, Vec<Placed<'c>>>,
    /// Autoscalers by namespace, kind and name of their target.
    autoscalers: HashMap<Label<'c>, Vec<Placed<'c>>>,
    /// Quotas by namespace.
    quotas: HashMap<&'c str, Vec<Placed<'c>>>,
    before: Before<'c>,
    /// Where only some kinds are known: theirs. It counts for what is put over it too.
    known: Option<&'c Kinds>,
    /// Is told when a kind was looked for that is not known.
    missed: Option<&'c AtomicBool>,
    /// What tests call `d0`, `d1`, …
    #[cfg(test)]
    pub(crate) documents: Vec<&'c Document>,
}

impl<'c> Cluster<'c> {
    /// The objects in these documents.
    pub fn new(documents: &'c [Arc<Document>]) -> Self {
        Self::of(documents.iter().map(AsRef::as_ref))
    }

    /// The objects in these documents. Of several with the same name the last is in the
    /// cluster, as after `kubectl apply`.
    pub fn of(documents: impl IntoIterator<Item = &'c Document>) -> Self {
        let placed: Vec<_> = documents.into_iter().enumerate().collect();
        let mut cluster = Self::default();
        #[cfg(test)]
        cluster.documents.extend(placed.iter().map(|(_, document)| *document));
        cluster.put(placed);
        cluster
    }

    /// Every object of a kind (`Kind` or `group/Kind`), in order.
    ///
    /// # Errors
    /// When that is not a kind, or not one that is known.
    pub fn of_kind(&self, kind: &str) -> Result<Vec<&'c Document>, String> {
        let (group, kind) = kinds::parse(kind)?;
        self.know(group, kind)?;
        Ok(self.of_group_kind(group, kind))
    }

    /// Every object of a group and kind, in order.
    pub fn of_group_kind(&self, group: &str, kind: &str) -> Vec<&'c Document> {
        bare(self.layers(|layer| layer.by_kind.get(&(group, kind))))
    }

    /// The object of this kind (`Kind` or `group/Kind`), name and namespace; the namespace is
    /// empty for what is in none.
    ///
    /// # Errors
    /// When that is not a kind, or not one that is known, or its objects are not there: in no
    /// namespace, or in one.
    pub fn find(
        &self,
        written: &str,
        name: &str,
        namespace: &str,
    ) -> Result<Option<&'c Document>, String> {
        let (group, kind) = kinds::parse(written)?;
        self.know(group, kind)?;
        let (place, scope) = (None, kinds::scope(group, kind));
        match scope {
            Some(Scope::Cluster) if !namespace.is_empty() => {
                return Err(format!("a {kind} is in no namespace: write \"\""));
            }
            Some(Scope::Namespaced) if namespace.is_empty() => {
                return Err(format!("a {kind} is in a namespace: write which"));
            }
            Some(_) => {
                let identity = Identity { group, kind, namespace, name, place };
                return Ok(self.named(&identity));
            }
            None => {}
        }
        // Whether a kind that is not built in is in a namespace, only its documents say.
        let effective = if namespace.is_empty() { "default" } else { namespace };
        let identity = Identity { group, kind, namespace: effective, name, place };
        let found = self.named(&identity);
        let fits = |found: &&Document| !namespace.is_empty() || found.object.namespace.is_none();
        Ok(found.filter(fits))
    }

    /// The quotas of the namespace that an object is in, in order.
    ///
    /// # Errors
    /// When quotas are not known.
    pub fn quotas_for(&self, document: &Document) -> Result<Vec<&'c Document>, String> {
        self.know("", "ResourceQuota")?;
        Ok(bare(self.layers(|layer| layer.quotas.get(namespace_of(document)))))
    }

    /// The budgets whose selector matches the pods of a workload, in order.
    ///
    /// # Errors
    /// When budgets are not known, or when that takes more steps than are left.
    pub fn budgets_for(
        &self,
        workload: &Document,
        steps: &Steps,
    ) -> Result<Vec<&'c Document>, String> {
        self.know("policy", "PodDisruptionBudget")?;
        let namespace = namespace_of(workload);
        let Some(labels) = pods::labels(workload) else { return Ok(Vec::new()) };
        steps.spend(labels.len() as u64)?;
        let asked = labels.iter().flat_map(|entry| {
            let label = entry.value.as_text().map(|value| (namespace, entry.key.as_str(), value));
            self.layers(|layer| layer.budgets.get(&label?))
        });
        let others = self.layers(|layer| layer.other_budgets.get(namespace));
        let mut found = Vec::new();
        for (place, budget) in asked.chain(others) {
            let selector = Selector::of(budget).unwrap_or_default();
            steps.spend(selector.cost(labels.len()))?;
            if selector.selects(labels) {
                found.push((place, budget));
            }
        }
        found.sort_by_key(|(place, _)| *place);
        Ok(bare(found))
    }

    /// What makes pods that a selector selects in a namespace, in order.
    fn selected(
        &self,
        namespace: &str,
        selector: Selector<'_>,
        steps: &Steps,
    ) -> Result<Vec<&'c Document>, String> {
        self.know_workloads()?;
        let candidates = self.layers(|layer| match selector.first_equality() {
            Some((key, value)) => layer.workloads.get(&(namespace, key, value)),
            None => layer.all_workloads.get(namespace),
        });
        let mut found = Vec::new();
        for (_, candidate) in candidates {
            let labels = pods::labels(candidate).unwrap_or_default();
            steps.spend(selector.cost(labels.len()))?;
            if selector.selects(labels) {
                found.push(candidate);
            }
        }
        Ok(found)
    }

    /// The workloads in the namespace of a document whose pods it selects, in order.
    ///
    /// # Errors
    /// When documents of its kind select no pods, or when that takes more steps than are left.
    pub fn selected_by(
        &self,
        document: &Document,
        steps: &Steps,
    ) -> Result<Vec<&'c Document>, String> {
        let selector = Selector::of(document).ok_or_else(|| {
            format!(
                "{} selects no pods: `selectedBy` takes a Service, PodDisruptionBudget, \
                 NetworkPolicy, or a workload that has a selector",
                document.object
            )
        })?;
        let mut found = self.selected(namespace_of(document), selector, steps)?;
        found.retain(|document| pods::is_workload(document));
        Ok(found)
    }

    /// The autoscaler that names a workload as its target.
    ///
    /// # Errors
    /// When autoscalers are not known.
    pub fn autoscaler_for(&self, workload: &Document) -> Result<Option<&'c Document>, String> {
        self.know("autoscaling", "HorizontalPodAutoscaler")?;
        let object = &workload.object;
        let key = (namespace_of(workload), object.kind.as_str(), object.name.as_str());
        let group = |version: &str| {
            version.split_once('/').map_or("", |(group, _)| group) == object.group()
        };
        let named = bare(self.layers(|layer| layer.autoscalers.get(&key)));
        let is_for = |one: &&'c Document| target(one, "apiVersion").is_none_or(group);
        Ok(named.into_iter().find(is_for))
    }

    /// How many pods of other workloads a budget also selects: their replicas, or
    /// the least that their autoscaler keeps.
    ///
    /// # Errors
    /// When it selects pods whose number is not written in the change, or when that takes more
    /// steps than are left.
    pub fn others_under(
        &self,
        budget: &Document,
        workload: &Document,
        steps: &Steps,
    ) -> Result<i128, String> {
        let selector =
            Selector::of(budget).ok_or_else(|| format!("{} selects no pods", budget.object))?;
        let itself = Identity::of(workload, 0);
        let mut pods = 0;
        for document in self.selected(namespace_of(budget), selector, steps)? {
            if Identity::of(document, 0) != itself && !is_owned(document) {
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
                match self.autoscaler_for(workload)? {
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

#[cfg(test)]
pub(crate) mod tests;
