//! Concrete runs of an instance without unknowns: the second, independent meaning of a
//! machine. Counterexamples are replayed here.

use std::collections::BTreeMap;

use crate::domain::Domain;
use crate::expression::Expression;
use crate::instance::{Instance, InstanceFault};
use crate::layout::Event;
use crate::properties::Claim;
use crate::term::{Constant, Term};
use crate::terms::{Memory, known};
use crate::value::Value;

/// A state: one value for each slot of the machine, and what the property remembers.
pub type State = Vec<Constant>;

type Names<'c> = BTreeMap<String, Value<'c>>;

impl<'c> Instance<'_, 'c> {
    fn names(&self, state: &[Constant]) -> Result<Names<'c>, InstanceFault> {
        let terms: Vec<Term> = state.iter().copied().map(Term::Constant).collect();
        self.layer(&terms)
    }

    fn is_true(&self, expression: &Expression, names: &Names<'c>) -> Result<bool, InstanceFault> {
        let term = self.term(expression, &Domain::Bool, names)?;
        Ok(known(&term, expression)? == Constant::Bool(true))
    }

    fn property(&self, property: usize) -> Option<&Claim> {
        self.specification.properties.get(property).map(|property| &property.claim)
    }

    fn unknown_value(&self) -> InstanceFault {
        InstanceFault {
            message: "a value of the machine depends on one that is not known".to_owned(),
            location: self.subject.locate(""),
        }
    }

    /// The first state of runs that a property is about.
    ///
    /// # Errors
    /// When an expression has no value; also for the methods below.
    pub fn start(&self, property: usize) -> Result<State, InstanceFault> {
        let first = self.first()?;
        let mut state: State = first
            .iter()
            .map(|term| term.constant().ok_or_else(|| self.unknown_value()))
            .collect::<Result<_, _>>()?;
        for memory in self.property(property).map_or(&[][..], Claim::memory) {
            state.push(match memory {
                Memory::Waiting => Constant::Bool(false),
                Memory::Waited => Constant::Int(0),
            });
        }
        Ok(state)
    }

    /// The ranges of an event's choices in a state; `None` when it cannot happen.
    fn ranges(
        &self,
        event: &Event<'c>,
        names: &Names<'c>,
    ) -> Result<Option<Vec<(i128, i128)>>, InstanceFault> {
        let (guard, choices) = self.guard(event, names)?;
        match guard.constant() {
            Some(Constant::Bool(true)) => {}
            Some(_) => return Ok(None),
            None => return Err(self.unknown_value()),
        }
        let mut ranges = Vec::new();
        for (_, low, high) in &choices {
            let bound = |term: &Term| match term.constant() {
                Some(Constant::Int(value)) => Ok(value),
                _ => Err(self.unknown_value()),
            };
            let (low, high) = (bound(low)?, bound(high)?);
            if low > high {
                return Ok(None);
            }
            ranges.push((low, high));
        }
        Ok(Some(ranges))
    }

    /// The ranges of an event's choices in a state; `None` when it cannot happen, or no longer
    /// matters to the property.
    pub fn choices(
        &self,
        property: usize,
        event: usize,
        state: &[Constant],
    ) -> Result<Option<Vec<(i128, i128)>>, InstanceFault> {
        let names = self.names(state)?;
        if let Some(Claim::Progress { from: None, to, .. }) = self.property(property)
            && self.is_true(to, &names)?
        {
            return Ok(None);
        }
        match self.layout()?.events.get(event) {
            Some(event) => self.ranges(event, &names),
            None => Ok(None),
        }
    }

    /// The state after an event with these choices; `None` when that cannot happen.
    pub fn after(
        &self,
        property: usize,
        event: usize,
        chosen: &[i128],
        state: &[Constant],
    ) -> Result<Option<State>, InstanceFault> {
        let Some(ranges) = self.choices(property, event, state)? else { return Ok(None) };
        let layout = self.layout()?;
        let Some(event) = layout.events.get(event) else { return Ok(None) };
        let inside = ranges.iter().zip(chosen).all(|((low, high), c)| low <= c && c <= high);
        if ranges.len() != chosen.len() || !inside {
            return Ok(None);
        }
        let mut names = self.names(state)?;
        let choices = self.specification.machine.steps.get(event.step).map(|step| &step.choices);
        for ((name, ..), value) in choices.into_iter().flatten().zip(chosen) {
            names.insert(name.clone(), (*value).into());
        }
        let (machine, memory) = state.split_at(layout.slots.len().min(state.len()));
        let terms: Vec<Term> = machine.iter().copied().map(Term::Constant).collect();
        let mut next: State = self
            .next(event, &terms, &names)?
            .iter()
            .map(|term| term.constant().ok_or_else(|| self.unknown_value()))
            .collect::<Result<_, _>>()?;
        if !memory.is_empty() {
            let pending = self.is_pending(property, state)?;
            let kinds = self.property(property).map_or(&[][..], Claim::memory);
            for (kind, before) in kinds.iter().zip(memory) {
                next.push(match (kind, before) {
                    (Memory::Waited, Constant::Int(waited)) if pending => {
                        Constant::Int(waited.saturating_add(1))
                    }
                    (Memory::Waited, _) => Constant::Int(0),
                    (Memory::Waiting, _) => Constant::Bool(pending),
                });
            }
        }
        Ok(Some(next))
    }

    /// Can no fair step happen?
    pub fn rests(&self, state: &[Constant]) -> Result<bool, InstanceFault> {
        let names = self.names(state)?;
        for event in &self.layout()?.events {
            if self.is_fair_step(event.step) && self.ranges(event, &names)?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_fair_step(&self, step: usize) -> bool {
        self.specification.machine.steps.get(step).is_some_and(|step| step.fair)
    }

    /// Is an event a fair step?
    pub fn is_fair(&self, event: usize) -> Result<bool, InstanceFault> {
        let event = self.layout()?.events.get(event);
        Ok(event.is_some_and(|event| self.is_fair_step(event.step)))
    }

    /// Is an event a fault?
    pub fn is_fault(&self, event: usize) -> Result<bool, InstanceFault> {
        let step = self.layout()?.events.get(event).map(|event| event.step);
        let step = step.and_then(|step| self.specification.machine.steps.get(step));
        Ok(step.is_some_and(|step| step.fault))
    }

    /// Has a run that came here still to come to the goal of a property?
    pub fn is_pending(&self, property: usize, state: &[Constant]) -> Result<bool, InstanceFault> {
        let Some(Claim::Progress { from, to, .. }) = self.property(property) else {
            return Ok(false);
        };
        let names = self.names(state)?;
        if self.is_true(to, &names)? {
            return Ok(false);
        }
        let Some(from) = from else { return Ok(true) };
        let waiting = state.get(self.layout()?.slots.len()) == Some(&Constant::Bool(true));
        Ok(waiting || self.is_true(from, &names)?)
    }

    /// Does a state break a property, whatever happens next?
    pub fn breaks(&self, property: usize, state: &[Constant]) -> Result<bool, InstanceFault> {
        match self.property(property) {
            Some(Claim::Invariant(holds)) => Ok(!self.is_true(holds, &self.names(state)?)?),
            Some(Claim::Final(holds) | Claim::NeverStuck(holds)) => {
                Ok(!self.is_true(holds, &self.names(state)?)? && self.rests(state)?)
            }
            Some(Claim::Progress { within, .. }) => {
                if !self.is_pending(property, state)? {
                    return Ok(false);
                }
                if let (Some(within), Some(Constant::Int(waited))) = (within, state.last()) {
                    let bound = self.term(within, &Domain::Int, &self.names(state)?)?;
                    if matches!(known(&bound, within)?, Constant::Int(bound) if *waited >= bound) {
                        return Ok(true);
                    }
                }
                self.rests(state)
            }
            Some(Claim::Reachable { .. }) | None => Ok(false),
        }
    }

    /// For a property that a goal can be reached: is this the goal? `None` for others.
    pub fn is_goal(
        &self,
        property: usize,
        state: &[Constant],
    ) -> Result<Option<bool>, InstanceFault> {
        match self.property(property) {
            Some(Claim::Reachable { goal, .. }) => {
                self.is_true(goal, &self.names(state)?).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// In how many steps the goal of such a property must be reachable, if that is said.
    pub fn bound(&self, property: usize) -> Result<Option<i128>, InstanceFault> {
        let Some(Claim::Reachable { within: Some(within), .. }) = self.property(property) else {
            return Ok(None);
        };
        match known(&self.term(within, &Domain::Int, &BTreeMap::new())?, within)? {
            Constant::Int(bound) => Ok(Some(bound)),
            Constant::Bool(_) => Ok(None),
        }
    }

    /// Can a run break a property by going on for ever?
    pub fn is_about_runs(&self, property: usize) -> bool {
        matches!(self.property(property), Some(Claim::Progress { within: None, .. }))
    }

    /// What to say about a state that breaks a property.
    pub fn violation(&self, property: usize, state: &[Constant]) -> Result<String, InstanceFault> {
        let Some(property) = self.specification.properties.get(property) else {
            return Ok(String::new());
        };
        let Some(violation) = &property.violation else {
            return Ok(format!("{}: {}", self.subject.object, property.claim.broken()));
        };
        match self.evaluate_in(violation, &self.names(state)?)? {
            Value::Text(text) => Ok(text),
            other => Err(InstanceFault {
                message: format!("expected a string, found {}", other.describe()),
                location: violation.location(violation.expr.span),
            }),
        }
    }
}
