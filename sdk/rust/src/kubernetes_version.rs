use std::fmt;

use serde::Deserialize;

/// A minor release of Kubernetes, as a setting: `latest` or `v1.<minor>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct KubernetesVersion(u16);

impl KubernetesVersion {
    /// The first release.
    pub const FIRST: Self = Self::minor(0);
    /// The newest release that rules of this repository know of: what `latest` means.
    pub const LATEST: Self = Self::minor(37);

    /// Release `v1.<minor>`.
    pub const fn minor(minor: u16) -> Self {
        Self(minor)
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v1.{}", self.0)
    }
}

impl TryFrom<String> for KubernetesVersion {
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
        let parse = |text: &str| KubernetesVersion::try_from(text.to_owned()).ok();
        assert_eq!(parse("latest"), Some(KubernetesVersion::LATEST));
        assert_eq!(parse("v1.0"), Some(KubernetesVersion::FIRST));
        assert_eq!(parse("v1.24"), Some(KubernetesVersion::minor(24)));
        for wrong in ["", "v1", "v1.", "1.24", "v2.0", "v1.024", "v1.+4", "v1.24.1", "v1.99999"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
