//! Lets test binaries find the solver library that `cargo xtask setup` unpacked.

fn main() {
    let library = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/z3/lib");
    println!("cargo::rerun-if-changed={}", library.display());
    if let Ok(library) = library.canonicalize() {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{}", library.display());
    }
}
