use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use crate::Error;
use crate::checkpoint::Checkpoint;
use crate::entry::{Entry, Malformed};
use crate::lines::{LINE_BYTES, Line, Lines};
use crate::open::Tail;
use crate::verify::segments;

/// One line of a log, for a reader.
#[derive(Debug)]
pub struct Read<'a> {
    /// The segment.
    pub file: &'a Path,
    /// The line, from 1.
    pub line: u64,
    /// The line as it stands, without its line feed; empty when it is too long.
    pub text: &'a [u8],
    /// The entry, or why it is none.
    pub entry: Result<Entry<'a>, Malformed>,
}

/// Read a log (a folder of segments, or one segment) line by line, in bounded memory. How the
/// lines follow one another is for [`crate::verify()`].
///
/// # Errors
/// When a file cannot be read, or `each` fails.
pub fn read(path: &Path, each: &mut dyn FnMut(Read<'_>) -> io::Result<()>) -> io::Result<()> {
    for segment in segments(path)? {
        let mut lines = Lines::new(BufReader::with_capacity(1 << 18, File::open(&segment.path)?));
        let mut number = 0;
        while let Some(line) = lines.next()? {
            number += 1;
            let (text, entry) = match line {
                Line::Whole(text) => (text, Entry::parse(text)),
                Line::Unfinished(bytes) => (&b""[..], Err(Malformed::unfinished(bytes))),
                Line::TooLong => (&b""[..], Err(Malformed::too_long(LINE_BYTES))),
            };
            each(Read { file: &segment.path, line: number, text, entry })?;
        }
    }
    Ok(())
}

/// The last entry of a log that may be open for appending elsewhere; `None` when it has none.
///
/// Everything up to it is on the disk when this returns.
///
/// # Errors
/// When the folder cannot be read, or the last whole line is not as it was written.
pub fn head(folder: &Path) -> Result<Option<Checkpoint>, Error> {
    let tail = Tail::find(folder)?;
    if let Some(segment) = &tail.segment {
        let unsynced = |error| Error::file(&segment.path, "the segment cannot be synced", error);
        let file = File::open(&segment.path).map_err(unsynced)?;
        file.sync_data().map_err(unsynced)?;
    }
    Ok(tail.head)
}
