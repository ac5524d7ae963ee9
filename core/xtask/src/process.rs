//! Running other programs, and saying so.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;
use std::process::Command;

/// Why a task ended, in words for whoever ran it.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Progress, for people.
pub fn say(message: &str) {
    eprintln!("xtask: {message}");
}

/// The root of the repository.
pub fn root() -> PathBuf {
    // Asked when it runs: in a build folder that several clones share, this program may have
    // been compiled in another one.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let here = here.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    here.ancestors().nth(2).unwrap_or(&here).to_owned()
}

/// A program to run at the root.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Cargo, the one that runs this task.
pub fn cargo(arguments: &[&str]) -> Step {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = command(cargo);
    command.args(arguments);
    Step { shown: format!("cargo {}", arguments.join(" ")), command }
}

/// A command that must succeed.
pub struct Step {
    shown: String,
    command: Command,
}

impl Step {
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn run(mut self) -> Result<(), Failure> {
        say(&self.shown);
        let status = self
            .command
            .status()
            .map_err(|error| Failure::new(format!("`{}`: {error}", self.shown)))?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::new(format!("`{}` ended with {status}", self.shown)))
        }
    }
}

/// What a command prints, trimmed; `None` when it is missing or fails.
pub fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// What cargo knows of the workspace.
pub fn metadata() -> Result<serde_json::Value, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = command(cargo).args(["metadata", "--format-version", "1", "--locked"]).output()?;
    if !output.status.success() {
        return Err(Failure::new(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure::new(format!("cargo metadata: {error}")))
}

/// Where cargo builds.
pub fn target_directory() -> Result<PathBuf, Failure> {
    let metadata = metadata()?;
    let directory = metadata.get("target_directory").and_then(serde_json::Value::as_str);
    directory.map(PathBuf::from).ok_or_else(|| Failure::new("cargo metadata names no target"))
}
