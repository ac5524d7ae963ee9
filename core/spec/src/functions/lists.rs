//! Lists, maps and values that may be missing.

use std::collections::HashSet;

use super::operands::{list, unexpected};
use super::{Context, Given};
use crate::term::Term;
use crate::value::Value;

pub(super) fn has_value<'c>(values: &[Value<'c>]) -> Given<'c> {
    match values {
        [Value::Optional(inner)] => Ok(inner.is_some().into()),
        _ => Err(unexpected("an optional", values.first())),
    }
}

pub(super) fn value<'c>(values: &[Value<'c>]) -> Given<'c> {
    match values {
        [Value::Optional(Some(inner))] => Ok((**inner).clone()),
        [Value::Optional(None)] => Err("there is no value here".to_owned()),
        _ => Err(unexpected("an optional", values.first())),
    }
}

pub(super) fn or_value<'c>(values: &[Value<'c>]) -> Given<'c> {
    match values {
        [Value::Optional(Some(inner)), _] => Ok((**inner).clone()),
        [Value::Optional(None), default] => Ok(default.clone()),
        _ => Err(unexpected("an optional", values.first())),
    }
}

pub(super) fn size<'c>(values: &[Value<'c>]) -> Given<'c> {
    let size = match values {
        [Value::Text(text)] => text.chars().count(),
        [Value::List(items)] => items.len(),
        [value] => match value.keys() {
            Some(keys) => keys.len(),
            None => return Err(unexpected("a string, list or map", Some(value))),
        },
        _ => return Err(unexpected("one value", None)),
    };
    Ok((size as i128).into())
}

pub(super) fn keys<'c>(values: &[Value<'c>]) -> Given<'c> {
    let keys = values.first().and_then(Value::keys);
    let keys = keys.ok_or_else(|| unexpected("a map", values.first()))?;
    Ok(Value::List(keys.into_iter().map(|key| Value::Text(key.to_owned())).collect()))
}

/// A field that may be one value or many, as `args` or a condition of IAM.
pub(super) fn list_of<'c>(values: &[Value<'c>]) -> Given<'c> {
    Ok(match values {
        [Value::Null | Value::Optional(None)] => Value::List(Vec::new()),
        [Value::Optional(Some(inner))] => return list_of(&[(**inner).clone()]),
        [Value::List(items)] => Value::List(items.clone()),
        [value] => Value::List(vec![value.clone()]),
        _ => return Err(unexpected("one value", None)),
    })
}

pub(super) fn distinct<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    let items = list(values, 0)?;
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for item in items {
        context.steps.spend(item.extent())?;
        let mut key = String::new();
        write_key(item, &mut key)?;
        if seen.insert(key) {
            kept.push(item.clone());
        }
    }
    Ok(Value::List(kept))
}

/// A text that two values have in common if they are equal, and only then.
fn write_key(value: &Value<'_>, key: &mut String) -> Result<(), String> {
    use std::fmt::Write as _;
    // Writing to a string does not fail.
    let _ = match value {
        Value::Null => write!(key, "null"),
        Value::Term(Term::Constant(constant)) => write!(key, "{constant}"),
        // Zero has two signs that are equal.
        Value::Number(number) => write!(key, "#{}", number + 0.0),
        Value::Text(text) => write!(key, "{text:?}"),
        Value::Node(node) => match node.opaque() {
            Some(opaque) => return Err(opaque.to_string()),
            None => write!(key, "{}", node.canonical_json()),
        },
        Value::Document(document) => write!(key, "@{:?}", document.object),
        Value::Optional(None) => write!(key, "?"),
        Value::Optional(Some(inner)) => {
            key.push('?');
            return write_key(inner, key);
        }
        Value::List(items) => {
            key.push('[');
            for item in items {
                write_key(item, key)?;
                key.push(',');
            }
            key.push(']');
            Ok(())
        }
        Value::Map(entries) => {
            key.push('{');
            for (name, item) in entries {
                let _ = write!(key, "{name:?}=");
                write_key(item, key)?;
                key.push(',');
            }
            key.push('}');
            Ok(())
        }
        Value::Term(_) | Value::Enum(..) => {
            return Err("which of these are equal depends on a value that is not known".to_owned());
        }
    };
    Ok(())
}
