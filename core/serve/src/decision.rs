//! What was decided: one value, handed to one place before it is answered.

use provost_model::{Digest, Verdict};
use serde::Serialize;

/// What was decided about one review, with all that it rests on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Names this decision in logs, audit annotations and denials: of request, change and bundle.
    pub id: String,
    /// The moment, RFC 3339.
    pub time: String,
    /// `validate` or `mutate`.
    pub endpoint: &'static str,
    /// The request that is answered.
    pub uid: String,
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    pub operation: &'static str,
    /// `apiVersion` of the object.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace, or empty.
    pub namespace: String,
    /// Its name, or `prefix*` where the server makes it.
    pub name: String,
    /// `scale`, `status`, …, or empty.
    pub subresource: String,
    /// Who asked.
    pub user: String,
    /// Was it only asked what would happen?
    pub dry_run: bool,
    /// May it proceed?
    pub allowed: bool,
    /// What the judges said.
    pub outcome: Outcome,
    /// Why a no was not enforced, where it was not.
    pub not_enforced: Option<NotEnforced>,
    /// Violations that no exception covers, by rule.
    pub violations: Vec<RuleCount>,
    /// Policies that determined the decision.
    pub policies: Vec<String>,
    /// Exceptions that cover a violation.
    pub waivers: Vec<String>,
    /// Rules and specifications that could not be judged.
    pub unknown: Vec<String>,
    /// Specifications that were not asked: they need the cluster.
    pub not_judged: Vec<String>,
    /// How many operations a patch has.
    pub patched: usize,
    /// Digest of the change.
    pub change: String,
    /// Digest of what was judged by.
    pub bundle: String,
    /// How long judging took, in microseconds.
    pub microseconds: u64,
}

/// What the judges said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Yes.
    Allow,
    /// No.
    Deny,
    /// Not everything could be judged.
    Unknown,
}

impl Outcome {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Unknown => "unknown",
        }
    }
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Allow => Self::Allow,
            Verdict::Deny => Self::Deny,
            Verdict::Unknown => Self::Unknown,
        }
    }
}

/// Why a no was let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotEnforced {
    /// The request changes nothing that is judged: what is wrong was there before, and to deny
    /// it would keep controllers from removing finalizers and writing status.
    NothingJudgedChanges,
}

impl NotEnforced {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::NothingJudgedChanges => "nothing-judged-changes",
        }
    }
}

/// How often a rule is violated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleCount {
    /// Its id.
    pub rule: String,
    /// `enforce`, `warn` or `audit`.
    pub mode: &'static str,
    /// How often.
    pub count: usize,
}

/// The id of a decision.
pub(crate) fn id(parts: [&[u8]; 4]) -> String {
    let mut id = Digest::of_parts(parts).hex();
    id.truncate(20);
    id
}

/// Where decisions go before they are answered.
pub trait Recorder: Send + Sync {
    /// Writes one down. It is called on a judging thread, and the answer waits for it; for a
    /// dry run ([`Decision::dry_run`]) nothing that lasts may change.
    ///
    /// # Errors
    /// When it could not be written: then the request is answered with an error, so that no
    /// decision is acknowledged that nobody can look up.
    fn record(&self, decision: &Decision) -> std::io::Result<()>;
}

/// The recorder that writes a line of the log.
#[derive(Debug, Default)]
pub(crate) struct Logged;

impl Recorder for Logged {
    fn record(&self, decision: &Decision) -> std::io::Result<()> {
        let Decision { id, endpoint, uid, operation, kind, namespace, name, user, .. } = decision;
        let line = serde_json::to_string(decision)?;
        tracing::info!(
            target: "provost::decision",
            decision = id, endpoint, uid, operation, kind, namespace, name, user,
            allowed = decision.allowed, outcome = decision.outcome.name(),
            dry_run = decision.dry_run, record = line, "decided"
        );
        Ok(())
    }
}
