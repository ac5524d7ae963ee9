//! Builds the guests in `plugins/` and lists what the binary carries.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use wit_component::ComponentEncoder;

const TARGET: &str = "wasm32-unknown-unknown";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../..").canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for watched in ["plugins", "sdk", "specs", "policies"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    let mut code = String::new();
    let plugins = guests(&root, &out)?;
    writeln!(code, "/// Name and component of every built-in plugin.")?;
    writeln!(code, "pub const PLUGINS: &[(&str, &[u8])] = &[")?;
    for (name, component) in &plugins {
        writeln!(code, "    ({name:?}, include_bytes!({:?})),", component.display())?;
    }
    writeln!(code, "];")?;
    let lists = [
        ("SPECIFICATIONS", "specs", "yaml", "specification"),
        ("POLICIES", "policies", "cedar", "policy file"),
        ("POLICY_PAGES", "policies", "md", "page of policies"),
        ("POLICY_SCHEMA", "policies", "cedarschema", "schema file"),
        ("POLICY_GUARANTEES", "policies", "guarantees.yaml", "file of guarantees"),
    ];
    for (constant, folder, extension, what) in lists {
        writeln!(code, "/// Path in the repository and text of every built-in {what}.")?;
        writeln!(code, "pub const {constant}: &[(&str, &str)] = &[")?;
        for path in files(&root.join(folder), extension)? {
            let shown = path.strip_prefix(&root)?.display().to_string();
            writeln!(code, "    ({shown:?}, include_str!({:?})),", path.display())?;
        }
        writeln!(code, "];")?;
    }
    sdk(&root.join("sdk"), &mut code)?;
    fs::write(out.join("builtins.rs"), code)?;
    Ok(())
}

/// The texts that a new plugin starts from: SDKs without their tests, and templates.
fn sdk(folder: &Path, code: &mut String) -> Result<(), Box<dyn Error>> {
    writeln!(code, "/// Path in `sdk/` and text of every file that a new plugin may start from.")?;
    writeln!(code, "pub const SDK: &[(&str, &str)] = &[")?;
    let mut paths = Vec::new();
    for part in ["rust", "go", "python", "javascript", "c", "template"] {
        paths.extend(files(&folder.join(part), "")?);
    }
    for path in paths {
        let name = path.strip_prefix(folder)?.display().to_string();
        let is_test = !name.starts_with("template/")
            && (name.contains("/tests/")
                || name.ends_with("_test.go")
                || name.ends_with("_test.c")
                || name.ends_with(".test.js"));
        if !is_test {
            writeln!(code, "    ({name:?}, include_str!({:?})),", path.display())?;
        }
    }
    writeln!(code, "];")?;
    for (constant, file, what) in [
        ("CONTRACT", "wit/provost-plugin.wit", "contract between Provost and its plugins"),
        ("WASI_STUB", "wasi-stub.wat", "stub of WASI that Go's run-time library gets"),
    ] {
        let path = folder.join(file);
        writeln!(code, "/// The {what}.")?;
        writeln!(code, "pub const {constant}: &str = include_str!({:?});", path.display())?;
    }
    Ok(())
}

/// The files of a folder with an extension; with none, all but what tools leave behind.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().ok_or("a file without a name")?.to_string_lossy();
        let is_left_behind = ["target", "build", "node_modules", "__pycache__", "Cargo.lock"]
            .contains(&&*name)
            || name.starts_with('.');
        if is_left_behind {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if extension.is_empty() || name.ends_with(&format!(".{extension}")) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Compile every guest and make a component of it.
fn guests(root: &Path, out: &Path) -> Result<Vec<(String, PathBuf)>, Box<dyn Error>> {
    // Beside the outer build, so that guests are compiled once whatever asks for them.
    let target = out.ancestors().nth(4).ok_or("OUT_DIR is not inside a target folder")?;
    let target = target.join("guests");
    let mut guests = Vec::new();
    let mut folders: Vec<_> = fs::read_dir(root.join("plugins"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("Cargo.toml").exists())
        .collect();
    folders.sort();
    for folder in folders {
        let name = folder.file_name().ok_or("a plugin without a name")?.to_string_lossy();
        compile(root, &name, &target)?;
        let file = format!("{}.wasm", name.replace('-', "_"));
        let module = fs::read(target.join(TARGET).join("guest").join(file))?;
        let component = ComponentEncoder::default().validate(true).module(&module)?.encode()?;
        let path = out.join(format!("{name}.wasm"));
        fs::write(&path, component)?;
        guests.push((name.into_owned(), path));
    }
    Ok(guests)
}

fn compile(root: &Path, name: &str, target: &Path) -> Result<(), Box<dyn Error>> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .args(["build", "--quiet", "--package", name, "--lib", "--profile", "guest"])
        .args(["--target", TARGET, "--target-dir"])
        .arg(target);
    // What the outer build was asked for is not meant for the guest.
    for (variable, _) in env::vars_os() {
        let shown = variable.to_string_lossy();
        let meant_for_outer = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER"];
        if meant_for_outer.contains(&&*shown)
            || shown == "RUSTC_WORKSPACE_WRAPPER"
            || shown.starts_with("CARGO_FEATURE_")
            || shown.starts_with("CARGO_PROFILE_")
        {
            cargo.env_remove(&variable);
        }
    }
    if cargo.status()?.success() {
        return Ok(());
    }
    Err(format!(
        "the plugin `{name}` did not compile to {TARGET}; if the target is missing, run \
         `cargo xtask setup` or `rustup target add {TARGET}`"
    )
    .into())
}
