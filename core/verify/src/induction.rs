//! Proofs for every reachable state, however many there are.
//!
//! An invariant is proved by induction strengthened with lemmas. Lemmas are hints: those
//! that are not inductive together are dropped one by one (Flanagan and Leino,
//! "Houdini, an annotation assistant for ESC/Java", FME 2001), so that a wrong lemma can
//! cost a proof but never make one. `eventually` is proved by a ranking function.

use std::collections::BTreeMap;

use provost_spec::{Assignment, Comparison, Constant, System, Term, TermClaim};

use crate::solver::{Answer, Session};
use crate::unroll::{in_state, starts, takes};

/// The result of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// Proved, by this technique.
    Proved(&'static str),
    /// Not proved, and why. It may still be true.
    Failed(String),
}

/// Try to prove the claim of a system under its domain.
pub(crate) fn prove(session: &Session, system: &System) -> Attempt {
    prove_with(session, system).unwrap_or_else(Attempt::Failed)
}

fn prove_with(session: &Session, system: &System) -> Result<Attempt, String> {
    let lemmas = inductive_lemmas(session, system)?;
    let known = Term::and(std::iter::once(system.domain()).chain(lemmas));
    match &system.claim {
        TermClaim::Safety(holds) => safety(session, system, &known, holds),
        TermClaim::Progress { pending, rank } => match rank {
            Some(rank) => progress(session, system, &known, (pending, rank)),
            None => Ok(Attempt::Failed("there is no `rank`".to_owned())),
        },
        TermClaim::Reachable { goal, rank, within } => match rank {
            Some(rank) => reachable(session, system, &known, (goal, rank, within.as_ref())),
            None => Ok(Attempt::Failed("there is no `rank`".to_owned())),
        },
    }
}

fn safety(
    session: &Session,
    system: &System,
    known: &Term,
    holds: &Term,
) -> Result<Attempt, String> {
    let broken = |index| Term::negate(in_state(system, holds, index));
    if !is_unsatisfiable(session, &[system.domain(), starts(system, 0), broken(0)])? {
        return Ok(Attempt::Failed("it is false at the start".to_owned()));
    }
    if is_unsatisfiable(session, &[in_state(system, known, 0), broken(0)])? {
        return Ok(Attempt::Proved("lemmas"));
    }
    let before = in_state(system, &Term::and([known.clone(), holds.clone()]), 0);
    for (index, step) in system.steps.iter().enumerate() {
        if !is_unsatisfiable(session, &[before.clone(), takes(system, index, 0), broken(1)])? {
            return Ok(Attempt::Failed(format!("step `{}` may break it", step.name)));
        }
    }
    Ok(Attempt::Proved("1-induction"))
}

fn progress(
    session: &Session,
    system: &System,
    known: &Term,
    (pending, rank): (&Term, &Term),
) -> Result<Attempt, String> {
    let before = Term::and([known.clone(), pending.clone()]);
    if !is_unsatisfiable(session, &[before.clone(), system.rests()])? {
        return Ok(Attempt::Failed("a run may get stuck".to_owned()));
    }
    let negative = Term::compare(Comparison::Less, rank.clone(), 0.into());
    if !is_unsatisfiable(session, &[before.clone(), negative])? {
        return Ok(Attempt::Failed("`rank` may be negative".to_owned()));
    }
    for (index, step) in system.steps.iter().enumerate() {
        let (now, then) = (in_state(system, rank, 0), in_state(system, rank, 1));
        let wrong = if step.fair { Comparison::AtMost } else { Comparison::Less };
        let question = [
            in_state(system, &before, 0),
            takes(system, index, 0),
            in_state(system, pending, 1),
            Term::compare(wrong, now, then),
        ];
        if !is_unsatisfiable(session, &question)? {
            let what = if step.fair { "not lower" } else { "raise" };
            return Ok(Attempt::Failed(format!("step `{}` may {what} `rank`", step.name)));
        }
    }
    Ok(Attempt::Proved("ranking function"))
}

