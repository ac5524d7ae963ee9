//! Concrete runs of an instance without unknowns: the second, independent meaning of a
//! machine. Counterexamples are replayed here.

use std::collections::BTreeMap;

use crate::expression::Expression;
use crate::instance::{Instance, InstanceFault};
use crate::specification::Claim;
use crate::term::{Constant, Sort, Term};
use crate::value::Value;

/// A state: one value for each state variable.
pub type State = Vec<Constant>;

impl<'c> Instance<'_, 'c> {
    fn layer(&self, state: &[Constant]) -> BTreeMap<String, Value<'c>> {
        let names = self.specification.machine.state.iter().map(|(name, _)| name.clone());
        names.zip(state.iter().map(|value| Value::Term(Term::Constant(*value)))).collect()
    }

    fn constant(
        &self,
        expression: &Expression,
        sort: Sort,
        scope: &BTreeMap<String, Value<'c>>,
    ) -> Result<Constant, InstanceFault> {
        let term = self.term(expression, sort, scope)?;
        term.constant().ok_or_else(|| InstanceFault {
            message: "depends on a value that is not known".to_owned(),
            location: expression.location(expression.expr.span),
        })
    }

    fn is_true(
        &self,
        expression: &Expression,
        scope: &BTreeMap<String, Value<'c>>,
    ) -> Result<bool, InstanceFault> {
        Ok(self.constant(expression, Sort::Bool, scope)? == Constant::Bool(true))
    }

    /// The first state.
    ///
    /// # Errors
    /// When an expression has no value; also for the methods below.
    pub fn start(&self) -> Result<State, InstanceFault> {
        let machine = &self.specification.machine;
        let variables = machine.start.iter().zip(&machine.state);
        variables.map(|(e, (_, sort))| self.constant(e, *sort, &BTreeMap::new())).collect()
    }

    /// The ranges of a step's choices in a state; `None` when the step cannot happen.
    pub fn choices(
        &self,
        step: usize,
        state: &[Constant],
    ) -> Result<Option<Vec<(i128, i128)>>, InstanceFault> {
        let Some(step) = self.specification.machine.steps.get(step) else { return Ok(None) };
        let scope = self.layer(state);
        if !self.is_true(&step.when, &scope)? {
            return Ok(None);
        }
        let mut ranges = Vec::new();
        for (_, from, to) in &step.choices {
            let bound = |expression| match self.constant(expression, Sort::Int, &scope)? {
                Constant::Int(value) => Ok(value),
                Constant::Bool(_) => Ok(0),
            };
            let (low, high) = (bound(from)?, bound(to)?);
            if low > high {
                return Ok(None);
            }
            ranges.push((low, high));
        }
        Ok(Some(ranges))
    }

    /// The state after a step with these choices; `None` when that cannot happen.
    pub fn after(
        &self,
        step: usize,
        chosen: &[i128],
        state: &[Constant],
    ) -> Result<Option<State>, InstanceFault> {
        let Some(ranges) = self.choices(step, state)? else { return Ok(None) };
        let Some(step) = self.specification.machine.steps.get(step) else { return Ok(None) };
        let inside = ranges.iter().zip(chosen).all(|((low, high), c)| low <= c && c <= high);
        if ranges.len() != chosen.len() || !inside {
            return Ok(None);
        }
        let mut scope = self.layer(state);
        for ((name, ..), value) in step.choices.iter().zip(chosen) {
            scope.insert(name.clone(), (*value).into());
        }
        let mut next = state.to_vec();
        for (index, expression) in &step.then {
            let sort = self.specification.machine.state.get(*index).map_or(Sort::Int, |v| v.1);
            let value = self.constant(expression, sort, &scope)?;
            if let Some(place) = next.get_mut(*index) {
                *place = value;
            }
        }
        Ok(Some(next))
    }

    /// Can any step happen?
    pub fn is_stuck(&self, state: &[Constant]) -> Result<bool, InstanceFault> {
        for step in 0..self.specification.machine.steps.len() {
            if self.choices(step, state)?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Does a state break a property? For `eventually`: nothing more happens, and it
    /// has not come to the goal.
    pub fn breaks(&self, property: usize, state: &[Constant]) -> Result<bool, InstanceFault> {
        let scope = self.layer(state);
        match self.specification.properties.get(property).map(|property| &property.claim) {
            Some(Claim::Invariant(expression)) => Ok(!self.is_true(expression, &scope)?),
            Some(Claim::Eventually { goal, .. }) => {
                Ok(!self.is_true(goal, &scope)? && self.is_stuck(state)?)
            }
            None => Ok(false),
        }
    }

    /// Is a property one of runs rather than of states?
    pub fn is_eventual(&self, property: usize) -> bool {
        let property = self.specification.properties.get(property);
        property.is_some_and(|property| matches!(property.claim, Claim::Eventually { .. }))
    }

    /// Has a run come to the goal of an `eventually`?
    pub fn is_at_goal(&self, property: usize, state: &[Constant]) -> Result<bool, InstanceFault> {
        match self.specification.properties.get(property).map(|property| &property.claim) {
            Some(Claim::Eventually { goal, .. }) => self.is_true(goal, &self.layer(state)),
            _ => Ok(true),
        }
    }

    /// What to say about a state that breaks a property.
    pub fn violation(&self, property: usize, state: &[Constant]) -> Result<String, InstanceFault> {
        let Some(property) = self.specification.properties.get(property) else {
            return Ok(String::new());
        };
        match self.evaluate_in(&property.violation, &self.layer(state))? {
            Value::Text(text) => Ok(text),
            other => Err(InstanceFault {
                message: format!("expected a string, found {}", other.describe()),
                location: property.violation.location(property.violation.expr.span),
            }),
        }
    }
}
