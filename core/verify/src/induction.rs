//! Proofs for every reachable state, however many there are.
//!
//! An invariant is proved by induction strengthened with lemmas. Lemmas are hints: those
//! that are not inductive together are dropped one by one (Flanagan and Leino,
//! "Houdini, an annotation assistant for ESC/Java", FME 2001), so that a wrong lemma can
//! cost a proof but never make one. `eventually` is proved by a ranking function.

use std::collections::BTreeMap;

use provost_spec::{
    Assignment, Comparison, Constant, Fact, Origin, Sort, System, SystemStep, Term, TermClaim,
};

use crate::obligation::{Argument, Hypothesis, Known, Obligation};
use crate::solver::{Answer, Session};
use crate::unroll::{in_state, starts, takes};

/// The result of an attempt.
#[derive(Clone, Debug)]
pub(crate) enum Attempt {
    /// Proved.
    Proved(Argument),
    /// Not proved, and why. It may still be true.
    Failed(String),
}

impl From<Result<Self, String>> for Attempt {
    fn from(attempt: Result<Self, String>) -> Self {
        attempt.unwrap_or_else(Self::Failed)
    }
}

/// Try to prove the claim of a system under its domain.
pub(crate) fn prove(session: &Session, system: &System) -> Attempt {
    prove_with(session, system).into()
}

fn prove_with(session: &Session, system: &System) -> Result<Attempt, String> {
    let known = Known { system, lemmas: inductive_lemmas(session, system)? };
    match &system.claim {
        TermClaim::Safety(holds) => safety(session, &known, holds),
        TermClaim::Progress { rank: None, .. } | TermClaim::Reachable { rank: None, .. } => {
            Ok(Attempt::Failed("there is no `rank`".to_owned()))
        }
        TermClaim::Progress { rank: Some(rank), .. }
        | TermClaim::Reachable { rank: Some(rank), .. } => ranked(session, &known, rank, true),
    }
}

/// What is shown so far.
struct Shown<'s> {
    session: &'s Session,
    obligations: Vec<Obligation>,
}

impl Shown<'_> {
    /// Is it so?
    fn shows(&mut self, obligation: Obligation) -> Result<bool, String> {
        let shown = obligation.ask(self.session).is_unsatisfiable()?;
        if shown {
            self.obligations.push(obligation);
        }
        Ok(shown)
    }
}

fn safety(session: &Session, known: &Known<'_>, holds: &Term) -> Result<Attempt, String> {
    let system = known.system;
    let broken = |index| Term::negate(in_state(system, holds, index));
    let mut shown = Shown { session, obligations: Vec::new() };
    let start = Obligation {
        name: "it holds at the start".to_owned(),
        hypotheses: known.start(),
        denied: broken(0),
    };
    if !shown.shows(start)? {
        return Ok(Attempt::Failed("it is false at the start".to_owned()));
    }
    let follows = Obligation {
        name: "it follows from what always holds".to_owned(),
        hypotheses: known.always(0),
        denied: broken(0),
    };
    if follows.ask(session).is_unsatisfiable()? {
        return Argument::of(session, known, "lemmas", vec![follows]).map(Attempt::Proved);
    }
    for (index, step) in system.steps.iter().enumerate() {
        let mut hypotheses = known.always(0);
        hypotheses.push(Hypothesis::new(in_state(system, holds, 0), []));
        hypotheses.extend(known.takes(index));
        let name = format!("step `{}` keeps it", step.name);
        if !shown.shows(Obligation { name, hypotheses, denied: broken(1) })? {
            return Ok(Attempt::Failed(format!("step `{}` may break it", step.name)));
        }
    }
    Argument::of(session, known, "1-induction", shown.obligations).map(Attempt::Proved)
}

/// Something that a ranking function must do.
pub(crate) struct Duty {
    /// What is shown.
    pub(crate) obligation: Obligation,
    /// What its failure says of the function.
    pub(crate) failure: String,
    /// What it is about.
    pub(crate) about: About,
}

