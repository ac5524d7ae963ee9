//! Is a log as it was written? Every line is read once, in bounded memory.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use provost_model::Digest;

use crate::checkpoint::Checkpoint;
use crate::entry::{Entry, Malformed};
use crate::lines::{LINE_BYTES, Line, Lines};
use crate::segment::Segment;

/// Faults that are kept; the others are counted.
const FAULTS: usize = 100;

/// What verifying found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Whole lines.
    pub lines: u64,
    /// Files.
    pub segments: usize,
    /// Bytes read.
    pub bytes: u64,
    /// The index of the first entry that is here.
    pub first: Option<u64>,
    /// The last entry.
    pub head: Option<Checkpoint>,
    /// How often opening cut off what a crash had left.
    pub recoveries: u64,
    /// What is wrong, in order of file and line: the first of them.
    pub faults: Vec<Fault>,
    /// How many more things are wrong.
    pub omitted: u64,
}

/// Something wrong in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The segment.
    pub file: PathBuf,
    /// The line, from 1; 0 where the whole file is meant.
    pub line: u64,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The line is not as it was written: its hash is another.
    Altered {
        /// The entry that it says it is.
        index: u64,
    },
    /// The line is no entry, and why.
    Malformed(String),
    /// Entries are not where they belong: removed, or moved.
    Missing {
        /// The first of them.
        from: u64,
        /// The last of them.
        to: u64,
    },
    /// An entry that was there before, or belongs before: repeated, moved or inserted.
    OutOfOrder {
        /// The entry that it says it is.
        index: u64,
        /// The entry that belongs here.
        expected: u64,
    },
    /// An intact entry that does not follow the one before it: one of them was put in place of
    /// another.
    Unlinked {
        /// The entry.
        index: u64,
    },
    /// The name of the file says that it begins with another entry.
    WrongName {
        /// The entry that it begins with.
        index: u64,
    },
    /// Bytes at the end that no line feed ends: being written now, or left by a crash.
    Unfinished {
        /// How many.
        bytes: u64,
    },
    /// The entry of the checkpoint is another: the log was rewritten, or is another log.
    OtherThanCheckpoint {
        /// The entry.
        index: u64,
    },
    /// The log ends before the entry of the checkpoint: it was cut off.
    Truncated {
        /// The entry of the checkpoint.
        checkpoint: u64,
        /// The last entry.
        last: Option<u64>,
    },
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { index } => {
                write!(f, "altered: this is not entry {index} as it was written")
            }
            Self::Malformed(reason) => write!(f, "altered: this is no entry: {reason}"),
            Self::Missing { from, to } if from == to => {
                write!(f, "removed or moved: entry {from} is missing before this line")
            }
            Self::Missing { from, to } => {
                write!(f, "removed or moved: entries {from} to {to} are missing before this line")
            }
            Self::OutOfOrder { index, expected } => write!(
                f,
                "repeated or out of order: this is entry {index} where entry {expected} belongs"
            ),
            Self::Unlinked { index } => {
                write!(f, "replaced: entry {index} does not follow the entry before it")
            }
            Self::WrongName { index } => {
                write!(f, "renamed: this file begins with entry {index}, not with that of its name")
            }
            Self::Unfinished { bytes } => write!(
                f,
                "unfinished: {bytes} bytes at the end are no whole line; they are being written, \
                 or a crash left them"
            ),
            Self::OtherThanCheckpoint { index } => write!(
                f,
                "rewritten: entry {index} is not that of the checkpoint, or this is another log"
            ),
            Self::Truncated { checkpoint, last: Some(last) } => {
                write!(
                    f,
                    "cut off: the log ends with entry {last}, before entry {checkpoint} of the checkpoint"
                )
            }
            Self::Truncated { checkpoint, last: None } => {
                write!(f, "cut off: no entry is here, and the checkpoint is of entry {checkpoint}")
            }
        }
    }
}

impl Verification {
    /// Is nothing wrong?
    pub fn is_intact(&self) -> bool {
        self.faults.is_empty()
    }

    /// Is the only thing wrong that the last line is not finished?
    pub fn is_unfinished(&self) -> bool {
        self.omitted == 0
            && matches!(self.faults.as_slice(), [Fault { kind: FaultKind::Unfinished { .. }, .. }])
    }
}

/// Verify a log: a folder of segments, or one segment.
///
/// With a checkpoint, its entry has to be there as it was, and the entries before the first
/// segment need not be: the checkpoint stands for them.
///
/// # Errors
/// When a file cannot be read.
pub fn verify(path: &Path, from: Option<Checkpoint>) -> io::Result<Verification> {
    let segments = segments(path)?;
    let mut verifier = Verifier {
        found: Verification { segments: segments.len(), ..Verification::default() },
        from,
        has_met: false,
        expected: Expected::Begin,
        file: path.to_owned(),
        line: 0,
    };
    for (position, segment) in segments.iter().enumerate() {
        verifier.segment(segment, position + 1 == segments.len())?;
    }
    Ok(verifier.end())
}

