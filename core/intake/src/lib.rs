//! The only crate that reads the untrusted bytes of a change.
//!
//! Files, directories, standard input or one text in; a [`provost_model::Change`]
//! out. It judges nothing and follows nothing that a file says. Nothing is dropped
//! in silence: what could not be read is a problem, what was left out on purpose
//! is counted with its reason.
//!
//! Start with [`read()`]: it lists files (`listing`), makes text of their bytes
//! (`text`) and objects of the text (`objects`): those of Kubernetes, workflows of
//! GitHub Actions (`workflow`), resources of Terraform plans (`terraform`) and Provost's own
//! resources (`resources`).

mod limits;
mod listing;
mod objects;
mod read;
mod resources;
mod terraform;
mod text;
mod workflow;

pub use limits::Limits;
pub use read::{Input, read, read_object, read_source};
pub use resources::schema_of;
