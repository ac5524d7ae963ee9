//! The files of a log: `0000000000000000.jsonl`, named for the index of their first entry.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Digits of a name: enough for every index that JSON readers agree on.
const DIGITS: usize = 16;

/// One file of a log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    /// The index of its first entry, as its name says.
    pub first: u64,
    /// Where it is.
    pub path: PathBuf,
}

impl Segment {
    /// The segment of a folder that begins with an entry.
    pub(crate) fn new(folder: &Path, first: u64) -> Self {
        Self { first, path: folder.join(format!("{first:0DIGITS$}.jsonl")) }
    }

    /// The segment that a path names; `None` where no segment is called so.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let digits = path.file_name()?.to_str()?.strip_suffix(".jsonl")?;
        let is_name = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        let first = digits.parse().ok().filter(|_| is_name)?;
        Some(Self { first, path: path.to_owned() })
    }

    /// The segments of a folder, in order; other files are not of the log.
    pub(crate) fn list(folder: &Path) -> io::Result<Vec<Self>> {
        let mut segments = Vec::new();
        for entry in fs::read_dir(folder)? {
            segments.extend(Self::of(&entry?.path()));
        }
        segments.sort();
        Ok(segments)
    }
}
