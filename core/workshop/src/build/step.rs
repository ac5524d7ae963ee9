//! Running the tools of a language.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::project::Project;

/// Runs a tool to its end. Where it fails, `tell` hears what it printed, line by line as it was.
///
/// # Errors
/// That it failed; or that it is missing, with `remedy`.
pub(super) fn run(command: &mut Command, remedy: &str, tell: &dyn Fn(&str)) -> Result<(), String> {
    let program = Path::new(command.get_program());
    let shown = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            format!("`{shown}` is not installed; {remedy}")
        } else {
            format!("`{shown}` cannot be run: {error}")
        }
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    tell(&format!("{shown} says:\n{}", said.concat().trim_end()));
    Err(format!("`{shown}` ended with {}; what it said is above", output.status))
}

/// What a tool prints, run in the folder of a project; nothing where it fails.
pub(super) fn said(project: &Project, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(&project.folder).output();
    output.map_or_else(|_| String::new(), |it| String::from_utf8_lossy(&it.stdout).into_owned())
}

/// The absolute path of a file beside the component, for what comes before it.
pub(super) fn scratch(project: &Project, extension: &str) -> Result<PathBuf, String> {
    let path = project.component().with_extension(extension);
    let path = std::path::absolute(&path).map_err(|error| format!("no absolute path: {error}"))?;
    let folder = path.parent().unwrap_or(&path);
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("`{}` cannot be made: {error}", folder.display()))?;
    Ok(path)
}

/// What a tool made.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("`{}` was not made: {error}", path.display()))
}

/// A file that a tool reads.
pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("`{}`: {error}", path.display()))
}
