//! The shortest run that breaks a claim.

use std::collections::BTreeMap;

use provost_spec::{Assignment, Comparison, Constant, Sort, System, Term, TermClaim};
use serde::{Deserialize, Serialize};

use crate::solver::{Answer, Session};
use crate::unroll::{Taken, choice, in_state, moves, pick, run, starts};

/// A run that breaks a claim, as the solver describes it; not yet replayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Candidate {
    /// Values of the unknowns.
    pub(crate) chosen: BTreeMap<String, i128>,
    /// What happens.
    pub(crate) run: Vec<Taken>,
    /// For a run that goes on for ever: index of the state that the last one equals.
    pub(crate) back_to: Option<usize>,
}

/// The result of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// The shortest run, with the least values of the unknowns for that length.
    Found(Candidate),
    /// No run of this many steps or fewer.
    NoneWithin(usize),
    /// The solver gave up.
    Unknown(String),
}

/// Look for a run of at most `depth` steps to a state where `bad` holds.
pub(crate) fn shortest(session: &Session, system: &System, bad: &Term, depth: usize) -> Search {
    let depth = if system.steps.is_empty() { 0 } else { depth };
    let mut path = vec![system.domain(), starts(system, 0)];
    for length in 0..=depth {
        let mut question = path.clone();
        question.push(in_state(system, bad, length));
        match session.check(&question) {
            Answer::Satisfiable(model) => {
                return match settled(session, system, question, model, length) {
                    Ok(candidate) => Search::Found(candidate),
                    Err(reason) => Search::Unknown(reason),
                };
            }
            Answer::Unsatisfiable => {}
            Answer::Unknown(reason) => return Search::Unknown(reason),
        }
        path.push(moves(system, length));
    }
    Search::NoneWithin(depth)
}

/// The shortest run that breaks the claim of a system: to a state that does, or round in a
/// circle without coming to the goal.
pub(crate) fn counterexample(session: &Session, system: &System, depth: usize) -> Search {
    let found = shortest(session, system, &system.broken(), depth);
    let TermClaim::Progress { pending, .. } = &system.claim else { return found };
    match found {
        Search::NoneWithin(depth) => circle(session, system, pending, depth),
        other => other,
    }
}

/// The shortest run that comes back to a state it was in, pending all the way round, with a
/// fair step in the circle. Without one no run is fair: in a pending state that is no end some
/// fair step can happen.
fn circle(session: &Session, system: &System, pending: &Term, depth: usize) -> Search {
    let mut path = vec![system.domain(), starts(system, 0)];
    for length in 1..=depth {
        path.push(moves(system, length - 1));
        let circles: Vec<Term> =
            (0..length).map(|start| comes_back(system, pending, start, length)).collect();
        let mut question = path.clone();
        question.push(Term::or(circles.iter().cloned()));
        match session.check(&question) {
            Answer::Unsatisfiable => {}
            Answer::Unknown(reason) => return Search::Unknown(reason),
            Answer::Satisfiable(model) => {
                // The longest way before the circle is the shortest circle.
                let holds = |circle: &(usize, &Term)| {
                    circle.1.evaluate(&model) == Some(Constant::Bool(true))
                };
                let Some((start, circle)) = circles.iter().enumerate().rev().find(holds) else {
                    return Search::Unknown("a model of the solver has no circle".to_owned());
                };
                let mut question = path.clone();
                question.push(circle.clone());
                return match settled(session, system, question, model, length) {
                    Ok(found) => Search::Found(Candidate { back_to: Some(start), ..found }),
                    Err(reason) => Search::Unknown(reason),
                };
            }
        }
    }
    Search::NoneWithin(depth)
}

