//! Integers: bounds, sums and rounding. They may be unknown unless a function says otherwise.

use super::operands::{arithmetic_fault, known_int, list, shown, term, text, unexpected};
use super::{Context, Given};
use crate::term::{Arithmetic, Comparison, Sort, Term};
use crate::value::Value;

/// The longest list that `range` makes.
const RANGE: i128 = 10_000;

pub(super) fn between<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    let (low, high) = (known_int(values, 0)?, known_int(values, 1)?);
    context.unknowns.declare(low, Some(high), None).map(Value::Term)
}

pub(super) fn smaller<'c>(values: &[Value<'c>], larger: bool) -> Given<'c> {
    Ok(Value::Term(one_of(term(values, 0)?, term(values, 1)?, larger)))
}

pub(super) fn extreme<'c>(values: &[Value<'c>], larger: bool) -> Given<'c> {
    let items = list(values, 0)?;
    let mut terms = (0..items.len()).map(|index| term(items, index));
    let first = terms.next().ok_or("the list is empty")??;
    let found = terms.try_fold(first, |found, next| Ok::<_, String>(one_of(found, next?, larger)));
    found.map(Value::Term)
}

/// The smaller, or the larger.
pub(super) fn one_of(a: Term, b: Term, larger: bool) -> Term {
    let ordered = Term::compare(Comparison::AtMost, a.clone(), b.clone());
    if larger { Term::choose(ordered, b, a) } else { Term::choose(ordered, a, b) }
}

pub(super) fn abs<'c>(values: &[Value<'c>]) -> Given<'c> {
    let number = term(values, 0)?;
    let negated = Term::arithmetic(Arithmetic::Sub, 0.into(), number.clone());
    let negated = negated.map_err(arithmetic_fault)?;
    let negative = Term::compare(Comparison::Less, number.clone(), 0.into());
    Ok(Value::Term(Term::choose(negative, negated, number)))
}

/// The least integer that is not below the quotient; `Div` rounds towards zero, which is up
/// for what is negative.
pub(super) fn ceil_div<'c>(values: &[Value<'c>]) -> Given<'c> {
    let (number, divisor) = (term(values, 0)?, known_int(values, 1)?);
    if divisor <= 0 {
        return Err(format!("the divisor of `ceilDiv` is {divisor}, which is not positive"));
    }
    let apply =
        |operation, a, b: i128| Term::arithmetic(operation, a, b.into()).map_err(arithmetic_fault);
    let positive = Term::compare(Comparison::Less, 0.into(), number.clone());
    let before = apply(Arithmetic::Sub, number.clone(), 1)?;
    let up = apply(Arithmetic::Add, apply(Arithmetic::Div, before, divisor)?, 1)?;
    let towards_zero = apply(Arithmetic::Div, number, divisor)?;
    Ok(Value::Term(Term::choose(positive, up, towards_zero)))
}

pub(super) fn range<'c>(values: &[Value<'c>]) -> Given<'c> {
    let count = known_int(values, 0)?;
    if !(0..=RANGE).contains(&count) {
        return Err(format!("`range` takes 0 to {RANGE}, not {count}"));
    }
    Ok(Value::List((0..count).map(Value::from).collect()))
}

/// Sums pairs, and then pairs of sums: a chain of unknowns would be as deep as it is long.
pub(super) fn sum<'c>(values: &[Value<'c>]) -> Given<'c> {
    let items = list(values, 0)?;
    let terms: Result<Vec<_>, _> = (0..items.len()).map(|index| term(items, index)).collect();
    let (known, mut unknown): (Vec<_>, Vec<_>) =
        terms?.into_iter().partition(|term| term.constant().is_some());
    let add = |a, b| Term::arithmetic(Arithmetic::Add, a, b).map_err(arithmetic_fault);
    unknown.push(known.into_iter().try_fold(0.into(), add)?);
    while unknown.len() > 1 {
        let pairs = unknown.chunks(2).map(|pair| match pair {
            [a, b] => add(a.clone(), b.clone()),
            rest => Ok(rest.first().cloned().unwrap_or_else(|| 0.into())),
        });
        unknown = pairs.collect::<Result<_, _>>()?;
    }
    Ok(Value::Term(unknown.pop().unwrap_or_else(|| 0.into())))
}

pub(super) fn int<'c>(values: &[Value<'c>]) -> Given<'c> {
    match values {
        [Value::Term(term)] if term.sort() == Sort::Int => Ok(Value::Term(term.clone())),
        [Value::Text(written)] => {
            let digits = written.strip_prefix(['-', '+']).unwrap_or(written);
            let decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let number = decimal.then(|| written.parse::<i128>().ok()).flatten();
            let fault = || format!("`{}` is not an integer", shown(written));
            number.map(Value::from).ok_or_else(fault)
        }
        _ => Err(unexpected("an int or a known string", values.first())),
    }
}

/// `GetScaledValueFromIntOrPercent` of k8s.io/apimachinery/pkg/util/intstr.
pub(super) fn scaled<'c>(values: &[Value<'c>]) -> Given<'c> {
    let total = term(values, 1)?;
    let up = match text(values, 2)? {
        "up" => true,
        "down" => false,
        other => return Err(format!("`{other}` is not a direction: use \"up\" or \"down\"")),
    };
    let percentage = match values.first() {
        Some(Value::Term(term)) if term.sort() == Sort::Int => {
            return Ok(Value::Term(term.clone()));
        }
        Some(Value::Text(text)) => percentage(text)?,
        other => return Err(unexpected("an int or a percentage", other)),
    };
    let apply =
        |operation, a, b: i128| Term::arithmetic(operation, a, b.into()).map_err(arithmetic_fault);
    let product = apply(Arithmetic::Mul, total, percentage)?;
    let rounded = if up { apply(Arithmetic::Add, product, 99)? } else { product };
    apply(Arithmetic::Div, rounded, 100).map(Value::Term)
}

fn percentage(text: &str) -> Result<i128, String> {
    text.strip_suffix('%')
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse::<i32>().ok())
        .map(i128::from)
        .ok_or_else(|| format!("`{text}` is neither an integer nor a percentage such as `25%`"))
}
