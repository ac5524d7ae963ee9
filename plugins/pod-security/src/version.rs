use std::fmt;

use serde::Deserialize;

/// A version of the standards: that of the Kubernetes release it came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Version(u16);

impl Version {
    /// The first version.
    pub const FIRST: Self = Self::minor(0);
    /// The newest version that changed a rule. Later ones mean the same.
    pub const LATEST: Self = Self::minor(37);

    /// Version `v1.<minor>`.
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
            format!("`{text}` is not a version: use `latest`, or `v1.` and a number")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_latest_or_a_minor_release() {
        let parse = |text: &str| Version::try_from(text.to_owned()).ok();
        assert_eq!(parse("latest"), Some(Version::LATEST));
        assert_eq!(parse("v1.0"), Some(Version::FIRST));
        assert_eq!(parse("v1.24"), Some(Version::minor(24)));
        for wrong in ["", "v1", "v1.", "1.24", "v2.0", "v1.024", "v1.+4", "v1.24.1", "v1.99999"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
