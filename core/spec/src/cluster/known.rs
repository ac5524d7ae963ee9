//! What is known of a cluster where only some of its kinds are: that an object is not found says
//! something of the cluster only where all objects of its kind would be.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Cluster;

/// Kinds of objects, as group and kind; the core group is empty.
pub type Kinds = BTreeSet<(String, String)>;

/// The built-in kinds that are pods, or make them.
pub const WORKLOADS: [(&str, &str); 8] = [
    ("", "Pod"),
    ("", "ReplicationController"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("batch", "CronJob"),
    ("batch", "Job"),
];

/// How a reason ends that says so.
const NOT_KNOWN: &str = "is not known of this cluster";

/// Is this why something is unknown: a kind that was looked for is not known?
pub fn is_not_known(reason: &str) -> bool {
    reason.contains(NOT_KNOWN)
}

impl<'c> Cluster<'c> {
    /// The same where only the objects of these kinds are known: to look for others is a fault.
    #[must_use]
    pub fn knowing(self, kinds: &'c Kinds) -> Self {
        Self { known: Some(kinds), ..self }
    }

    /// The same cluster, which notes that a kind was looked for that is not known.
    pub fn noting(under: &'c Self, missed: &'c AtomicBool) -> Self {
        Self { missed: Some(missed), ..Self::over(under, [], []) }
    }

    /// The kinds that are known; `None` for all.
    pub fn known(&self) -> Option<&'c Kinds> {
        self.under.map_or(self.known, Self::known)
    }

    /// Are all objects of this kind here that there are?
    ///
    /// # Errors
    /// A sentence that says that they are not, which [`is_not_known`] knows.
    pub fn know(&self, group: &str, kind: &str) -> Result<(), String> {
        let Some(known) = self.known() else { return Ok(()) };
        if known.iter().any(|(one, of)| of == kind && one == group) {
            return Ok(());
        }
        if let Some(missed) = self.missed {
            missed.store(true, Ordering::Relaxed);
        }
        let slash = if group.is_empty() { "" } else { "/" };
        Err(format!("`{}` {NOT_KNOWN}", crate::functions::shown(&format!("{group}{slash}{kind}"))))
    }

    /// Is everything here that makes pods?
    pub(super) fn know_workloads(&self) -> Result<(), String> {
        WORKLOADS.iter().try_for_each(|(group, kind)| self.know(group, kind))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::super::tests::documents;
    use super::*;
    use crate::evaluate::Steps;

    #[test]
    fn what_is_not_known_is_not_taken_not_to_be_there() {
        let documents = documents(
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, \
             spec: {template: {metadata: {labels: {app: a}}}}}",
        );
        let (workload, steps) = (&documents[0], Steps::default());
        let kinds: Kinds = [("apps".to_owned(), "Deployment".to_owned())].into();
        let cluster = Cluster::new(&documents).knowing(&kinds);
        let missed = AtomicBool::new(false);
        let cluster = Cluster::noting(&cluster, &missed);
        assert_eq!(cluster.of_kind("apps/Deployment").unwrap().len(), 1);
        assert!(cluster.find("apps/Deployment", "b", "default").unwrap().is_none());
        assert!(!missed.load(Ordering::Relaxed));
        let said = cluster.budgets_for(workload, &steps).unwrap_err();
        assert_eq!(said, "`policy/PodDisruptionBudget` is not known of this cluster");
        assert!(is_not_known(&said) && missed.load(Ordering::Relaxed));
        for error in [
            cluster.of_kind("Pod").err(),
            cluster.find("Pod", "a", "default").err(),
            cluster.quotas_for(workload).err(),
            cluster.autoscaler_for(workload).err(),
            cluster.selected_by(workload, &steps).err().filter(|said| !said.contains("selects no")),
        ] {
            assert!(error.as_deref().is_none_or(is_not_known), "{error:?}");
        }
        // What is put over it knows no more.
        let over = Cluster::over(&cluster, [], [workload.as_ref()]);
        assert!(over.of_kind("apps/Deployment").unwrap().is_empty());
        assert!(over.of_kind("Pod").is_err());
    }

    #[test]
    fn workloads_are_built_in_kinds() {
        for (group, kind) in WORKLOADS {
            assert_eq!(
                super::super::parse_kind(format!("{group}/{kind}").trim_matches('/')),
                Ok((group, kind))
            );
        }
    }
}
