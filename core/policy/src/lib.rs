//! The only crate that has Cedar decide: schema, entities, requests.
//!
//! [`Policies::load`] reads a schema and policy files into something that cannot
//! change afterwards. It answers two questions: may this violation stand
//! ([`Policies::waive`]), and may this change proceed on this evidence
//! ([`Policies::decide`]). It reads no file and no clock; texts and the moment are
//! arguments. Objects reach Cedar as values built one by one, never as JSON, where a
//! hostile `__entity` or `__extn` key would be taken for a reference.
//!
//! [`TypedPolicies`] are what is analysed: policies of any vocabulary, each with its place.
//!
//! What policies may speak of is in `policies/schema.cedarschema`; read that first,
//! then `decide.rs`.

mod askers;
mod context;
mod decide;
mod diagnostic;
mod diff;
mod directory;
mod entities;
mod evidence;
mod exception;
mod kinds;
mod known;
mod layout;
mod lever;
mod literal;
mod load;
mod mention;
mod policies;
mod score;
mod suggest;
mod terraform;
mod testing;
mod typed;
mod vocabulary;
mod waive;
mod world;
mod written;

pub use decide::Ruled;
pub use directory::entities_schema;
pub use evidence::Evidence;
pub use known::{is_other, is_person};
pub use mention::Mention;
pub use policies::Policies;
pub use suggest::Lacks;
pub use testing::{PolicyTests, Tested, tests_schema};
pub use typed::{ExceptionTerms, Term, TypedPolicies, TypedPolicy};
pub use waive::Waive;
