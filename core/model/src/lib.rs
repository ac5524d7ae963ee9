//! The nouns of Provost: the only crate that says what a change, a finding, a
//! proof and a verdict are.
//!
//! It reads no file, calls no solver and prints nothing. Start with
//! [`Change`] (what is asked), then [`CheckResult`] (what the judges saw) and
//! [`Assessment`] (what was answered).

mod analysis;
mod assessment;
mod change;
mod check;
mod digest;
mod document;
mod facts;
mod node;
mod principal;
mod problem;
mod proof;
mod source;

pub use analysis::{
    Analysis, Comparison, Decided, GuaranteeRecord, Guaranteed, PolicyFinding, PolicyUnknown,
    Relation, RequestKind, Witness,
};
pub use assessment::{
    Advice, Assessment, Decision, Effect, ExceptionFault, GlassBroken, Leniency, Missing, Need,
    PolicyReference, Suggestion, Verdict, Waiver, verdict,
};
pub use change::{Approval, Change, Operation, Skipped};
pub use check::{
    CheckInfo, CheckResult, Finding, FindingIdentity, Inconclusive, Origin, Outcome, Severity,
    UnknownSeverity,
};
pub use digest::{Digest, InvalidDigest};
pub use document::{Document, ObjectReference, TERRAFORM};
pub use facts::{AccessGrant, Backup, BreakGlass, ErrorBudget, Facts, Session, Window};
pub use node::{Entry, Hidden, InvalidPointer, Node, Opaque, Value, escape_pointer, list_index};
pub use principal::{Principal, PrincipalKind};
pub use problem::Problem;
pub use proof::{
    Counterexample, Edit, Obligation, Proof, ProofRecord, Proved, Remedy, Scalar, Scope, Step,
};
pub use source::{Location, Position, Source, Span};
