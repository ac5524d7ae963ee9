//! The shortest run that breaks a claim.

use std::collections::BTreeMap;

use provost_spec::{Comparison, Constant, Sort, System, Term, TermClaim};

use crate::solver::{Answer, Session};
use crate::unroll::{Taken, in_state, moves, run, starts};

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
            Answer::Satisfiable(_) => return least(session, system, question, length),
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

/// Fix every unknown, then every choice, at its least value: people look at small numbers
/// first, and the same question always gets the same run.
fn least(session: &Session, system: &System, mut question: Vec<Term>, length: usize) -> Search {
    let mut chosen = BTreeMap::new();
    for unknown in &system.unknowns {
        match minimum(session, &question, &unknown.name, unknown.low, unknown.high) {
            Ok(value) => {
                let symbol = Term::symbol(&unknown.name, Sort::Int);
                question.push(Term::compare(Comparison::Equal, symbol, value.into()));
                chosen.insert(unknown.name.clone(), value);
            }
            Err(reason) => return Search::Unknown(reason),
        }
    }
    match session.check(&question) {
        Answer::Satisfiable(model) => match run(system, &model, length) {
            Some(run) => Search::Found(Candidate { chosen, run }),
            None => Search::Unknown("a model of the solver describes no run".to_owned()),
        },
        Answer::Unsatisfiable => Search::Unknown("the solver contradicts itself".to_owned()),
        Answer::Unknown(reason) => Search::Unknown(reason),
    }
}

/// The least value of a symbol from `low` to `high`, by bisection.
fn minimum(
    session: &Session,
    question: &[Term],
    name: &str,
    mut low: i128,
    mut high: i128,
) -> Result<i128, String> {
    let symbol = Term::symbol(name, Sort::Int);
    while low < high {
        let middle = low + (high - low) / 2;
        let mut bounded = question.to_vec();
        bounded.push(Term::between(&symbol, &low.into(), &middle.into()));
        match session.check(&bounded) {
            Answer::Satisfiable(model) => {
                high = match model.get(name) {
                    Some(Constant::Int(value)) => *value,
                    _ => middle,
                };
            }
            Answer::Unsatisfiable => low = middle + 1,
            Answer::Unknown(reason) => return Err(reason),
        }
    }
    Ok(low)
}
