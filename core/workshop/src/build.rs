//! From a project to a component.

mod c;
mod component;
mod go;
mod inputs;
mod javascript;
mod python;
mod rust;
mod step;
mod toolchain;
mod typescript;

use std::path::{Path, PathBuf};

use provost_model::Problem;

use crate::build::inputs::Inputs;
use crate::project::{Language, Project};

/// Where toolchains are kept that had to be fetched.
#[derive(Clone, Debug)]
pub struct Toolchains {
    /// The folder; made when it is needed.
    pub folder: PathBuf,
}

/// Makes the component of a project, and returns its file. Where nothing changed that it was
/// made of, it stays as it is.
///
/// `tell` hears what is being done.
///
/// # Errors
/// What the toolchain said, or which one is missing and how to get it.
pub fn build(
    project: &Project,
    toolchains: &Toolchains,
    tell: &dyn Fn(&str),
) -> Result<PathBuf, Vec<Problem>> {
    let output = project.component();
    let inputs = Inputs::of(project, &compiler(project));
    let inputs = inputs.map_err(|reason| vec![failure(project, reason)])?;
    if inputs.are_built() {
        return Ok(output);
    }
    let made = match project.language {
        Language::Rust => rust::build(project, tell),
        Language::Go => go::build(project, toolchains, tell),
        Language::JavaScript => javascript::build(project, toolchains, tell),
        Language::TypeScript => typescript::build(project, toolchains, tell),
        Language::C => c::build(project, toolchains, tell),
        Language::Python => python::build(project, toolchains, tell),
    };
    let made = made.map_err(|reason| vec![failure(project, reason)])?;
    write(&output, &made.component).map_err(|error| {
        vec![failure(project, format!("`{}` cannot be written: {error}", output.display()))]
    })?;
    // What cannot be remembered is built again next time.
    let _ = inputs.remember(&made.outside);
    Ok(output)
}

/// The version of a compiler that is this machine's own; the others are pinned.
fn compiler(project: &Project) -> String {
    match project.language {
        Language::Rust => step::said(project, "rustc", &["--version"]),
        Language::Go => step::said(project, "go", &["env", "GOVERSION", "GOFLAGS"]),
        _ => String::new(),
    }
}

fn failure(project: &Project, reason: String) -> Problem {
    Problem::about("plugin-build", project.folder.display().to_string(), reason)
}

/// Beside its place and then there: whoever reads it sees the whole of it.
fn write(output: &Path, component: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = output.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let staging = output.with_extension("staging");
    std::fs::write(&staging, component)?;
    std::fs::rename(staging, output)
}
