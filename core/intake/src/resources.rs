//! Provost's own resources. Some are part of a change (a pipeline, a component, the record
//! of what was verified) and are checked here; the others say how to judge one.

mod component;
mod form;
mod pipeline;
mod record;

use std::sync::{Arc, LazyLock};

use provost_model::{Location, Node, Problem, Source};
use provost_syntax::{Schema, suggest};
use serde::de::DeserializeOwned;

use component::ComponentForm;
use pipeline::PipelineForm;
use record::RecordForm;

/// The group of their `apiVersion`.
pub(crate) const GROUP: &str = "provost.dev";

/// Kinds that are part of a change.
const PARTS: [&str; 3] = ["Pipeline", "Component", "VerificationRecord"];
/// Kinds that say how to judge one; who uses them checks them.
const CONFIGURATION: [&str; 4] = ["Gate", "Specification", "Model", "Approvals"];
/// What `provost check --format json` writes.
const REPORT: &str = "Assessment";

static PIPELINE: LazyLock<Schema> = LazyLock::new(Schema::of::<PipelineForm>);
static COMPONENT: LazyLock<Schema> = LazyLock::new(Schema::of::<ComponentForm>);
static RECORD: LazyLock<Schema> = LazyLock::new(Schema::of::<RecordForm>);

/// What is to be done with a resource.
pub(crate) enum Resource {
    /// It is part of the change.
    Part,
    /// It is not, for this reason.
    Skipped(&'static str),
    /// It cannot be used.
    Wrong(Vec<Problem>),
}

/// The JSON Schema of `Pipeline`, `Component` or `VerificationRecord`, for editors; none for
/// any other kind.
///
/// What a schema cannot say (which transitions of a pipeline are valid, that a time exists)
/// is checked besides when a change is read.
pub fn schema_of(kind: &str) -> Option<&'static serde_json::Value> {
    schema(kind).map(Schema::json)
}

fn schema(kind: &str) -> Option<&'static Schema> {
    match kind {
        "Pipeline" => Some(&*PIPELINE),
        "Component" => Some(&*COMPONENT),
        "VerificationRecord" => Some(&*RECORD),
        _ => None,
    }
}

/// Judges the form of a resource of the group [`GROUP`].
pub(crate) fn resource(source: &Arc<Source>, kind: &str, root: &Node) -> Resource {
    if CONFIGURATION.contains(&kind) {
        return Resource::Skipped("Provost configuration");
    }
    if kind == REPORT {
        return Resource::Skipped("a report of Provost");
    }
    let place = Place { source, root };
    let problems = match kind {
        "Pipeline" => checked(&place, &PIPELINE, pipeline::problems),
        "Component" => checked(&place, &COMPONENT, component::problems),
        "VerificationRecord" => checked(&place, &RECORD, record::problems),
        _ => vec![unknown_kind(&place, kind)],
    };
    if problems.is_empty() { Resource::Part } else { Resource::Wrong(problems) }
}

/// The problems of the schema or, where it has none, those that a schema cannot say.
fn checked<F: DeserializeOwned>(
    place: &Place<'_>,
    schema: &Schema,
    further: fn(&Place<'_>, &F) -> Vec<Problem>,
) -> Vec<Problem> {
    let problems = schema.check(place.source, place.root);
    if !problems.is_empty() {
        return problems;
    }
    let mut problems = match serde_json::from_value(place.root.to_json()) {
        Ok(form) => further(place, &form),
        Err(error) => vec![place.problem("invalid-value", "", error.to_string())],
    };
    problems.sort_by_key(|problem| problem.location.as_ref().map(|location| location.span));
    problems
}

/// A resource of ours that does not say, as text, what it is.
pub(crate) fn without_kind(source: &Arc<Source>, root: &Node) -> Problem {
    let what = if root.get("kind").is_some() { "not text" } else { "missing" };
    let place = Place { source, root };
    place.problem("unknown-kind", "/kind", format!("`kind` is {what}")).help(kinds())
}

fn unknown_kind(place: &Place<'_>, kind: &str) -> Problem {
    let message = format!("`{kind}` is no kind of `{GROUP}`");
    let problem = place.problem("unknown-kind", "/kind", message);
    match suggest(kind, PARTS.into_iter().chain(CONFIGURATION)) {
        Some(meant) => problem.help(format!("did you mean `{meant}`? {}", kinds())),
        None => problem.help(kinds()),
    }
}

fn kinds() -> String {
    let listed = |kinds: &[&str]| kinds.join("`, `");
    format!("there are `{}`, and for configuration `{}`", listed(&PARTS), listed(&CONFIGURATION))
}

/// The tree that is checked, and the text it stands in.
struct Place<'a> {
    source: &'a Arc<Source>,
    root: &'a Node,
}

impl Place<'_> {
    fn problem(&self, code: &'static str, pointer: &str, message: impl Into<String>) -> Problem {
        let (span, _) = self.root.locate(pointer);
        let source = Arc::clone(self.source);
        Problem::at(code, Location { source, span, pointer: pointer.to_owned() }, message)
    }

    /// A problem with a key of a mapping: it stands at the key, not at its value.
    fn key_problem(&self, code: &'static str, parent: &str, key: &str, message: String) -> Problem {
        let pointer = format!("{parent}/{}", provost_model::escape_pointer(key));
        let mut problem = self.problem(code, &pointer, message);
        let entries = self.root.at(parent).map(Node::entries).unwrap_or_default();
        let entry = entries.iter().find(|entry| entry.key == key);
        if let (Some(location), Some(entry)) = (&mut problem.location, entry) {
            location.span = entry.key_span;
        }
        problem
    }

    /// The line of a place.
    fn line(&self, pointer: &str) -> usize {
        self.source.position(self.root.locate(pointer).0.start).line
    }
}

#[cfg(test)]
mod tests;
