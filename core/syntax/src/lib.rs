//! The only crate that knows YAML, JSON and JSON Schema: text in, located nodes
//! or located problems out.
//!
//! It opens no file and knows no Kubernetes. [`read()`] gives the documents of a
//! text as [`provost_model::Node`]s; a [`Schema`] finds what is wrong with one,
//! at its line; [`decode()`] makes a Rust value of one.
//!
//! Values are what `kubectl` makes of them (YAML 1.1 scalars), so that what is
//! judged is what would be applied.

mod decode;
mod divergence;
mod json;
mod keys;
mod limits;
mod only_document;
mod read;
mod scalar;
mod schema;
mod suggest;
mod syntax_error;
mod tree;
mod violation;
mod weight;
mod yaml;

pub use decode::decode;
pub use limits::Limits;
pub use only_document::only_document;
pub use read::{Parsed, read, read_json};
pub use schema::Schema;
pub use suggest::suggest;
