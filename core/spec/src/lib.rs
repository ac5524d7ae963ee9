//! The specification language: YAML for structure, CEL for expressions.
//!
//! A file is read into a [`Specification`] (`form.rs` is its shape, `types.rs` finds
//! every mistake). With an object it becomes an [`Instance`]: its `let`s are
//! evaluated (`evaluate.rs`), and what is not known becomes a [`Term`]. The
//! verifier is handed the [`System`] of terms, and replays what it finds through
//! [`Instance::after`], which evaluates the same expressions on known values.
//!
//! This crate never calls a solver.

mod cluster;
mod evaluate;
mod expression;
mod form;
mod functions;
mod instance;
mod specification;
mod system;
mod term;
mod types;
mod value;

pub use cluster::Cluster;
pub use evaluate::{EvaluationFault, Evaluator, Scope, Unknown, Unknowns};
pub use expression::{Expr, ExpressionFault};
pub use functions::{FUNCTIONS, Function};
pub use instance::{Applies, Instance, InstanceFault, State};
pub use specification::{
    Claim, Expression, FieldReference, Machine, Property, RemedyPlan, Specification, Step, schema,
};
pub use system::{System, SystemProperty, SystemStep, TermClaim};
pub use term::{Arithmetic, ArithmeticFault, Assignment, Comparison, Constant, Sort, Term};
pub use types::{Names, Type};
pub use value::Value;
