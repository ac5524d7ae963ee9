//! The nouns of Provost: the only crate that says what a change, a finding, a
//! proof and a verdict are.
//!
//! It reads no file, calls no solver and prints nothing. Start with
//! [`Change`] (what is asked), then [`CheckResult`] (what the judges saw) and
//! [`Assessment`] (what was answered).

mod assessment;
mod change;
mod check;
mod digest;
mod document;
mod node;
mod problem;
mod proof;
mod source;

pub use assessment::{
    Assessment, Decision, Effect, ExceptionFault, PolicyReference, Verdict, Waiver, verdict,
};
pub use change::{Approval, Change, Operation, Principal, Skipped};
pub use check::{
    CheckInfo, CheckResult, Finding, FindingIdentity, Inconclusive, Origin, Outcome, Severity,
    UnknownSeverity,
};
pub use digest::{Digest, InvalidDigest};
pub use document::{Document, ObjectReference};
pub use node::{Entry, InvalidPointer, Node, Value, escape_pointer, list_index};
pub use problem::Problem;
pub use proof::{
    Counterexample, Edit, Obligation, Proof, ProofRecord, Proved, Remedy, Scalar, Scope, Step,
};
pub use source::{Location, Position, Source, Span};
