//! What is called like a credential, or looks like one.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use super::take_out;

/// Words of a name that holds a credential.
const WORDS: &[&str] = &[
    "apikey",
    "auth",
    "credential",
    "credentials",
    "dsn",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "privatekey",
    "pwd",
    "secret",
    "secretkey",
    "secrets",
    "token",
    "tokens",
    "accesskey",
];

/// Words that do so together.
const PAIRS: &[(&str, &str)] = &[
    ("access", "key"),
    ("account", "key"),
    ("api", "key"),
    ("connection", "string"),
    ("encryption", "key"),
    ("master", "key"),
    ("private", "key"),
    ("session", "key"),
    ("shared", "key"),
    ("signing", "key"),
    ("ssh", "key"),
];

/// Last words of a name that speaks about a credential, and holds none.
const ABOUT: &[&str] = &[
    "class",
    "enabled",
    "expiration",
    "file",
    "kind",
    "method",
    "mode",
    "mount",
    "name",
    "names",
    "namespace",
    "path",
    "policy",
    "provider",
    "ref",
    "reference",
    "refs",
    "seconds",
    "store",
    "ttl",
    "type",
    "version",
];

/// What a secret looks like, wherever it stands.
static FORMS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms = [
        // PEM (RFC 7468).
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY",
        // JSON Web Token (RFC 7519): a header and a payload, both objects in base64url.
        r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}",
        // User information of a URL with a password (RFC 3986, 3.2.1).
        r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@:]*:[^\s/?#@]+@",
        // An Authorization header (RFC 7617, RFC 6750).
        r"\b(?i:basic|bearer)\s+[A-Za-z0-9+/._~-]{12,}",
        // `--password=…`, `PASSWORD: …`, `password=…;`
        r"(?i)(?:passw(?:or)?d|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|credentials?)[A-Za-z0-9_-]*[\x22']?\s*[:=]\s*[\x22']?[^\s\x22',;]",
        // A manifest within a text.
        r"(?i)\bkind[\x22']?\s*:\s*[\x22']?secret\b",
        // Prefixes that issuers give so that their tokens are found.
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\b(?:gh[pousr]_|github_pat_|glpat-|npm_|pypi-|dop_v1_|hvs\.|sk_live_|rk_live_|xox[abeoprs]-)[A-Za-z0-9_-]{10,}",
        r"\bAIza[A-Za-z0-9_-]{35}",
        r"\bAGE-SECRET-KEY-1[A-Z0-9]+",
    ];
    RegexBuilder::new(&forms.map(|form| format!("(?:{form})")).join("|")).build().ok()
});

/// Does a text look like a secret, or hold one? A text that cannot be asked counts as one.
pub(super) fn is_secret(text: &str) -> bool {
    FORMS.as_ref().is_none_or(|forms| forms.is_match(text))
}

/// Take out members that are called like a credential: `password: …`, and
/// `{name: PASSWORD, value: …}` as in the environment of a container.
pub(super) fn members(members: &mut Map<String, Value>) {
    let is_credential = ["name", "key", "Name", "Key"]
        .iter()
        .filter_map(|key| members.get(*key).and_then(Value::as_str))
        .any(is_called_so);
    for (key, value) in members.iter_mut() {
        let is_value = is_credential && key.eq_ignore_ascii_case("value");
        if is_value && !value.is_null() {
            take_out(value);
        } else if is_called_so(key) {
            leaves(value);
        }
    }
}

/// A value under such a name. An object describes it (`secretKeyRef`), and is walked.
fn leaves(value: &mut Value) {
    match value {
        Value::String(_) | Value::Number(_) => take_out(value),
        Value::Array(items) => items.iter_mut().for_each(leaves),
        _ => {}
    }
}

/// Take out the value after an option: `["--password", "…"]`.
pub(super) fn arguments(items: &mut [Value]) {
    let mut is_option = false;
    for item in items {
        if is_option {
            leaves(item);
        }
        is_option = item.as_str().is_some_and(|text| {
            text.starts_with('-') && !text.contains(['=', ' ']) && is_called_so(text)
        });
    }
}

/// Is a name that of a credential? `DB_PASSWORD`, `apiKey` and `--token` are; `secretName` is not.
fn is_called_so(name: &str) -> bool {
    let words = words(name);
    let is_about = words.last().is_some_and(|last| ABOUT.contains(&last.as_str()));
    let is_pair = words.windows(2).any(|pair| match pair {
        [first, second] => PAIRS.contains(&(first, second)),
        _ => false,
    });
    !is_about && (is_pair || words.iter().any(|word| WORDS.contains(&word.as_str())))
}

/// The words of a name in snake case, kebab case or camel case, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for character in name.chars() {
        let begins = !character.is_alphanumeric() || (character.is_uppercase() && after_lower);
        if begins {
            words.push(String::new());
        }
        after_lower = character.is_lowercase() || character.is_numeric();
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
