//! States by number, in the order in which they were found, and the ways between them.

use std::collections::HashMap;

use provost_spec::{InstanceFault, State};

use crate::unroll::Taken;

/// Reachable states; the first is the start.
pub(super) struct Graph {
    places: HashMap<State, usize>,
    states: Vec<State>,
    /// How each state was first come to.
    from: Vec<Option<(usize, Taken)>>,
    ways: Vec<Vec<(Taken, usize)>>,
}

impl Graph {
    pub(super) fn starting_at(start: State) -> Self {
        Self {
            places: HashMap::from([(start.clone(), 0)]),
            states: vec![start],
            from: vec![None],
            ways: vec![Vec::new()],
        }
    }

    pub(super) fn len(&self) -> usize {
        self.states.len()
    }

    pub(super) fn state(&self, place: usize) -> Option<&State> {
        self.states.get(place)
    }

    pub(super) fn states(&self) -> impl Iterator<Item = &State> {
        self.states.iter()
    }

    /// The ways that lead on from a state.
    pub(super) fn ways(&self, place: usize) -> &[(Taken, usize)] {
        self.ways.get(place).map_or(&[], Vec::as_slice)
    }

    /// Adds a way, and its end if that is new; `None` when there would be too many states.
    pub(super) fn add(
        &mut self,
        place: usize,
        taken: Taken,
        next: State,
        limit: usize,
    ) -> Option<(usize, bool)> {
        let known = self.places.get(&next).copied();
        let end = known.unwrap_or(self.states.len());
        if known.is_none() {
            if self.states.len() >= limit {
                return None;
            }
            self.places.insert(next.clone(), end);
            self.states.push(next);
            self.from.push(Some((place, taken.clone())));
            self.ways.push(Vec::new());
        }
        self.ways.get_mut(place)?.push((taken, end));
        Some((end, known.is_none()))
    }

    /// The first of the shortest runs to a state.
    pub(super) fn run_to(&self, end: usize) -> Vec<Taken> {
        let mut run = Vec::new();
        let mut place = end;
        while let Some(Some((previous, taken))) = self.from.get(place) {
            run.push(taken.clone());
            place = *previous;
        }
        run.reverse();
        run
    }

    /// For each state, those from which one of these ways leads to it.
    pub(super) fn backwards(
        &self,
        follow: impl Fn(&Taken) -> Result<bool, InstanceFault>,
    ) -> Result<Vec<Vec<usize>>, InstanceFault> {
        let mut before = vec![Vec::new(); self.len()];
        for (place, ways) in self.ways.iter().enumerate() {
            for (taken, next) in ways {
                if follow(taken)?
                    && let Some(list) = before.get_mut(*next)
                {
                    list.push(place);
                }
            }
        }
        Ok(before)
    }
}
