//! The binary `provost`, run the same way on every machine.
//!
//! Cargo does not build the binary of another package for a test, so it is built here,
//! once per test process. The outer Cargo has given up its lock when tests run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A command that runs `provost` in `folder`: no gate file, colour or cache of whoever
/// runs the tests.
///
/// # Panics
/// When `provost` does not compile.
pub fn provost(folder: &Path) -> Command {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    // `cargo xtask test` has built it along with the tests; a test run by hand builds it.
    let built = || std::env::var_os("PROVOST_TEST_BINARY").map(PathBuf::from);
    let binary = BINARY.get_or_init(|| built().unwrap_or_else(build));
    let mut command = Command::new(binary);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let shown = name.to_string_lossy();
        if shown.starts_with("PROVOST_") || shown.contains("COLOR") {
            command.env_remove(&name);
        }
    }
    // Whoever runs the tests may be signed in somewhere, and go through a proxy.
    for name in ["REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        command.env_remove(name);
    }
    command.env("DOCKER_CONFIG", folder.join(".docker"));
    // Compiled plugins are kept from one test to the next.
    let cache = binary.with_file_name("test-cache");
    command.env("XDG_CACHE_HOME", cache);
    command
}

/// Builds with the profile and into the target folder of this test.
#[expect(clippy::expect_used, reason = "a test that cannot be set up")]
fn build() -> PathBuf {
    // `<target folder>/<profile>/deps/integration-…`
    let here = std::env::current_exe().expect("the path of this test");
    let folder = here.ancestors().nth(2).expect("the folder of the profile");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(crate::root())
        .args(["build", "--quiet", "--package", "provost", "--profile", profile, "--target-dir"])
        .arg(folder.parent().expect("the target folder"))
        .status()
        .expect("Cargo");
    assert!(status.success(), "`provost` does not compile");
    folder.join("provost").with_extension(std::env::consts::EXE_EXTENSION)
}
