//! Kinds of objects that run pods, and the containers of a pod.

use std::fmt;

use crate::{Document, Mismatch, Place, Scalar};

/// Group, kind, and where the pod stands in an object of that kind.
pub const KINDS: [(&str, &str, &str); 9] = [
    ("", "Pod", ""),
    ("", "PodTemplate", "/template"),
    ("", "ReplicationController", "/spec/template"),
    ("apps", "Deployment", "/spec/template"),
    ("apps", "StatefulSet", "/spec/template"),
    ("apps", "DaemonSet", "/spec/template"),
    ("apps", "ReplicaSet", "/spec/template"),
    ("batch", "Job", "/spec/template"),
    ("batch", "CronJob", "/spec/jobTemplate/spec/template"),
];

/// Those kinds as a [`Description`](crate::Description) wants them: `Kind` or `group/Kind`.
pub fn kinds() -> impl Iterator<Item = String> {
    KINDS.iter().map(|(group, kind, _)| match *group {
        "" => (*kind).to_owned(),
        group => format!("{group}/{kind}"),
    })
}

/// What an object says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Group and version, or the version alone.
    pub api_version: String,
    /// Kind.
    pub kind: String,
}

impl Identity {
    /// What a document says it is, if it says so in text. One crossing.
    pub fn of(document: &dyn Document) -> Option<Self> {
        let fields = document.select("/*");
        let text = |pointer| {
            fields.iter().find_map(|(place, value)| match value {
                Some(Scalar::Text(text)) if place == pointer => Some(text.clone()),
                _ => None,
            })
        };
        Some(Self { api_version: text("/apiVersion")?, kind: text("/kind")? })
    }

    /// The group; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Where the pod stands in such an object, if its kind has one.
    pub fn pod(&self) -> Option<&'static str> {
        let mut kinds = KINDS.iter();
        kinds.find(|entry| (entry.0, entry.1) == (self.group(), &*self.kind)).map(|entry| entry.2)
    }
}

/// What a container is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It runs before the others, or beside them as a sidecar.
    Init,
    /// It does the work.
    Main,
    /// It was added to a running pod for someone to look around.
    Ephemeral,
}

/// The lists of containers in a pod spec, in the order they start.
const LISTS: [(&str, Role); 3] = [
    ("/initContainers", Role::Init),
    ("/containers", Role::Main),
    ("/ephemeralContainers", Role::Ephemeral),
];

/// Every container of a pod spec, and the lists of containers that are not lists.
pub fn containers<'t>(spec: &'t Place<'t>) -> (Vec<Container<'t>>, Vec<Mismatch>) {
    let mut containers = Vec::new();
    let mut unreadable = Vec::new();
    for (list, role) in LISTS {
        match spec.at(list).items() {
            Ok(places) => {
                containers.extend(places.into_iter().enumerate().map(|(index, place)| Container {
                    place,
                    role,
                    index,
                }))
            }
            Err(mismatch) => unreadable.push(mismatch),
        }
    }
    (containers, unreadable)
}

/// A container of any kind. It is shown as people call it: ``init container `setup` ``.
#[derive(Clone, Debug)]
pub struct Container<'t> {
    /// Where it stands.
    pub place: Place<'t>,
    /// What it is for.
    pub role: Role,
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
        let called = match self.role {
            Role::Init => "init container",
            Role::Main => "container",
            Role::Ephemeral => "ephemeral container",
        };
        match self.at("/name").text() {
            Ok(Some(name)) => write!(f, "{called} `{name}`"),
            _ => write!(f, "{called} {}", self.index),
        }
    }
}
