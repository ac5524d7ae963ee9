//! For which values of the unknowns a property fails: exactly, or not at all.

use std::collections::BTreeMap;

use provost_spec::{
    Applies, Binary, Expr, ExprKind, Expression, Fact, Instance, Origin, Sort, System, Term,
    Unknown, Value,
};

use crate::found::Found;
use crate::induction::after;
use crate::judge::Verifier;
use crate::replay::replay;
use crate::search::Candidate;
use crate::solver::Purse;
use crate::unroll::Taken;

/// Bytes of a condition that explains more than it hides.
const SHOWN: usize = 60;

/// Most values that are tried one by one.
const VALUES: i128 = 64;

/// Where a property fails, as what follows `fails exactly when`. Every value is either tried
/// or covered by a proof; one without an answer leaves nothing to say.
pub(crate) fn fails_when(
    verifier: &Verifier,
    instance: &Instance<'_, '_>,
    system: &System,
    property: usize,
    candidate: &Candidate,
    purse: &mut Purse,
) -> Option<String> {
    if let [unknown] = system.unknowns.as_slice()
        && let Some(high) = unknown.high
        && high.checked_sub(unknown.low)? < VALUES
    {
        let trial = Trial { verifier, instance, property, candidate, unknown };
        return trial.region(high, purse);
    }
    everywhere_outside(verifier, instance, system, property, candidate)
}

/// One unknown whose values are tried one by one.
struct Trial<'t, 's, 'c> {
    verifier: &'t Verifier,
    instance: &'t Instance<'s, 'c>,
    property: usize,
    candidate: &'t Candidate,
    unknown: &'t Unknown,
}

impl Trial<'_, '_, '_> {
    fn region(&self, high: i128, purse: &mut Purse) -> Option<String> {
        let conjuncts = conjuncts(self.instance, self.property);
        let (mut failing, mut left_out) = (Vec::new(), Vec::new());
        // Conjuncts that are false somewhere, and whether together they are false exactly
        // where the property fails.
        let mut needed = vec![false; conjuncts.len()];
        let mut is_exact = !conjuncts.is_empty();
        for value in self.unknown.low..=high {
            let concrete = self.instance.with(self.chosen(value));
            let Some(fails) = self.fails(&concrete, value, purse)? else {
                left_out.push(value);
                continue;
            };
            if fails {
                failing.push(value);
            }
            let mut all = true;
            for (conjunct, needed) in conjuncts.iter().zip(&mut needed) {
                let holds = concrete.evaluate(conjunct).ok().and_then(|value| value.bool());
                is_exact &= holds.is_some();
                all &= holds == Some(true);
                *needed |= holds == Some(false);
            }
            is_exact &= all != fails;
        }
        let values = listed(self.unknown, &failing, &left_out, high)?;
        let needed = conjuncts.iter().zip(needed).filter(|(_, needed)| *needed);
        let texts: Vec<_> = needed.map(|(conjunct, _)| text(conjunct)).collect();
        let condition = texts.join(" && ");
        let everywhere = failing.len() as i128 == high - self.unknown.low + 1;
        if is_exact && !everywhere && !texts.is_empty() && condition.len() <= SHOWN {
            return Some(format!("{values}, that is not ({condition})"));
        }
        Some(values)
    }

    /// Does the property fail for this value? `None` inside when it does not apply to it,
    /// `None` outside when there is no answer.
    fn fails(
        &self,
        concrete: &Instance<'_, '_>,
        value: i128,
        purse: &mut Purse,
    ) -> Option<Option<bool>> {
        let Applies::Yes(conditions) = concrete.applies().ok()? else { return Some(None) };
        let system = concrete.system(self.property, conditions).ok()?;
        // What breaks it for one value often does for others.
        if let Some(same) = self.alike(concrete, &system, value)
            && replay(self.instance, self.property, &same).is_ok()
        {
            return Some(Some(true));
        }
        match self.verifier.afresh(concrete, &system, self.property, purse) {
            Found::Proved(_) => Some(Some(false)),
            Found::Open(_) => None,
            Found::Refuted(found) => {
                let found = Candidate { chosen: self.chosen(value), ..found };
                replay(self.instance, self.property, &found).is_ok().then_some(Some(true))
            }
        }
    }

    /// The steps of the candidate with the greatest choices that there are for another value.
    fn alike(
        &self,
        concrete: &Instance<'_, '_>,
        system: &System,
        value: i128,
    ) -> Option<Candidate> {
        if !system.unknowns.is_empty() {
            return None;
        }
        let mut state = concrete.start(self.property).ok()?;
        let mut run = Vec::new();
        for taken in &self.candidate.run {
            let ranges = concrete.choices(self.property, taken.step, &state).ok()??;
            let chosen: Vec<i128> = ranges.iter().map(|(_, high)| *high).collect();
            state = concrete.after(self.property, taken.step, &chosen, &state).ok()??;
            run.push(Taken { step: taken.step, chosen });
        }
        Some(Candidate { chosen: self.chosen(value), run, back_to: None })
    }

    fn chosen(&self, value: i128) -> BTreeMap<String, i128> {
        BTreeMap::from([(self.unknown.name.clone(), value)])
    }
}

