//! Files that nobody but this user's Provost wrote, unaltered since: compiled plugins and
//! answers of the verifier, kept from one run to the next.
//!
//! The directory belongs to the user and nobody else can enter it, and each file carries an
//! HMAC-SHA-256 under a key kept beside it. The tag covers the name of the file, so that one
//! cannot stand in for another.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Bytes of a tag.
const TAG: usize = 32;

/// Bytes of the key: one block of SHA-256, the most that HMAC takes as it is.
const KEY: usize = 64;

/// A directory of sealed files.
pub struct Sealed {
    directory: PathBuf,
    key: [u8; KEY],
    extension: &'static str,
    /// Files kept; the oldest go first.
    most: usize,
}

impl std::fmt::Debug for Sealed {
    /// The directory; never the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed").field("directory", &self.directory).finish_non_exhaustive()
    }
}

/// What was sealed.
pub struct Opened(Vec<u8>);

impl Opened {
    /// The bytes that were verified, in the very place where they were.
    pub fn bytes(&self) -> &[u8] {
        self.0.get(TAG..).unwrap_or_default()
    }
}

impl Sealed {
    /// Opens or makes the directory.
    ///
    /// # Errors
    /// When it cannot be made, or someone else could write to it.
    pub fn open(directory: PathBuf, extension: &'static str, most: usize) -> io::Result<Self> {
        private::directory(&directory)?;
        let key = key(&directory)?;
        Ok(Self { directory, key, extension, most })
    }

    /// Where the file of a name is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name).with_extension(self.extension)
    }

    /// What was sealed under a name: `None` when there is nothing.
    ///
    /// # Errors
    /// When there is something that is not as it was sealed.
    pub fn read(&self, name: &str) -> io::Result<Option<Opened>> {
        let path = self.path(name);
        let Ok(bytes) = fs::read(&path) else { return Ok(None) };
        if self.verified(&path, &bytes).is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it was altered"));
        }
        Ok(Some(Opened(bytes)))
    }

    /// Seals some bytes under a name.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let path = self.path(name);
        let mut bytes = Vec::with_capacity(TAG + content.len());
        bytes.extend_from_slice(&self.mac(&path, content).finalize().into_bytes());
        bytes.extend_from_slice(content);
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

    /// Removes the oldest files when there are too many.
    pub fn prune(&self) {
        let Ok(files) = fs::read_dir(&self.directory) else {
            return;
        };
        let mut entries: Vec<(SystemTime, PathBuf)> = files
            .flatten()
            .map(|file| file.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == self.extension))
            .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)))
            .collect();
        entries.sort();
        let surplus = entries.len().saturating_sub(self.most);
        for (_, path) in entries.into_iter().take(surplus) {
            drop(fs::remove_file(path));
        }
    }
}

/// The key of a directory, made on first use.
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
