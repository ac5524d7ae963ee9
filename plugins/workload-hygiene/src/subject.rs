use provost_sdk::workload::{self, Container, Identity, Role};
use provost_sdk::{Document, Mismatch, Place, Seen};

use crate::Settings;

/// The object that the rules judge.
pub struct Subject<'t> {
    /// What it says it is.
    pub identity: &'t Identity,
    /// The document that it stands in, to look up others from.
    pub document: &'t dyn Document,
    /// The whole object.
    pub object: &'t Place<'t>,
    /// What the gate file sets.
    pub settings: &'t Settings,
    /// The pod, or the template that pods are made from.
    template: Option<&'t Place<'t>>,
    containers: Vec<Container<'t>>,
    /// Lists of containers that are not lists.
    unreadable: Vec<Mismatch>,
}

/// Kinds whose pods are meant to run until they are told to stop.
const LONG_RUNNING: [&str; 5] =
    ["DaemonSet", "Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];
/// Kinds of which there is a number of equal pods.
pub(crate) const REPLICATED: [&str; 4] =
    ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];

impl<'t> Subject<'t> {
    /// An object without a pod.
    pub(crate) fn new(
        identity: &'t Identity,
        document: &'t dyn Document,
        object: &'t Place<'t>,
        settings: &'t Settings,
    ) -> Self {
        let (containers, unreadable) = (Vec::new(), Vec::new());
        Self { identity, document, object, settings, template: None, containers, unreadable }
    }

    /// Its pods are made from this template, and are so specified.
    pub(crate) fn has_pod(&mut self, template: &'t Place<'t>, spec: &'t Place<'t>) {
        self.template = Some(template);
        (self.containers, self.unreadable) = workload::containers(spec);
    }

    /// The kind.
    pub fn kind(&self) -> &str {
        &self.identity.kind
    }

    /// The place at a pointer under the pod or its template.
    pub fn pod<'p>(&'p self, path: &'p str) -> Place<'p> {
        self.template.unwrap_or(self.object).at(path)
    }

    /// Containers in these roles. Lists of containers that cannot be read make the
    /// rule that asks inconclusive.
    pub fn containers<'s>(
        &'s self,
        roles: &'static [Role],
        seen: &mut Seen<'_>,
    ) -> impl Iterator<Item = &'s Container<'t>> + use<'s, 't> {
        for mismatch in &self.unreadable {
            seen.inconclusive(mismatch.clone());
        }
        self.containers.iter().filter(|container| roles.contains(&container.role))
    }

    /// Are its pods meant to run until they are told to stop?
    ///
    /// # Errors
    /// A [`Mismatch`] when what a pod says of restarts cannot be read.
    pub fn is_long_running(&self) -> Result<bool, Mismatch> {
        if !matches!(self.kind(), "Pod" | "PodTemplate") {
            return Ok(LONG_RUNNING.contains(&self.kind()));
        }
        let policy = self.pod("/spec/restartPolicy").text()?;
        Ok(matches!(policy, None | Some("Always")))
    }

    /// How many equal pods it asks for: one unless it says more. `None` for kinds
    /// that have no such number.
    ///
    /// # Errors
    /// A [`Mismatch`] when the number cannot be read.
    pub fn replicas(&self) -> Result<Option<i64>, Mismatch> {
        if !REPLICATED.contains(&self.kind()) {
            return Ok(None);
        }
        Ok(Some(self.object.at("/spec/replicas").integer()?.unwrap_or(1)))
    }
}
