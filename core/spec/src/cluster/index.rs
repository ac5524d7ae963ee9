//! Where documents are looked for.

use provost_model::Document;

use super::selector::Selector;
use super::{Cluster, namespace_of, pods, target};

impl<'c> Cluster<'c> {
    pub(super) fn index(&mut self, place: usize, document: &'c Document) {
        let object = &document.object;
        let namespace = namespace_of(document);
        let kind = (object.group(), object.kind.as_str());
        self.by_kind.entry(kind).or_default().push((place, document));
        match kind {
            ("policy", "PodDisruptionBudget") => {
                let selector = Selector::of(document).unwrap_or_default();
                match selector.first_equality() {
                    Some((key, value)) => {
                        let label = (namespace, key, value);
                        self.budgets.entry(label).or_default().push((place, document));
                    }
                    None => {
                        self.other_budgets.entry(namespace).or_default().push((place, document));
                    }
                }
            }
            ("autoscaling", "HorizontalPodAutoscaler") => {
                let target = |field| target(document, field);
                if let (Some(kind), Some(name)) = (target("kind"), target("name")) {
                    self.autoscalers
                        .entry((namespace, kind, name))
                        .or_default()
                        .push((place, document));
                }
            }
            ("", "ResourceQuota") => {
                self.quotas.entry(namespace).or_default().push((place, document));
            }
            _ => self.index_pods(namespace, place, document),
        }
    }

    fn index_pods(&mut self, namespace: &'c str, place: usize, document: &'c Document) {
        let Some(labels) = pods::labels(document) else { return };
        self.all_workloads.entry(namespace).or_default().push((place, document));
        for entry in labels {
            if let Some(value) = entry.value.as_text() {
                let label = (namespace, entry.key.as_str(), value);
                self.workloads.entry(label).or_default().push((place, document));
            }
        }
    }
}
