//! One line of a log: an entry.
//!
//! ```json
//! {"hash":"sha256:…","index":7,"previous":"sha256:…","record":{"kind":"Decision",…}}
//! ```
//!
//! The whole line is canonical JSON, so that `hash` comes first: what is hashed, the canonical
//! form of the entry without `hash`, is the line without those bytes.

use provost_model::Digest;

use crate::canonical;

const HASH: &str = "{\"hash\":\"";
const DIGEST: usize = "sha256:".len() + 64;

/// An entry as its line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// SHA-256 of the canonical form of everything else, as the line says.
    pub hash: Digest,
    /// SHA-256 of the same, as the bytes say: it differs in an altered line.
    pub computed: Digest,
    /// Entries before it, in all segments.
    pub index: u64,
    /// The hash of the entry before it; `None` for the first.
    pub previous: Option<Digest>,
    /// Canonical JSON.
    pub record: &'a str,
}

/// A line that is no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

impl Malformed {
    pub(crate) fn unfinished(bytes: u64) -> Self {
        Self(format!("{bytes} bytes at the end are no whole line"))
    }

    pub(crate) fn too_long(bytes: usize) -> Self {
        Self(format!("it has more than {bytes} bytes"))
    }
}

/// Appends the line of an entry, with its line feed; the hash.
pub(crate) fn write(
    index: u64,
    previous: Option<Digest>,
    record: &str,
    lines: &mut Vec<u8>,
) -> Digest {
    let previous = previous.map_or("null".to_owned(), |previous| format!("\"{previous}\""));
    let rest = format!("\"index\":{index},\"previous\":{previous},\"record\":{record}}}");
    let hash = digest(&rest);
    lines.extend_from_slice(format!("{HASH}{hash}\",{rest}\n").as_bytes());
    hash
}

fn digest(rest: &str) -> Digest {
    Digest::of_joined([b"{", rest.as_bytes()])
}

impl<'a> Entry<'a> {
    /// Reads a line, given without its line feed. That [`Entry::hash`] is as computed is left
    /// to the caller.
    ///
    /// # Errors
    /// When it is not UTF-8, not canonical JSON, or has other members than an entry.
    pub fn parse(line: &'a [u8]) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(line).map_err(|error| {
            Malformed(format!("it is not UTF-8 from byte {} on", error.valid_up_to()))
        })?;
        if let Some(entry) = Self::members(text) {
            return Ok(entry);
        }
        // What is wrong with the JSON says more than that a member is missing.
        Err(Malformed(match canonical::check(text) {
            Err(fault) => format!("it is not canonical JSON: {fault}"),
            Ok(()) => "it does not have the members of an entry".to_owned(),
        }))
    }

    /// The members of a canonical line, in the only order that they can have.
    fn members(text: &'a str) -> Option<Self> {
        let (hash, rest) = text.strip_prefix(HASH)?.split_at_checked(DIGEST)?;
        let rest = rest.strip_prefix("\",")?;
        let (index, members) = rest.strip_prefix("\"index\":")?.split_once(',')?;
        let members = members.strip_prefix("\"previous\":")?;
        let (previous, members) = match members.strip_prefix("null") {
            Some(members) => (None, members),
            None => {
                let (previous, members) = members.strip_prefix('"')?.split_at_checked(DIGEST)?;
                (Some(previous.parse().ok()?), members.strip_prefix('"')?)
            }
        };
        let record = members.strip_prefix(",\"record\":")?.strip_suffix('}')?;
        // An object and no more: another member after it would not be canonical.
        canonical::check(record).ok().filter(|()| record.starts_with('{'))?;
        canonical::check(index).ok()?;
        Some(Self {
            hash: hash.parse().ok()?,
            computed: digest(rest),
            index: index.parse().ok()?,
            previous,
            record,
        })
    }

    /// Is the line as it was written?
    pub fn is_intact(&self) -> bool {
        self.hash == self.computed
    }
}
