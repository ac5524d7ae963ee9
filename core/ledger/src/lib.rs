//! The only crate that keeps decisions for good: an append-only log in which every entry holds
//! the hash of the one before it.
//!
//! [`Ledger::append`] answers when a record is on the disk; many threads share one `fsync`
//! (`writer.rs`). [`verify()`] finds what was altered, removed, repeated, moved or inserted since,
//! and, given a [`Checkpoint`] that was kept elsewhere, what was cut off or rewritten as a whole.
//! The format is in `core/decisions/0012-a-log-of-chained-lines.md`; a line is made and read in
//! `entry.rs`.
//!
//! It judges nothing. What it takes of an object it takes through [`Redacted`].

pub mod canonical;
mod checkpoint;
mod entry;
mod error;
mod ledger;
mod lines;
mod open;
mod read;
mod record;
mod redact;
mod segment;
mod storage;
mod verify;
mod writer;

pub use checkpoint::{Checkpoint, InvalidCheckpoint};
pub use entry::{Entry, Malformed};
pub use error::Error;
pub use ledger::{Appended, Durability, Ledger, Options, Pending};
pub use lines::LINE_BYTES;
pub use read::{Read, head, read};
pub use record::{Admission, Decision, Door, LogStart, Occasion, Record, Recovery, schema};
pub use redact::{REDACTED, Redacted};
pub use verify::{Fault, FaultKind, Verification, verify};
