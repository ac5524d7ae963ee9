//! The verifier: the only crate that names z3.
//!
//! [`Verifier::judge`] (`judge.rs`) asks a specification about an object, cheapest
//! technique first. It never shows a counterexample that was not replayed through the
//! evaluator of `provost-spec`, and never calls a proof a proof without having seen that
//! its assumptions can be met and its steps can happen.
//!
//! Everything the solver is asked goes through `solver.rs`, but for invariants that are looked
//! for (`spacer.rs`) and proofs that are checked again from their texts (`export.rs`). A proof
//! is a list of obligations (`obligation.rs`); their unsat cores say what it rests on.
//! [`Store`] keeps answers between runs.

mod domain;
mod encode;
mod explore;
mod export;
mod formula;
mod found;
mod general;
mod induction;
mod judge;
mod longer;
mod obligation;
mod ranking;
mod region;
mod remedy;
mod replay;
mod script;
mod search;
mod smtlib;
mod solver;
mod spacer;
mod store;
mod unroll;

pub use explore::{Exploration, explore};
pub use export::{Exported, recheck};
pub use judge::{Judgement, Limits, Verifier};
pub use script::{Interpreted, Manner, Satisfied, satisfy_script};
pub use solver::{Budget, satisfy, supported, version};
pub use store::{Store, is_not_at_hand};
pub use unroll::Taken;
