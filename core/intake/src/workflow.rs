//! Workflows of GitHub Actions. They carry no `apiVersion` and `kind`: they are known by
//! their shape, a mapping with `on` and a mapping `jobs`.
//!
//! Source of the shape: GitHub, "Workflow syntax for GitHub Actions".

use std::sync::Arc;

use provost_model::{Location, Node, ObjectReference, Problem, Source, Value};

use crate::read::STDIN;

/// The `apiVersion` a workflow is given, since it has none of its own.
const API_VERSION: &str = "actions.github.com/v1";
const KIND: &str = "Workflow";

/// Is it the tree of a workflow, reusable ones included?
pub(crate) fn is_workflow(root: &Node) -> bool {
    let is_typed = ["apiVersion", "kind"].iter().any(|key| root.get(key).is_some());
    let has_jobs = root.get("jobs").is_some_and(|jobs| matches!(jobs.value, Value::Map(_)));
    !is_typed && has_jobs && root.get("on").is_some()
}

/// What another file that configures GitHub is, when its shape says so.
pub(crate) fn kindred(root: &Node) -> Option<&'static str> {
    let is_list = |key| root.get(key).is_some_and(|node| matches!(node.value, Value::List(_)));
    if root.get("runs").is_some_and(|runs| runs.get("using").is_some()) {
        Some("a GitHub Actions action")
    } else if root.get("version").is_some() && is_list("updates") {
        Some("a Dependabot configuration")
    } else {
        None
    }
}

/// Would GitHub take a file of this name for a workflow?
pub(crate) fn is_workflow_file(name: &str) -> bool {
    let mut parts = name.rsplit(['/', '\\']);
    let file = parts.next().unwrap_or_default();
    let in_folder = parts.next() == Some("workflows") && parts.next() == Some(".github");
    in_folder && [".yml", ".yaml"].iter().any(|extension| file.ends_with(extension))
}

/// A workflow has no name that must be there, and no two files have the same: the file's stem.
///
/// What was piped in is called what it calls itself.
pub(crate) fn reference(source: &Source, root: &Node) -> ObjectReference {
    let name = if source.name() == STDIN {
        let own = root.get("name").and_then(Node::as_text).filter(|name| !name.is_empty());
        own.unwrap_or("workflow")
    } else {
        stem(source.name())
    };
    ObjectReference {
        api_version: API_VERSION.to_owned(),
        kind: KIND.to_owned(),
        namespace: None,
        name: name.to_owned(),
    }
}

/// `release` of `.github/workflows/release.yml`.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match file.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file,
    }
}

/// Why a document of a file in `.github/workflows` is none. GitHub refuses such a file, so
/// what it was meant to do does not happen.
pub(crate) fn problem(source: &Arc<Source>, root: &Node) -> Problem {
    let what = |node: &Node| match node.value {
        Value::Null => "empty",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
        Value::Text(_) => "text",
        _ => "a single value",
    };
    let (pointer, message) = if !matches!(root.value, Value::Map(_)) {
        ("", format!("a workflow must be a mapping, not {}", what(root)))
    } else if let Some(kindred) = kindred(root) {
        ("", format!("this is {kindred}, not a workflow"))
    } else if let Some(jobs) = root.get("jobs").filter(|jobs| !matches!(jobs.value, Value::Map(_)))
    {
        ("/jobs", format!("`jobs` of a workflow must be a mapping, not {}", what(jobs)))
    } else {
        let missing = ["on", "jobs"].map(|key| root.get(key).is_none().then_some(key));
        let missing: Vec<_> = missing.iter().flatten().map(|key| format!("`{key}`")).collect();
        let verb = if missing.len() > 1 { "are" } else { "is" };
        ("", format!("{} {verb} missing, so this is no workflow", missing.join(" and ")))
    };
    let help = if root.get("on").is_none() && root.get("true").is_some() {
        "write `on` in place of `true`, which YAML 1.1 makes of it"
    } else {
        "give it `on` and a mapping `jobs`, or move it out of `.github/workflows`"
    };
    let (span, _) = root.locate(pointer);
    let location = Location { source: Arc::clone(source), span, pointer: pointer.to_owned() };
    Problem::at("not-a-workflow", location, message).help(help)
}

/// Makes of every plain scalar what GitHub makes of it: YAML 1.2, where `yes` and `off` are
/// text and `010` is ten. Spans stay; a scalar behind an alias keeps its value.
pub(crate) fn as_github_reads(text: &str, root: &mut Node) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &mut node.value {
            Value::List(items) => open.extend(items),
            Value::Map(entries) => open.extend(entries.iter_mut().map(|entry| &mut entry.value)),
            value @ (Value::Bool(_) | Value::Integer(_) | Value::Number(_)) => {
                let written = text.get(node.span.start as usize..node.span.end as usize);
                if let Some(other) = written.and_then(|written| otherwise(value, written)) {
                    *value = other;
                }
            }
            Value::Null | Value::Text(_) | Value::Opaque(_) => {}
        }
    }
}

/// The value in YAML 1.2 of a scalar that has another one in YAML 1.1.
fn otherwise(value: &Value, written: &str) -> Option<Value> {
    if written.starts_with('*') {
        return None;
    }
    let as_text = || Some(Value::Text(written.to_owned()));
    if matches!(value, Value::Bool(_)) {
        let is_truth = matches!(written.to_ascii_lowercase().as_str(), "true" | "false");
        return if is_truth { None } else { as_text() };
    }
    let magnitude = written.strip_prefix(['-', '+']).unwrap_or(written);
    let is_signed = magnitude.len() < written.len();
    match magnitude.as_bytes() {
        _ if written.contains('_') => as_text(),
        [b'0', b'b' | b'B' | b'X' | b'O', ..] => as_text(),
        [b'0', b'x' | b'o', ..] if is_signed => as_text(),
        [b'0', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            let integer = written.parse().map(Value::Integer);
            integer.or_else(|_| written.parse().map(Value::Number)).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
