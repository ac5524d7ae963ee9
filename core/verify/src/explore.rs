//! Every reachable state of an instance without unknowns, one by one.
//!
//! It shares nothing with the solver: the last resort for small machines, and the oracle
//! that tests hold the solver against.

mod circle;
mod graph;

use std::collections::VecDeque;

use provost_spec::{Instance, InstanceFault, State};

use crate::unroll::Taken;
use graph::Graph;

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
    Circle {
        /// What happens from the start, once round.
        run: Vec<Taken>,
        /// Index of the state that the last one equals; the start is 0.
        back_to: usize,
    },
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
    let mut graph = Graph::starting_at(instance.start(property)?);
    let mut queue = VecDeque::from([0]);
    while let Some(place) = queue.pop_front() {
        let Some(state) = graph.state(place).cloned() else { break };
        if instance.breaks(property, &state)? {
            return Ok(Exploration::Broken { run: graph.run_to(place) });
        }
        let Some(found) = successors(instance, property, &state, &mut ways)? else {
            return Ok(Exploration::TooMany);
        };
        for (taken, next) in found {
            let Some((next, is_new)) = graph.add(place, taken, next, limit) else {
                return Ok(Exploration::TooMany);
            };
            if is_new {
                queue.push_back(next);
            }
        }
    }
    if instance.is_about_runs(property)
        && let Some((run, back_to)) = circle::circle(instance, property, &graph)?
    {
        return Ok(Exploration::Circle { run, back_to });
    }
    if let Some(lost) = out_of_reach(instance, property, &graph)? {
        return Ok(Exploration::Broken { run: graph.run_to(lost) });
    }
    Ok(Exploration::Holds { states: graph.len() })
}

/// The nearest state from which the goal cannot be reached, or not in as many steps as are
/// allowed, without a fault.
fn out_of_reach(
    instance: &Instance<'_, '_>,
    property: usize,
    graph: &Graph,
) -> Result<Option<usize>, InstanceFault> {
    let mut distance: Vec<Option<i128>> = vec![None; graph.len()];
    let mut queue = VecDeque::new();
    for (place, state) in graph.states().enumerate() {
        match instance.is_goal(property, state)? {
            None => return Ok(None),
            Some(false) => {}
            Some(true) => {
                if let Some(entry) = distance.get_mut(place) {
                    *entry = Some(0);
                    queue.push_back((place, 0));
                }
            }
        }
    }
    let before = graph.backwards(|taken| instance.is_fault(taken.step).map(|fault| !fault))?;
    while let Some((place, far)) = queue.pop_front() {
        for &previous in before.get(place).into_iter().flatten() {
            if let Some(entry @ None) = distance.get_mut(previous) {
                *entry = Some(far + 1);
                queue.push_back((previous, far + 1));
            }
        }
    }
    let bound = instance.bound(property)?;
    let near = |far: &Option<i128>| far.is_some_and(|far| bound.is_none_or(|bound| far <= bound));
    Ok(distance.iter().position(|far| !near(far)))
}

/// Can the goal of a property be reached from a state, in as many steps as are allowed, without
/// a fault? `None` when there are too many states to tell.
pub(crate) fn reaches(
    instance: &Instance<'_, '_>,
    property: usize,
    state: &State,
    limit: usize,
) -> Result<Option<bool>, InstanceFault> {
    let bound = instance.bound(property)?;
    let mut ways = limit.saturating_mul(16);
    let mut graph = Graph::starting_at(state.clone());
    let mut queue = VecDeque::from([(0, 0)]);
    while let Some((place, far)) = queue.pop_front() {
        let Some(state) = graph.state(place).cloned() else { break };
        if bound.is_some_and(|bound| far > bound) {
            break;
        }
        if instance.is_goal(property, &state)? == Some(true) {
            return Ok(Some(true));
        }
        let Some(found) = successors(instance, property, &state, &mut ways)? else {
            return Ok(None);
        };
        for (taken, next) in found {
            if instance.is_fault(taken.step)? {
                continue;
            }
            match graph.add(place, taken, next, limit) {
                None => return Ok(None),
                Some((next, true)) => queue.push_back((next, far + 1)),
                Some((_, false)) => {}
            }
        }
    }
    Ok(Some(false))
}

/// What can happen next; `None` when there are more ways than are left.
fn successors(
    instance: &Instance<'_, '_>,
    property: usize,
    state: &State,
    ways: &mut usize,
) -> Result<Option<Vec<(Taken, State)>>, InstanceFault> {
    let mut found = Vec::new();
    for step in 0..instance.layout()?.events.len() {
        let Some(ranges) = instance.choices(property, step, state)? else { continue };
        let mut chosen: Vec<i128> = ranges.iter().map(|(_, high)| *high).collect();
        loop {
            if *ways == 0 {
                return Ok(None);
            }
            *ways -= 1;
            if let Some(next) = instance.after(property, step, &chosen, state)? {
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
