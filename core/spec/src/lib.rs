//! The specification language: YAML for structure, CEL for expressions.
//!
//! A file is read into a [`Specification`] (`form.rs` is its shape, `loader.rs` and
//! `types.rs` find every mistake). With an object it becomes an [`Instance`]: its `let`s are
//! evaluated (`evaluate.rs`), and what is not known (`unknowns.rs`) becomes a [`Term`]. The
//! verifier is handed the [`System`] of terms, and replays what it finds through
//! [`Instance::after`] (`state.rs`), which evaluates the same expressions on known values.
//!
//! This crate never calls a solver.

mod cluster;
mod domain;
mod evaluate;
mod expr;
mod expression;
mod form;
mod functions;
mod instance;
mod layout;
mod lets;
mod limits;
mod loader;
mod machine;
mod model;
mod origin;
mod parse;
mod properties;
mod reach;
mod specification;
mod state;
mod syntax_fault;
mod system;
mod term;
mod terms;
mod types;
mod unknowns;
mod value;
mod yaml_trap;

pub use cluster::{Cluster, Kinds, WORKLOADS, is_not_known, namespace, namespace_of, parse_kind};
pub use domain::{Domain, Labels};
pub use evaluate::{EvaluationFault, Evaluator, Scope, Steps};
pub use expr::{Binary, Expr, ExprKind, ExpressionFault};
pub use expression::Expression;
pub use functions::{FUNCTIONS, Function};
pub use instance::{Applies, Instance, InstanceFault, Shape};
pub use layout::{Event, Layout, Slot};
pub use lets::Let;
pub use machine::{Change, Machine, Step, Variable};
pub use model::Models;
pub use origin::{Fact, Origin};
pub use properties::{Claim, Property};
pub use reach::Reach;
pub use specification::{FieldReference, RemedyPlan, Specification, schema};
pub use state::State;
pub use system::{System, SystemStep, TermClaim};
pub use term::{Arithmetic, ArithmeticFault, Assignment, Comparison, Constant, Sort, Term};
pub use types::{Names, Type};
pub use unknowns::{Unknown, Unknowns};
pub use value::Value;
