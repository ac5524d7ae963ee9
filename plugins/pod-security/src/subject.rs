use std::fmt;

use provost_sdk::{Document, Mismatch, Place, Tree};

use crate::{Seen, Version};

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

/// The lists of containers in a pod spec, in the order they start, and what their
/// members are called.
const CONTAINERS: [(&str, &str); 3] = [
    ("/initContainers", "init container"),
    ("/containers", "container"),
    ("/ephemeralContainers", "ephemeral container"),
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
        let mut containers = Vec::new();
        let mut unreadable = Vec::new();
        for (list, called) in CONTAINERS {
            match spec.at(list).items() {
                Ok(places) => containers.extend(
                    places.into_iter().enumerate().map(|(index, place)| Container {
                        place,
                        called,
                        index,
                    }),
                ),
                Err(mismatch) => unreadable.push(mismatch),
            }
        }
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

/// A container of any kind. It is shown as people call it: ``init container `setup` ``.
pub struct Container<'t> {
    /// Where it stands.
    pub place: Place<'t>,
    called: &'static str,
    index: usize,
}

impl Container<'_> {
    /// The place at a pointer under the container.
    pub fn at<'p>(&'p self, path: &'p str) -> Place<'p> {
        self.place.at(path)
    }
}

impl fmt::Display for Container<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at("/name").text() {
            Ok(Some(name)) => write!(f, "{} `{name}`", self.called),
            _ => write!(f, "{} {}", self.called, self.index),
        }
    }
}
