//! Lets the binary find the solver library wherever it is started from: beside itself
//! (`../lib`, for packages), or where `cargo xtask setup` unpacked it. A library that the
//! system's own loader knows needs neither.

use std::path::Path;

fn main() {
    let unpacked = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/z3/lib");
    println!("cargo::rerun-if-changed={}", unpacked.display());
    println!("cargo::rustc-link-arg-bins=-Wl,-rpath,$ORIGIN/../lib");
    if let Ok(unpacked) = unpacked.canonicalize() {
        println!("cargo::rustc-link-arg-bins=-Wl,-rpath,{}", unpacked.display());
    }
}
