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
    /// A state that breaks it can be reached. No run to one is shorter than this, and of those
    /// as short it is the first: steps in the order of the machine, greatest choices first.
    Broken {
        /// What happens from the start.
        run: Vec<Taken>,
    },
    /// A run goes round in a circle without coming to the goal.
    Circle,
    /// There are more states or more ways between them than the limit.
    TooMany,
}

/// Visits every reachable state, nearest first, up to `limit` states and sixteen times as many
/// ways from one to the next.
///
/// # Errors
/// When an expression has no value in a reachable state.
pub fn explore(
    instance: &Instance<'_, '_>,
    property: usize,
    limit: usize,
) -> Result<Exploration, InstanceFault> {
    let mut ways = limit.saturating_mul(16);
    let start = instance.start()?;
    if instance.breaks(property, &start)? {
        return Ok(Exploration::Broken { run: Vec::new() });
    }
    let mut before: BTreeMap<State, Option<(State, Taken)>> =
        BTreeMap::from([(start.clone(), None)]);
    let mut queue = VecDeque::from([start]);
    let mut edges: BTreeMap<State, Vec<State>> = BTreeMap::new();
    while let Some(state) = queue.pop_front() {
        if instance.is_eventual(property) && instance.is_at_goal(property, &state)? {
            // What happens after the goal no longer matters.
            continue;
        }
        let Some(found) = successors(instance, &state, &mut ways)? else {
            return Ok(Exploration::TooMany);
        };
        for (taken, next) in &found {
            if before.contains_key(next) {
                continue;
            }
            if before.len() >= limit {
                return Ok(Exploration::TooMany);
            }
            before.insert(next.clone(), Some((state.clone(), taken.clone())));
            if instance.breaks(property, next)? {
                return Ok(Exploration::Broken { run: run_to(next, &before) });
            }
            queue.push_back(next.clone());
        }
        if instance.is_eventual(property) {
            edges.insert(state, found.into_iter().map(|(_, next)| next).collect());
        }
    }
    if has_circle(edges) {
        return Ok(Exploration::Circle);
    }
    Ok(Exploration::Holds { states: before.len() })
}

fn run_to(end: &State, before: &BTreeMap<State, Option<(State, Taken)>>) -> Vec<Taken> {
    let mut run = Vec::new();
    let mut state = end;
    while let Some(Some((previous, taken))) = before.get(state) {
        run.push(taken.clone());
        state = previous;
    }
    run.reverse();
    run
}

/// What can happen next; `None` when there are more ways than are left.
fn successors(
    instance: &Instance<'_, '_>,
    state: &State,
    ways: &mut usize,
) -> Result<Option<Vec<(Taken, State)>>, InstanceFault> {
    let mut found = Vec::new();
    for step in 0..instance.specification.machine.steps.len() {
        let Some(ranges) = instance.choices(step, state)? else { continue };
        let mut chosen: Vec<i128> = ranges.iter().map(|(_, high)| *high).collect();
        loop {
            if *ways == 0 {
                return Ok(None);
            }
            *ways -= 1;
            if let Some(next) = instance.after(step, &chosen, state)? {
                found.push((Taken { step, chosen: chosen.clone() }, next));
            }
            if !count_down(&mut chosen, &ranges) {
                break;
            }
        }
    }
    Ok(Some(found))
}

/// The combination before, the last place fastest; false after the first one.
fn count_down(chosen: &mut [i128], ranges: &[(i128, i128)]) -> bool {
    for (place, (low, high)) in chosen.iter_mut().zip(ranges).rev() {
        if *place > *low {
            *place -= 1;
            return true;
        }
        *place = *high;
    }
    false
}

/// Is there a run among these states that comes back to where it was? Kahn's algorithm:
/// remove states without successors until none is left.
fn has_circle(mut edges: BTreeMap<State, Vec<State>>) -> bool {
    let mut leads_here: BTreeMap<State, Vec<State>> = BTreeMap::new();
    let mut left: BTreeMap<State, usize> = BTreeMap::new();
    for (state, next) in &edges {
        let inside = next.iter().filter(|next| edges.contains_key(*next));
        left.insert(state.clone(), inside.clone().count());
        for next in inside {
            leads_here.entry(next.clone()).or_default().push(state.clone());
        }
    }
    let mut ended: Vec<State> =
        left.iter().filter(|(_, count)| **count == 0).map(|(state, _)| state.clone()).collect();
    while let Some(state) = ended.pop() {
        edges.remove(&state);
        for previous in leads_here.remove(&state).unwrap_or_default() {
            if let Some(count) = left.get_mut(&previous) {
                *count -= 1;
                if *count == 0 {
                    ended.push(previous);
                }
            }
        }
    }
    !edges.is_empty()
}
