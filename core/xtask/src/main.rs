//! `cargo xtask`: gets what a fresh machine lacks, builds, checks and measures.
//!
//! It depends on next to nothing, because it is the first thing that a newcomer compiles.

mod licences;
mod process;
mod solver;
mod wasm;

use std::process::ExitCode;

use process::{Failure, cargo, root, say};

const USAGE: &str = "\
usage: cargo xtask <command>

  run      get what is missing, build, and gate examples/01-shop
  test     get what is missing and run every test
  lint     formatting, clippy, documentation, licences and advisories
  bench    measure, on an optimised build, and print how it was measured
  setup    only get what is missing: the wasm target and the Z3 library
  bless    rewrite every expected output and generated file (review the diff)
";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let result = match command.as_str() {
        "setup" => setup(),
        "run" => setup().and_then(|()| run()),
        "test" => setup().and_then(|()| test()),
        "lint" => setup().and_then(|()| lint()),
        "bench" => setup().and_then(|()| bench()),
        "bless" => setup().and_then(|()| bless()),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn setup() -> Result<(), Failure> {
    wasm::ensure_target()?;
    solver::ensure_library()
}

/// Both versions of the example: what a reviewer would miss, and the mended one.
fn run() -> Result<(), Failure> {
    say("building provost (the first build takes about ten minutes on two cores)");
    cargo(&["build", "--package", "provost"]).run()?;
    let provost = process::target_directory()?.join("debug").join("provost");
    for version in ["before", "after"] {
        let path = format!("examples/01-shop/{version}");
        say(&format!("provost check {path}"));
        let status = process::command(&provost)
            .args(["--config", "examples/01-shop/provost.yaml", "check", &path])
            .args(["--environment", "production", "--principal", "alice"])
            .current_dir(root())
            .status()?;
        match status.code() {
            Some(code @ 0..=4) => say(&format!("exit code {code}")),
            _ => return Err(Failure::new(format!("provost ended with {status}"))),
        }
    }
    Ok(())
}

fn test() -> Result<(), Failure> {
    say("running every test (the first build takes about ten minutes on two cores)");
    tests()?.run()
}

/// Every test. Cargo builds `provost` along with them, with the same features of the same
/// dependencies; the tests that run it need not build it again.
fn tests() -> Result<process::Step, Failure> {
    let provost = process::target_directory()?.join("debug").join("provost");
    Ok(cargo(&["test", "--workspace", "--quiet", "--no-fail-fast"])
        .env("PROVOST_TEST_BINARY", &provost.display().to_string()))
}

fn lint() -> Result<(), Failure> {
    cargo(&["fmt", "--all", "--check"]).run()?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    cargo(&clippy).run()?;
    cargo(&["doc", "--workspace", "--no-deps", "--quiet", "--document-private-items"])
        .env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private-intra-doc-links")
        .run()?;
    licences::check()
}

/// The `dev` profile already optimises every dependency; only the project's own crates are
/// built again, at the level of a release.
fn bench() -> Result<(), Failure> {
    let optimised = |arguments: &[&str]| cargo(arguments).env("CARGO_PROFILE_DEV_OPT_LEVEL", "3");
    optimised(&["build", "--package", "provost"]).run()?;
    let provost = process::target_directory()?.join("debug").join("provost");
    optimised(&["test", "--package", "provost-tests", "--test", "benchmarks"])
        .env("PROVOST_BENCH", &provost.display().to_string())
        .run()
}

fn bless() -> Result<(), Failure> {
    cargo(&["fmt", "--all"]).run()?;
    tests()?.env("BLESS", "1").run()
}
