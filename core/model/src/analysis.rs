use std::fmt;
use std::sync::Arc;

use crate::{CheckInfo, Digest, Location, PolicyReference};

/// A kind of request: who may ask, for what, about what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKind {
    /// The type of the principal.
    pub principal: String,
    /// The action, as `Action::"apply"`.
    pub action: String,
    /// The type of the resource.
    pub resource: String,
}

impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.principal, self.action, self.resource)
    }
}

/// A request that does what is said of it: Cedar's own authorizer was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// In Cedar syntax, one line or more. What is not written there is empty, zero or false.
    pub text: String,
    /// Principal, action, resource and context in Cedar's JSON form.
    pub request: serde_json::Value,
    /// Entities in Cedar's JSON form.
    pub entities: serde_json::Value,
    /// What comes of it, in a few words.
    pub outcome: String,
}

/// What a set of policies makes of one kind of request.
#[derive(Clone, Debug, PartialEq)]
pub enum Decided {
    /// Every request is allowed.
    AlwaysAllowed,
    /// No request is ever allowed. `permits` says whether any policy permits one at all.
    AlwaysDenied {
        /// Does any policy permit such a request?
        permits: bool,
    },
    /// It depends: one that is allowed, one that is denied.
    Depends {
        /// This one is allowed.
        allowed: Box<Witness>,
        /// This one is denied.
        denied: Box<Witness>,
    },
    /// Not known, and why.
    Unknown(String),
}

/// Something that a policy author should know.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyFinding {
    /// What sort of thing.
    pub check: Arc<CheckInfo>,
    /// The policy that it is about.
    pub policy: PolicyReference,
    /// What is so.
    pub message: String,
    /// Other policies that make it so.
    pub related: Vec<PolicyReference>,
    /// The request that shows it.
    pub witness: Option<Witness>,
}

/// Something that could not be answered.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyUnknown {
    /// The question.
    pub question: String,
    /// About which policy or guarantee.
    pub location: Option<Location>,
    /// Why there is no answer.
    pub reason: String,
}

/// What came of a guarantee.
#[derive(Clone, Debug, PartialEq)]
pub enum Guaranteed {
    /// It holds of every request.
    Proved,
    /// It does not: this request breaks it.
    Broken(Box<Witness>),
    /// It says nothing, and why.
    Vacuous(String),
    /// Not known, and why.
    Unknown(String),
}

/// One guarantee and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct GuaranteeRecord {
    /// Its id.
    pub id: String,
    /// What it says.
    pub title: String,
    /// Where it is written; nothing for one that is built in.
    pub location: Option<Location>,
    /// For how many kinds of requests it was asked.
    pub kinds: usize,
    /// What came of it.
    pub outcome: Guaranteed,
}

/// What is known of some policies for all requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Of the schema and the policies.
    pub digest: Digest,
    /// How many policies were looked at.
    pub policies: usize,
    /// What is decided, for each kind of request.
    pub kinds: Vec<(RequestKind, Decided)>,
    /// In order of file and line.
    pub findings: Vec<PolicyFinding>,
    /// In order of file and line.
    pub guarantees: Vec<GuaranteeRecord>,
    /// What could not be answered beside.
    pub unknowns: Vec<PolicyUnknown>,
}

/// How one set of policies compares with another for one kind of request.
#[derive(Clone, Debug, PartialEq)]
pub enum Relation {
    /// Both decide every request alike.
    Equivalent,
    /// The new policies allow more: this is one more, and nothing is allowed no longer.
    Looser(Box<Witness>),
    /// The new policies allow less: this is one that is allowed no longer.
    Tighter(Box<Witness>),
    /// Both: one that is new, and one that is allowed no longer.
    Incomparable {
        /// Allowed now, and not before.
        gained: Box<Witness>,
        /// Allowed before, and not now.
        lost: Box<Witness>,
    },
    /// Not known, and why. What is known of it stands beside.
    Unknown {
        /// Why.
        reason: String,
        /// One that is allowed now, and not before.
        gained: Option<Box<Witness>>,
        /// One that was allowed before, and is not now.
        lost: Option<Box<Witness>>,
    },
}

impl Relation {
    /// A request that is allowed now and was not before.
    pub fn gained(&self) -> Option<&Witness> {
        match self {
            Self::Looser(gained) | Self::Incomparable { gained, .. } => Some(gained),
            Self::Unknown { gained, .. } => gained.as_deref(),
            Self::Equivalent | Self::Tighter(_) => None,
        }
    }

    /// A request that was allowed before and is not now.
    pub fn lost(&self) -> Option<&Witness> {
        match self {
            Self::Tighter(lost) | Self::Incomparable { lost, .. } => Some(lost),
            Self::Unknown { lost, .. } => lost.as_deref(),
            Self::Equivalent | Self::Looser(_) => None,
        }
    }
}

/// One set of policies compared with another.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Of both sets and their schemas: what an approval of the difference names.
    pub digest: Digest,
    /// How many policies the old and the new set have.
    pub policies: (usize, usize),
    /// Where the new policies begin; nothing when there is none.
    pub place: Option<Location>,
    /// For each kind of request.
    pub kinds: Vec<(RequestKind, Relation)>,
    /// Who approved exactly this difference, where that was asked.
    pub approved_by: Vec<String>,
    /// What a reader should know beside.
    pub notes: Vec<String>,
}

impl Comparison {
    /// Is any request allowed now that was not before?
    pub fn is_looser(&self) -> bool {
        self.kinds.iter().any(|(_, relation)| relation.gained().is_some())
    }

    /// Is anything not known?
    pub fn is_incomplete(&self) -> bool {
        self.kinds.iter().any(|(_, relation)| matches!(relation, Relation::Unknown { .. }))
    }
}
