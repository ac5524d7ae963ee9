//! Ranking functions found from counterexamples (Ben-Amram and Genaim, "Ranking functions for
//! linear-constraint loops", J. ACM 2014, gives the form; the search is guided as in
//! Solar-Lezama's synthesis): sums of quantities of the machine with small coefficients.
//!
//! What is found is checked as if the author had written it.

use std::collections::BTreeMap;

use provost_spec::{Arithmetic, Assignment, Comparison, Constant, Sort, Term, TermClaim};

use crate::induction::{About, Attempt, Duty, after, duties, moves_on, ranked};
use crate::obligation::Known;
use crate::solver::{Answer, Session};
use crate::unroll::in_state;

/// Greatest coefficient.
const COEFFICIENT: i128 = 8;
/// Most quantities that are added up.
const QUANTITIES: usize = 48;
/// Most functions that are tried.
const TRIED: usize = 60;
/// Most values of an enumeration that are told apart.
const LABELS: i128 = 8;

/// Try to prove a claim about progress by a ranking function that nobody wrote down.
pub(crate) fn found_rank(session: &Session, known: &Known<'_>) -> Result<Attempt, String> {
    if let Some(moves) = moves_on(known)
        && !moves.ask(session).is_unsatisfiable()?
    {
        return Ok(Attempt::Failed("a run may get stuck".to_owned()));
    }
    let quantities = quantities(known);
    let mut learnt = Vec::new();
    for _ in 0..TRIED {
        let Some(coefficients) = coefficients(session, quantities.len(), &learnt)? else { break };
        let Some(rank) = sum(&coefficients, &quantities) else { break };
        let before = learnt.len();
        for duty in duties(known, &rank) {
            match duty.obligation.ask(session) {
                Answer::Unsatisfiable => {}
                Answer::Unknown(reason) => return Err(reason),
                Answer::Satisfiable(model) => {
                    learnt.extend(lesson(known, &duty, &quantities, model));
                }
            }
        }
        if learnt.len() == before {
            // Either every duty is fulfilled, or nothing can be learnt from those that are not.
            return ranked(session, known, &rank, false);
        }
    }
    Ok(Attempt::Failed("no ranking function was found".to_owned()))
}

/// Quantities of the machine that steps may lower: what is between the two sides of a
/// comparison in a lemma, in a guard or in the claim; and what is true or false.
fn quantities(known: &Known<'_>) -> Vec<Term> {
    let system = known.system;
    let mut found = Vec::new();
    for (name, sort) in &system.state {
        let symbol = Term::symbol(name, *sort);
        match sort {
            Sort::Int => found.push(symbol),
            Sort::Bool => atoms(&symbol, &mut found),
        }
    }
    known.lemmas.iter().for_each(|fact| distances(&fact.term, &mut found));
    known.lemmas.iter().for_each(|fact| labels(&fact.term, &mut found));
    for step in system.steps.iter().filter(|step| !step.fault) {
        atoms(&step.enabled(), &mut found);
    }
    match &system.claim {
        TermClaim::Progress { pending: goal, .. } | TermClaim::Reachable { goal, .. } => {
            atoms(goal, &mut found);
        }
        TermClaim::Safety(_) => {}
    }
    let mut kept: Vec<Term> = Vec::new();
    for quantity in found {
        let mut symbols = BTreeMap::new();
        quantity.symbols(&mut symbols);
        let varies = system.state.iter().any(|(name, _)| symbols.contains_key(name));
        if varies && !kept.contains(&quantity) && kept.len() < QUANTITIES {
            kept.push(quantity);
        }
    }
    kept
}

fn distance(from: &Term, to: &Term) -> Option<Term> {
    Term::arithmetic(Arithmetic::Sub, to.clone(), from.clone()).ok()
}

/// `b - a` for every `a <= b` that always holds: never negative.
fn distances(fact: &Term, into: &mut Vec<Term>) {
    match fact {
        Term::And(parts) => parts.iter().for_each(|part| distances(part, into)),
        Term::Compare(Comparison::AtMost | Comparison::Less, a, b) => into.extend(distance(a, b)),
        Term::Not(inner) => {
            if let Term::Compare(Comparison::AtMost | Comparison::Less, a, b) = &**inner {
                into.extend(distance(b, a));
            }
        }
        _ => {}
    }
}

/// Is it this value? for every value of a small range `0 <= x && x <= n` that always holds.
fn labels(fact: &Term, into: &mut Vec<Term>) {
    let Term::And(parts) = fact else { return };
    let [Term::Compare(_, low, symbol), Term::Compare(_, same, high)] = parts.as_slice() else {
        return;
    };
    let (Some(Constant::Int(low)), Some(Constant::Int(high))) = (low.constant(), high.constant())
    else {
        return;
    };
    if symbol == same && matches!(**symbol, Term::Symbol(..)) && high - low < LABELS {
        for value in low..=high {
            let is = Term::compare(Comparison::Equal, Term::clone(symbol), value.into());
            into.push(Term::choose(is, 1.into(), 0.into()));
        }
    }
}

