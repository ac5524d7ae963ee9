use std::fmt;
use std::sync::Arc;

use crate::{Location, Node, Source, Span};

/// The name of an object: enough to find it again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectReference {
    /// `apps/v1`, `v1`, …
    pub api_version: String,
    /// `Deployment`, …
    pub kind: String,
    /// The namespace as written; `None` when the object names none.
    pub namespace: Option<String>,
    /// `metadata.name`, or `metadata.generateName` followed by `*`.
    pub name: String,
}

impl ObjectReference {
    /// The namespace an API server would put it in when none is written: `default`.
    pub fn effective_namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }

    /// `group` of `group/version`; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }
}

impl fmt::Display for ObjectReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}

/// One typed object with the text it was read from.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its name.
    pub object: ObjectReference,
    /// The whole object.
    pub root: Node,
    /// The text that holds it.
    pub source: Arc<Source>,
    /// Which document of the source, from 0; items of a `List` share it.
    pub index: usize,
}

/// Documents are equal when their objects are, wherever they were read from.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.object == other.object && self.root.to_json() == other.root.to_json()
    }
}

impl Document {
    /// The best place to show for `pointer` (see [`Node::locate`]).
    pub fn locate(&self, pointer: &str) -> Location {
        let (span, _) = self.root.locate(pointer);
        Location { source: Arc::clone(&self.source), span, pointer: pointer.to_owned() }
    }

    /// The bytes of the whole object.
    pub fn span(&self) -> Span {
        self.root.span
    }
}
