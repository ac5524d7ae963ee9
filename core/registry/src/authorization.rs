//! Who asks: credentials as `docker login` and `podman login` leave them, and the challenge
//! of a registry (RFC 9110, section 11.6.1; the token specification of the distribution
//! project).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use docker_credential::{CredentialRetrievalError, DockerCredential};

/// What a registry wants to see.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// A name and a password.
    Basic,
    /// A token that somebody else gives out.
    Bearer {
        /// The URL of whoever gives it out.
        realm: String,
        /// The registry as it is known there.
        service: Option<String>,
        /// What the token has to allow.
        scope: Option<String>,
    },
}

impl Challenge {
    /// Reads a `WWW-Authenticate` header.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service, mut scope) = (None, None, None);
        let mut rest = rest;
        while let Some((name, after)) = rest.split_once('=') {
            let (value, after) = value(after)?;
            match name.trim_matches([' ', ',']) {
                "realm" => realm = Some(value),
                "service" => service = Some(value),
                "scope" => scope = Some(value),
                _ => {}
            }
            rest = after;
        }
        Some(Self::Bearer { realm: realm?, service, scope })
    }
}

/// A token or a quoted string, and what follows.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.trim_start().strip_prefix('"') else {
        let (value, rest) = text.split_once(',').unwrap_or((text, ""));
        return Some((value.trim().to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return Some((value, characters.as_str())),
            '\\' => value.push(characters.next()?),
            other => value.push(other),
        }
    }
}

/// What this user has for a registry, if anything.
///
/// # Errors
/// When there is something that cannot be used.
pub(crate) fn credential(registry: &str) -> Result<Option<DockerCredential>, String> {
    use CredentialRetrievalError as E;
    // The name under which `docker login` knows its default.
    let server = if registry == "docker.io" { "https://index.docker.io/v1/" } else { registry };
    for found in [
        docker_credential::get_credential(server),
        docker_credential::get_podman_credential(server),
    ] {
        match found {
            Ok(credential) => return Ok(Some(credential)),
            Err(E::NoCredentialConfigured | E::ConfigNotFound | E::ConfigReadError) => {}
            // Not in full: a helper may print what nobody should see.
            Err(E::HelperFailure { helper, .. }) => {
                return Err(format!("the credential helper `{helper}` fails"));
            }
            Err(error) => return Err(error.to_string().to_lowercase()),
        }
    }
    Ok(None)
}

/// The header of a name and a password (RFC 7617).
pub(crate) fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::panic, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_challenge_says_who_gives_out_tokens() {
        let header = r#"Bearer realm="https://a.example/token",service="r.example", scope="repository:a/b:pull,push""#;
        let Some(Challenge::Bearer { realm, service, scope }) = Challenge::parse(header) else {
            panic!()
        };
        assert_eq!(realm, "https://a.example/token");
        assert_eq!(service.as_deref(), Some("r.example"));
        assert_eq!(scope.as_deref(), Some("repository:a/b:pull,push"));
        assert_eq!(Challenge::parse("basic realm=\"x\""), Some(Challenge::Basic));
        assert_eq!(Challenge::parse("Bearer service=x"), None);
        assert_eq!(Challenge::parse("Bearer realm=\"x"), None);
        assert_eq!(Challenge::parse("Negotiate"), None);
    }

    proptest! {
        #[test]
        fn no_header_breaks_the_parser(header in "\\PC*", rest in "[a-z=\",\\\\ ]*") {
            let _ = Challenge::parse(&header);
            let _ = Challenge::parse(&format!("Bearer {rest}"));
        }
    }
}
