use std::fmt;

use serde::Deserialize;

/// A release of Kubernetes, `v1.<minor>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Version(u16);

impl Version {
    /// The newest release that the table of API versions speaks of.
    pub const LATEST: Self = Self::minor(37);

    /// Release `v1.<minor>`.
    pub const fn minor(minor: u16) -> Self {
        Self(minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v1.{}", self.0)
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "latest" {
            return Ok(Self::LATEST);
        }
        let minor = text.strip_prefix("v1.").filter(|minor| {
            minor.bytes().all(|byte| byte.is_ascii_digit())
                && (*minor == "0" || !minor.starts_with('0'))
        });
        minor.and_then(|minor| minor.parse().ok()).map(Self).ok_or_else(|| {
            format!("`{text}` is not a release: use `latest`, or `v1.` and a number")
        })
    }
}
