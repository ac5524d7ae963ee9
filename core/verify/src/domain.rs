//! Values of unknowns, one by one: small ranges are tried out rather than handed to the solver.

use provost_spec::{Assignment, Constant, System, Term, Unknown};

/// Most combinations of values that are tried.
const COMBINATIONS: i128 = 2_000;

/// Is a term over the parameters true for all values that are allowed? `None` when there are
/// too many to try, or one of them has no answer.
pub(crate) fn always(system: &System, term: &Term) -> Option<bool> {
    for values in every(&system.unknowns)? {
        if is_allowed(system, &values)? && !is_true(term, &values)? {
            return Some(false);
        }
    }
    Some(true)
}

/// Do any values meet the assumptions? `None` when there are too many to try and none of the
/// least and the greatest do.
pub(crate) fn is_met(system: &System) -> Option<bool> {
    let least = at(&system.unknowns, |unknown| unknown.low);
    let greatest = at(&system.unknowns, |unknown| unknown.high.unwrap_or(unknown.low));
    if is_allowed(system, &least)? || is_allowed(system, &greatest)? {
        return Some(true);
    }
    for values in every(&system.unknowns)? {
        if is_allowed(system, &values)? {
            return Some(true);
        }
    }
    Some(false)
}

fn is_allowed(system: &System, values: &Assignment) -> Option<bool> {
    for assumption in &system.assumptions {
        if !is_true(&assumption.term, values)? {
            return Some(false);
        }
    }
    Some(true)
}

/// `None` when arithmetic overflows.
fn is_true(term: &Term, values: &Assignment) -> Option<bool> {
    Some(term.evaluate(values)? == Constant::Bool(true))
}

fn at(unknowns: &[Unknown], value: impl Fn(&Unknown) -> i128) -> Assignment {
    unknowns.iter().map(|u| (u.name.clone(), Constant::Int(value(u)))).collect()
}

fn every(unknowns: &[Unknown]) -> Option<Vec<Assignment>> {
    let mut left = COMBINATIONS;
    let mut all = vec![Assignment::new()];
    for unknown in unknowns {
        let high = unknown.high?;
        let width = high.checked_sub(unknown.low)?.checked_add(1)?;
        left /= width;
        if left == 0 {
            return None;
        }
        let values = || (unknown.low..=high).map(Constant::Int);
        all = all
            .iter()
            .flat_map(|before| {
                values().map(|value| {
                    let mut after = before.clone();
                    after.insert(unknown.name.clone(), value);
                    after
                })
            })
            .collect();
    }
    Some(all)
}
