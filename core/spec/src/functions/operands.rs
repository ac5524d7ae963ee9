//! Operands as what a function asks for.

use provost_model::{Document, Node};

use crate::term::{ArithmeticFault, Sort, Term};
use crate::value::Value;

/// Characters of a text that a message shows.
const SHOWN: usize = 100;

/// A text of the change as a message shows it.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

pub(super) fn unexpected(wanted: &str, found: Option<&Value<'_>>) -> String {
    let hint = match found {
        Some(Value::Optional(_)) => "; `.value()` or `.orValue(…)` gives what is there",
        Some(Value::Enum(..)) => " that is not known",
        _ => "",
    };
    format!("expected {wanted}, found {}{hint}", found.map_or("nothing", Value::describe))
}

/// An integer, known or not.
pub(super) fn term(values: &[Value<'_>], index: usize) -> Result<Term, String> {
    match values.get(index) {
        Some(Value::Term(term)) if term.sort() == Sort::Int => Ok(term.clone()),
        other => Err(unexpected("an int", other)),
    }
}

pub(super) fn known_int(values: &[Value<'_>], index: usize) -> Result<i128, String> {
    let value = values.get(index);
    value.and_then(Value::int).ok_or_else(|| match value {
        Some(Value::Term(term)) if term.sort() == Sort::Int => {
            "expected a known int; this one depends on a value that is not known".to_owned()
        }
        other => unexpected("a known int", other),
    })
}

pub(super) fn document<'c>(values: &[Value<'c>], index: usize) -> Result<&'c Document, String> {
    match values.get(index) {
        Some(Value::Document(document)) => Ok(document),
        other => Err(unexpected("a document", other)),
    }
}

pub(super) fn text<'v>(values: &'v [Value<'_>], index: usize) -> Result<&'v str, String> {
    match values.get(index) {
        Some(Value::Text(text)) => Ok(text),
        other => Err(unexpected("a known string", other)),
    }
}

pub(super) fn list<'v, 'c>(
    values: &'v [Value<'c>],
    index: usize,
) -> Result<&'v [Value<'c>], String> {
    match values.get(index) {
        Some(Value::List(items)) => Ok(items),
        other => Err(unexpected("a list", other)),
    }
}

/// A map of the change, also one that may be missing.
pub(super) fn map<'c>(value: Option<&Value<'c>>) -> Result<Option<&'c Node>, String> {
    match value {
        Some(Value::Null | Value::Optional(None)) => Ok(None),
        Some(Value::Optional(Some(inner))) => map(Some(inner)),
        Some(Value::Node(node)) => match node.opaque() {
            Some(opaque) => Err(opaque.to_string()),
            None => Ok(Some(node)),
        },
        other => Err(unexpected("a map of a document", other)),
    }
}

pub(super) fn arithmetic_fault(fault: ArithmeticFault) -> String {
    fault.to_string()
}

/// Is the only operand a text that can be read so? What is no text cannot. A text that is not
/// known is a fault, and so is an optional: whoever asks has forgotten that it may be missing.
pub(super) fn is_read<'c, T>(
    values: &[Value<'c>],
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Value<'c>, String> {
    match values {
        [Value::Text(text)] => Ok(read(text).is_ok().into()),
        [other @ (Value::Optional(_) | Value::Enum(..))] => {
            Err(unexpected("a known string", Some(other)))
        }
        [_] => Ok(false.into()),
        _ => Err(unexpected("one value", None)),
    }
}
