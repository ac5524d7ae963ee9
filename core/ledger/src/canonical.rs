//! The JSON Canonicalization Scheme (RFC 8785): one text for one value.
//!
//! [`write()`] makes that text; [`check()`] says whether a text is the one, without building the
//! value. Neither uses the other, so that a mistake in one is found by the other.

mod check;

use std::fmt::Write as _;

use serde_json::{Number, Value};

pub use check::{NotCanonical, check};

/// Lists and objects within each other, at most.
pub(crate) const DEPTH: usize = 120;

/// The largest integer that every JSON reader understands alike, 2^53 - 1 (RFC 7493, 2.2).
pub(crate) const LARGEST: u64 = (1 << 53) - 1;

/// A value that has no canonical text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCanonicalForm {
    /// An integer beyond 2^53 - 1: readers differ about it, so RFC 8785 wants it as text.
    #[error("the number {0} is beyond 2^53 - 1, where JSON readers differ; write it as text")]
    Number(String),
    /// Nested more than the readers of a log follow.
    #[error("lists and objects are nested more than {DEPTH} deep")]
    Depth,
}

/// The canonical text of a value.
///
/// # Errors
/// When there is none.
pub fn write(value: &Value) -> Result<String, NoCanonicalForm> {
    let mut text = String::new();
    write_value(value, 0, &mut text)?;
    Ok(text)
}

fn write_value(value: &Value, depth: usize, text: &mut String) -> Result<(), NoCanonicalForm> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => write_number(number, text)?,
        Value::String(string) => write_string(string, text),
        Value::Array(_) | Value::Object(_) if depth >= DEPTH => return Err(NoCanonicalForm::Depth),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_value(item, depth + 1, text)?;
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            // By UTF-16 code units (RFC 8785, 3.2.3).
            members.sort_unstable_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            text.push('{');
            for (index, (key, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_string(key, text);
                text.push(':');
                write_value(value, depth + 1, text)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

/// A number as ECMAScript writes it (RFC 8785, 3.2.2.3).
fn write_number(number: &Number, text: &mut String) -> Result<(), NoCanonicalForm> {
    let refused = || NoCanonicalForm::Number(number.to_string());
    if number.is_f64() {
        let float = number.as_f64().filter(|float| float.is_finite()).ok_or_else(refused)?;
        text.push_str(ryu_js::Buffer::new().format_finite(float));
        return Ok(());
    }
    let magnitude = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
    if magnitude.is_none_or(|magnitude| magnitude > LARGEST) {
        return Err(refused());
    }
    text.push_str(&number.to_string());
    Ok(())
}

/// Text with the fewest escapes (RFC 8785, 3.2.2.2).
fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            // Writing to a `String` cannot fail.
            ..' ' => drop(write!(text, "\\u{:04x}", u32::from(character))),
            _ => text.push(character),
        }
    }
    text.push('"');
}
