//! Running the tools of a language.

use std::process::{Command, Stdio};

/// Runs a tool to its end.
///
/// # Errors
/// What it printed; or that it is missing, with `remedy`.
pub(super) fn run(command: &mut Command, remedy: &str) -> Result<(), String> {
    let shown = command.get_program().to_string_lossy().into_owned();
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
    Err(format!("`{shown}` ended with {}:\n{}", output.status, said.concat().trim_end()))
}
