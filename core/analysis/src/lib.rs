//! What holds of Cedar policies for *all* requests: the only crate that names Cedar's symbolic
//! compiler.
//!
//! The compiler turns policies and a schema into questions in SMT-LIB, one kind of request at a
//! time; `solver.rs` has Z3 answer them (`dialect.rs` translates the few words that differ).
//! `questions.rs` asks; [`analyze()`], [`compare()`], [`guaranteed`] and [`failing()`] say what the
//! answers mean. A request that the solver finds is put to Cedar's own authorizer before
//! anybody sees it (`witness.rs`): one that does not do what is claimed makes the answer
//! unknown.

mod analyze;
mod beyond;
mod cedar_text;
mod compare;
mod cvc5;
mod dialect;
mod exceptions;
mod failing;
mod guarantee;
mod kinds;
mod questions;
mod redundant;
mod rules;
mod sexpr;
mod solver;
mod waived;
mod witness;

pub use analyze::analyze;
pub use compare::compare;
pub use cvc5::Cvc5;
pub use failing::failing;
pub use guarantee::{Guarantees, guaranteed, schema as guarantee_schema};
pub use questions::Means;
/// For the agreement and fuzz tests of the translation.
pub mod smtlib {
    #![doc(hidden)]

    pub use crate::dialect::{Script, from_z3, to_z3};
    pub use crate::sexpr::Sexpr;
}

/// Which analysis this is: what it found out is kept for the same one.
pub fn revision() -> String {
    let sources = [
        include_str!("dialect.rs"),
        include_str!("failing.rs"),
        include_str!("kinds.rs"),
        include_str!("questions.rs"),
        include_str!("sexpr.rs"),
        include_str!("solver.rs"),
        include_str!("witness.rs"),
        include_str!("witness/draft.rs"),
        include_str!("witness/simplify.rs"),
    ];
    provost_model::Digest::of_parts(sources.map(str::as_bytes)).to_string()
}
