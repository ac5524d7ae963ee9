use std::collections::BTreeSet;
use std::sync::Arc;

use jsonschema::Validator;
use provost_model::{Location, Node, Problem, Source, Span};

use crate::violation::{About, Violation, join, violations};

/// A compiled JSON Schema (draft 2020-12 unless it says otherwise).
///
/// It never loads another schema from a file or the network.
#[derive(Debug)]
pub struct Schema {
    json: serde_json::Value,
    /// Or why it is no schema, for a type whose derived schema does not compile.
    validator: Result<Validator, String>,
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// What is wrong with the schema, in the validator's words.
    pub fn new(schema: &serde_json::Value) -> Result<Self, String> {
        let validator = compile(schema)?;
        Ok(Self { json: schema.clone(), validator: Ok(validator) })
    }

    /// The schema of a Rust type.
    pub fn of<T: schemars::JsonSchema>() -> Self {
        let json = schemars::schema_for!(T).to_value();
        let validator = compile(&json);
        Self { json, validator }
    }

    /// The schema itself.
    pub fn json(&self) -> &serde_json::Value {
        &self.json
    }

    /// Every violation in a document, each at its line, in order of place; of very many the
    /// first, and how many more there are.
    pub fn check(&self, source: &Arc<Source>, node: &Node) -> Vec<Problem> {
        // To find the place of each takes as long as the document is large.
        const MANY: usize = 100;
        let violations = self.violations(&node.to_json());
        let further = violations.len().saturating_sub(MANY);
        let first = violations.into_iter().take(MANY);
        let mut problems: Vec<_> =
            first.map(|violation| located(violation, source, node)).collect();
        problems.sort_by_key(|problem| problem.location.as_ref().map(|location| location.span));
        if further > 0 {
            let location = Location::new(source, node.locate("").0);
            let message = format!("{further} more mistakes of form are in this document");
            let problem = Problem::at("too-many-problems", location, message);
            problems.push(problem.help("correct those that are named first"));
        }
        problems
    }

    /// Every violation in a value without a text, as `pointer: message`.
    pub fn check_json(&self, value: &serde_json::Value) -> Vec<String> {
        let violations = self.violations(value).into_iter();
        violations
            .map(|Violation { pointer, message, help, .. }| {
                let pointer = if pointer.is_empty() { "/" } else { &pointer };
                match help {
                    Some(help) => format!("{pointer}: {message}; {help}"),
                    None => format!("{pointer}: {message}"),
                }
            })
            .collect()
    }

    /// In order of place.
    fn violations(&self, value: &serde_json::Value) -> Vec<Violation> {
        let validator = match &self.validator {
            Ok(validator) => validator,
            Err(reason) => return vec![unusable(reason)],
        };
        let mut all: Vec<_> =
            validator.iter_errors(value).flat_map(|error| violations(&error, &self.json)).collect();
        // A key that is only misspelt is not also missing.
        let misspelt: BTreeSet<_> = all
            .iter()
            .filter_map(|violation| match &violation.about {
                About::UnknownKey { meant: Some(meant), .. } => {
                    Some((violation.pointer.clone(), meant.clone()))
                }
                _ => None,
            })
            .collect();
        all.retain(|violation| match &violation.about {
            About::MissingKey(key) => !misspelt.contains(&(violation.pointer.clone(), key.clone())),
            _ => true,
        });
        all.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        all
    }
}

fn unusable(reason: &str) -> Violation {
    Violation {
        code: "invalid-schema",
        pointer: String::new(),
        about: About::Value,
        message: format!("the schema for this document cannot be used: {reason}"),
        help: Some("this is a bug, please report it".to_owned()),
    }
}

fn compile(schema: &serde_json::Value) -> Result<Validator, String> {
    jsonschema::validator_for(schema).map_err(|error| error.to_string())
}

fn located(violation: Violation, source: &Arc<Source>, node: &Node) -> Problem {
    let Violation { code, pointer, about, message, help } = violation;
    let (mut span, _) = node.locate(&pointer);
    let mut place = pointer.clone();
    if let About::UnknownKey { key, .. } = about {
        span = key_span(node, &pointer, &key).unwrap_or(span);
        place = join(&pointer, &key);
    }
    let location = Location { source: Arc::clone(source), span, pointer: place };
    let mut problem = Problem::at(code, location, message);
    problem.help = help;
    problem
}

fn key_span(node: &Node, pointer: &str, key: &str) -> Option<Span> {
    let entries = node.at(pointer)?.entries();
    entries.iter().find(|entry| entry.key == key).map(|entry| entry.key_span)
}

#[cfg(test)]
mod tests;