/// How far each comparison in a condition is from being false, and what is true or false.
fn atoms(condition: &Term, into: &mut Vec<Term>) {
    match condition {
        Term::And(parts) | Term::Or(parts) => parts.iter().for_each(|part| atoms(part, into)),
        Term::Not(inner) => match &**inner {
            Term::Compare(Comparison::AtMost, a, b) => clipped(b, a, into),
            Term::Compare(Comparison::Less, a, b) => clipped(b, a, into),
            _ => atoms(inner, into),
        },
        Term::Compare(Comparison::AtMost | Comparison::Less, a, b) => clipped(a, b, into),
        Term::Compare(Comparison::Equal, ..) | Term::Symbol(_, Sort::Bool) => {
            into.push(Term::choose(condition.clone(), 1.into(), 0.into()));
            into.push(Term::choose(condition.clone(), 0.into(), 1.into()));
            if let Term::Compare(_, a, b) = condition {
                clipped(a, b, into);
                clipped(b, a, into);
            }
        }
        _ => {}
    }
}

/// `b - a` where that is positive.
fn clipped(a: &Term, b: &Term, into: &mut Vec<Term>) {
    if let Some(distance) = distance(a, b) {
        let positive = Term::compare(Comparison::Less, a.clone(), b.clone());
        into.push(Term::choose(positive, distance, 0.into()));
    }
}

fn coefficient(place: usize) -> Term {
    Term::symbol(format!("c{place}"), Sort::Int)
}

/// Coefficients that meet all that was learnt: small ones first.
fn coefficients(
    session: &Session,
    count: usize,
    learnt: &[Term],
) -> Result<Option<Vec<i128>>, String> {
    let ranges =
        (0..count).map(|place| Term::between(&coefficient(place), &0.into(), &COEFFICIENT.into()));
    let question: Vec<Term> = ranges.chain(learnt.iter().cloned()).collect();
    let total = sum(&vec![1; count], &(0..count).map(coefficient).collect::<Vec<_>>());
    for most in [4, 12, COEFFICIENT * count as i128] {
        let mut question = question.clone();
        question.extend(
            total.iter().map(|total| Term::compare(Comparison::AtMost, total.clone(), most.into())),
        );
        match session.check(&question) {
            Answer::Unsatisfiable => {}
            Answer::Unknown(reason) => return Err(reason),
            Answer::Satisfiable(model) => {
                let value = |place| match model.get(&format!("c{place}")) {
                    Some(Constant::Int(value)) => *value,
                    _ => 0,
                };
                return Ok(Some((0..count).map(value).collect()));
            }
        }
    }
    Ok(None)
}

/// The sum of some terms, each taken so many times.
fn sum(times: &[i128], terms: &[Term]) -> Option<Term> {
    let mut sum = Term::from(0);
    for (times, term) in times.iter().zip(terms).filter(|(times, _)| **times != 0) {
        let product = if *times == 1 {
            term.clone()
        } else {
            Term::arithmetic(Arithmetic::Mul, (*times).into(), term.clone()).ok()?
        };
        sum = Term::arithmetic(Arithmetic::Add, sum, product).ok()?;
    }
    Some(sum)
}

/// What a state or a step, in which a function fails, says about all coefficients.
fn lesson(
    known: &Known<'_>,
    duty: &Duty,
    quantities: &[Term],
    mut model: Assignment,
) -> Option<Term> {
    let system = known.system;
    let variables: Vec<Term> = (0..quantities.len()).map(coefficient).collect();
    let mut weighed = |index: usize, terms: &[Term]| -> Option<Vec<i128>> {
        terms.iter().map(|term| value(&in_state(system, term, index), &mut model)).collect()
    };
    let now = weighed(0, quantities)?;
    let lowered = |then: &[i128]| -> Option<Term> {
        let steps: Option<Vec<i128>> =
            now.iter().zip(then).map(|(now, then)| now.checked_sub(*then)).collect();
        sum(&steps?, &variables)
    };
    match duty.about {
        About::Negative => {
            Some(Term::compare(Comparison::AtMost, 0.into(), sum(&now, &variables)?))
        }
        About::Bound => {
            let TermClaim::Reachable { within: Some(within), .. } = &system.claim else {
                return None;
            };
            let bound = value(&in_state(system, within, 0), &mut model)?;
            Some(Term::compare(Comparison::AtMost, sum(&now, &variables)?, bound.into()))
        }
        About::Step(least) => {
            let then = weighed(1, quantities)?;
            Some(Term::compare(Comparison::AtMost, least.into(), lowered(&then)?))
        }
        About::SomeStep => {
            let mut ways = Vec::new();
            for step in system.steps.iter().filter(|step| !step.fault) {
                let enabled = in_state(system, &step.enabled(), 0);
                complete(&enabled, &mut model);
                if enabled.evaluate(&model) != Some(Constant::Bool(true)) {
                    continue;
                }
                let then: Option<Vec<i128>> = quantities
                    .iter()
                    .map(|one| value(&in_state(system, &after(system, step, one), 0), &mut model))
                    .collect();
                ways.push(Term::compare(Comparison::AtMost, 1.into(), lowered(&then?)?));
            }
            Some(Term::or(ways))
        }
    }
}

fn value(term: &Term, model: &mut Assignment) -> Option<i128> {
    complete(term, model);
    match term.evaluate(model)? {
        Constant::Int(value) => Some(value),
        Constant::Bool(_) => None,
    }
}

/// What the question did not mention may have any value.
fn complete(term: &Term, model: &mut Assignment) {
    let mut symbols = BTreeMap::new();
    term.symbols(&mut symbols);
    for (name, sort) in symbols {
        model.entry(name).or_insert(match sort {
            Sort::Int => Constant::Int(0),
            Sort::Bool => Constant::Bool(false),
        });
    }
}