/// What a ranking function must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// Never be negative; in state 0.
    Negative,
    /// Never be more than the steps that are allowed; in state 0.
    Bound,
    /// Be lowered from state 0 to state 1 by at least this.
    Step(i128),
    /// Be lowered by some step from state 0.
    SomeStep,
}

/// The claim by a ranking function; `is_given` says whether it was written by the author.
pub(crate) fn ranked(
    session: &Session,
    known: &Known<'_>,
    rank: &Term,
    is_given: bool,
) -> Result<Attempt, String> {
    let mut shown = Shown { session, obligations: Vec::new() };
    if let Some(moves) = moves_on(known)
        && !shown.shows(moves)?
    {
        return Ok(Attempt::Failed("a run may get stuck".to_owned()));
    }
    for Duty { obligation, failure, .. } in duties(known, rank) {
        if !shown.shows(obligation)? {
            return Ok(Attempt::Failed(failure));
        }
    }
    let technique = if is_given { "ranking function" } else { "found ranking function" };
    let mut argument = Argument::of(session, known, technique, shown.obligations)?;
    if is_given {
        argument.origins.insert(Origin::Rank);
    }
    Ok(Attempt::Proved(argument))
}

/// While a run is pending, some fair step can happen; for a claim about progress.
pub(crate) fn moves_on(known: &Known<'_>) -> Option<Obligation> {
    let TermClaim::Progress { pending, .. } = &known.system.claim else { return None };
    let here = |term: &Term| in_state(known.system, term, 0);
    let mut hypotheses = known.always(0);
    let fair = known.system.steps.iter().enumerate().filter(|(_, step)| step.fair);
    hypotheses.extend(fair.map(|(index, step)| {
        Hypothesis::new(here(&Term::negate(step.enabled())), [Origin::When(index)])
    }));
    let name = "a pending run can go on".to_owned();
    Some(Obligation { name, hypotheses, denied: here(pending) })
}

/// What a ranking function must do, in the order in which it is checked.
pub(crate) fn duties(known: &Known<'_>, rank: &Term) -> Vec<Duty> {
    match &known.system.claim {
        TermClaim::Safety(_) => Vec::new(),
        TermClaim::Progress { pending, .. } => progress(known, pending, rank),
        TermClaim::Reachable { goal, within, .. } => reachable(known, goal, rank, within.as_ref()),
    }
}

fn never_negative(known: &Known<'_>, before: &Term, rank: &Term) -> Duty {
    let mut hypotheses = known.always(0);
    hypotheses.push(Hypothesis::new(before.clone(), []));
    let rank = in_state(known.system, rank, 0);
    let denied = Term::compare(Comparison::Less, rank, 0.into());
    Duty {
        obligation: Obligation { name: "`rank` is never negative".to_owned(), hypotheses, denied },
        failure: "`rank` may be negative".to_owned(),
        about: About::Negative,
    }
}

fn progress(known: &Known<'_>, pending: &Term, rank: &Term) -> Vec<Duty> {
    let system = known.system;
    let mut duties = vec![never_negative(known, &in_state(system, pending, 0), rank)];
    for (index, step) in system.steps.iter().enumerate() {
        let (now, then) = (in_state(system, rank, 0), in_state(system, rank, 1));
        let (wrong, least) =
            if step.fair { (Comparison::AtMost, 1) } else { (Comparison::Less, 0) };
        let mut hypotheses = known.always(0);
        hypotheses.push(Hypothesis::new(in_state(system, pending, 0), []));
        hypotheses.extend(known.takes(index));
        hypotheses.push(Hypothesis::new(in_state(system, pending, 1), []));
        let (does, fails) =
            if step.fair { ("lowers", "not lower") } else { ("does not raise", "raise") };
        let name = format!("step `{}` {does} `rank`", step.name);
        let denied = Term::compare(wrong, now, then);
        duties.push(Duty {
            obligation: Obligation { name, hypotheses, denied },
            failure: format!("step `{}` may {fails} `rank`", step.name),
            about: About::Step(least),
        });
    }
    duties
}

