use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use crate::{Digest, Document, Facts, Principal, Problem};

/// What is asked: the documents after (and before) it, who asks, and for what.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The documents as they would be.
    pub documents: Vec<Arc<Document>>,
    /// The documents as they are, where known.
    pub before: Vec<Arc<Document>>,
    /// Those of `before` that the change itself destroys, whatever the operation: what a
    /// Terraform plan deletes or replaces. What is replaced is in `documents` too.
    pub deleted: Vec<Arc<Document>>,
    /// A snapshot of the cluster that they go to, where one is known: what plugins may
    /// look up. It takes no part in the digest: nobody asks to change it.
    pub cluster: Option<Vec<Arc<Document>>>,
    /// Objects of the cluster as they would be that the change alters without holding them: the
    /// workload that a `Scale` is about. They take no part in the digest: what is asked for says
    /// how they are altered.
    pub altered: Vec<Arc<Document>>,
    /// What happens to them.
    pub operation: Operation,
    /// Who asks.
    pub principal: Principal,
    /// The environment it goes to (`production`, `staging`, …), where known.
    pub environment: Option<String>,
    /// Who approved which change.
    pub approvals: Vec<Approval>,
    /// What is known of the world besides. It takes no part in the digest.
    pub facts: Facts,
    /// What could not be read; each makes the assessment incomplete.
    pub problems: Vec<Problem>,
    /// What was left out on purpose, counted.
    pub skipped: Vec<Skipped>,
}

impl Change {
    /// What only goes away, because a plan says so.
    pub fn gone(&self) -> impl Iterator<Item = &Arc<Document>> {
        // Most changes destroy nothing, and are large.
        let kept = if self.deleted.is_empty() { &[][..] } else { self.documents.as_slice() };
        let kept: BTreeSet<_> = kept.iter().map(|document| &document.object).collect();
        self.deleted.iter().filter(move |document| !kept.contains(&document.object))
    }

    /// How many objects it is about.
    pub fn objects(&self) -> usize {
        self.documents.len() + self.gone().count()
    }

    /// Is there nothing in it?
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.deleted.is_empty()
    }

    /// Adds what another part of it was read as.
    pub fn append(&mut self, part: Self) {
        self.documents.extend(part.documents);
        self.before.extend(part.before);
        self.deleted.extend(part.deleted);
        self.problems.extend(part.problems);
        self.skipped.extend(part.skipped);
    }

    /// The digest of what the change does: objects, not layout, comments or file names.
    ///
    /// An approval names it, so an approval cannot be carried over to another change.
    /// It is that of a JSON text with sorted keys; it reads every object, so ask once.
    pub fn digest(&self) -> Digest {
        let objects = |documents: &[Arc<Document>]| {
            let mut objects: Vec<_> = documents.iter().map(|d| d.root.canonical_json()).collect();
            objects.sort_unstable();
            objects.join(",")
        };
        let before = objects(&self.before);
        let deleted = match self.deleted.as_slice() {
            [] => String::new(),
            deleted => format!("\"deleted\":[{}],", objects(deleted)),
        };
        let documents = objects(&self.documents);
        let environment = json!(self.environment);
        let operation = json!(self.operation.to_string());
        let text = format!(
            "{{\"before\":[{before}],{deleted}\"documents\":[{documents}],\
             \"environment\":{environment},\"operation\":{operation}}}"
        );
        Digest::of(text.as_bytes())
    }
}

/// What happens to the documents; the name of the Cedar action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Create or update.
    #[default]
    Apply,
    /// Update what exists.
    Update,
    /// Alter the number of replicas.
    Scale,
    /// Bring to this environment what another one runs.
    Promote,
    /// Return to an earlier version.
    Rollback,
    /// Mend a running system without a person.
    Heal,
    /// Delete.
    Delete,
    /// Run a command inside.
    Exec,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 8] = [
        Self::Apply,
        Self::Update,
        Self::Scale,
        Self::Promote,
        Self::Rollback,
        Self::Heal,
        Self::Delete,
        Self::Exec,
    ];

    /// The name of the Cedar action.
    pub fn name(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Update => "update",
            Self::Scale => "scale",
            Self::Promote => "promote",
            Self::Rollback => "rollback",
            Self::Heal => "heal",
            Self::Delete => "delete",
            Self::Exec => "exec",
        }
    }

    /// Are the documents there afterwards, as they are written? Otherwise there is no
    /// object to look at, and policies decide alone.
    pub fn leaves_documents(self) -> bool {
        !matches!(self, Self::Delete | Self::Exec)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One person's consent to one change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approval {
    /// Who approved.
    pub by: String,
    /// Groups of the approver.
    pub groups: Vec<String>,
    /// [`Change::digest`] of what was approved, as `sha256:<hex>`.
    pub change: String,
    /// What the approver says the change is for: `security-patch`.
    pub purpose: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

/// Files left out on purpose, by reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The path, or path and document number.
    pub subject: String,
    /// Why: `no Kubernetes object, workflow or Terraform plan`, `Helm template`, …
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Node, ObjectReference, Source};

    /// The digest is published in approvals: another way to write the text would void them.
    #[test]
    fn the_digest_is_that_of_json_with_sorted_keys() {
        let objects = [
            json!({"b": {"z": 1, "a": [null, true, -0.5, 1e300, "\u{7}ä\"\\"]}, "a": {}}),
            json!({"a": "x", "c": [[], {}]}),
        ];
        let documents = objects.iter().map(|object| {
            Arc::new(Document {
                object: ObjectReference {
                    api_version: "v1".to_owned(),
                    kind: "Pod".to_owned(),
                    namespace: None,
                    name: "a".to_owned(),
                },
                root: Node::from_json(object),
                source: Source::new("a.yaml", ""),
                index: 0,
            })
        });
        let mut change = Change {
            documents: documents.collect(),
            environment: Some("a \"b\"".to_owned()),
            ..Change::default()
        };
        let expected = Digest::of(
            concat!(
                r#"{"before":[],"documents":[{"a":"x","c":[[],{}]},"#,
                r#"{"a":{},"b":{"a":[null,true,-0.5,1e+300,"\u0007ä\"\\"],"z":1}}],"#,
                r#""environment":"a \"b\"","operation":"apply"}"#,
            )
            .as_bytes(),
        );
        assert_eq!(change.digest(), expected);
        change.documents.reverse();
        assert_eq!(change.digest(), expected, "order does not count");
        change.before.clone_from(&change.documents);
        let updates = change.digest();
        assert_ne!(updates, expected);
        change.deleted.extend(change.documents.first().cloned());
        assert_ne!(change.digest(), updates, "what is replaced is not what is updated");
    }
}
