use std::fmt;
use std::str::FromStr;

use provost_model::Digest;

/// One entry and, through its hash, everything before it: `41:sha256:<hex>`.
///
/// Kept where whoever can write the log cannot write, it shows later that nothing up to this
/// entry was altered or cut off. An append answers with the checkpoint of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Entries before it.
    pub index: u64,
    /// Its hash.
    pub hash: Digest,
}

/// Text that is not a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a checkpoint is written as `41:sha256:` and 64 hexadecimal digits, as `provost log checkpoint` prints it"
)]
pub struct InvalidCheckpoint;

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.index, self.hash)
    }
}

impl FromStr for Checkpoint {
    type Err = InvalidCheckpoint;

    fn from_str(text: &str) -> Result<Self, InvalidCheckpoint> {
        let (index, hash) = text.trim().split_once(':').ok_or(InvalidCheckpoint)?;
        let is_index = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
        let index = index.parse().ok().filter(|_| is_index).ok_or(InvalidCheckpoint)?;
        Ok(Self { index, hash: hash.parse().map_err(|_| InvalidCheckpoint)? })
    }
}
