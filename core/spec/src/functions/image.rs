//! References to images, after the grammar of github.com/distribution/reference and the names
//! that a Docker client completes: `nginx` is `docker.io/library/nginx`.

use super::Given;
use super::operands::{shown, text};
use crate::value::Value;

/// Bytes of a name with its registry.
const NAME_BYTES: usize = 255;
/// Characters of a tag.
const TAG_BYTES: usize = 128;
/// Algorithms of a digest and how many hexadecimal digits they give.
const DIGESTS: [(&str, usize); 3] = [("sha256", 64), ("sha384", 96), ("sha512", 128)];

/// The parts of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) registry: String,
    pub(super) repository: String,
    pub(super) tag: Option<String>,
    pub(super) digest: Option<String>,
}

pub(super) fn read(reference: &str) -> Result<Image, String> {
    let malformed =
        |what: &str| format!("`{}` is not a reference to an image: {what}", shown(reference));
    let (rest, digest) = match reference.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (reference, None),
    };
    // A colon before the last slash is that of a port.
    let path = rest.rfind('/').map_or(0, |slash| slash + 1);
    let colon = rest.get(path..).and_then(|path| path.find(':')).map(|colon| path + colon);
    let (name, tag) = match colon.and_then(|colon| rest.split_at_checked(colon)) {
        Some((name, tag)) => (name, tag.strip_prefix(':')),
        None => (rest, None),
    };
    if digest.is_some_and(|digest| !is_digest(digest)) {
        return Err(malformed("its digest is none such as `sha256:` and 64 digits"));
    }
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return Err(malformed("its tag is none"));
    }
    let (registry, repository) = completed(name);
    if !is_registry(&registry) {
        return Err(malformed("its registry is none"));
    }
    if !repository.split('/').all(is_component) {
        return Err(malformed(
            "its name has lowercase letters and digits, with `.`, `_`, `__` or `-` between them",
        ));
    }
    if is_identifier(name) {
        return Err(malformed("64 hexadecimal digits are the identifier of one"));
    }
    if registry.len() + 1 + repository.len() > NAME_BYTES {
        return Err(malformed("its name is longer than 255 bytes"));
    }
    let (tag, digest) = (tag.map(str::to_owned), digest.map(str::to_owned));
    Ok(Image { registry, repository, tag, digest })
}

/// Registry and repository of a name (`splitDockerDomain`).
fn completed(name: &str) -> (String, String) {
    let is_host = |first: &str| {
        first.contains(['.', ':', '['])
            || first == "localhost"
            || first.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    let (registry, repository) = match name.split_once('/') {
        Some((first, rest)) if is_host(first) => (first, rest),
        _ => ("docker.io", name),
    };
    let registry = if registry == "index.docker.io" { "docker.io" } else { registry };
    if registry == "docker.io" && !repository.contains('/') {
        return (registry.to_owned(), format!("library/{repository}"));
    }
    (registry.to_owned(), repository.to_owned())
}

fn is_identifier(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(is_lower_hex)
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, encoded)| {
        DIGESTS.contains(&(algorithm, encoded.len())) && encoded.bytes().all(is_lower_hex)
    })
}

fn is_tag(tag: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= TAG_BYTES
        && tag.bytes().next().is_some_and(word)
        && tag.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

/// A host and perhaps a port.
fn is_registry(registry: &str) -> bool {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(rest) = registry.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        let hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
        let address = !address.is_empty() && address.bytes().all(hex);
        return address && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (host, port) = match registry.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (registry, None),
    };
    let is_part = |part: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !part.is_empty()
            && part.bytes().all(inner)
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    host.split('.').all(is_part) && port.is_none_or(is_port)
}

/// Letters and digits, with one separator between them: `.`, `_`, `__` or any number of `-`.
fn is_component(component: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separators = component.split(alphanumeric).filter(|separator| !separator.is_empty());
    let is_separator = |separator: &str| {
        matches!(separator, "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
    };
    component.starts_with(alphanumeric)
        && component.ends_with(alphanumeric)
        && separators.into_iter().all(is_separator)
}

pub(super) fn registry<'c>(values: &[Value<'c>]) -> Given<'c> {
    Ok(Value::Text(read(text(values, 0)?)?.registry))
}

pub(super) fn repository<'c>(values: &[Value<'c>]) -> Given<'c> {
    Ok(Value::Text(read(text(values, 0)?)?.repository))
}

pub(super) fn tag<'c>(values: &[Value<'c>]) -> Given<'c> {
    Ok(Value::optional(read(text(values, 0)?)?.tag.map(Value::Text)))
}

pub(super) fn digest<'c>(values: &[Value<'c>]) -> Given<'c> {
    Ok(Value::optional(read(text(values, 0)?)?.digest.map(Value::Text)))
}

#[cfg(test)]
mod tests;
