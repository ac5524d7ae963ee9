//! What was decided: one value, handed to one place before it is answered.

use std::pin::Pin;

use jiff::Timestamp;
use provost_model::{Assessment, Change, Digest, Problem, Verdict};
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
    /// What is asked for, as `apps/v1/deployments`, or empty where the request does not say.
    pub resource: String,
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
    /// The incident for which somebody broke the glass, where that is why it may proceed.
    pub emergency: Option<String>,
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
    /// Was it recorded, where there is a recorder?
    pub record: RecordState,
}

/// A decision with what it was made from.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What was decided.
    pub decision: Decision,
    /// When.
    pub time: Timestamp,
    /// The change that was judged: of `/mutate`, as its patch leaves it.
    pub change: Change,
    /// What the judges said.
    pub assessment: Assessment,
}

/// Was a decision recorded?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordState {
    /// Nobody records.
    #[default]
    Off,
    /// It was, as this entry.
    As(String),
    /// It could not be. Only a no is answered all the same.
    Failed,
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

/// A record on its way: it ends when nothing can lose it any more, with the name of its entry.
pub type Recording = Pin<Box<dyn Future<Output = Result<String, Problem>> + Send>>;

/// Where decisions are recorded before they are answered.
pub trait Recorder: Send + Sync {
    /// Begins to record one. It is called on a judging thread, which does not wait for the end;
    /// the answer does. Dry runs are recorded like all others: they change nothing that anything
    /// is decided by.
    ///
    /// # Errors
    /// When it cannot be recorded, here or at the end. Then a no is answered all the same, and
    /// what would be allowed is answered with an error: nobody could look up why it was.
    fn record(&self, judged: &Judged) -> Result<Recording, Problem>;

    /// Why nothing can be recorded any more before the server is started again, if that is so.
    fn failed(&self) -> Option<String> {
        None
    }
}

/// A decision as JSON, made where somebody reads it.
struct Line<'d>(&'d Decision);

impl std::fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Text and numbers only: they can be written.
        f.write_str(&serde_json::to_string(self.0).unwrap_or_default())
    }
}

/// Writes a line of the log.
pub(crate) fn log(decision: &Decision) {
    let Decision { id, endpoint, uid, operation, kind, namespace, name, user, .. } = decision;
    tracing::info!(
        target: "provost::decision",
        decision = id, endpoint, uid, operation, kind, namespace, name, user,
        allowed = decision.allowed, outcome = decision.outcome.name(),
        dry_run = decision.dry_run, record = %Line(decision), "decided"
    );
}
