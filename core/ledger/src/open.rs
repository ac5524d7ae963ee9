//! Opening a log to append: who else does, where it ends, and what a crash left at the end.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use provost_model::Digest;

use crate::Error;
use crate::checkpoint::Checkpoint;
use crate::entry::Entry;
use crate::lines::LINE_BYTES;
use crate::segment::Segment;
use crate::storage::private;

/// How long to sleep between two attempts to lock.
const NAP: Duration = Duration::from_millis(10);

/// Bytes of a read.
const BLOCK: usize = 64 << 10;

/// Bytes that a crash can leave after the last line feed, at most: one line, or blocks of one
/// batch that were never written. More is something else, and nothing that is cut off.
const TORN_BYTES: u64 = 2 * LINE_BYTES as u64;

/// Where a log ends.
pub(crate) struct Tail {
    /// The last segment; `None` in an empty folder.
    pub(crate) segment: Option<Segment>,
    /// Bytes of its whole lines.
    pub(crate) bytes: u64,
    /// The last entry; `None` when there is none.
    pub(crate) head: Option<Checkpoint>,
    /// What stands after the last line feed.
    pub(crate) torn: Option<Torn>,
}

/// Bytes after the last line feed: the beginning of a line whose append was not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Torn {
    pub(crate) bytes: u64,
    pub(crate) digest: Digest,
}

/// Lock a folder for appending, and wait so long for who has it.
pub(crate) fn lock(folder: &Path, wait: Duration) -> Result<File, Error> {
    let path = folder.join("lock");
    let mut options = OpenOptions::new();
    let file = private(options.write(true).create(true).truncate(false))
        .open(&path)
        .map_err(|error| Error::file(&path, "the lock cannot be opened", error))?;
    let end = Instant::now() + wait;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(NAP),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked { folder: folder.to_owned() });
            }
            Err(TryLockError::Error(error)) => {
                return Err(Error::file(&path, "the log cannot be locked", error));
            }
        }
    }
}

impl Tail {
    /// Find the end of the log in a folder. Only the last line is read: what is before it is
    /// for `verify`.
    pub(crate) fn find(folder: &Path) -> Result<Self, Error> {
        let segments = Segment::list(folder)
            .map_err(|error| Error::file(folder, "the folder cannot be read", error))?;
        let mut segments = segments.into_iter().rev();
        let Some(last) = segments.next() else {
            return Ok(Self { segment: None, bytes: 0, head: None, torn: None });
        };
        let mut end = End::of(&last.path)?;
        let (bytes, torn) = (end.whole_bytes(), end.torn);
        let mut head = end.head.take();
        if head.is_none() && last.first > 0 {
            // The machine stopped between making this segment and writing its first line.
            head = match segments.next() {
                Some(before) => End::of(&before.path)?.head,
                None => None,
            };
            let follows = head.is_some_and(|head| head.index + 1 == last.first);
            if !follows {
                let reason = format!("no entry {} is before this segment", last.first - 1);
                return Err(Error::Damaged { path: last.path, reason });
            }
        }
        Ok(Self { segment: Some(last), bytes, head, torn })
    }
}

/// The end of one file.
struct End {
    bytes: u64,
    torn: Option<Torn>,
    head: Option<Checkpoint>,
}

impl End {
    fn of(path: &Path) -> Result<Self, Error> {
        let unreadable = |error| Error::file(path, "the segment cannot be read", error);
        let mut file = File::open(path).map_err(unreadable)?;
        let bytes = file.metadata().map_err(unreadable)?.len();
        let whole = line_start(&mut file, bytes).map_err(unreadable)?;
        if bytes - whole > TORN_BYTES {
            let reason = format!("{} bytes after it are no line", bytes - whole);
            return Err(Error::Damaged { path: path.to_owned(), reason });
        }
        let torn = torn(&mut file, whole, bytes).map_err(unreadable)?;
        let head = if whole == 0 { None } else { Some(last(&mut file, whole, path)?) };
        Ok(Self { bytes, torn, head })
    }

    fn whole_bytes(&self) -> u64 {
        self.bytes - self.torn.map_or(0, |torn| torn.bytes)
    }
}

/// The entry whose line feed ends at `end`.
fn last(file: &mut File, end: u64, path: &Path) -> Result<Checkpoint, Error> {
    let unreadable = |error| Error::file(path, "the segment cannot be read", error);
    let damaged = |reason: String| Error::Damaged { path: path.to_owned(), reason };
    let start = line_start(file, end - 1).map_err(unreadable)?;
    let length = usize::try_from(end - 1 - start).unwrap_or(usize::MAX);
    if length > LINE_BYTES {
        return Err(damaged(format!("it has more than {LINE_BYTES} bytes")));
    }
    let mut line = vec![0; length];
    file.seek(SeekFrom::Start(start)).map_err(unreadable)?;
    file.read_exact(&mut line).map_err(unreadable)?;
    let entry = Entry::parse(&line).map_err(|fault| damaged(fault.to_string()))?;
    if !entry.is_intact() {
        return Err(damaged(format!("its hash comes to {}, and it says another", entry.computed)));
    }
    Ok(Checkpoint { index: entry.index, hash: entry.hash })
}

/// Where the line begins that `end` is in: after the last line feed before it.
fn line_start(file: &mut File, end: u64) -> io::Result<u64> {
    let mut block = vec![0; BLOCK];
    let mut end = end;
    while end > 0 {
        let start = end.saturating_sub(BLOCK as u64);
        let length = usize::try_from(end - start).unwrap_or(BLOCK);
        let part = block.get_mut(..length).unwrap_or_default();
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        if let Some(found) = part.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + found as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

fn torn(file: &mut File, start: u64, end: u64) -> io::Result<Option<Torn>> {
    if start == end {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(start))?;
    let mut rest = file.take(end - start);
    let mut blocks = Vec::new();
    rest.read_to_end(&mut blocks)?;
    Ok(Some(Torn { bytes: end - start, digest: Digest::of(&blocks) }))
}
