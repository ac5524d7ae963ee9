use std::collections::BTreeSet;

use provost_model::{Location, Span};
use serde_json::Value;

use crate::load::Loaded;
use crate::policies::Policies;
use crate::vocabulary::Vocabulary;

/// A name in a policy that must mean something outside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// The name.
    pub name: String,
    /// Where it stands, or the policy.
    pub location: Location,
}

/// What the context holds ids of rules and specifications in.
const CHECKS: [&str; 7] =
    ["rule", "proved", "refuted", "unknown", "notApplicable", "violated", "waived"];

impl Policies {
    /// Ids of rules and specifications that policies speak of, in order of file and line.
    ///
    /// A policy that speaks of one that does not exist never says what its author
    /// meant, and Cedar cannot know.
    pub fn checks(&self) -> &[Mention] {
        &self.checks
    }

    /// Names of environments that policies speak of.
    pub fn environments(&self) -> &BTreeSet<String> {
        &self.environments
    }
}

/// The ids that the conditions of one policy speak of.
pub(crate) fn checks(one: &Loaded) -> Vec<Mention> {
    let mut names = BTreeSet::new();
    compared(one, &CHECKS, &mut names);
    let mention = |name: String| Mention { location: place(one, &name), name };
    let mut mentions: Vec<_> = names.into_iter().map(mention).collect();
    mentions.sort_by_key(|mention| mention.location.span);
    mentions
}

/// The ids of rules that an exception is about.
pub(crate) fn rules(one: &Loaded) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    compared(one, &["rule"], &mut names);
    names
}

/// The environments that one policy speaks of.
pub(crate) fn environments(vocabulary: &Vocabulary, one: &Loaded) -> BTreeSet<String> {
    let literals = one.policy.entity_literals().into_iter();
    let mut names: BTreeSet<_> =
        literals.filter_map(|entity| vocabulary.name_of("Environment", &entity)).collect();
    compared(one, &["environment"], &mut names);
    names
}

/// Text that a policy compares with these attributes of the context.
fn compared(one: &Loaded, attributes: &[&str], names: &mut BTreeSet<String>) {
    // What Cedar cannot write as JSON it could not have parsed.
    visit(&one.policy.to_json().unwrap_or_default(), attributes, names);
}

/// Where a name stands as a string in a policy.
fn place(one: &Loaded, name: &str) -> Location {
    let from = one.place.effect.start as usize;
    let literal = Value::from(name).to_string();
    let rest = one.source.text().get(from..).unwrap_or_default();
    let span = rest
        .find(&literal)
        .map_or(one.place.name, |at| Span::new(from + at, from + at + literal.len()));
    one.location(span)
}

fn visit(node: &Value, attributes: &[&str], names: &mut BTreeSet<String>) {
    if let Some((left, right)) = sides(node) {
        if is_one_of(attributes, left) {
            literals(right, names);
        }
        if is_one_of(attributes, right) {
            literals(left, names);
        }
    }
    match node {
        Value::Array(items) => items.iter().for_each(|item| visit(item, attributes, names)),
        Value::Object(fields) => {
            fields.values().for_each(|field| visit(field, attributes, names));
        }
        _ => {}
    }
}

/// Both sides of a comparison or of a question to a set.
fn sides(node: &Value) -> Option<(&Value, &Value)> {
    let operators = ["==", "!=", "contains", "containsAll", "containsAny"];
    let found = operators.into_iter().find_map(|operator| node.get(operator))?;
    Some((found.get("left")?, found.get("right")?))
}

/// Is it one of these attributes of the context, as `context.rule`?
fn is_one_of(attributes: &[&str], node: &Value) -> bool {
    let attribute = node.get(".");
    let of = attribute.and_then(|attribute| attribute.pointer("/left/Var")).and_then(Value::as_str);
    let name = attribute.and_then(|attribute| attribute.get("attr")).and_then(Value::as_str);
    of == Some("context") && name.is_some_and(|name| attributes.contains(&name))
}

/// A string, or the strings of a set.
fn literals(node: &Value, names: &mut BTreeSet<String>) {
    if let Some(text) = node.get("Value").and_then(Value::as_str) {
        names.insert(text.to_owned());
    }
    for item in node.get("Set").and_then(Value::as_array).into_iter().flatten() {
        literals(item, names);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::expect_used, reason = "tests")]

    use provost_model::Source;

    use super::*;

    fn loaded(text: &str) -> Policies {
        let schema = include_str!("../../../policies/schema.cedarschema");
        let files = [Source::new("a.cedar", text)];
        Policies::load(&Source::new("schema", schema), &files).expect("policies")
    }

    #[test]
    fn ids_are_found_wherever_a_policy_asks_for_them() {
        let policies = loaded(
            r#"@id("one") forbid (principal, action == Action::"apply", resource)
            when { context.refuted.contains("a") || context.violated.containsAny(["b", "c"]) }
            unless { context.proved.containsAll(["d"]) && context.kinds.contains("Pod") };
            @id("two") permit (principal, action == Action::"waive", resource)
            when { context.rule == "e" || ["f", "g"].contains(context.rule) || "h" != context.rule }
            unless { context.owner == "nobody" || context.rule like "pss-*" };"#,
        );
        let names: Vec<_> = policies.checks().iter().map(|mention| mention.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "e", "f", "g", "h"]);
        for mention in policies.checks() {
            let span = mention.location.span;
            let text = &mention.location.source.text()[span.start as usize..span.end as usize];
            assert_eq!(text, format!("\"{}\"", mention.name));
        }
    }

    #[test]
    fn environments_are_found_in_scopes_and_conditions() {
        let policies = loaded(
            r#"@id("one") forbid (principal, action == Action::"apply", resource == Environment::"a");
            @id("two") forbid (principal, action == Action::"apply", resource)
            when { resource in Environment::"b" };
            @id("three") permit (principal, action == Action::"waive", resource in Environment::"c")
            when { context.environment == "d" };"#,
        );
        assert_eq!(policies.environments().iter().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    }
}
