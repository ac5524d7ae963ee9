//! The Z3 library.
//!
//! Debian 12 and Ubuntu 24.04 package one that is too old for the bindings, and building
//! it takes tens of minutes. The package `z3-solver` of the Python index holds the library
//! for most platforms: its wheel is fetched with pip, checked against a digest written
//! here, and unpacked into `.tools/z3`. `.cargo/config.toml` makes cargo look there first.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{Failure, command, output, root, say};

/// The version that figures and tests were made with.
const VERSION: &str = "5.4.0.0";
/// The oldest that the bindings support.
const OLDEST: (u32, u32, u32) = (4, 13, 3);
/// SHA-256 of the wheels of that version.
const WHEELS: &[&str] = &[
    // Linux, x86-64, glibc 2.27 or newer
    "0549ffad554178a59480ba41b5279cfbb27053ed5a2da269ae1a48214d5db34b",
    // macOS 13 or newer, Apple silicon
    "a1b36f0dd038c030d88711474c93b95e863c30a22e9def53ad5965c6092c92a7",
    // macOS 13 or newer, x86-64
    "407522390c4d11696b10d43c76d22d4e60b7f11d75d9defe6f064e073edd904f",
];

/// Make sure that a Z3 library new enough is there to link against.
pub fn ensure_library() -> Result<(), Failure> {
    let home = root().join(".tools").join("z3");
    if home.join("lib").join("pkgconfig").join("z3.pc").exists() {
        return Ok(());
    }
    if let Some(version) = system_version() {
        if version >= OLDEST {
            return Ok(());
        }
        say(&format!("the system's Z3 is {}, too old (needs {})", show(version), show(OLDEST)));
    }
    say(&format!("fetching the Z3 {VERSION} library (40 MB, pip download z3-solver)"));
    install(&home).map_err(|failure| Failure::new(format!("{failure}\n{ALTERNATIVES}")))?;
    say("unpacked Z3 into .tools/z3");
    Ok(())
}

const ALTERNATIVES: &str = "\
Other ways to a Z3 of at least 4.13.3:
  - a distribution that packages it (Debian 13, Fedora, Homebrew): install its development
    package (libz3-dev, z3-devel, z3) and run this command again;
  - pip: install python3-pip and python3, and run this command again;
  - from source (CMake 3.26, a C++20 library with <format>, about half an hour):
    cargo build --package provost --package provost-verify \
        --features provost-verify/vendored-solver";

fn show((major, minor, patch): (u32, u32, u32)) -> String {
    format!("{major}.{minor}.{patch}")
}

fn system_version() -> Option<(u32, u32, u32)> {
    let text = output("pkg-config", &["--modversion", "z3"])?;
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
    Some((numbers.next()?, numbers.next()?, numbers.next().unwrap_or(0)))
}

/// Unpack beside the final place and rename: an interrupted run leaves nothing half done.
fn install(home: &Path) -> Result<(), Failure> {
    let python = python()?;
    let staging = home.with_extension("staging");
    if staging.exists() {
        fs::remove_dir_all(&staging)?;
    }
    fs::create_dir_all(&staging)?;
    let requirement = staging.join("requirements.txt");
    let hashes: String = WHEELS.iter().map(|wheel| format!(" --hash=sha256:{wheel}")).collect();
    fs::write(&requirement, format!("z3-solver=={VERSION}{hashes}\n"))?;
    let status = command(&python)
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"])
        .args(["--require-hashes", "--dest"])
        .arg(&staging)
        .arg("--requirement")
        .arg(&requirement)
        .status()?;
    if !status.success() {
        return Err(Failure::new("pip could not fetch the Z3 library for this platform"));
    }
    let wheel = fs::read_dir(&staging)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| Failure::new("pip fetched no wheel"))?;
    let unpacked = staging.join("wheel");
    let status =
        command(&python).args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&unpacked).status()?;
    if !status.success() {
        return Err(Failure::new("the wheel could not be unpacked"));
    }
    let tree = staging.join("z3");
    arrange(&unpacked.join("z3").join("lib"), &tree)?;
    if home.exists() {
        fs::remove_dir_all(home)?;
    }
    fs::rename(&tree, home)?;
    fs::remove_dir_all(&staging)?;
    Ok(())
}

/// `lib/libz3.so`, the name that the loader asks for, and a file for pkg-config.
fn arrange(from: &Path, tree: &Path) -> Result<(), Failure> {
    let library = tree.join("lib");
    fs::create_dir_all(library.join("pkgconfig"))?;
    let short: Vec<&str> = VERSION.split('.').take(2).collect();
    let short = short.join(".");
    let (plain, versioned) = if cfg!(target_os = "macos") {
        ("libz3.dylib".to_owned(), format!("libz3.{short}.dylib"))
    } else {
        ("libz3.so".to_owned(), format!("libz3.so.{short}"))
    };
    fs::copy(from.join(&plain), library.join(&versioned))?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(&versioned, library.join(&plain))?;
    let description = format!(
        "prefix=${{pcfiledir}}/../..\nlibdir=${{prefix}}/lib\nName: z3\n\
         Description: The Z3 theorem prover\nVersion: {VERSION}\nLibs: -L${{libdir}} -lz3\n"
    );
    fs::write(library.join("pkgconfig").join("z3.pc"), description)?;
    Ok(())
}

/// A Python with pip; on Debian and Ubuntu as root, installed if need be.
fn python() -> Result<PathBuf, Failure> {
    let find = || {
        ["python3", "python"]
            .into_iter()
            .find(|python| output(python, &["-m", "pip", "--version"]).is_some())
            .map(PathBuf::from)
    };
    if let Some(python) = find() {
        return Ok(python);
    }
    let packages = ["install", "--yes", "--no-install-recommends", "python3", "python3-pip"];
    if output("id", &["-u"]).as_deref() == Some("0") && output("apt-get", &["--version"]).is_some()
    {
        say(&format!("installing pip (apt-get {})", packages.join(" ")));
        let _ = command("apt-get").args(["update", "--quiet"]).status()?;
        let _ = command("apt-get").args(packages).status()?;
        if let Some(python) = find() {
            return Ok(python);
        }
    }
    Err(Failure::new(format!(
        "fetching the Z3 library needs pip. Run `sudo apt-get {}` (or your system's way to \
         install pip) and try again",
        packages.join(" ")
    )))
}
