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

/// Returns when the names in a folder are on the disk. The tests have one that remembers.
type SyncNames = fn(&Path) -> io::Result<()>;

/// Segments in a folder.
pub(crate) struct Segments {
    folder: PathBuf,
    path: PathBuf,
    file: File,
    sync_names: SyncNames,
}

impl Segments {
    /// Open a segment for appending; make it where it is not there.
    pub(crate) fn open(folder: &Path, segment: &Segment) -> io::Result<Self> {
        Self::open_with(folder, segment, sync_folder)
    }

    fn open_with(folder: &Path, segment: &Segment, sync_names: SyncNames) -> io::Result<Self> {
        let file = private(OpenOptions::new().append(true).create(true)).open(&segment.path)?;
        // A file that is there may have been made by a process that stopped before its name was
        // on the disk.
        sync_names(folder)?;
        Ok(Self { folder: folder.to_owned(), path: segment.path.clone(), file, sync_names })
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
        *self = Self::open_with(&self.folder, &Segment::new(&self.folder, first), self.sync_names)?;
        Ok(())
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

/// Make the folder of a log; only this user may enter it.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    make_folder_with(folder, sync_folder)
}

fn make_folder_with(folder: &Path, sync_names: SyncNames) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if folder.exists() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder"));
    }
    let is_new = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let new: Vec<_> = folder.ancestors().take_while(is_new).collect();
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // The names of the folder, and of those it is in, must last as what is in it does.
    new.into_iter().filter_map(Path::parent).try_for_each(|parent| {
        sync_names(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
    })
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::cell::RefCell;

    use super::*;

    thread_local! {
        /// Folders whose names were put on the disk, each with the names that it had then.
        static SYNCED: RefCell<Vec<(PathBuf, Vec<String>)>> = RefCell::default();
    }

    /// That names are on the disk cannot be seen while the machine runs. That they are asked to be
    /// can, and what they were then.
    fn remember(folder: &Path) -> io::Result<()> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let names = fs::read_dir(folder)?.map(|entry| name(entry).into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        SYNCED.with_borrow_mut(|synced| synced.push((folder.to_owned(), names)));
        Ok(())
    }

    fn fail(_: &Path) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn synced() -> Vec<(PathBuf, Vec<String>)> {
        SYNCED.take()
    }

    const FIRST: &str = "0000000000000000.jsonl";
    const SECOND: &str = "0000000000000007.jsonl";

    #[test]
    fn the_name_of_a_segment_is_on_the_disk_before_anything_is_written_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let (path, segment) = (folder.path().to_owned(), Segment::new(folder.path(), 0));
        let one = (path.clone(), vec![FIRST.to_owned()]);
        let mut segments = Segments::open_with(&path, &segment, remember).unwrap();
        assert_eq!(synced(), std::slice::from_ref(&one), "a new one");
        segments.append(b"line\n").unwrap();
        segments.sync().unwrap();
        assert_eq!(synced(), []);
        segments.rotate(7).unwrap();
        assert_eq!(synced(), [(path.clone(), vec![FIRST.to_owned(), SECOND.to_owned()])]);
        fs::remove_file(path.join(SECOND)).unwrap();
        drop(Segments::open_with(&path, &segment, remember).unwrap());
        assert_eq!(synced(), [one], "one that is there, whoever made it");
    }

    #[test]
    fn a_segment_whose_name_is_not_on_the_disk_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let segment = Segment::new(folder.path(), 0);
        let opened = Segments::open_with(folder.path(), &segment, fail).map(drop);
        assert_eq!(opened.unwrap_err().kind(), io::ErrorKind::StorageFull);
        let mut segments = Segments::open_with(folder.path(), &segment, remember).unwrap();
        segments.sync_names = fail;
        assert_eq!(segments.rotate(7).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(segments.path(), segment.path, "the one that can be relied on");
    }

    #[test]
    fn the_name_of_each_folder_that_is_made_is_on_the_disk() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b");
        make_folder_with(&folder, remember).unwrap();
        let inner = (root.path().join("a"), vec!["b".to_owned()]);
        assert_eq!(synced(), [inner, (root.path().to_owned(), vec!["a".to_owned()])]);
        make_folder_with(&folder, remember).unwrap();
        assert_eq!(synced(), []);
        assert!(make_folder_with(&root.path().join("c"), fail).is_err());
    }
}
