//! Requests and entities, from Cedar's JSON form, as text in Cedar syntax.

use serde_json::{Map, Value};

/// A value as a Cedar expression.
pub fn expression(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(expression).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => special(fields).unwrap_or_else(|| record(fields)),
        // Cedar has no null and no fractions; both are written as they are.
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// An entity as `User::"alice" in [Group::"ops"] = { … } tags { … }`.
pub fn entity(entity: &Value) -> String {
    let mut text = entity.get("uid").map(uid).unwrap_or_default();
    let parents = entity.get("parents").and_then(Value::as_array).into_iter().flatten();
    let parents: Vec<_> = parents.map(uid).collect();
    if !parents.is_empty() {
        text.push_str(&format!(" in [{}]", parents.join(", ")));
    }
    for (field, word) in [("attrs", "="), ("tags", "tags")] {
        let fields = entity.get(field).and_then(Value::as_object);
        if let Some(fields) = fields.filter(|fields| !fields.is_empty()) {
            text.push_str(&format!(" {word} {}", record(fields)));
        }
    }
    text
}

/// An entity's name, from `{"type": …, "id": …}`.
pub fn uid(value: &Value) -> String {
    let value = value.get("__entity").unwrap_or(value);
    let part = |name| value.get(name).and_then(Value::as_str).unwrap_or_default();
    format!("{}::{}", part("type"), quoted(part("id")))
}

/// A record as `{ a: 1, "b c": 2 }`.
pub fn record(fields: &Map<String, Value>) -> String {
    if fields.is_empty() {
        return "{}".to_owned();
    }
    let field = |(name, value): (&String, &Value)| {
        let name = if is_identifier(name) { name.clone() } else { quoted(name) };
        format!("{name}: {}", expression(value))
    };
    let fields: Vec<_> = fields.iter().map(field).collect();
    format!("{{ {} }}", fields.join(", "))
}

/// Entities and values of extension types have forms of their own.
fn special(fields: &Map<String, Value>) -> Option<String> {
    if fields.len() != 1 {
        return None;
    }
    if let Some(entity) = fields.get("__entity") {
        return Some(uid(entity));
    }
    let call = fields.get("__extn")?;
    let function = call.get("fn")?.as_str()?;
    if let Some(argument) = call.get("arg") {
        return Some(format!("{function}({})", expression(argument)));
    }
    let arguments = call.get("args")?.as_array()?;
    let arguments: Vec<_> = arguments.iter().map(expression).collect();
    match arguments.split_first() {
        // With two arguments it is a method of the first.
        Some((first, rest)) if !rest.is_empty() => {
            Some(format!("{first}.{function}({})", rest.join(", ")))
        }
        _ => Some(format!("{function}({})", arguments.join(", "))),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}

/// May it stand before a colon without quotes? A word of the language may not.
fn is_identifier(name: &str) -> bool {
    const WORDS: [&str; 10] =
        ["true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"];
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first == '_' || first.is_ascii_alphabetic())
        && characters.all(|other| other == '_' || other.is_ascii_alphanumeric())
        && !WORDS.contains(&name)
}
