use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::{Location, ObjectReference, Proof, ProofRecord, Span};

/// How bad a violation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth mending some day.
    Low,
    /// Worth mending now.
    Medium,
    /// Likely to cause an outage or a breach.
    High,
    /// An outage or a breach.
    Critical,
}

impl Severity {
    /// Every severity, least first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that is not a severity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a severity: use info, low, medium, high or critical")]
pub struct UnknownSeverity(String);

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(name: &str) -> Result<Self, UnknownSeverity> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.name() == name)
            .ok_or_else(|| UnknownSeverity(name.to_owned()))
    }
}

/// What answers a check.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// The plugin of this name.
    Plugin(String),
    /// The specification library.
    Specification,
}

/// A plugin's rule or a specification, as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckInfo {
    /// Stable, kebab-case, unique in a bundle.
    pub id: String,
    /// One line.
    pub title: String,
    /// How bad a violation is.
    pub severity: Severity,
    /// Why anyone should care.
    pub rationale: String,
    /// What to do about a violation.
    pub remedy: String,
    /// Control identifiers: `pss:baseline`, `nsa:…`, `cis:5.2.2`, ….
    pub controls: Vec<String>,
    /// Who answers it.
    pub origin: Origin,
}

/// One violation in one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule or specification violated.
    pub check: Arc<CheckInfo>,
    /// What is wrong here, in one sentence.
    pub message: String,
    /// The object judged.
    pub object: ObjectReference,
    /// The line to blame; may be in another object (a budget, an autoscaler).
    pub location: Location,
    /// What to do here, where more is known than the check's own remedy.
    pub remedy: Option<String>,
    /// A suggested RFC 6902 patch of the object: a list of operations.
    pub patch: Option<serde_json::Value>,
}

impl Finding {
    /// What makes it this finding and no other.
    pub fn identity(&self) -> FindingIdentity<'_> {
        FindingIdentity {
            file: self.location.source.name(),
            span: self.location.span,
            pointer: &self.location.pointer,
            check: &self.check.id,
            object: &self.object,
            message: &self.message,
            remedy: self.remedy.as_deref(),
        }
    }
}

/// What makes a finding this one and no other, for looking it up: findings are equal when
/// these are. The id stands for the check, because ids are unique in a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingIdentity<'a> {
    file: &'a str,
    span: Span,
    pointer: &'a str,
    check: &'a str,
    object: &'a ObjectReference,
    message: &'a str,
    remedy: Option<&'a str>,
}

/// Something a check could not judge.
#[derive(Clone, Debug, PartialEq)]
pub struct Inconclusive {
    /// The object, when one object is concerned.
    pub object: Option<ObjectReference>,
    /// Where, when there is a line to show.
    pub location: Option<Location>,
    /// Why, and what to do next.
    pub reason: String,
}

/// What one check saw over a whole change.
#[derive(Clone, Debug)]
pub struct CheckResult {
    /// The check.
    pub check: Arc<CheckInfo>,
    /// How many objects it judged. With none it did not apply.
    pub subjects: usize,
    /// Its violations.
    pub findings: Vec<Finding>,
    /// What it could not judge.
    pub unknowns: Vec<Inconclusive>,
    /// One record per property and object, for specifications.
    pub proofs: Vec<ProofRecord>,
    /// How many objects of the cluster there was no time for, which the change does not name
    /// but might make worse.
    pub late: usize,
    /// Was something looked for that is not known of the cluster? Then what hangs on it is not
    /// judged.
    pub unseen: bool,
}

/// The three values of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Judged, and nothing is wrong.
    Holds,
    /// At least one violation.
    Violated,
    /// No violation, but something could not be judged.
    Unknown,
}

impl CheckResult {
    /// A result with nothing in it yet.
    pub fn new(check: Arc<CheckInfo>) -> Self {
        let (findings, unknowns, proofs) = (Vec::new(), Vec::new(), Vec::new());
        Self { check, subjects: 0, findings, unknowns, proofs, late: 0, unseen: false }
    }

    /// A violation outweighs what is unknown; what is unknown outweighs the rest.
    pub fn outcome(&self) -> Outcome {
        if !self.findings.is_empty() {
            Outcome::Violated
        } else if !self.unknowns.is_empty() {
            Outcome::Unknown
        } else {
            Outcome::Holds
        }
    }

    /// Is this a specification that was proved for at least one object, and for
    /// every object that it judged?
    pub fn is_proved(&self) -> bool {
        self.outcome() == Outcome::Holds
            && !self.proofs.is_empty()
            && self.proofs.iter().all(|record| matches!(record.proof, Proof::Proved(_)))
    }
}