/// In every state short of the goal some step, with its greatest choices, lowers the rank: to
/// take such steps is a way to the goal.
fn reachable(
    session: &Session,
    system: &System,
    known: &Term,
    (goal, rank, within): (&Term, &Term, Option<&Term>),
) -> Result<Attempt, String> {
    let short = Term::and([known.clone(), Term::negate(goal.clone())]);
    let negative = Term::compare(Comparison::Less, rank.clone(), 0.into());
    if !is_unsatisfiable(session, &[short.clone(), negative])? {
        return Ok(Attempt::Failed("`rank` may be negative".to_owned()));
    }
    if let Some(within) = within {
        let far = Term::compare(Comparison::Less, within.clone(), rank.clone());
        if !is_unsatisfiable(session, &[short.clone(), far])? {
            return Ok(Attempt::Failed("`rank` may be more than the steps allowed".to_owned()));
        }
    }
    let no_way = system.steps.iter().filter(|step| !step.fault).map(|step| {
        let after = system.state.iter().map(|(name, _)| name).zip(&step.next);
        let after: BTreeMap<_, _> = after.collect();
        let greatest = |name: &str, _| {
            let choice = step.choices.iter().find(|(choice, ..)| choice == name);
            choice.map(|(_, _, high)| high.clone())
        };
        let lower = rank
            .replaced(&|name, _| after.get(&name.to_owned()).map(|next| next.replaced(&greatest)));
        let lowers = Term::compare(Comparison::Less, lower, rank.clone());
        Term::negate(Term::and([step.enabled(), lowers]))
    });
    let question: Vec<_> = std::iter::once(short).chain(no_way).collect();
    if is_unsatisfiable(session, &question)? {
        return Ok(Attempt::Proved("ranking function"));
    }
    Ok(Attempt::Failed("no step may lower `rank`".to_owned()))
}

fn is_unsatisfiable(session: &Session, terms: &[Term]) -> Result<bool, String> {
    match session.check(terms) {
        Answer::Unsatisfiable => Ok(true),
        Answer::Satisfiable(_) => Ok(false),
        Answer::Unknown(reason) => Err(reason),
    }
}

/// The lemmas that hold at the start and that the steps keep together.
fn inductive_lemmas(session: &Session, system: &System) -> Result<Vec<Term>, String> {
    let mut kept = system.lemmas.clone();
    let first = [system.domain(), starts(system, 0)];
    drop_false(session, system, &mut kept, &first, 0)?;
    let mut changed = true;
    while changed && !kept.is_empty() {
        changed = false;
        for step in 0..system.steps.len() {
            let before = Term::and(std::iter::once(system.domain()).chain(kept.clone()));
            let question = [in_state(system, &before, 0), takes(system, step, 0)];
            changed |= drop_false(session, system, &mut kept, &question, 1)?;
        }
    }
    Ok(kept)
}

/// Drop every lemma that can be false in state `index` where `known` holds.
fn drop_false(
    session: &Session,
    system: &System,
    lemmas: &mut Vec<Term>,
    known: &[Term],
    index: usize,
) -> Result<bool, String> {
    let mut dropped = false;
    while !lemmas.is_empty() {
        let all = in_state(system, &Term::and(lemmas.clone()), index);
        let question: Vec<_> = known.iter().cloned().chain([Term::negate(all)]).collect();
        let model = match session.check(&question) {
            Answer::Unsatisfiable => return Ok(dropped),
            Answer::Satisfiable(model) => model,
            Answer::Unknown(reason) => return Err(reason),
        };
        let before = lemmas.len();
        lemmas.retain(|lemma| is_true(&in_state(system, lemma, index), &model));
        if lemmas.len() == before {
            return Err("a model of the solver makes no lemma false".to_owned());
        }
        dropped = true;
    }
    Ok(dropped)
}

fn is_true(term: &Term, model: &Assignment) -> bool {
    term.evaluate(model) == Some(Constant::Bool(true))
}
