use provost_sdk::workload::{self, Container};
use provost_sdk::{Document, Mismatch, Place, Seen, Tree};

use crate::Version;

/// Parts of a pod that no rule looks at and that may be long.
const PASSED_OVER: [&str; 8] = [
    "affinity",
    "args",
    "command",
    "env",
    "resources",
    "tolerations",
    "topologySpreadConstraints",
    "volumeMounts",
];

/// What of a document is read.
pub(crate) struct Parts {
    spec: Tree,
    annotations: Tree,
}

impl Parts {
    /// Reads the pod at a pointer of a document, in two crossings.
    pub(crate) fn read(document: &dyn Document, pod: &str) -> Result<Self, Mismatch> {
        let passed_over = |key: &str| PASSED_OVER.contains(&key);
        Ok(Self {
            spec: document.tree_without(&format!("{pod}/spec"), passed_over)?,
            annotations: document.tree(&format!("{pod}/metadata/annotations"))?,
        })
    }

    pub(crate) fn roots(&self) -> (Place<'_>, Place<'_>) {
        (self.spec.root(), self.annotations.root())
    }
}

/// The pod that the rules judge.
pub struct Subject<'t> {
    /// The pod spec.
    pub spec: &'t Place<'t>,
    /// The annotations of the pod, or of the template it is made from.
    pub annotations: &'t Place<'t>,
    /// Which version of the standards it is judged by.
    pub version: Version,
    containers: Vec<Container<'t>>,
    /// Lists of containers that are not lists.
    unreadable: Vec<Mismatch>,
}

impl<'t> Subject<'t> {
    pub(crate) fn new(spec: &'t Place<'t>, annotations: &'t Place<'t>, version: Version) -> Self {
        let (containers, unreadable) = workload::containers(spec);
        Self { spec, annotations, version, containers, unreadable }
    }

    /// Every container, whatever it is for. Lists of containers that cannot be
    /// read make the rule that asks inconclusive.
    pub fn containers(&self, seen: &mut Seen<'_>) -> &[Container<'t>] {
        for mismatch in &self.unreadable {
            seen.inconclusive(mismatch.clone());
        }
        &self.containers
    }

    /// Does the pod say that it runs on Windows?
    ///
    /// # Errors
    /// A [`Mismatch`] when what it says cannot be read.
    pub fn is_windows(&self) -> Result<bool, Mismatch> {
        Ok(self.spec.at("/os/name").text()? == Some("windows"))
    }

    /// Does the pod ask for a user namespace of its own?
    ///
    /// # Errors
    /// A [`Mismatch`] when what it asks cannot be read.
    pub fn has_user_namespace(&self) -> Result<bool, Mismatch> {
        Ok(self.spec.at("/hostUsers").boolean()? == Some(false))
    }
}
