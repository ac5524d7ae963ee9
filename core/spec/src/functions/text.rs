//! Text that is known.

use regex::RegexBuilder;

use super::operands::{list, shown, text, unexpected};
use super::{Context, Given};
use crate::term::{Sort, Term};
use crate::value::Value;

/// Bytes of a regular expression.
const PATTERN_BYTES: usize = 500;
/// Bytes of a compiled regular expression.
const COMPILED_BYTES: usize = 1 << 17;
/// Steps that compiling one takes.
const COMPILE_STEPS: u64 = 1_000;

pub(super) fn test<'c>(values: &[Value<'c>], test: impl Fn(&str, &str) -> bool) -> Given<'c> {
    Ok(test(text(values, 0)?, text(values, 1)?).into())
}

pub(super) fn string<'c>(values: &[Value<'c>]) -> Given<'c> {
    match values {
        [Value::Text(text)] => Ok(Value::Text(text.clone())),
        [Value::Term(Term::Constant(constant))] => Ok(Value::Text(constant.to_string())),
        [Value::Document(document)] => Ok(Value::Text(document.object.to_string())),
        _ => Err(unexpected("a known string, int, bool or document", values.first())),
    }
}

/// A missing value is `null`; an optional one is what it holds.
pub(super) fn type_of<'c>(values: &[Value<'c>]) -> Given<'c> {
    let mut value = values.first();
    while let Some(Value::Optional(Some(inner))) = value {
        value = Some(inner);
    }
    let name = match value {
        None => return Err(unexpected("a value", None)),
        Some(Value::Null | Value::Optional(_)) => "null",
        Some(Value::Term(term)) => match term.sort() {
            Sort::Int => "int",
            Sort::Bool => "bool",
        },
        Some(Value::Number(_)) => "fraction",
        Some(Value::Text(_) | Value::Enum(..)) => "string",
        Some(Value::List(_)) => "list",
        Some(Value::Map(_) | Value::Node(_)) => "map",
        Some(Value::Document(_)) => "document",
    };
    Ok(Value::Text(name.to_owned()))
}

pub(super) fn unreadable<'c>(values: &[Value<'c>]) -> Given<'c> {
    Err(text(values, 0)?.to_owned())
}

pub(super) fn lower_ascii<'c>(values: &[Value<'c>]) -> Given<'c> {
    Ok(Value::Text(text(values, 0)?.to_ascii_lowercase()))
}

/// An empty separator separates every character, as in the strings library of CEL.
pub(super) fn split<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    let (whole, separator) = (text(values, 0)?, text(values, 1)?);
    context.steps.spend(whole.len() as u64)?;
    let part = |part: &str| Value::Text(part.to_owned());
    Ok(Value::List(if separator.is_empty() {
        whole.chars().map(|one| Value::Text(one.to_string())).collect()
    } else {
        whole.split(separator).map(part).collect()
    }))
}

pub(super) fn join<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    let (items, separator) = (list(values, 0)?, text(values, 1)?);
    // Paid before it is made: a short list and a long separator are a very long text.
    let separators = (separator.len() as u64).saturating_mul(items.len() as u64);
    context.steps.spend(separators / 32)?;
    let parts: Result<Vec<&str>, _> = (0..items.len()).map(|index| text(items, index)).collect();
    Ok(Value::Text(parts?.join(separator)))
}

/// The syntax of the `regex` crate, which is that of RE2 but for `\C`: matching takes time that
/// is linear in the text.
pub(super) fn matches<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    let (text, pattern) = (text(values, 0)?, text(values, 1)?);
    if pattern.len() > PATTERN_BYTES {
        return Err(format!(
            "a regular expression has up to {PATTERN_BYTES} bytes, this one {}",
            pattern.len()
        ));
    }
    let worst = (text.len() as u64).saturating_mul(1 + pattern.len() as u64) / 8;
    context.steps.spend(COMPILE_STEPS.saturating_add(worst))?;
    let compiled = RegexBuilder::new(pattern)
        .size_limit(COMPILED_BYTES)
        .build()
        .map_err(|fault| regex_fault(pattern, &fault))?;
    Ok(compiled.is_match(text).into())
}

fn regex_fault(pattern: &str, fault: &regex::Error) -> String {
    let pattern = shown(pattern);
    match fault {
        regex::Error::CompiledTooBig(_) => {
            format!(
                "the regular expression `{pattern}` is too large when its repetitions are written out"
            )
        }
        other => {
            // The last line says what is wrong, those before it show where.
            let said = other.to_string();
            let what = said.lines().last().unwrap_or_default();
            let what = what.strip_prefix("error: ").unwrap_or(what);
            format!("`{pattern}` is not a regular expression: {what}")
        }
    }
}
