//! Quantities of Kubernetes, in thousandths.

use super::Given;
use super::operands::{arithmetic_fault, shown, unexpected};
use crate::term::{Arithmetic, Sort, Term};
use crate::value::Value;

/// The integer of thousandths: of a quantity as text, of an integer or of a fraction.
pub(super) fn quantity<'c>(values: &[Value<'c>]) -> Given<'c> {
    match values {
        [Value::Text(text)] => milli(text).map(Value::from),
        [Value::Term(term)] if term.sort() == Sort::Int => {
            let product = Term::arithmetic(Arithmetic::Mul, term.clone(), 1000.into());
            product.map(Value::Term).map_err(arithmetic_fault)
        }
        // The shortest text that gives the number is what was written.
        [Value::Number(number)] => milli(&number.to_string()).map(Value::from),
        _ => Err(unexpected("a quantity: a known string or a number", values.first())),
    }
}

pub(super) fn is_quantity<'c>(values: &[Value<'c>]) -> Given<'c> {
    match values {
        [Value::Text(_) | Value::Number(_)] => Ok(quantity(values).is_ok().into()),
        [Value::Term(term)] => Ok((term.sort() == Sort::Int).into()),
        [other @ (Value::Optional(_) | Value::Enum(..))] => {
            Err(unexpected("a quantity", Some(other)))
        }
        [_] => Ok(false.into()),
        _ => Err(unexpected("one value", None)),
    }
}

/// The thousandths of a quantity, rounded away from zero, as
/// `Quantity.MilliValue` of k8s.io/apimachinery/pkg/api/resource gives them. The grammar is
/// the one that is written there:
///
/// ```text
/// quantity = [ "+" | "-" ] ( digits [ "." [ digits ] ] | "." digits ) suffix
/// suffix   = "" | n u m k M G T P E | Ki Mi Gi Ti Pi Ei | ( "e" | "E" ) [ "+" | "-" ] digits
/// ```
///
/// There is no greatest quantity but that of 128 bits; Kubernetes stops at 64.
///
/// # Errors
/// When the text is not a quantity, or has more digits than 128 bits hold.
pub(super) fn milli(text: &str) -> Result<i128, String> {
    let malformed = || format!("`{}` is not a quantity such as `250m` or `1Gi`", shown(text));
    let too_large = || format!("the quantity `{}` does not fit in 128 bits", shown(text));
    let (negative, number) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, rest) = digits(number);
    let (fraction, suffix) = rest.strip_prefix('.').map_or(("", rest), digits);
    let (twos, tens) = factor(suffix).ok_or_else(malformed)?;
    if whole.is_empty() && fraction.is_empty() {
        return Err(malformed());
    }
    let fraction = fraction.trim_end_matches('0');
    let significant = format!("{whole}{fraction}");
    let significant = match significant.trim_start_matches('0') {
        "" => return Ok(0),
        some => some.parse::<i128>().map_err(|_| too_large())?,
    };
    let shifted = significant.checked_mul(1_i128 << twos).ok_or_else(too_large)?;
    let shift = tens.saturating_add(3).saturating_sub(fraction.len() as i64);
    let power = u32::try_from(shift.unsigned_abs()).ok().and_then(|by| 10_i128.checked_pow(by));
    let milli = match power {
        Some(power) if shift >= 0 => shifted.checked_mul(power).ok_or_else(too_large)?,
        Some(power) => shifted / power + i128::from(shifted % power != 0),
        None if shift >= 0 => return Err(too_large()),
        // Less than one thousandth, whatever the digits are.
        None => 1,
    };
    Ok(if negative { -milli } else { milli })
}

/// The decimal digits that a text begins with, and what follows.
fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// The powers of two and of ten that a suffix stands for.
fn factor(suffix: &str) -> Option<(u32, i64)> {
    Some(match suffix {
        "n" => (0, -9),
        "u" => (0, -6),
        "m" => (0, -3),
        "" => (0, 0),
        "k" => (0, 3),
        "M" => (0, 6),
        "G" => (0, 9),
        "T" => (0, 12),
        "P" => (0, 15),
        "E" => (0, 18),
        "Ki" => (10, 0),
        "Mi" => (20, 0),
        "Gi" => (30, 0),
        "Ti" => (40, 0),
        "Pi" => (50, 0),
        "Ei" => (60, 0),
        exponent => {
            let written = exponent.strip_prefix(['e', 'E'])?;
            let unsigned = written.strip_prefix(['+', '-']).unwrap_or(written);
            let (number, rest) = digits(unsigned);
            if number.is_empty() || !rest.is_empty() {
                return None;
            }
            (0, written.parse().ok()?)
        }
    })
}

#[cfg(test)]
mod tests;
