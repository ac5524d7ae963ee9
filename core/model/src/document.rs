use std::fmt;
use std::sync::Arc;

use crate::{Location, Node, Source, Span};

/// The group of what a Terraform plan changes: `terraform.io/aws` is of the provider `aws`.
pub const TERRAFORM: &str = "terraform.io";

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

    /// Is it a resource that a Terraform plan changes? Its name is its address.
    pub fn is_terraform(&self) -> bool {
        self.group() == TERRAFORM
    }

    /// `group` of `group/version`; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }
}

impl fmt::Display for ObjectReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_terraform() {
            // An address holds the type.
            return f.write_str(&self.name);
        }
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
        self.object == other.object && self.root.canonical_json() == other.root.canonical_json()
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
