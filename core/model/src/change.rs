use std::fmt;
use std::sync::Arc;

use serde_json::json;

use crate::{Digest, Document, Problem};

/// What is asked: the documents after (and before) it, who asks, and for what.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The documents as they would be.
    pub documents: Vec<Arc<Document>>,
    /// The documents as they are, where known.
    pub before: Vec<Arc<Document>>,
    /// What happens to them.
    pub operation: Operation,
    /// Who asks.
    pub principal: Principal,
    /// The environment it goes to (`production`, `staging`, …), where known.
    pub environment: Option<String>,
    /// Who approved which change.
    pub approvals: Vec<Approval>,
    /// What could not be read; each makes the assessment incomplete.
    pub problems: Vec<Problem>,
    /// What was left out on purpose, counted.
    pub skipped: Vec<Skipped>,
}

impl Change {
    /// The digest of what the change does: objects, not layout, comments or file names.
    ///
    /// An approval names it, so an approval cannot be carried over to another change.
    pub fn digest(&self) -> Digest {
        let objects = |documents: &[Arc<Document>]| {
            let mut objects: Vec<_> = documents.iter().map(|d| d.root.to_json()).collect();
            objects.sort_by_cached_key(ToString::to_string);
            objects
        };
        Digest::of_json(&json!({
            "operation": self.operation.to_string(),
            "environment": self.environment,
            "documents": objects(&self.documents),
            "before": objects(&self.before),
        }))
    }
}

/// What happens to the documents; the name of the Cedar action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Create or update.
    #[default]
    Apply,
    /// Delete.
    Delete,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Apply => "apply",
            Self::Delete => "delete",
        })
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// User or service account name.
    pub name: String,
    /// Groups and teams it belongs to.
    pub groups: Vec<String>,
}

impl Default for Principal {
    fn default() -> Self {
        Self { name: "anonymous".to_owned(), groups: Vec::new() }
    }
}

/// One person's consent to one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who approved.
    pub by: String,
    /// Groups of the approver.
    pub groups: Vec<String>,
    /// [`Change::digest`] of what was approved, as `sha256:<hex>`.
    pub change: String,
}

/// Files left out on purpose, by reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The path, or path and document number.
    pub subject: String,
    /// Why: `not a Kubernetes object`, `Helm template`, …
    pub reason: String,
}