/// The segments that a path names.
pub(crate) fn segments(path: &Path) -> io::Result<Vec<Segment>> {
    if path.is_dir() {
        return Segment::list(path);
    }
    // A copy may be called as it likes.
    let segment = Segment::of(path).unwrap_or(Segment { first: u64::MAX, path: path.to_owned() });
    std::fs::metadata(path)?;
    Ok(vec![segment])
}

/// Is it the record of what opening cut off?
fn is_recovery(record: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Kind {
        kind: String,
    }
    // Most records are not, and need not be read.
    record.contains("\"kind\":\"Recovery\"")
        && serde_json::from_str::<Kind>(record).is_ok_and(|record| record.kind == "Recovery")
}

/// What the next line has to be.
#[derive(Clone, Copy)]
enum Expected {
    /// The first line.
    Begin,
    /// The entry after this one.
    After(Checkpoint),
    /// Anything: what is wrong has been said, and the next entry says how it goes on.
    Anything,
}

struct Verifier {
    found: Verification,
    from: Option<Checkpoint>,
    /// Was the entry of the checkpoint met, as it was or not?
    has_met: bool,
    expected: Expected,
    file: PathBuf,
    line: u64,
}

impl Verifier {
    fn segment(&mut self, segment: &Segment, is_last: bool) -> io::Result<()> {
        self.file.clone_from(&segment.path);
        let file = File::open(&segment.path)?;
        let mut lines = Lines::new(BufReader::with_capacity(1 << 18, file));
        loop {
            let line = lines.next()?;
            let Some(line) = line else { break };
            self.line += 1;
            match line {
                Line::Whole(line) => {
                    self.found.lines += 1;
                    self.whole(line, segment);
                }
                Line::Unfinished(bytes) if is_last => self.fault(FaultKind::Unfinished { bytes }),
                Line::Unfinished(bytes) => {
                    self.malformed(Malformed::unfinished(bytes).to_string());
                }
                Line::TooLong => self.malformed(Malformed::too_long(LINE_BYTES).to_string()),
            }
        }
        self.found.bytes += lines.bytes;
        self.line = 0;
        Ok(())
    }

    fn whole(&mut self, line: &[u8], segment: &Segment) {
        let entry = match Entry::parse(line) {
            Ok(entry) => entry,
            Err(fault) => return self.malformed(fault.to_string()),
        };
        let index = entry.index;
        self.place(&entry);
        let stated = Checkpoint { index, hash: entry.hash };
        if entry.is_intact() {
            self.meet(stated);
            self.expected = Expected::After(stated);
        } else {
            self.fault(FaultKind::Altered { index });
            self.expected = Expected::Anything;
        }
        if self.line == 1 && segment.first != index && segment.first != u64::MAX {
            self.fault(FaultKind::WrongName { index });
        }
        self.found.first = self.found.first.or(Some(index));
        self.found.head = Some(stated);
        self.found.recoveries += u64::from(is_recovery(entry.record));
    }

    /// Does the entry stand where it belongs?
    fn place(&mut self, entry: &Entry<'_>) {
        let index = entry.index;
        let (next, hash) = match self.expected {
            Expected::Anything => return,
            Expected::After(before) => (before.index + 1, Some(before.hash)),
            Expected::Begin => self.begin(index),
        };
        if index > next {
            self.fault(FaultKind::Missing { from: next, to: index - 1 });
        } else if index < next {
            self.fault(FaultKind::OutOfOrder { index, expected: next });
        } else if entry.previous != hash && !self.stands_for(index) {
            self.fault(FaultKind::Unlinked { index });
        }
    }

    /// What the first line has to be, and the hash before it.
    fn begin(&self, index: u64) -> (u64, Option<Digest>) {
        match self.from {
            _ if index == 0 => (0, None),
            Some(from) if from.index + 1 == index => (index, Some(from.hash)),
            Some(_) if self.stands_for(index) => (index, None),
            Some(from) => (from.index + 1, None),
            None => (0, None),
        }
    }

    /// Is this the first line, and does a later checkpoint stand for what is before it?
    fn stands_for(&self, index: u64) -> bool {
        matches!(self.expected, Expected::Begin)
            && index > 0
            && self.from.is_some_and(|from| from.index >= index)
    }

    fn meet(&mut self, entry: Checkpoint) {
        let Some(from) = self.from.filter(|from| from.index == entry.index) else { return };
        self.has_met = true;
        if from.hash != entry.hash {
            self.fault(FaultKind::OtherThanCheckpoint { index: entry.index });
        }
    }

    fn malformed(&mut self, reason: String) {
        self.fault(FaultKind::Malformed(reason));
        self.expected = Expected::Anything;
    }

    fn fault(&mut self, kind: FaultKind) {
        if self.found.faults.len() < FAULTS {
            self.found.faults.push(Fault { file: self.file.clone(), line: self.line, kind });
        } else {
            self.found.omitted += 1;
        }
    }

    fn end(mut self) -> Verification {
        if let Some(from) = self.from {
            let last = self.found.head.map(|head| head.index);
            // Where the first line follows the checkpoint, its hash was compared there.
            let follows = self.found.first.is_some_and(|first| first == from.index + 1);
            let is_before = last.is_none_or(|last| last < from.index);
            if is_before && !self.has_met && !follows {
                self.fault(FaultKind::Truncated { checkpoint: from.index, last });
            }
        }
        self.found
    }
}
