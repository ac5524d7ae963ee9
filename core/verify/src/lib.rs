//! The verifier: the only crate that names z3.
//!
//! [`Verifier::judge`] (`judge.rs`) asks a specification about an object, cheapest
//! technique first. It never shows a counterexample that was not replayed through the
//! evaluator of `provost-spec`, and never calls a proof a proof without having seen that
//! its assumptions can be met and its steps can happen.
//!
//! Everything the solver is asked goes through `solver.rs`.

mod domain;
mod encode;
mod explore;
mod export;
mod formula;
mod general;
mod induction;
mod judge;
mod longer;
mod obligation;
mod ranking;
mod region;
mod remedy;
mod replay;
mod search;
mod smtlib;
mod solver;
mod spacer;
mod store;
mod unroll;

pub use explore::{Exploration, explore};
pub use export::{Exported, recheck};
pub use judge::{Judgement, Limits, Verifier};
pub use solver::{Budget, satisfy, supported, version};
pub use store::Store;
pub use unroll::Taken;
