//! Lets the binary find the solver library wherever it is started from: beside itself
//! (`../lib`, for packages), or where `cargo xtask setup` unpacked it. A library that the
//! system's own loader knows needs neither.

use std::path::Path;

fn main() {
    // Asked when it runs: clones that share a build folder share this program.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let unpacked = Path::new(&here).join("../../.tools/z3/lib");
    println!("cargo::rerun-if-changed={}", unpacked.display());
    println!("cargo::rustc-link-arg-bins=-Wl,-rpath,$ORIGIN/../lib");
    if let Ok(unpacked) = unpacked.canonicalize() {
        println!("cargo::rustc-link-arg-bins=-Wl,-rpath,{}", unpacked.display());
    }
}
