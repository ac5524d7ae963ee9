//! The record of a verification: what was found out about which version of each component.

use std::collections::BTreeMap;

use jiff::Timestamp;
use provost_model::{Problem, escape_pointer};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Place;
use super::form::{ApiVersion, Metadata, Sha256, is_name};

/// The record of a verification.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordForm {
    /// `provost.dev/v1`
    #[serde(rename = "apiVersion")]
    _api_version: ApiVersion,
    /// `VerificationRecord`
    #[serde(rename = "kind")]
    _kind: Kind,
    /// Its name.
    #[serde(rename = "metadata")]
    _metadata: Metadata,
    /// What was found out.
    spec: Spec,
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Kind {
    VerificationRecord,
}

/// What was found out.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Spec {
    /// One entry per component, by its name.
    #[schemars(extend("maxProperties" = 10_000))]
    components: BTreeMap<String, Entry>,
}

/// What was found out about one component.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// What came out.
    #[serde(rename = "status")]
    _status: Status,
    /// The digest of the component's sources that this is about, `sha256:…`.
    #[serde(rename = "digest")]
    _digest: Sha256,
    /// The digests, at that time, of the components it builds upon, by name.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 10_000))]
    dependencies: BTreeMap<String, Sha256>,
    /// When: a time of RFC 3339, `2026-03-01T12:00:00Z`.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    at: Option<String>,
    /// Who or what verified it.
    #[serde(default, rename = "by")]
    #[schemars(length(min = 1, max = 1000))]
    _by: Option<String>,
}

/// What came out of a verification.
#[derive(Debug, Deserialize, JsonSchema)]
enum Status {
    NotVerified,
    InProgress,
    Verified,
    Failed,
    Timeout,
}

/// What a schema cannot say; of very many problems the first.
pub(super) fn problems(place: &Place<'_>, form: &RecordForm) -> Vec<Problem> {
    const COMPONENTS: &str = "/spec/components";
    // To find the place of each takes as long as the record is large.
    const MANY: usize = 100;
    let mut problems = Vec::new();
    problems.extend(of_names(place, COMPONENTS, form.spec.components.keys()).take(MANY));
    for (name, entry) in &form.spec.components {
        if problems.len() > MANY {
            break;
        }
        let pointer = format!("{COMPONENTS}/{}", escape_pointer(name));
        let dependencies = format!("{pointer}/dependencies");
        problems.extend(of_names(place, &dependencies, entry.dependencies.keys()).take(MANY));
        if let Some(at) = entry.at.as_ref().filter(|at| !is_time(at)) {
            let message = format!("`{at}` is no time");
            let problem = place.problem("record-time", &format!("{pointer}/at"), message);
            problems.push(problem.help("write it as in `2026-03-01T12:00:00Z`"));
        }
        if entry.dependencies.contains_key(name) {
            let message = format!("`{name}` depends on itself");
            let problem = place.key_problem("record-dependency", &dependencies, name, message);
            problems.push(problem.help("remove it"));
        }
    }
    problems
}

/// Is it a time of RFC 3339 that exists? `Timestamp` alone reads other forms too.
fn is_time(text: &str) -> bool {
    let is_at = |index: usize, byte: u8| text.as_bytes().get(index) == Some(&byte);
    let separated = is_at(4, b'-') && is_at(10, b'T') && is_at(13, b':') && is_at(16, b':');
    let offset = text.len().checked_sub(6).and_then(|start| text.get(start..));
    let offset = offset.is_some_and(|offset| {
        offset.starts_with(['+', '-']) && offset.get(3..).is_some_and(|rest| rest.starts_with(':'))
    });
    separated && (text.ends_with('Z') || offset) && text.parse::<Timestamp>().is_ok()
}

/// Keys that cannot be the name of a component.
fn of_names<'a>(
    place: &'a Place<'_>,
    parent: &'a str,
    names: impl Iterator<Item = &'a String> + 'a,
) -> impl Iterator<Item = Problem> + 'a {
    names.filter(|name| !is_name(name)).map(move |name| {
        let message = format!("`{name}` is no name of a component");
        place.key_problem("record-component", parent, name, message).help(
            "write lower case letters, digits, `-` and `.`, with a letter or digit at both ends",
        )
    })
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "tests"
    )]

    use super::*;

    #[test]
    fn times_are_those_of_rfc_3339() {
        for text in [
            "2026-03-01T12:00:00Z",
            "2026-03-01T12:00:00.123456Z",
            "2026-03-01T12:00:00+01:00",
            "2024-02-29T23:59:59-08:00",
        ] {
            assert!(is_time(text), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2026-03-01",
            "2026-03-01T12:00:00",
            "2026-03-01 12:00:00Z",
            "2026-03-01T12:00Z",
            "20260301T120000Z",
            "2026-02-30T12:00:00Z",
            "2026-03-01T25:00:00Z",
            "2026-03-01T12:00:00+0100",
            "2026-03-01T12:00:00+01",
            "2026-03-01T12:00:00+01:00[Europe/Berlin]",
            "2026-03-01T12:00:00Z[UTC]",
            "äääääääääääää",
        ] {
            assert!(!is_time(text), "{text}");
        }
    }
}
