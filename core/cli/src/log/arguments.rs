use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use crate::arguments::time;

/// Arguments of `log`.
#[derive(Debug, Subcommand)]
pub enum Log {
    /// Is the log as it was written? Finds what was altered, removed, repeated, moved, inserted.
    ///
    /// Whether the end was cut off, or the whole log written anew, can only be seen with a
    /// checkpoint that was kept elsewhere.
    #[command(after_help = "Exit codes: 0 intact, 1 not as it was written, 2 usage, or a file \
        that cannot be read, 3 no log there, 4 the last line is not finished.")]
    Verify(Verify),
    /// Show what is recorded.
    #[command(after_help = "Exit codes: 0 shown, 1 some lines are not as they were written, \
        2 usage, or a file that cannot be read, 3 nothing to show.")]
    Show(Show),
    /// Print the last entry as a checkpoint, to be kept where nobody who can write the log can
    /// write. Verify the log first: only its last line is read.
    #[command(after_help = "Exit codes: 0 printed, 2 usage, or a log that cannot be read, \
        3 no entry.")]
    Checkpoint(Checkpoint),
}

/// Arguments of `log verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The folder of the log, or one segment of it.
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// What `provost log checkpoint` printed, or a file with it: that entry has to be there as it
    /// was. Older segments need not be.
    #[arg(long, value_name = "CHECKPOINT")]
    pub from: Option<String>,
}

/// Arguments of `log show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The folder of the log, or one segment of it.
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// Only the decision whose id begins so.
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// Only decisions of this verdict.
    #[arg(long, value_enum)]
    pub verdict: Option<ShownVerdict>,
    /// Only what this user asked for.
    #[arg(long, value_name = "USER")]
    pub principal: Option<String>,
    /// Only changes of objects in this namespace.
    #[arg(long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// Only what is from this time (RFC 3339) on.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub since: Option<Timestamp>,
    /// `human`, or `json`: the lines of the log as they are.
    #[arg(long, short, value_enum, default_value_t = ShowFormat::Human)]
    pub format: ShowFormat,
}

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShownVerdict {
    /// The change could proceed.
    Allow,
    /// It could not.
    Deny,
    /// Not everything could be judged.
    Unknown,
}

/// How records are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShowFormat {
    /// For people; `--verbose` shows all of a decision.
    Human,
    /// One JSON object a line.
    Json,
}

/// Arguments of `log checkpoint`.
#[derive(Debug, Args)]
pub struct Checkpoint {
    /// The folder of the log.
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
}
