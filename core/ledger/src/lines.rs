//! The lines of a file, one at a time and in bounded memory.

use std::io::{self, BufRead, Read as _};

/// Bytes of a line, at most. An append of more is refused, so a longer one is no entry.
pub const LINE_BYTES: usize = 16 << 20;

/// One piece of a file.
pub(crate) enum Line<'a> {
    /// A line without its line feed.
    Whole(&'a [u8]),
    /// Bytes at the end of the file that no line feed ends: how many.
    Unfinished(u64),
    /// A line of more than [`LINE_BYTES`], which was not kept.
    TooLong,
}

pub(crate) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Lines given.
    pub(crate) number: u64,
    /// Bytes read.
    pub(crate) bytes: u64,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), number: 0, bytes: 0 }
    }

    /// The next line; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let limit = LINE_BYTES as u64 + 1;
        let read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.buffer)? as u64;
        self.bytes += read;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
            return Ok(Some(Line::Whole(&self.buffer)));
        }
        if read < limit {
            return Ok(Some(Line::Unfinished(read)));
        }
        self.buffer = Vec::new();
        let skipped = self.reader.skip_until(b'\n')? as u64;
        self.bytes += skipped;
        Ok(Some(Line::TooLong))
    }
}
