//! The text of a plan without what is secret in it: what locations show.
//!
//! A plan repeats its values (`planned_values`, `prior_state`, `variables`, …), mostly on one
//! long line. Of all that is not part of an object nothing is shown but its keys. Every byte
//! keeps its place.

use std::sync::Arc;

use provost_model::{Node, Problem, Source, Span, Value};

/// Keys of a plan whose values are shown.
const SHOWN: [&str; 7] = [
    "format_version",
    "terraform_version",
    "resource_changes",
    "applyable",
    "complete",
    "errored",
    "timestamp",
];
/// Keys of `change` whose values are shown, or looked through elsewhere.
const CHANGE: [&str; 7] = [
    "actions",
    "before",
    "after",
    "after_unknown",
    "before_sensitive",
    "after_sensitive",
    "replace_paths",
];

/// Where the values stand that are not part of an object.
pub(super) fn beside(root: &Node) -> Vec<Span> {
    let mut spans = Vec::new();
    let others = root.entries().iter().filter(|one| !SHOWN.contains(&one.key.as_str()));
    others.for_each(|entry| scalars(&entry.value, &mut spans));
    let changes = root.get("resource_changes").map_or(&[][..], Node::items);
    for change in changes.iter().filter_map(|one| one.get("change")) {
        let others = change.entries().iter().filter(|one| !CHANGE.contains(&one.key.as_str()));
        others.for_each(|entry| scalars(&entry.value, &mut spans));
    }
    spans
}

fn scalars(node: &Node, spans: &mut Vec<Span>) {
    match &node.value {
        Value::Map(entries) => entries.iter().for_each(|entry| scalars(&entry.value, spans)),
        Value::List(items) => items.iter().for_each(|item| scalars(item, spans)),
        _ => spans.push(node.span),
    }
}

/// The same text with every byte at these places covered.
pub(super) fn veiled(source: &Source, spans: &[Span]) -> Arc<Source> {
    let mut bytes = source.text().as_bytes().to_vec();
    for span in spans {
        let covered = bytes.get_mut(span.start as usize..span.end as usize);
        for byte in covered.into_iter().flatten().filter(|byte| !matches!(**byte, b'\n' | b'"')) {
            *byte = b'*';
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => Source::new(source.name(), text),
        // A place that is no value of this text: then nothing is shown.
        Err(_) => blank(source),
    }
}

/// A text with lines of the same length and nothing in them: what is secret in a plan that
/// cannot be read is not known.
pub(crate) fn blank(source: &Source) -> Arc<Source> {
    let cover = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
    Source::new(source.name(), source.text().bytes().map(cover).collect::<String>())
}

/// May a text that could not be read be a plan?
pub(crate) fn may_be_plan(text: &str) -> bool {
    ["\"resource_changes\"", "\"planned_values\"", "\"prior_state\"", "\"terraform_version\""]
        .into_iter()
        .any(|key| text.contains(key))
}

/// Has a problem show this text.
pub(crate) fn show(problem: &mut Problem, source: &Arc<Source>) {
    if let Some(location) = &mut problem.location {
        location.source = Arc::clone(source);
    }
}
