//! Every reachable state of an instance without unknowns, one by one.
//!
//! It shares nothing with the solver: the last resort for small machines, and the oracle
//! that tests hold the solver against.

use std::collections::{BTreeMap, VecDeque};

use provost_spec::{Instance, InstanceFault, State};

use crate::unroll::Taken;

/// What an exhaustive search saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exploration {
    /// No reachable state breaks the property.
    Holds {
        /// How many states are reachable.
        states: usize,
    },
    /// A state that breaks it, after this many steps, the least possible.
    Broken {
        /// Steps from the start.
        length: usize,
        /// The states of the run.
        run: Vec<State>,
    },
    /// A run goes round in a circle without coming to the goal.
    Circle,
    /// There are more states than the limit.
    TooMany,
}

/// Visit every reachable state, nearest first, up to `limit` states.
///
/// # Errors
/// When an expression has no value in a reachable state.
pub fn explore(
    instance: &Instance<'_, '_>,
    property: usize,
    limit: usize,
) -> Result<Exploration, InstanceFault> {
    let start = instance.start()?;
    let mut previous: BTreeMap<State, Option<State>> = BTreeMap::from([(start.clone(), None)]);
    let mut queue = VecDeque::from([start]);
    while let Some(state) = queue.pop_front() {
        if instance.breaks(property, &state)? {
            let mut run = vec![state];
            while let Some(Some(before)) = run.last().and_then(|state| previous.get(state)) {
                run.push(before.clone());
            }
            run.reverse();
            return Ok(Exploration::Broken { length: run.len() - 1, run });
        }
        for next in successors(instance, &state)? {
            if !previous.contains_key(&next) {
                if previous.len() >= limit {
                    return Ok(Exploration::TooMany);
                }
                previous.insert(next.clone(), Some(state.clone()));
                queue.push_back(next);
            }
        }
    }
    if instance.is_eventual(property) && has_circle(instance, property, previous.keys())? {
        return Ok(Exploration::Circle);
    }
    Ok(Exploration::Holds { states: previous.len() })
}

fn successors(instance: &Instance<'_, '_>, state: &State) -> Result<Vec<State>, InstanceFault> {
    let mut found = Vec::new();
    for step in 0..instance.specification.machine.steps.len() {
        let Some(ranges) = instance.choices(step, state)? else { continue };
        let mut combinations: Vec<Vec<i128>> = vec![Vec::new()];
        for (low, high) in ranges {
            combinations = combinations
                .iter()
                .flat_map(|chosen| {
                    (low..=high).map(move |value| {
                        let mut longer = chosen.clone();
                        longer.push(value);
                        longer
                    })
                })
                .collect();
        }
        for chosen in combinations {
            let taken = Taken { step, chosen };
            found.extend(instance.after(taken.step, &taken.chosen, state)?);
        }
    }
    Ok(found)
}

/// Is there a run among states short of the goal that comes back to where it was?
/// Kahn's algorithm: remove states without successors until none is left.
fn has_circle<'s>(
    instance: &Instance<'_, '_>,
    property: usize,
    states: impl Iterator<Item = &'s State>,
) -> Result<bool, InstanceFault> {
    let mut edges: BTreeMap<State, Vec<State>> = BTreeMap::new();
    for state in states {
        if !instance.is_at_goal(property, state)? {
            edges.insert(state.clone(), successors(instance, state)?);
        }
    }
    loop {
        let ended: Vec<State> = edges
            .iter()
            .filter(|(_, next)| !next.iter().any(|state| edges.contains_key(state)))
            .map(|(state, _)| state.clone())
            .collect();
        if ended.is_empty() {
            return Ok(!edges.is_empty());
        }
        for state in &ended {
            edges.remove(state);
        }
    }
}
