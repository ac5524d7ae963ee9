//! The target that plugins are compiled to.

use std::path::Path;

use crate::process::{Failure, output, say};

const TARGET: &str = "wasm32-unknown-unknown";

/// Make sure that the compiler in use can build plugins.
pub fn ensure_target() -> Result<(), Failure> {
    if is_installed() {
        return Ok(());
    }
    say(&format!("adding the Rust target {TARGET} (rustup target add)"));
    // A toolchain file could add it too, but only where automatic installation is on.
    let added = output("rustup", &["target", "add", TARGET]).is_some();
    if added && is_installed() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the Rust target {TARGET} is missing and `rustup target add {TARGET}` did not add it. \
         Plugins are compiled to it. Run that command where rustup can reach its server, or \
         install a Rust toolchain that includes the target (Debian: rust-src and rustc-web)"
    )))
}

fn is_installed() -> bool {
    output("rustc", &["--print", "target-libdir", "--target", TARGET])
        .is_some_and(|directory| Path::new(&directory).is_dir())
}
