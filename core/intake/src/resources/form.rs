//! What the forms have in common.

use schemars::JsonSchema;
use serde::Deserialize;

/// The version of a resource.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) enum ApiVersion {
    /// Version 1.
    #[serde(rename = "provost.dev/v1")]
    V1,
}

/// What a resource is called.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metadata {
    /// Its name, unique among those of its kind.
    pub(crate) name: Name,
}

/// Lower case letters, digits, `-` and `.`; begins and ends with a letter or digit.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Name(
    #[schemars(length(max = 253), regex(pattern = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"))] String,
);

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Is it what [`Name`] allows? For keys, which a schema of a mapping cannot blame well.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = text.bytes().all(|byte| plain(byte) || matches!(byte, b'-' | b'.'));
    let edge = |byte: Option<u8>| byte.is_some_and(plain);
    inner && edge(text.bytes().next()) && edge(text.bytes().last()) && text.len() <= 253
}

/// The digest of a file or of several, as `provost` prints it.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Sha256(
    #[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))]
    #[expect(dead_code, reason = "only its form is checked here")]
    String,
);

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "tests"
    )]

    use std::sync::LazyLock;

    use proptest::prelude::*;
    use provost_syntax::Schema;

    use super::*;

    static NAME: LazyLock<Schema> = LazyLock::new(Schema::of::<Name>);

    fn fits_schema(text: &str) -> bool {
        NAME.check_json(&serde_json::Value::from(text)).is_empty()
    }

    #[test]
    fn names_are_as_long_as_the_schema_says() {
        assert!(is_name(&"a".repeat(253)) && fits_schema(&"a".repeat(253)));
        assert!(!is_name(&"a".repeat(254)) && !fits_schema(&"a".repeat(254)));
    }

    proptest! {
        #[test]
        fn keys_and_names_follow_one_rule(text in "[a-c0-1.A_/\n-]{0,4}") {
            prop_assert_eq!(is_name(&text), fits_schema(&text), "{:?}", text);
        }
    }
}
