//! What a YAML scalar means.
//!
//! The rules are those of `kubectl` (sigs.k8s.io/yaml on go-yaml 2: YAML 1.1 with
//! its exceptions), followed by its conversion to JSON, which writes the float
//! `3.0` as `3`. A table in the tests was made by that program.

use provost_model::Value;

/// The value of a scalar without quotes and without a tag.
pub(crate) fn resolve(text: &str) -> Value {
    let Some(first) = text.bytes().next() else {
        return Value::Null;
    };
    let value = match first {
        b'0'..=b'9' | b'+' | b'-' => named(text).or_else(|| number(text)),
        b'.' => named(text).or_else(|| fraction(text)),
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => named(text),
        _ => None,
    };
    value.unwrap_or_else(|| Value::Text(text.to_owned()))
}

/// The value of a scalar with a tag of the YAML namespace, such as `int` for `!!int`.
///
/// # Errors
/// What the text is instead, or that the tag is not supported.
pub(crate) fn resolve_as(tag: &str, text: &str) -> Result<Value, String> {
    let value = match tag {
        "int" | "float" | "bool" | "null" => resolve(text),
        "binary" => return Err("`!!binary` is not supported".to_owned()),
        _ => return Ok(Value::Text(text.to_owned())),
    };
    let fits = match (tag, &value) {
        ("bool", Value::Bool(_)) | ("null", Value::Null) => true,
        ("float", Value::Integer(_) | Value::Number(_)) => true,
        ("int", Value::Integer(_) | Value::Number(_)) => is_integral(text),
        _ => false,
    };
    if fits { Ok(value) } else { Err(format!("`{text}` is not a value for `!!{tag}`")) }
}

fn named(text: &str) -> Option<Value> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Value::Null,
        ".nan" | ".NaN" | ".NAN" => Value::Number(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Number(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Number(f64::NEG_INFINITY),
        _ => return None,
    })
}

/// A number that begins with a digit or a sign; underscores do not count.
fn number(text: &str) -> Option<Value> {
    let plain = text.replace('_', "");
    integer(&plain).or_else(|| decimal(&plain))
}

/// A number that begins with a point; an underscore must stand between digits.
fn fraction(text: &str) -> Option<Value> {
    let bytes = text.as_bytes();
    let digit = |index: Option<usize>| {
        index.and_then(|index| bytes.get(index)).is_some_and(u8::is_ascii_digit)
    };
    let mut underscores = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_');
    if !underscores.all(|(index, _)| digit(index.checked_sub(1)) && digit(Some(index + 1))) {
        return None;
    }
    decimal(&text.replace('_', ""))
}

/// An integer in base 10, or with `0x`, `0o`, `0` or `0b` in base 16, 8, 8 or 2.
fn integer(text: &str) -> Option<Value> {
    let (sign, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (-1_i128, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let signed = magnitude.len() < text.len();
    let (radix, digits) = radix(magnitude);
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    // More digits than an `i128` holds is a number, if it is decimal.
    let value =
        sign * if digits.is_empty() { 0 } else { i128::from_str_radix(digits, radix).ok()? };
    match i64::try_from(value) {
        Ok(value) => Some(Value::Integer(value)),
        // Beyond `i64` only an unsigned integer is one.
        Err(_) if !signed => u64::try_from(value).ok().map(|value| Value::Number(value as f64)),
        Err(_) => None,
    }
}

fn radix(magnitude: &str) -> (u32, &str) {
    let Some(rest) = magnitude.strip_prefix('0') else {
        // An empty magnitude (a lone sign) is not an integer.
        return if magnitude.is_empty() { (10, "-") } else { (10, magnitude) };
    };
    let prefixed = rest.get(1..).filter(|digits| !digits.is_empty());
    match (rest.bytes().next(), prefixed) {
        (Some(b'x' | b'X'), Some(digits)) => (16, digits),
        (Some(b'o' | b'O'), Some(digits)) => (8, digits),
        (Some(b'b' | b'B'), Some(digits)) => (2, digits),
        _ => (8, rest),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, unless it is beyond a double.
fn decimal(text: &str) -> Option<Value> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
    if !mantissa_fits || !exponent_fits {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map(from_float)
}

/// A float as JSON has it: one without a fraction is written as an integer.
fn from_float(value: f64) -> Value {
    let whole = value as i64;
    // `i64::MAX as f64` rounds up to 2^63, which is no `i64`.
    if whole as f64 == value && value.abs() < 9_223_372_036_854_775_808.0 {
        Value::Integer(whole)
    } else {
        Value::Number(value)
    }
}

/// Is it written as an integer, so that `!!int` accepts it?
fn is_integral(text: &str) -> bool {
    integer(&text.replace('_', "")).is_some()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "tests"
    )]

    use super::*;

    /// Written by sigs.k8s.io/yaml 1.6.0: a plain scalar, a tab, the JSON made of it.
    const KUBECTL: &str = include_str!("scalar/kubectl.tsv");

    #[test]
    fn plain_scalars_mean_what_kubectl_makes_of_them() {
        let mut count = 0;
        for line in KUBECTL.lines() {
            let (text, json) = line.split_once('\t').expect("two columns");
            let expected: serde_json::Value = serde_json::from_str(json).expect("JSON");
            let value = match resolve(text) {
                Value::Null => serde_json::Value::Null,
                Value::Bool(value) => value.into(),
                Value::Integer(value) => value.into(),
                Value::Number(value) => value.into(),
                Value::Text(value) => value.into(),
                other => panic!("{other:?}"),
            };
            // Integers beyond `i64` are doubles here.
            let expected = match expected.as_i64() {
                // `-0` is JSON's negative zero and Kubernetes' 0.
                None if expected.as_f64() == Some(0.0) => 0.into(),
                None if expected.is_number() => expected.as_f64().into(),
                _ => expected,
            };
            assert_eq!(value, expected, "{text}");
            count += 1;
        }
        assert!(count > 200, "{count} rows");
    }

    #[test]
    fn infinities_and_not_a_number_are_numbers() {
        assert_eq!(resolve(".inf"), Value::Number(f64::INFINITY));
        assert_eq!(resolve("-.INF"), Value::Number(f64::NEG_INFINITY));
        assert!(matches!(resolve(".NaN"), Value::Number(value) if value.is_nan()));
    }

    #[test]
    fn tags_are_honoured() {
        let text = |text: &str| Ok(Value::Text(text.to_owned()));
        assert_eq!(resolve_as("str", "12"), text("12"));
        assert_eq!(resolve_as("str", ""), text(""));
        assert_eq!(resolve_as("timestamp", "2001-01-01"), text("2001-01-01"));
        assert_eq!(resolve_as("int", "0x10"), Ok(Value::Integer(16)));
        assert_eq!(resolve_as("float", "3"), Ok(Value::Integer(3)));
        assert_eq!(resolve_as("bool", "off"), Ok(Value::Bool(false)));
        assert_eq!(resolve_as("null", "~"), Ok(Value::Null));
        assert!(resolve_as("int", "3.0").is_err());
        assert!(resolve_as("int", "three").is_err());
        assert!(resolve_as("null", "x").is_err());
        assert!(resolve_as("binary", "aGVsbG8=").is_err());
    }
}
