//! Compiled components on disk: the only file of this project with `unsafe` code.
//!
//! Compiling takes about a second per megabyte of component, loading what was
//! compiled takes microseconds. But loading is running native code, and `wasmtime`
//! does not check what it loads. So nothing is loaded that this user's Provost did
//! not write itself ([`Sealed`]), verified over the very bytes that are loaded.
//! Whatever does not verify is compiled again.

#![expect(unsafe_code, reason = "loading precompiled code; see `Cache::load` for why it is sound")]

use std::hash::{Hash as _, Hasher};
use std::io;
use std::path::Path;

use provost_model::Digest;
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use provost_sealed::Sealed;

/// Grows with every change of what an entry is.
const FORMAT: &str = "provost-compiled-1";

/// Entries kept; the oldest go first.
const ENTRIES: usize = 256;

/// A directory of compiled components.
pub(crate) struct Cache(Sealed);

impl Cache {
    /// Opens or makes the cache below `parent`.
    ///
    /// # Errors
    /// When the directory cannot be made, or someone else could write to it.
    pub(crate) fn open(parent: &Path) -> io::Result<Self> {
        Sealed::open(parent.join("compiled"), "cwasm", ENTRIES).map(Self)
    }

    /// The compiled component, if there is an entry that this user's Provost wrote.
    pub(crate) fn load(&self, component: Digest, engine: &Engine) -> Option<Component> {
        let name = name(component, engine);
        let Ok(opened) = self.0.read(&name) else {
            let path = self.0.path(&name);
            tracing::warn!(path = %path.display(), "a compiled plugin was altered: compiling again");
            return None;
        };
        let opened = opened?;
        // SAFETY: `Component::deserialize` demands bytes that `Component::serialize`
        // made, unaltered. `opened` carries a tag under a key that only this user can
        // read, and `store` seals nothing but what `serialize` returned. The tag was
        // verified over this very buffer, so nothing can change between the check and
        // the use. The tag also covers the file name, so an entry cannot stand in for
        // another component or another engine.
        let loaded = unsafe { Component::deserialize(engine, opened.bytes()) };
        loaded.inspect_err(|error| tracing::debug!(%error, "a compiled plugin does not fit")).ok()
    }

    /// Keeps a compiled component. A failure costs time in the next run, no more.
    pub(crate) fn store(&self, component: Digest, engine: &Engine, compiled: &Component) {
        let name = name(component, engine);
        let written = compiled
            .serialize()
            .map_err(io::Error::other)
            .and_then(|code| self.0.write(&name, &code));
        if let Err(error) = written {
            let path = self.0.path(&name);
            tracing::warn!(path = %path.display(), %error, "a compiled plugin cannot be cached");
        }
        self.0.prune();
    }
}

/// The name of the file for a component in an engine. It holds everything that the
/// compiled code depends on: the component, and in the compatibility hash the
/// version of `wasmtime`, its settings, the target and the processor's features.
fn name(component: Digest, engine: &Engine) -> String {
    let mut hasher = Sha256Hasher(Sha256::new());
    (FORMAT, component.hex()).hash(&mut hasher);
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Feeds a `Hash` value into SHA-256: the standard hasher is too short, and may
/// change between releases.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
