use provost_model as model;
use schemars::JsonSchema;
use serde::Serialize;

use crate::place::Place;

/// A place in a text.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location<'a> {
    /// The file, as it was named.
    file: &'a str,
    /// Line of the first character, from 1.
    line: usize,
    /// Column of the first character, from 1, in characters.
    column: usize,
    /// Line of the end.
    end_line: usize,
    /// Column one past the last character.
    end_column: usize,
    /// First byte, from 0.
    start_byte: usize,
    /// One past the last byte.
    end_byte: usize,
    /// RFC 6901 pointer into the object; empty for the object itself or no object.
    pointer: &'a str,
}

impl<'a> Location<'a> {
    pub(super) fn of(location: &'a model::Location) -> Self {
        let place = Place::of(location);
        Self {
            file: place.file,
            line: place.from.line,
            column: place.from.column,
            end_line: place.to.line,
            end_column: place.to.column,
            start_byte: place.start,
            end_byte: place.end,
            pointer: &location.pointer,
        }
    }
}

/// The name of an object.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object<'a> {
    /// `apps/v1`, `v1`, …
    api_version: &'a str,
    /// `Deployment`, …
    kind: &'a str,
    /// The namespace as written; absent when the object names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    /// `metadata.name`, or `metadata.generateName` followed by `*`.
    name: &'a str,
}

impl<'a> Object<'a> {
    pub(super) fn of(object: &'a model::ObjectReference) -> Self {
        Self {
            api_version: &object.api_version,
            kind: &object.kind,
            namespace: object.namespace.as_deref(),
            name: &object.name,
        }
    }
}

/// Something that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Problem<'a> {
    /// Stable, kebab-case: `yaml-syntax`, …
    code: &'a str,
    /// What is wrong.
    message: &'a str,
    /// Where, when there is a text to point into.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
    /// The path or name concerned, when there is no text to point into.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

impl<'a> Problem<'a> {
    pub(super) fn of(problem: &'a model::Problem) -> Self {
        Self {
            code: problem.code,
            message: &problem.message,
            location: problem.location.as_ref().map(Location::of),
            subject: problem.subject.as_deref(),
            help: problem.help.as_deref(),
        }
    }
}

/// Something that was left out on purpose.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Skipped<'a> {
    /// The path, or path and document number.
    subject: &'a str,
    /// Why.
    reason: &'a str,
}

impl<'a> Skipped<'a> {
    pub(super) fn of(skipped: &'a model::Skipped) -> Self {
        Self { subject: &skipped.subject, reason: &skipped.reason }
    }
}

/// Objects of one kind that no rule or specification is about.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Unjudged<'a> {
    /// `apps/v1`, `v1`, …
    api_version: &'a str,
    /// `ConfigMap`, …
    kind: &'a str,
    /// How many there are.
    count: usize,
}

impl<'a> Unjudged<'a> {
    pub(super) fn of(((api_version, kind), count): (&'a (String, String), &'a usize)) -> Self {
        Self { api_version, kind, count: *count }
    }
}
