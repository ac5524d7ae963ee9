//! The file that is appended to, and the folder it is in.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::segment::Segment;

/// Where lines go. The tests have one that fails.
pub(crate) trait Storage: Send + 'static {
    /// Write at the end; after an error some of the bytes may be there.
    fn append(&mut self, lines: &[u8]) -> io::Result<()>;
    /// Return when everything is on the disk.
    fn sync(&mut self) -> io::Result<()>;
    /// Cut the file.
    fn truncate(&mut self, bytes: u64) -> io::Result<()>;
    /// Begin the segment of an entry.
    fn rotate(&mut self, first: u64) -> io::Result<()>;
    /// The file, for messages.
    fn path(&self) -> &Path;
}

/// Segments in a folder.
pub(crate) struct Segments {
    folder: PathBuf,
    path: PathBuf,
    file: File,
}

impl Segments {
    /// Open a segment for appending; make it where it is not there.
    pub(crate) fn open(folder: &Path, segment: &Segment) -> io::Result<Self> {
        let file = private(OpenOptions::new().append(true).create(true)).open(&segment.path)?;
        // A file that is there may have been made by a process that stopped before its name was
        // on the disk.
        sync_folder(folder)?;
        Ok(Self { folder: folder.to_owned(), path: segment.path.clone(), file })
    }
}

impl Storage for Segments {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.file.write_all(lines)
    }

    fn sync(&mut self) -> io::Result<()> {
        // The length of the file counts as data that is needed to read it (fdatasync(2)).
        self.file.sync_data()
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)
    }

    fn rotate(&mut self, first: u64) -> io::Result<()> {
        // An empty file of this name is left where the machine stopped at this very place.
        *self = Self::open(&self.folder, &Segment::new(&self.folder, first))?;
        Ok(())
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

/// Make the folder of a log; only this user may enter it.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if folder.exists() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder"));
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // The name of the folder must last as what is in it does.
    folder.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), sync_folder)
}

/// Who decided what about whom is not for everybody: files that only this user reads.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Return when the names in a folder are on the disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// That names are on the disk cannot be seen while the machine runs. That they are asked to be
    /// can: in a folder that cannot be opened for it, a segment is not opened either.
    #[test]
    fn the_folder_of_a_segment_that_is_there_is_synced_too() {
        let folder = tempfile::tempdir().unwrap();
        let segment = Segment::new(folder.path(), 0);
        drop(Segments::open(folder.path(), &segment).unwrap());
        let may = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode));
        may(0o300).unwrap();
        let opened = Segments::open(folder.path(), &segment);
        let is_readable = fs::read_dir(folder.path()).is_ok();
        may(0o700).unwrap();
        if is_readable {
            eprintln!("SKIPPED: this user may read every folder");
            return;
        }
        let refused = opened.map(drop).map_err(|error| error.kind());
        assert_eq!(refused, Err(io::ErrorKind::PermissionDenied));
    }
}