/// `replicas is 4, 6 or from 8 to 12`, `replicas is any from 3 to 12`.
fn listed(unknown: &Unknown, failing: &[i128], left_out: &[i128], high: i128) -> Option<String> {
    let name = |value: i128| match &unknown.labels {
        Some(labels) => Some(format!("`{}`", labels.get(usize::try_from(value).ok()?)?)),
        None => Some(value.to_string()),
    };
    let mut ranges: Vec<(i128, i128)> = Vec::new();
    for &value in failing {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == value => *last = value,
            _ => ranges.push((value, value)),
        }
    }
    if unknown.labels.is_none() && left_out.is_empty() && ranges == [(unknown.low, high)] {
        return Some(format!("{} is any from {} to {high}", unknown.name, unknown.low));
    }
    let mut parts = Vec::new();
    for (first, last) in ranges {
        match last - first {
            2.. if unknown.labels.is_none() => parts.push(format!("from {first} to {last}")),
            _ => {
                for value in first..=last {
                    parts.push(name(value)?);
                }
            }
        }
    }
    let last = parts.pop()?;
    let before = if parts.is_empty() { String::new() } else { format!("{} or ", parts.join(", ")) };
    Some(format!("{} is {before}{last}", unknown.name))
}

/// The condition for a proof for all values, taken apart.
fn conjuncts(instance: &Instance<'_, '_>, property: usize) -> Vec<Expression> {
    let claimed = instance.specification.properties.get(property);
    let Some(condition) = claimed.and_then(|claimed| claimed.holds_when.as_ref()) else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    split(&condition.expr, &mut parts);
    let alone = |expr| {
        let mut part = condition.clone();
        part.expr = expr;
        part
    };
    parts.into_iter().map(alone).collect()
}

fn split(expr: &Expr, into: &mut Vec<Expr>) {
    match &expr.kind {
        ExprKind::Binary(Binary::And, a, b) => {
            split(a, into);
            split(b, into);
        }
        _ => into.push(expr.clone()),
    }
}

/// What is written, on one line.
fn text(expression: &Expression) -> String {
    let (start, end) = expression.expr.span;
    let written = expression.text.get(start..end).unwrap_or(&expression.text);
    written.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where there are too many values to try: it holds under the condition, as was proved, and
/// outside of it the same run breaks it for all values.
fn everywhere_outside(
    verifier: &Verifier,
    instance: &Instance<'_, '_>,
    system: &System,
    property: usize,
    candidate: &Candidate,
) -> Option<String> {
    let condition = system.holds_when.clone()?;
    let mut under = system.clone();
    under.assumptions.push(Fact::new(condition.clone(), Origin::HoldsWhen));
    // Under the condition, the proof for all values applies.
    verifier.general.proves(&verifier.means, instance, &under, property)?;
    let breaks = same_run(system, &candidate.run)?;
    let spared = [system.domain(), Term::negate(condition), Term::negate(breaks)];
    if !verifier.means.is_impossible(Term::and(spared)) {
        return None;
    }
    let mut texts = Vec::new();
    for conjunct in conjuncts(instance, property) {
        let Value::Term(term) = instance.evaluate(&conjunct).ok()? else { return None };
        let never_false = Term::and([system.domain(), Term::negate(term)]);
        if !verifier.means.is_impossible(never_false) {
            texts.push(text(&conjunct));
        }
    }
    let condition = texts.join(" && ");
    (!texts.is_empty() && condition.len() <= SHOWN).then(|| format!("not ({condition})"))
}

/// These steps can happen one after the other from the start, with the greatest choices, and
/// lead to a state that breaks the claim; over the parameters.
fn same_run(system: &System, run: &[Taken]) -> Option<Term> {
    let mut state: BTreeMap<String, Term> =
        system.state.iter().map(|(name, _)| name.clone()).zip(system.start.clone()).collect();
    let now = |term: &Term, state: &BTreeMap<String, Term>| {
        term.replaced(&|name: &str, _: Sort| state.get(name).cloned())
    };
    let mut happens = Vec::new();
    for taken in run {
        let step = system.steps.get(taken.step)?;
        happens.push(now(&step.enabled(), &state));
        let next = system.state.iter().map(|(name, sort)| {
            let symbol = Term::symbol(name, *sort);
            (name.clone(), now(&after(system, step, &symbol), &state))
        });
        state = next.collect();
        // Each step may double a term.
        for term in state.values() {
            term.size_within(SIZE, SIZE)?;
        }
    }
    happens.push(now(&system.broken(), &state));
    Some(Term::and(happens))
}

/// Most operations in a value of a state after the same run.
const SIZE: usize = 5_000;