/// State `end` equals state `start`, all between are pending, and a fair step is among them.
fn comes_back(system: &System, pending: &Term, start: usize, end: usize) -> Term {
    let same = system.state.iter().map(|(name, sort)| {
        let here = in_state(system, &Term::symbol(name, *sort), start);
        Term::equal(here, in_state(system, &Term::symbol(name, *sort), end))
    });
    let pending = (start..end).map(|index| in_state(system, pending, index));
    let fair = (start..end).flat_map(|index| {
        let fair = system.steps.iter().enumerate().filter(|(_, step)| step.fair);
        fair.map(move |(step, _)| {
            let pick = Term::symbol(pick(index), Sort::Int);
            Term::compare(Comparison::Equal, pick, (step as i128).into())
        })
    });
    Term::and(same.chain(pending).chain([Term::or(fair)]))
}

/// Can a state where `bad` holds be reached in at most `depth` steps? `false` also when the
/// solver gave up.
pub(crate) fn is_reachable(session: &Session, system: &System, bad: &Term, depth: usize) -> bool {
    let mut path = vec![system.domain(), starts(system, 0)];
    for length in 0..=depth {
        let mut question = path.clone();
        question.push(in_state(system, bad, length));
        match session.check(&question) {
            Answer::Satisfiable(_) => return true,
            Answer::Unsatisfiable => path.push(moves(system, length)),
            Answer::Unknown(_) => return false,
        }
    }
    false
}

/// Of all the runs of this length, always the same one: the least unknowns, because people
/// look at small numbers first; at each state the first step of the machine that leads on;
/// and the greatest choices, because controllers do as much as they may.
fn settled(
    session: &Session,
    system: &System,
    question: Vec<Term>,
    model: Assignment,
    length: usize,
) -> Result<Candidate, String> {
    let no_run = || "a model of the solver describes no run".to_owned();
    let mut settling = Settling { session, question, model };
    let mut chosen = BTreeMap::new();
    for unknown in &system.unknowns {
        chosen.insert(unknown.name.clone(), settling.settle(&unknown.name, unknown.low)?);
    }
    for index in 0..length {
        let step = settling.settle(&pick(index), 0)?;
        let step = usize::try_from(step).ok().and_then(|step| system.steps.get(step));
        for (name, _, high) in &step.ok_or_else(no_run)?.choices {
            // What came before is settled, so that the range is known.
            match in_state(system, high, index).evaluate(&settling.model) {
                Some(Constant::Int(high)) => settling.settle(&choice(name, index), high)?,
                _ => return Err(no_run()),
            };
        }
    }
    let run = run(system, &settling.model, length).ok_or_else(no_run)?;
    Ok(Candidate { chosen, run, back_to: None })
}

/// A satisfiable question, a model of it, and what was settled so far.
struct Settling<'s> {
    session: &'s Session,
    question: Vec<Term>,
    model: Assignment,
}

impl Settling<'_> {
    /// Gives a symbol the value nearest to `bound` that it can have, which is on this side of
    /// it, and keeps it.
    fn settle(&mut self, name: &str, bound: i128) -> Result<i128, String> {
        let symbol = Term::symbol(name, Sort::Int);
        let mut best = self.value(name)?;
        // Nothing from `bound` up to, not including, `tried` is possible.
        let mut tried = bound;
        while best != tried {
            let middle = if tried == bound { bound } else { tried + (best - tried) / 2 };
            let mut nearer = self.question.clone();
            let (low, high) = (tried.min(middle), tried.max(middle));
            nearer.push(Term::between(&symbol, &low.into(), &high.into()));
            match self.session.check(&nearer) {
                Answer::Satisfiable(model) => {
                    self.model = model;
                    best = self.value(name)?;
                }
                Answer::Unsatisfiable => tried = middle + (best - middle).signum(),
                // A run is better than none, even if another is nearer.
                Answer::Unknown(_) => break,
            }
        }
        self.question.push(Term::compare(Comparison::Equal, symbol, best.into()));
        Ok(best)
    }

    fn value(&self, name: &str) -> Result<i128, String> {
        match self.model.get(name) {
            Some(Constant::Int(value)) => Ok(*value),
            _ => Err(format!("a model of the solver has no value for `{name}`")),
        }
    }
}
