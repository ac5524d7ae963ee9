//! Names of repositories and of what is in them, as the OCI distribution specification 1.1
//! writes them.

use std::fmt;
use std::str::FromStr;

use provost_model::Digest;

/// Bytes of the longest name of a repository; a limit of many registries.
const LONGEST_REPOSITORY: usize = 255;
/// Bytes of the longest tag.
const LONGEST_TAG: usize = 128;

/// A repository of a registry: `registry.example/acme/pods`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    /// Host, and port if it is not the usual one.
    registry: String,
    name: String,
}

impl Repository {
    /// Host, and port if there is one: `localhost:5000`.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path in the registry: `acme/pods`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.name)
    }
}

/// What a person writes: a repository with a tag, a digest or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it is.
    pub repository: Repository,
    /// A name that may mean something else tomorrow.
    pub tag: Option<String>,
    /// What exactly is meant.
    pub digest: Option<Digest>,
}

impl Reference {
    /// The reference as what it exactly means, when it says so.
    pub fn pinned(&self) -> Option<Pinned> {
        Some(Pinned { repository: self.repository.clone(), digest: self.digest? })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

/// A repository and the digest of one manifest in it: it means the same for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// Where it is.
    pub repository: Repository,
    /// The digest of its manifest.
    pub digest: Digest,
}

impl fmt::Display for Pinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.repository, self.digest)
    }
}

/// Why a text is no reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It starts with something that is not the name of a host.
    #[error("`{0}` is not the host of a registry")]
    Registry(String),
    /// It has no repository.
    #[error("it names no repository")]
    NoRepository,
    /// A part between slashes breaks the rules.
    #[error("`{0}` is not a part of a repository's name")]
    Repository(String),
    /// The name is too long.
    #[error("the name of the repository has more than {LONGEST_REPOSITORY} characters")]
    Long,
    /// The part after the colon breaks the rules.
    #[error("`{0}` is not a tag")]
    Tag(String),
    /// The part after the `@` is not a SHA-256 digest.
    #[error("`{0}` is not a digest")]
    Digest(String),
    /// It has neither a tag nor a digest.
    #[error("it has neither a tag nor a digest")]
    Neither,
}

impl ReferenceError {
    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Registry(_) => {
                "start with the host of a registry, as in `registry.example/acme/pods@sha256:…`; \
                 none is taken for granted"
            }
            Self::NoRepository => "write it as `registry.example/acme/pods@sha256:…`",
            Self::Repository(_) | Self::Long => {
                "use lower-case letters, digits, and single `.`, `_` or `-` between them"
            }
            Self::Tag(_) => {
                "use letters, digits, `.`, `_` and `-`, at most 128, no `.` or `-` at the start"
            }
            Self::Digest(_) => "write `sha256:` and 64 lower-case hexadecimal digits",
            Self::Neither => "say which: `:1.2.0` after the repository, or `@sha256:…`",
        }
    }
}

impl FromStr for Repository {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (registry, name) = text.split_once('/').ok_or_else(|| match text {
            "" => ReferenceError::NoRepository,
            text if is_registry(text) => ReferenceError::NoRepository,
            text => ReferenceError::Registry(text.to_owned()),
        })?;
        if !is_registry(registry) {
            return Err(ReferenceError::Registry(registry.to_owned()));
        }
        if name.is_empty() {
            return Err(ReferenceError::NoRepository);
        }
        if text.len() > LONGEST_REPOSITORY {
            return Err(ReferenceError::Long);
        }
        match name.split('/').find(|part| !is_part(part)) {
            Some(part) => Err(ReferenceError::Repository(part.to_owned())),
            None => Ok(Self { registry: registry.to_owned(), name: name.to_owned() }),
        }
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    /// `HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]`, with a tag or a digest.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let text = text.strip_prefix("oci://").unwrap_or(text);
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => {
                let parsed = Digest::parse(digest);
                (rest, Some(parsed.ok_or_else(|| ReferenceError::Digest(digest.to_owned()))?))
            }
            None => (text, None),
        };
        // A colon before the last slash belongs to the port.
        let slash = rest.rfind('/').map_or(0, |at| at + 1);
        let (repository, tag) = match rest.get(slash..).and_then(|last| last.split_once(':')) {
            Some((last, tag)) if slash > 0 => (rest.get(..slash + last.len()), Some(tag)),
            _ => (Some(rest), None),
        };
        let repository = repository.unwrap_or_default().parse()?;
        match tag {
            Some(tag) if !is_tag(tag) => Err(ReferenceError::Tag(tag.to_owned())),
            None if digest.is_none() => Err(ReferenceError::Neither),
            _ => Ok(Self { repository, tag: tag.map(str::to_owned), digest }),
        }
    }
}

