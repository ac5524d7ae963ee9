//! Proofs for every reachable state, however many there are.
//!
//! An invariant is proved by induction strengthened with lemmas. Lemmas are hints: those
//! that are not inductive together are dropped one by one (Flanagan and Leino,
//! "Houdini, an annotation assistant for ESC/Java", FME 2001), so that a wrong lemma can
//! cost a proof but never make one. `eventually` is proved by a ranking function.

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

/// Try to prove a claim of a system under its domain.
pub(crate) fn prove(session: &Session, system: &System, claim: &TermClaim) -> Attempt {
    prove_with(session, system, claim).unwrap_or_else(Attempt::Failed)
}

fn prove_with(session: &Session, system: &System, claim: &TermClaim) -> Result<Attempt, String> {
    let lemmas = inductive_lemmas(session, system)?;
    let known = Term::and(std::iter::once(system.domain()).chain(lemmas));
    match claim {
        TermClaim::Invariant(holds) => {
            let first = [system.domain(), starts(system, 0), broken(system, holds, 0)];
            if !is_unsatisfiable(session, &first)? {
                return Ok(Attempt::Failed("it is false at the start".to_owned()));
            }
            if is_unsatisfiable(session, &[in_state(system, &known, 0), broken(system, holds, 0)])?
            {
                return Ok(Attempt::Proved("lemmas"));
            }
            let before = in_state(system, &Term::and([known, holds.clone()]), 0);
            for (index, step) in system.steps.iter().enumerate() {
                let question = [before.clone(), takes(system, index, 0), broken(system, holds, 1)];
                if !is_unsatisfiable(session, &question)? {
                    return Ok(Attempt::Failed(format!("step `{}` may break it", step.name)));
                }
            }
            Ok(Attempt::Proved("1-induction"))
        }
        TermClaim::Eventually { goal, rank } => {
            let pending = Term::and([known, Term::negate(goal.clone())]);
            let stuck = [pending.clone(), system.broken(claim)];
            if !is_unsatisfiable(session, &stuck)? {
                return Ok(Attempt::Failed("a run may get stuck".to_owned()));
            }
            let negative = Term::compare(Comparison::Less, rank.clone(), 0.into());
            if !is_unsatisfiable(session, &[pending.clone(), negative])? {
                return Ok(Attempt::Failed("`rank` may be negative".to_owned()));
            }
            for (index, step) in system.steps.iter().enumerate() {
                let (now, then) = (in_state(system, rank, 0), in_state(system, rank, 1));
                let question = [
                    in_state(system, &pending, 0),
                    takes(system, index, 0),
                    Term::compare(Comparison::AtMost, now, then),
                ];
                if !is_unsatisfiable(session, &question)? {
                    let reason = format!("step `{}` may not lower `rank`", step.name);
                    return Ok(Attempt::Failed(reason));
                }
            }
            Ok(Attempt::Proved("ranking function"))
        }
    }
}

fn broken(system: &System, holds: &Term, index: usize) -> Term {
    Term::negate(in_state(system, holds, index))
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
