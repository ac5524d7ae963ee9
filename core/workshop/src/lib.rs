//! The only crate that knows how plugins are made: projects, toolchains and cases.
//!
//! A [`Project`] is a folder with a `plugin.yaml`. [`build()`] makes a component of it with
//! the toolchain of its language, and [`Cases`] say what the component answers; they run in
//! the same sandbox as in a gate.

mod build;
mod cases;
mod file;
mod project;
mod template;

pub use build::{Toolchains, build};
pub use cases::{Case, Cases, Outcome, cases_schema};
pub use project::{Language, Project, project_schema};
pub use template::create;
