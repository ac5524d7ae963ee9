//! The only crate that knows how plugins are made: projects, toolchains and cases.
//!
//! A [`Project`] is a folder with a `plugin.yaml`. [`build()`] makes a component of it with
//! the toolchain of its language, and [`Cases`] say what the component answers; they run in
//! the same sandbox as in a gate. [`record`] writes cases down, [`Bench`] measures.

mod bench;
mod build;
mod cases;
mod file;
mod project;
mod recording;
mod template;

pub use bench::{Bench, Measurement};
pub use build::{Toolchains, build};
pub use cases::{Case, Cases, Outcome, cases_schema};
pub use file::read_settings;
pub use project::{Language, Project, is_source, project_schema};
pub use recording::record;
pub use template::create;
