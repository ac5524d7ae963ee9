//! Rust: cargo for `wasm32-unknown-unknown`; the SDK's bindings carry the contract.

use std::path::PathBuf;
use std::process::Command;

use crate::build::{component, step};
use crate::project::Project;

const TARGET: &str = "wasm32-unknown-unknown";
const REMEDY: &str = "install Rust with rustup";

pub(super) fn build(project: &Project, tell: &dyn Fn(&str)) -> Result<Vec<u8>, String> {
    ensure_target(tell)?;
    tell("cargo build --release");
    let mut cargo = cargo();
    cargo.current_dir(&project.folder).args([
        "build",
        "--quiet",
        "--release",
        "--lib",
        "--target",
        TARGET,
    ]);
    step::run(&mut cargo, REMEDY, tell)?;
    let file = format!("{}.wasm", project.name.replace('-', "_"));
    let path = target_folder(project)?.join(TARGET).join("release").join(file);
    let module = std::fs::read(&path).map_err(|error| {
        format!(
            "cargo made no `{}` ({error}); the package is named as in `plugin.yaml` and has the \
             crate type `cdylib`",
            path.display()
        )
    })?;
    component::encode(&module)
}

/// Cargo, without what an outer cargo asks of its own build.
fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    for (name, _) in std::env::vars_os() {
        let shown = name.to_string_lossy();
        if shown.starts_with("CARGO_PROFILE_") || shown.starts_with("CARGO_FEATURE_") {
            cargo.env_remove(&name);
        }
    }
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo
}

fn target_folder(project: &Project) -> Result<PathBuf, String> {
    let mut cargo = cargo();
    cargo.current_dir(&project.folder);
    let output = cargo
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .map_err(|error| format!("`cargo metadata` cannot be run: {error}"))?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("`cargo metadata` says no JSON: {error}"))?;
    let folder = metadata.get("target_directory").and_then(serde_json::Value::as_str);
    folder.map(PathBuf::from).ok_or_else(|| "cargo names no target folder".to_owned())
}

fn ensure_target(tell: &dyn Fn(&str)) -> Result<(), String> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    let there = rustc.output().is_ok_and(|output| {
        let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success() && PathBuf::from(path).is_dir()
    });
    if there {
        return Ok(());
    }
    tell(&format!("rustup target add {TARGET}"));
    let mut rustup = Command::new("rustup");
    step::run(
        rustup.args(["target", "add", TARGET]),
        &format!("{REMEDY}, which knows {TARGET}"),
        tell,
    )
}
