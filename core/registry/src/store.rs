//! What was pulled, kept under its digest, and checked against it whenever it is read.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use provost_model::Digest;

/// A folder of files that are named for what is in them.
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store below a cache folder; nothing is made before something is kept.
    pub(crate) fn below(cache: &Path) -> Self {
        Self { folder: cache.join("plugins") }
    }

    /// The bytes of a digest, if they are here and are still what they were.
    ///
    /// Damaged ones are as if they were not here, and are fetched again.
    pub(crate) fn read(&self, digest: Digest, most: usize) -> Option<Vec<u8>> {
        let path = self.blob(digest);
        let bytes = read(&path, most).ok()?;
        if bytes.len() > most {
            return None;
        }
        if Digest::of(&bytes) != digest {
            tracing::warn!(path = %path.display(), "a kept plugin was damaged");
            return None;
        }
        Some(bytes)
    }

    /// Keeps bytes under their digest. A failure costs time in the next run, no more.
    pub(crate) fn write(&self, bytes: &[u8]) {
        self.keep(&self.blob(Digest::of(bytes)), bytes);
    }

    /// Signatures of a digest that counted once. They are not believed: each is verified
    /// when it is used.
    pub(crate) fn signatures(&self, of: Digest, most: usize) -> Vec<Vec<u8>> {
        let Ok(files) = fs::read_dir(self.signature_folder(of)) else { return Vec::new() };
        let mut paths: Vec<_> = files.flatten().map(|file| file.path()).collect();
        paths.sort();
        paths.iter().filter_map(|path| read(path, most).ok()).collect()
    }

    /// Keeps a signature of a digest.
    pub(crate) fn write_signature(&self, of: Digest, signature: &[u8]) {
        let name = format!("{}.json", Digest::of(signature).hex());
        self.keep(&self.signature_folder(of).join(name), signature);
    }

    fn blob(&self, digest: Digest) -> PathBuf {
        self.folder.join("blobs/sha256").join(digest.hex())
    }

    fn signature_folder(&self, of: Digest) -> PathBuf {
        self.folder.join("signatures").join(of.hex())
    }

    fn keep(&self, path: &Path, bytes: &[u8]) {
        if let Err(error) = write(path, bytes) {
            tracing::warn!(path = %path.display(), %error, "a plugin cannot be kept");
        }
    }
}

/// The bytes of a file, and one more than the most there may be if there are more.
fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Beside its place and then there: whoever reads it sees the whole of it.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn what_was_damaged_is_as_if_it_were_not_here() {
        let cache = tempfile::tempdir().unwrap();
        let store = Store::below(cache.path());
        let digest = Digest::of(b"component");
        assert_eq!(store.read(digest, 100), None);
        store.write(b"component");
        assert_eq!(store.read(digest, 9).as_deref(), Some(&b"component"[..]));
        assert_eq!(store.read(digest, 8), None);
        for damaged in [&b"componenT"[..], b"compo", b"", b"component "] {
            fs::write(store.blob(digest), damaged).unwrap();
            assert_eq!(store.read(digest, 100), None);
        }
        store.write(b"component");
        assert!(store.read(digest, 100).is_some());
    }

    #[test]
    fn signatures_are_kept_for_their_subject() {
        let cache = tempfile::tempdir().unwrap();
        let store = Store::below(cache.path());
        let [one, other] = [Digest::of(b"1"), Digest::of(b"2")];
        store.write_signature(one, b"a");
        store.write_signature(one, b"a");
        assert_eq!(store.signatures(one, 100), [b"a"]);
        assert_eq!(store.signatures(other, 100), Vec::<Vec<u8>>::new());
    }
}
