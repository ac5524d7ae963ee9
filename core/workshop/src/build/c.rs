//! C: the Clang and the C library of Zig, for WASI, without WASI behind it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use walkdir::{DirEntry, WalkDir};

use crate::build::inputs::Made;
use crate::build::{Toolchains, component, step, toolchain};
use crate::project::Project;

const WHEEL: &str = "ziglang==0.17.1";
const REMEDY: &str = "install Python 3.11 or later, with `venv` and `pip`";

/// What the compiler is told of every file. Undefined behaviour ends the call, as a trap: it
/// must not become an answer. A WebAssembly memory has no page that faults at address 0.
const FLAGS: [&str; 12] = [
    "-target",
    "wasm32-wasi",
    "-mexec-model=reactor",
    "-std=c11",
    "-O2",
    "-g0",
    "-Wall",
    "-Wextra",
    "-Werror=return-type",
    "-fsanitize=undefined",
    "-fsanitize-trap=undefined",
    "-Wl,--strip-debug",
];
/// Bytes; it lies below the data, so that what overflows it traps.
const STACK: &str = "-Wl,-z,stack-size=262144";

pub(super) fn build(
    project: &Project,
    toolchains: &Toolchains,
    tell: &dyn Fn(&str),
) -> Result<Made, String> {
    let tool = toolchain::from_wheel(toolchains, WHEEL, tell, REMEDY)?;
    let absolute = |path: &Path| std::path::absolute(path).map_err(|error| error.to_string());
    let (sdk, cache) = (absolute(&project.sdk)?, absolute(&toolchains.folder.join("zig-cache"))?);
    if !cache.exists() {
        tell("zig cc, for the first time, which makes the C library too");
    } else {
        tell("zig cc");
    }
    let module = step::scratch(project, "core.wasm")?;
    let mut command = Command::new(tool.join("bin/python"));
    command
        .current_dir(&project.folder)
        .args(["-m", "ziglang", "cc"])
        .args(FLAGS)
        .arg(STACK)
        .arg("-I")
        .arg(&sdk)
        .args(sources(Path::new("."), &project.folder)?)
        .args(sources(&sdk, &sdk)?)
        .arg("-o")
        .arg(&module)
        .envs([("ZIG_GLOBAL_CACHE_DIR", &cache), ("ZIG_LOCAL_CACHE_DIR", &cache)]);
    step::run(&mut command, REMEDY, tell)?;
    let component = component::encode_for_contract(&step::read(&module)?)?;
    Ok(Made { component, outside: included(&project.folder) })
}

/// The files that those of a folder include by a path, and so on. Where the compiler looks
/// elsewhere, the SDK and its own headers alone are found.
fn included(folder: &Path) -> Vec<PathBuf> {
    let own = WalkDir::new(folder).into_iter().filter_map(Result::ok).map(DirEntry::into_path);
    let is_code = |path: &PathBuf| path.extension().is_some_and(|it| it == "c" || it == "h");
    let mut open: Vec<PathBuf> = own.filter(is_code).collect();
    let mut found = BTreeSet::new();
    while let Some(path) = open.pop() {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix('#'));
        for line in lines.filter_map(|line| line.trim_start().strip_prefix("include")) {
            let named = line.trim().strip_prefix('"').and_then(|rest| rest.split('"').next());
            let file = named.map(|named| path.with_file_name(named)).filter(|file| file.is_file());
            open.extend(file.filter(|file| found.insert(file.clone())));
        }
    }
    found.into_iter().filter_map(|path| std::path::absolute(path).ok()).collect()
}

/// The C files of a folder but its tests, in order, as seen from `shown`.
fn sources(shown: &Path, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let listed = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = listed.map_err(|error| format!("`{}`: {error}", folder.display()))?;
    let names = entries.iter().map(|entry| entry.file_name());
    let mut names: Vec<_> = names
        .filter(|name| {
            let name = name.to_string_lossy();
            name.ends_with(".c") && !name.ends_with("_test.c")
        })
        .collect();
    names.sort();
    Ok(names.into_iter().map(|name| shown.join(name)).collect())
}