/// In every state short of the goal some step, with its greatest choices, lowers the rank: to
/// take such steps is a way to the goal.
fn reachable(known: &Known<'_>, goal: &Term, rank: &Term, within: Option<&Term>) -> Vec<Duty> {
    let system = known.system;
    let here = |term: &Term| in_state(system, term, 0);
    let short = here(&Term::negate(goal.clone()));
    let mut duties = vec![never_negative(known, &short, rank)];
    if let Some(within) = within {
        let mut hypotheses = known.always(0);
        hypotheses.push(Hypothesis::new(short.clone(), []));
        let denied = Term::compare(Comparison::Less, here(within), here(rank));
        let name = "`rank` is at most the steps allowed".to_owned();
        duties.push(Duty {
            obligation: Obligation { name, hypotheses, denied },
            failure: "`rank` may be more than the steps allowed".to_owned(),
            about: About::Bound,
        });
    }
    let mut hypotheses = known.always(0);
    for (index, step) in system.steps.iter().enumerate().filter(|(_, step)| !step.fault) {
        let lower = after(system, step, rank);
        let lowers = Term::compare(Comparison::Less, lower, rank.clone());
        let fails = Term::negate(Term::and([step.enabled(), lowers]));
        let sets = (0..system.state.len()).map(|slot| Origin::Next(index, slot));
        let origins = std::iter::once(Origin::When(index)).chain(sets);
        hypotheses.push(Hypothesis::new(here(&fails), origins));
    }
    duties.push(Duty {
        obligation: Obligation {
            name: "short of the goal some step lowers `rank`".to_owned(),
            hypotheses,
            denied: short,
        },
        failure: "no step may lower `rank`".to_owned(),
        about: About::SomeStep,
    });
    duties
}

/// What a term is after a step with its greatest choices.
pub(crate) fn after(system: &System, step: &SystemStep, term: &Term) -> Term {
    let next: BTreeMap<&str, &Term> =
        system.state.iter().map(|(name, _)| name.as_str()).zip(&step.next).collect();
    let greatest = |name: &str, _: Sort| {
        let choice = step.choices.iter().find(|(choice, ..)| choice == name);
        choice.map(|(_, _, high)| high.clone())
    };
    term.replaced(&|name, _| next.get(name).map(|next| next.replaced(&greatest)))
}

/// The lemmas that hold at the start and that the steps keep together.
pub(crate) fn inductive_lemmas(session: &Session, system: &System) -> Result<Vec<Fact>, String> {
    let mut kept = system.lemmas.clone();
    let first = [system.domain(), starts(system, 0)];
    drop_false(session, system, &mut kept, &first, 0)?;
    let mut changed = true;
    while changed && !kept.is_empty() {
        changed = false;
        for step in 0..system.steps.len() {
            let lemmas = kept.iter().map(|fact| fact.term.clone());
            let before = Term::and(std::iter::once(system.domain()).chain(lemmas));
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
    lemmas: &mut Vec<Fact>,
    known: &[Term],
    index: usize,
) -> Result<bool, String> {
    let mut dropped = false;
    while !lemmas.is_empty() {
        let all = Term::and(lemmas.iter().map(|fact| fact.term.clone()));
        let all = in_state(system, &all, index);
        let question: Vec<_> = known.iter().cloned().chain([Term::negate(all)]).collect();
        let model = match session.check(&question) {
            Answer::Unsatisfiable => return Ok(dropped),
            Answer::Satisfiable(model) => model,
            Answer::Unknown(reason) => return Err(reason),
        };
        let before = lemmas.len();
        lemmas.retain(|fact| is_true(&in_state(system, &fact.term, index), &model));
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
