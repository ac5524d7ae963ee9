use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use provost_model::Problem;

use crate::canonical::NoCanonicalForm;
use crate::lines::LINE_BYTES;

/// Why a log cannot be used, or a record is not in it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The folder or a file of it cannot be opened, made, read or cut.
    #[error("{what}: {source}")]
    File {
        /// The folder or file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// Another process appends to it.
    #[error("another process appends to this log")]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// The last whole line is not as it was written.
    #[error("the last whole line is not as it was written: {reason}")]
    Damaged {
        /// The segment.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The bytes did not all arrive; those that did were taken back.
    #[error("the record was not written: {source}")]
    NotWritten {
        /// The segment.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// It cannot be known what is in the file; nothing is appended any more.
    #[error("it is not known what reached the disk: {source}")]
    Failed {
        /// The segment.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// Too many records wait to be written.
    #[error("too many records wait to be written")]
    Busy,
    /// The thread that writes is gone.
    #[error("the thread that writes the log ended")]
    Closed,
    /// The record is longer than a line may be.
    #[error("the record has {0} bytes, more than the {LINE_BYTES} of a line")]
    TooLong(usize),
    /// The record has no canonical form.
    #[error("the record has no canonical form: {0}")]
    NoCanonicalForm(#[from] NoCanonicalForm),
}

impl Error {
    pub(crate) fn file(path: impl Into<PathBuf>, what: &'static str, source: io::Error) -> Self {
        Self::File { path: path.into(), what, source: Arc::new(source) }
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let subject = match error {
            Error::File { path, .. }
            | Error::Locked { folder: path }
            | Error::Damaged { path, .. }
            | Error::NotWritten { path, .. }
            | Error::Failed { path, .. } => path.display().to_string(),
            _ => "decision log".to_owned(),
        };
        let help = match error {
            Error::File { .. } => "name a folder that this user can write to",
            Error::Locked { .. } => "give each process a folder of its own",
            Error::Damaged { .. } => {
                "keep the folder as evidence, look at it with `provost log verify`, and begin \
                 another log in another folder"
            }
            Error::NotWritten { .. } => "make room on the disk, then try again",
            Error::Failed { .. } => "check the disk, then start again: opening reads what is there",
            Error::Busy => "ask for less at once, or use a faster disk",
            Error::Closed => "this is a bug; please report it",
            Error::TooLong(_) | Error::NoCanonicalForm(_) => "do not keep objects in the log",
        };
        Self::about("decision-log", subject, error.to_string()).help(help)
    }
}
