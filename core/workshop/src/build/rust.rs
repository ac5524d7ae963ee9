//! Rust: cargo for `wasm32-unknown-unknown`; the SDK's bindings carry the contract.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::build::inputs::Made;
use crate::build::{component, step};
use crate::project::Project;

const TARGET: &str = "wasm32-unknown-unknown";
const REMEDY: &str = "install Rust with rustup";

pub(super) fn build(project: &Project, tell: &dyn Fn(&str)) -> Result<Made, String> {
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
    let metadata = metadata(project)?;
    let path = metadata.target_directory.join(TARGET).join("release").join(file);
    let module = std::fs::read(&path).map_err(|error| {
        format!(
            "cargo made no `{}` ({error}); the package is named as in `plugin.yaml` and has the \
             crate type `cdylib`",
            path.display()
        )
    })?;
    Ok(Made { component: component::encode(&module)?, outside: outside(&path, &metadata)? })
}

/// The files that cargo says the module was made of, and what says how.
fn outside(module: &Path, metadata: &Metadata) -> Result<Vec<PathBuf>, String> {
    let listed = step::read(&module.with_extension("d"))?;
    let listed = String::from_utf8_lossy(&listed).into_owned();
    // One rule of a makefile: blanks in names are escaped.
    let files = listed.lines().next().and_then(|line| line.split_once(": "));
    let files = files.map(|(_, files)| files.replace("\\ ", "\0")).unwrap_or_default();
    let mut files: Vec<_> =
        files.split_whitespace().map(|file| PathBuf::from(file.replace('\0', " "))).collect();
    let mut manifests: Vec<_> = files
        .iter()
        .filter_map(|file| file.ancestors().map(|it| it.join("Cargo.toml")).find(|it| it.is_file()))
        .collect();
    manifests.sort();
    manifests.dedup();
    files.extend(manifests);
    let workspace = ["Cargo.toml", "Cargo.lock"].map(|file| metadata.workspace_root.join(file));
    files.extend(workspace.into_iter().filter(|file| file.is_file()));
    Ok(files)
}

/// What cargo says of a project.
#[derive(Deserialize)]
struct Metadata {
    target_directory: PathBuf,
    workspace_root: PathBuf,
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

fn metadata(project: &Project) -> Result<Metadata, String> {
    let mut cargo = cargo();
    cargo.current_dir(&project.folder);
    let output = cargo
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .map_err(|error| format!("`cargo metadata` cannot be run: {error}"))?;
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("`cargo metadata` says no JSON: {error}"))
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
