//! Runs that never come to their goal because they go round in a circle.

use std::collections::{HashMap, VecDeque};

use provost_spec::{Instance, InstanceFault};

use super::graph::Graph;
use crate::unroll::Taken;

/// A run to a circle of pending states with a fair step in it, once round, and where the
/// circle begins. In a pending state that is no end some fair step can happen, so that a run
/// without one is not fair.
pub(super) fn circle(
    instance: &Instance<'_, '_>,
    property: usize,
    graph: &Graph,
) -> Result<Option<(Vec<Taken>, usize)>, InstanceFault> {
    let mut pending = Vec::with_capacity(graph.len());
    for state in graph.states() {
        pending.push(instance.is_pending(property, state)?);
    }
    let is_pending = |place: usize| pending.get(place).copied().unwrap_or(false);
    let groups = groups(graph, &is_pending);
    let together = |a: usize, b: usize| groups.get(&a).is_some_and(|g| groups.get(&b) == Some(g));
    for place in (0..graph.len()).filter(|place| is_pending(*place)) {
        for (taken, next) in graph.ways(place) {
            if !together(place, *next) || !instance.is_fair(taken.step)? {
                continue;
            }
            let Some(back) = way(graph, *next, place, &|other| together(place, other)) else {
                continue;
            };
            let mut run = graph.run_to(place);
            let back_to = run.len();
            run.push(taken.clone());
            run.extend(back);
            return Ok(Some((run, back_to)));
        }
    }
    Ok(None)
}

/// The shortest way from one state to another through some states.
fn way(
    graph: &Graph,
    start: usize,
    end: usize,
    through: &dyn Fn(usize) -> bool,
) -> Option<Vec<Taken>> {
    let mut from: HashMap<usize, Option<(usize, Taken)>> = HashMap::from([(start, None)]);
    let mut queue = VecDeque::from([start]);
    while let Some(place) = queue.pop_front() {
        if place == end {
            let mut run = Vec::new();
            let mut here = place;
            while let Some(Some((previous, taken))) = from.get(&here) {
                run.push(taken.clone());
                here = *previous;
            }
            run.reverse();
            return Some(run);
        }
        for (taken, next) in graph.ways(place) {
            if through(*next) && !from.contains_key(next) {
                from.insert(*next, Some((place, taken.clone())));
                queue.push_back(*next);
            }
        }
    }
    None
}

/// States that lead to each other get the same number: strongly connected components of the
/// pending states (Kosaraju and Sharir), without recursion.
fn groups(graph: &Graph, is_pending: &dyn Fn(usize) -> bool) -> HashMap<usize, usize> {
    let mut before: HashMap<usize, Vec<usize>> = HashMap::new();
    let inside = |place: usize| {
        graph.ways(place).iter().map(|(_, next)| *next).filter(|next| is_pending(*next))
    };
    for place in (0..graph.len()).filter(|place| is_pending(*place)) {
        inside(place).for_each(|next| before.entry(next).or_default().push(place));
    }
    let mut group: HashMap<usize, usize> = HashMap::new();
    for root in finished(graph, is_pending, &inside).into_iter().rev() {
        let mut waiting = vec![root];
        while let Some(place) = waiting.pop() {
            if group.contains_key(&place) {
                continue;
            }
            group.insert(place, root);
            waiting.extend(before.get(&place).into_iter().flatten().copied());
        }
    }
    group
}

/// Pending states in the order in which a depth-first search leaves them.
fn finished<I: Iterator<Item = usize>>(
    graph: &Graph,
    is_pending: &dyn Fn(usize) -> bool,
    inside: &impl Fn(usize) -> I,
) -> Vec<usize> {
    let mut seen = vec![false; graph.len()];
    let mut order = Vec::new();
    for root in (0..graph.len()).filter(|place| is_pending(*place)) {
        // A place is on the stack once to be entered and once to be left.
        let mut stack = vec![(root, false)];
        while let Some((place, leaving)) = stack.pop() {
            if leaving {
                order.push(place);
                continue;
            }
            match seen.get_mut(place) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            stack.push((place, true));
            stack.extend(inside(place).map(|next| (next, false)));
        }
    }
    order
}
