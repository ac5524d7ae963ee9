//! The shortest run that breaks a claim.

use std::collections::BTreeMap;

use provost_spec::{Assignment, Comparison, Constant, Sort, System, Term, TermClaim};

use crate::solver::{Answer, Session};
use crate::unroll::{Taken, choice, in_state, moves, pick, run, starts};

/// A run that breaks a claim, as the solver describes it; not yet replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Values of the unknowns.
    pub(crate) chosen: BTreeMap<String, i128>,
    /// What happens.
    pub(crate) run: Vec<Taken>,
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

/// The run to a state that breaks a claim.
pub(crate) fn counterexample(
    session: &Session,
    system: &System,
    claim: &TermClaim,
    depth: usize,
) -> Search {
    shortest(session, system, &system.broken(claim), depth)
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
    Ok(Candidate { chosen, run })
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
