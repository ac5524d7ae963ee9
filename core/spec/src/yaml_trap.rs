//! Expressions that YAML reads as something else when they are not in quotes.

use std::sync::Arc;

use provost_model::{Location, Node, Problem, Source, Span};

/// Tags: a leading `!` is the negation of CEL and a tag of YAML, which would be lost, and with
/// it the negation. Specifications have no use for tags.
pub(crate) fn tags(source: &Arc<Source>, root: &Node) -> Vec<Problem> {
    let mut found = Vec::new();
    visit(source, root, &mut found);
    found
}

fn visit(source: &Arc<Source>, node: &Node, found: &mut Vec<Problem>) {
    node.items().iter().for_each(|item| visit(source, item, found));
    node.entries().iter().for_each(|entry| visit(source, &entry.value, found));
    let Some((start, tag)) = tag_before(source.text(), node.span.start as usize) else { return };
    let location = Location::new(source, Span::new(start, start + tag.len()));
    let line = source.text().get(start..).unwrap_or_default();
    let value = line.split(['\n', '\r']).next().unwrap_or_default().trim_end();
    let problem = Problem::at("yaml-tag", location, format!("YAML reads `{tag}` as a tag"));
    found.push(problem.help(format!("quote this expression: {}", quoted(value))));
}

/// The tag that stands before a value, and where. An anchor may stand between.
fn tag_before(text: &str, value: usize) -> Option<(usize, &str)> {
    let mut before = text.get(..value)?;
    loop {
        before = before.trim_end_matches([' ', '\t', '\n', '\r']);
        let start = before
            .rfind(|c: char| c.is_whitespace() || matches!(c, '[' | '{' | ','))
            .map_or(0, |index| index + 1);
        let word = before.get(start..)?;
        if word.starts_with('!') {
            return Some((start, word));
        }
        if !word.starts_with('&') {
            return None;
        }
        before = before.get(..start)?;
    }
}

/// A problem of YAML, or of the form of a value, on a line that is an expression without
/// quotes says to quote it.
pub(crate) fn with_quotes(problem: Problem) -> Problem {
    match help(&problem) {
        Some(help) => problem.help(help),
        None => problem,
    }
}

fn help(problem: &Problem) -> Option<String> {
    let is_syntax = problem.code == "yaml-syntax";
    let message = &problem.message;
    let collection = message.ends_with("not a mapping") || message.ends_with("not a list");
    let is_collection = collection && message.contains("a whole number or text");
    if !(is_syntax || is_collection) {
        return None;
    }
    let location = problem.location.as_ref()?;
    let text = location.source.text();
    let before = text.get(..(location.span.start as usize).min(text.len()))?;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let item = text.get(start..)?.lines().next()?.trim().trim_start_matches("- ");
    // A key is a word; what looks like one in an expression has a sign in it.
    let value = match item.split_once(": ") {
        Some((key, value)) if key.chars().all(|c| c.is_alphanumeric() || c == '_') => value.trim(),
        _ => item,
    };
    let signs = ["!", "?", "[", "{", "\"", "'", "&", "*", "%", "(", "=", "<", ">"];
    if !signs.iter().any(|sign| value.contains(sign)) {
        return None;
    }
    let flow = value.starts_with('{') || (value.starts_with('[') && value.ends_with(']'));
    if flow && is_syntax {
        return Some("quote each expression in here, or give it a line of its own".to_owned());
    }
    Some(format!("quote this expression: {}", quoted(value)))
}

/// What follows a ` #` is lost, and the expression ends before it.
pub(crate) fn is_cut_by_comment(source: &Source, scalar: Span) -> bool {
    let rest = source.text().get(scalar.end as usize..).unwrap_or_default();
    let rest = rest.lines().next().unwrap_or_default();
    rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#')
}

fn quoted(value: &str) -> String {
    format!("`'{}'`", value.replace('\'', "''"))
}