/// Is it a host that nobody would take for the first part of a repository's name?
pub(crate) fn is_registry(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => return host.parse::<std::net::Ipv6Addr>().is_ok(),
        Some((host, port)) => {
            return host.parse::<std::net::Ipv6Addr>().is_ok()
                && port.strip_prefix(':').is_some_and(is_port);
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let label = |label: &str| {
        let inner =
            label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        !label.is_empty() && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    host.split('.').all(label)
        && port.is_none_or(is_port)
        && (port.is_some() || host.contains('.') || host == "localhost")
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_part(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = text.bytes().next().is_some_and(word) && text.bytes().last().is_some_and(word);
    let separators = text.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    ends && separators
        .filter(|between| !between.is_empty())
        .all(|between| matches!(between, "." | "_" | "__") || between.bytes().all(|b| b == b'-'))
}

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= LONGEST_TAG
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || byte == b'.' || byte == b'-')
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn error(text: &str) -> ReferenceError {
        text.parse::<Reference>().unwrap_err()
    }

    #[test]
    fn a_reference_has_a_registry_a_repository_and_a_tag_or_digest() {
        let text = format!("oci://localhost:5000/a/b__c-d:1.2@{DIGEST}");
        let reference: Reference = text.parse().unwrap();
        assert_eq!(reference.repository.registry(), "localhost:5000");
        assert_eq!(reference.repository.name(), "a/b__c-d");
        assert_eq!(reference.tag.as_deref(), Some("1.2"));
        assert_eq!(
            reference.pinned().unwrap().to_string(),
            format!("localhost:5000/a/b__c-d@{DIGEST}")
        );
        let tagged: Reference = "[::1]:5000/pods:v1".parse().unwrap();
        assert_eq!((tagged.repository.registry(), tagged.pinned()), ("[::1]:5000", None));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(error("acme/pods:1"), ReferenceError::Registry("acme".into()));
        assert_eq!(error("pods"), ReferenceError::Registry("pods".into()));
        assert_eq!(
            error("Registry.example/pods:1"),
            ReferenceError::Registry("Registry.example".into())
        );
        assert_eq!(
            error("registry.example:99999/pods:1"),
            ReferenceError::Registry("registry.example:99999".into())
        );
        assert_eq!(error("registry.example/"), ReferenceError::NoRepository);
        assert_eq!(error("registry.example"), ReferenceError::NoRepository);
        assert_eq!(error(""), ReferenceError::NoRepository);
        assert_eq!(error("registry.example/pods"), ReferenceError::Neither);
        assert_eq!(error("registry.example/a/../b:1"), ReferenceError::Repository("..".into()));
        assert_eq!(error("registry.example/Pods:1"), ReferenceError::Repository("Pods".into()));
        assert_eq!(error("registry.example/a//b:1"), ReferenceError::Repository(String::new()));
        assert_eq!(error("registry.example/pods:-1"), ReferenceError::Tag("-1".into()));
        assert_eq!(
            error("registry.example/pods@sha256:0"),
            ReferenceError::Digest("sha256:0".into())
        );
        assert_eq!(error(&format!("registry.example/{}:1", "a".repeat(255))), ReferenceError::Long);
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser_and_what_parses_is_shown_as_it_was(text in "\\PC*") {
            if let Ok(reference) = text.parse::<Reference>() {
                prop_assert_eq!(reference.to_string(), text.strip_prefix("oci://").unwrap_or(&text));
            }
        }

        #[test]
        fn what_the_specification_allows_is_read_back(
            host in "[a-z0-9]{1,8}(\\.[a-z0-9]{1,8}){1,2}(:[1-9][0-9]{0,3})?",
            name in "[a-z0-9]{1,5}((\\.|_|__|-{1,3})[a-z0-9]{1,5}){0,2}(/[a-z0-9]{1,5}){0,2}",
            tag in "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}",
        ) {
            let text = format!("{host}/{name}:{tag}");
            let reference: Reference = text.parse().unwrap();
            prop_assert_eq!(reference.repository.registry(), &host);
            prop_assert_eq!(reference.repository.name(), &name);
            prop_assert_eq!(reference.tag.as_deref(), Some(tag.as_str()));
        }
    }
}
