//! What is recorded: version `provost.dev/v1` of the log.
//!
//! Fields may be added within a version, never removed, renamed or given another meaning.

mod decision;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::Error;
use crate::open::Torn;

pub use decision::{Admission, Decision, Door, Occasion};

/// One record.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind")]
pub enum Record {
    /// The first record of a log.
    LogStart(LogStart),
    /// The beginning of a line that a crash had left was cut off.
    Recovery(Recovery),
    /// A decision.
    Decision(Box<Decision>),
}

/// The first record of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LogStart {
    /// The version of the log.
    pub api_version: String,
    /// Random, 128 bits in hexadecimal: no two logs are alike, whatever they record.
    pub log: String,
    /// When, as RFC 3339.
    pub time: String,
    /// The version of Provost.
    pub version: String,
}

/// The beginning of a line that a crash had left was cut off. Its append was not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    /// Bytes that were cut off.
    pub bytes: u64,
    /// Their digest, as `sha256:<hex>`.
    pub digest: String,
    /// When, as RFC 3339.
    pub time: String,
    /// The version of Provost.
    pub version: String,
}

impl LogStart {
    pub(crate) fn new(now: Timestamp) -> Result<Self, Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| {
            Error::file("decision log", "no random bytes", std::io::Error::other(error))
        })?;
        Ok(Self {
            api_version: "provost.dev/v1".to_owned(),
            log: format!("{:032x}", u128::from_be_bytes(random)),
            time: now.to_string(),
            version: version(),
        })
    }
}

impl Recovery {
    pub(crate) fn new(torn: Torn, now: Timestamp) -> Self {
        let Torn { bytes, digest } = torn;
        Self { bytes, digest: digest.to_string(), time: now.to_string(), version: version() }
    }
}

impl Record {
    pub(crate) fn to_json(&self) -> Value {
        // Every field is text, a number, a list or a structure: nothing that JSON cannot hold.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// JSON Schema (draft 2020-12) of a line of a log.
pub fn schema() -> Value {
    /// One line of a decision log: an entry in canonical JSON (RFC 8785).
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "lines are written and read as canonical text; see `entry`")]
    struct Entry {
        /// SHA-256 of the canonical form of this object without this member.
        hash: String,
        /// Entries before this one, in all segments.
        index: u64,
        /// The hash of the entry before this one; null for the first.
        previous: Option<String>,
        /// What is recorded.
        record: Record,
    }
    schemars::schema_for!(Entry).to_value()
}

/// The version of Provost: every crate has the same.
fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
