//! Compiled components on disk: the only file of this project with `unsafe` code.
//!
//! Compiling takes about a second per megabyte of component, loading what was
//! compiled takes microseconds. But loading is running native code, and `wasmtime`
//! does not check what it loads. So nothing is loaded that this user's Provost did
//! not write itself: the directory belongs to the user and nobody else can enter
//! it, and each entry carries an HMAC-SHA-256 under a key kept beside it, verified
//! over the very bytes that are loaded. Whatever does not verify is compiled again.

#![expect(unsafe_code, reason = "loading precompiled code; see `Cache::load` for why it is sound")]

use std::fs;
use std::hash::{Hash as _, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use hmac::{Hmac, KeyInit as _, Mac as _};
use provost_model::Digest;
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

/// Grows with every change of what an entry is.
const FORMAT: &str = "provost-compiled-1";

/// Entries kept; the oldest go first.
const ENTRIES: usize = 256;

/// Bytes of a tag.
const TAG: usize = 32;

/// Bytes of the key: one block of SHA-256, the most that HMAC takes as it is.
const KEY: usize = 64;

const EXTENSION: &str = "cwasm";

/// A directory of compiled components.
pub(crate) struct Cache {
    directory: PathBuf,
    key: [u8; KEY],
}

impl Cache {
    /// Opens or makes the cache below `parent`.
    ///
    /// # Errors
    /// When the directory cannot be made, or someone else could write to it.
    pub(crate) fn open(parent: &Path) -> io::Result<Self> {
        let directory = parent.join("compiled");
        private::directory(&directory)?;
        let key = key(&directory)?;
        Ok(Self { directory, key })
    }

    /// The file for a component in an engine. The name holds everything that the
    /// compiled code depends on: the component, and in the compatibility hash the
    /// version of `wasmtime`, its settings, the target and the processor's features.
    fn entry(&self, component: Digest, engine: &Engine) -> PathBuf {
        let mut hasher = Sha256Hasher(Sha256::new());
        (FORMAT, component.hex()).hash(&mut hasher);
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let name: String = hasher.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.directory.join(name).with_extension(EXTENSION)
    }

    /// The compiled component, if there is an entry that this user's Provost wrote.
    pub(crate) fn load(&self, component: Digest, engine: &Engine) -> Option<Component> {
        let path = self.entry(component, engine);
        let bytes = fs::read(&path).ok()?;
        let Some(code) = self.verified(&path, &bytes) else {
            tracing::warn!(path = %path.display(), "a compiled plugin was altered: compiling again");
            return None;
        };
        // SAFETY: `Component::deserialize` demands bytes that `Component::serialize`
        // made, unaltered. `code` carries a tag under a key that only this user can
        // read, and `store` tags nothing but what `serialize` returned. The tag was
        // verified over this very buffer, so nothing can change between the check and
        // the use. The tag also covers the file name, so an entry cannot stand in for
        // another component or another engine.
        let loaded = unsafe { Component::deserialize(engine, code) };
        loaded.inspect_err(|error| tracing::debug!(%error, "a compiled plugin does not fit")).ok()
    }

    /// Keeps a compiled component. A failure costs time in the next run, no more.
    pub(crate) fn store(&self, component: Digest, engine: &Engine, compiled: &Component) {
        let path = self.entry(component, engine);
        let written = compiled
            .serialize()
            .map_err(io::Error::other)
            .and_then(|code| self.write(&path, &code));
        if let Err(error) = written {
            tracing::warn!(path = %path.display(), %error, "a compiled plugin cannot be cached");
        }
        self.prune();
    }

    fn write(&self, path: &Path, code: &[u8]) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(TAG + code.len());
        bytes.extend_from_slice(&self.mac(path, code).finalize().into_bytes());
        bytes.extend_from_slice(code);
        let temporary = temporary(&self.directory);
        private::write(&temporary, &bytes)
            .and_then(|()| fs::rename(&temporary, path))
            .inspect_err(|_| drop(fs::remove_file(&temporary)))
    }

    fn verified<'b>(&self, path: &Path, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let (tag, code) = bytes.split_at_checked(TAG)?;
        self.mac(path, code).verify_slice(tag).ok()?;
        Some(code)
    }

    fn mac(&self, path: &Path, code: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        mac.update(&(name.len() as u64).to_be_bytes());
        mac.update(name);
        mac.update(code);
        mac
    }

    /// Removes the oldest entries when there are too many.
    fn prune(&self) {
        let Ok(files) = fs::read_dir(&self.directory) else {
            return;
        };
        let mut entries: Vec<(SystemTime, PathBuf)> = files
            .flatten()
            .map(|file| file.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION))
            .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)))
            .collect();
        entries.sort();
        let surplus = entries.len().saturating_sub(ENTRIES);
        for (_, path) in entries.into_iter().take(surplus) {
            drop(fs::remove_file(path));
        }
    }
}

/// The key of a cache, made on first use.
fn key(directory: &Path) -> io::Result<[u8; KEY]> {
    let path = directory.join("key");
    if let Some(key) = existing_key(&path) {
        return Ok(key);
    }
    let mut key = [0; KEY];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    let temporary = temporary(directory);
    private::write(&temporary, &key)?;
    // A link never replaces a file: of two processes that start at once, one wins
    // and both read its key. A key that cannot be read has to go first.
    let linked = fs::hard_link(&temporary, &path).or_else(|_| match existing_key(&path) {
        Some(_) => Ok(()),
        None => fs::rename(&temporary, &path),
    });
    drop(fs::remove_file(&temporary));
    linked?;
    existing_key(&path).ok_or_else(|| io::Error::other("its key cannot be read"))
}

fn existing_key(path: &Path) -> Option<[u8; KEY]> {
    private::read(path).ok()?.try_into().ok()
}

/// A name that no other writer uses at the same time.
fn temporary(directory: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    directory.join(format!("{}-{number}.tmp", std::process::id()))
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

/// Files that only this user can read or write.
#[cfg(unix)]
mod private {
    use std::fs::{self, DirBuilder, OpenOptions};
    use std::io::{self, Read as _, Write as _};
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
    use std::path::Path;

    /// Makes the directory, or checks the one that is there.
    pub(super) fn directory(path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        // A link would lead into a directory whose name someone else may own.
        let metadata = fs::symlink_metadata(path)?;
        check(&metadata, metadata.is_dir(), "directory")
    }

    pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(bytes)
    }

    pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
        let mut file = fs::File::open(path)?;
        let metadata = file.metadata()?;
        check(&metadata, metadata.is_file(), "file")?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn check(metadata: &fs::Metadata, is_kind: bool, kind: &str) -> io::Result<()> {
        let fault = if !is_kind {
            format!("it is not a {kind}")
        } else if metadata.uid() != rustix::process::geteuid().as_raw() {
            "it belongs to another user".to_owned()
        } else if metadata.mode() & 0o077 != 0 {
            format!("other users may enter it (mode {:o})", metadata.mode() & 0o777)
        } else {
            return Ok(());
        };
        Err(io::Error::new(io::ErrorKind::PermissionDenied, fault))
    }
}

/// Elsewhere nobody checks who else may write, so nothing is kept.
#[cfg(not(unix))]
mod private {
    use std::io;
    use std::path::Path;

    pub(super) fn directory(_path: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn write(_path: &Path, _bytes: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn read(_path: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
