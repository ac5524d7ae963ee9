//! Lets test binaries find the solver library that `cargo xtask setup` unpacked.

fn main() {
    // Asked when it runs: clones that share a build folder share this program.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let library = std::path::Path::new(&here).join("../.tools/z3/lib");
    println!("cargo::rerun-if-changed={}", library.display());
    if let Ok(library) = library.canonicalize() {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{}", library.display());
    }
}
