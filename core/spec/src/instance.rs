//! A specification and one object: values, terms, and concrete runs.

use std::collections::BTreeMap;

use provost_model::{Document, Location};

use crate::cluster::Cluster;
use crate::evaluate::{EvaluationFault, Evaluator, Scope, Unknown, Unknowns};
use crate::specification::{Claim, Expression, FieldReference, Specification};
use crate::system::{System, SystemProperty, SystemStep, TermClaim};
use crate::term::{Constant, Sort, Term};
use crate::value::Value;

/// Why a specification cannot be asked about an object.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceFault {
    /// What has no value, and why.
    pub message: String,
    /// The expression of the specification.
    pub location: Location,
}

/// Does a specification apply to an object?
#[derive(Clone, Debug, PartialEq)]
pub enum Applies {
    /// A precondition is false.
    No,
    /// It does, as far as these preconditions hold for the unknowns.
    Yes(Vec<Term>),
}

type Names<'c> = BTreeMap<String, Result<Value<'c>, EvaluationFault>>;

/// A specification with the values of one object.
pub struct Instance<'s, 'c> {
    /// The specification.
    pub specification: &'s Specification,
    /// The object.
    pub subject: &'c Document,
    cluster: &'s Cluster<'c>,
    values: Names<'c>,
    /// The unknowns that its values depend on.
    pub unknowns: Vec<Unknown>,
}

impl<'s, 'c> Instance<'s, 'c> {
    /// Evaluate the `let`s for an object; `chosen` gives values to unknowns.
    pub fn new(
        specification: &'s Specification,
        cluster: &'s Cluster<'c>,
        subject: &'c Document,
        chosen: BTreeMap<String, i128>,
    ) -> Self {
        let mut values = Names::new();
        values.insert(specification.subject.clone(), Ok(Value::Document(subject)));
        let mut unknowns = Unknowns { chosen, ..Unknowns::default() };
        for (name, expression) in &specification.lets {
            unknowns.owner.clone_from(name);
            let mut evaluator = Evaluator::new(cluster, &mut unknowns);
            let value = evaluator.evaluate(&expression.expr, &Scope::Names(&values));
            values.insert(
                name.clone(),
                value.map_err(|fault| EvaluationFault {
                    message: format!("`{name}`: {}", fault.message),
                    ..fault
                }),
            );
        }
        Self { specification, subject, cluster, values, unknowns: unknowns.declared }
    }

    /// The same with a value for every unknown.
    pub fn with(&self, chosen: BTreeMap<String, i128>) -> Self {
        Self::new(self.specification, self.cluster, self.subject, chosen)
    }

    /// The evaluated `let`s that are integers or truth values, in name order.
    pub fn parameters(&self) -> BTreeMap<String, Term> {
        let terms = self.values.iter().filter_map(|(name, value)| match value {
            Ok(Value::Term(term)) => Some((name.clone(), term.clone())),
            _ => None,
        });
        terms.collect()
    }

    /// The document that a name stands for, when there is one.
    pub fn document(&self, name: &str) -> Option<&'c Document> {
        self.values.get(name)?.as_ref().ok()?.document()
    }

    /// The first field of a list that exists; else the first whose document does.
    pub fn first_field(&self, fields: &[FieldReference]) -> Option<Location> {
        let present = |field: &&FieldReference| {
            self.document(&field.document)
                .is_some_and(|document| document.root.at(&field.pointer).is_some())
        };
        let known = |field: &&FieldReference| self.document(&field.document).is_some();
        let field = fields.iter().find(present).or_else(|| fields.iter().find(known))?;
        Some(self.document(&field.document)?.locate(&field.pointer))
    }

    fn term(
        &self,
        expression: &Expression,
        sort: Sort,
        state: &BTreeMap<String, Value<'c>>,
    ) -> Result<Term, InstanceFault> {
        let names = Scope::Names(&self.values);
        let scope = Scope::Layer(state, &names);
        Evaluator::new(self.cluster, &mut Unknowns::default())
            .term(&expression.expr, sort, &scope)
            .map_err(|fault| InstanceFault {
                location: expression.location(fault.span),
                message: fault.message,
            })
    }

    /// The value of an expression over the `let`s.
    ///
    /// # Errors
    /// When it has none.
    pub fn evaluate(&self, expression: &Expression) -> Result<Value<'c>, InstanceFault> {
        self.evaluate_in(expression, &BTreeMap::new())
    }

    fn evaluate_in(
        &self,
        expression: &Expression,
        state: &BTreeMap<String, Value<'c>>,
    ) -> Result<Value<'c>, InstanceFault> {
        let names = Scope::Names(&self.values);
        Evaluator::new(self.cluster, &mut Unknowns::default())
            .evaluate(&expression.expr, &Scope::Layer(state, &names))
            .map_err(|fault| InstanceFault {
                location: expression.location(fault.span),
                message: fault.message,
            })
    }

    /// Does the specification apply?
    ///
    /// # Errors
    /// When a precondition has no value and no other one is false.
    pub fn applies(&self) -> Result<Applies, InstanceFault> {
        let mut conditions = Vec::new();
        let mut fault = None;
        for precondition in &self.specification.preconditions {
            match self.term(precondition, Sort::Bool, &BTreeMap::new()) {
                Ok(term) if term == Term::from(false) => return Ok(Applies::No),
                Ok(term) if term == Term::from(true) => {}
                Ok(term) => conditions.push(term),
                Err(found) => fault = fault.or(Some(found)),
            }
        }
        fault.map_or(Ok(Applies::Yes(conditions)), Err)
    }

    /// The machine and the properties as terms.
    ///
    /// # Errors
    /// When an expression has no value.
    pub fn system(&self, assumptions: Vec<Term>) -> Result<System, InstanceFault> {
        let machine = &self.specification.machine;
        let state: BTreeMap<_, _> = machine
            .state
            .iter()
            .map(|(name, sort)| (name.clone(), Value::Term(Term::symbol(name, *sort))))
            .collect();
        let bool = |expression: &Expression| self.term(expression, Sort::Bool, &state);
        let mut steps = Vec::new();
        for step in &machine.steps {
            let mut scope = state.clone();
            let mut choices = Vec::new();
            for (name, from, to) in &step.choices {
                let bound = |expression| self.term(expression, Sort::Int, &state);
                choices.push((name.clone(), bound(from)?, bound(to)?));
                scope.insert(name.clone(), Value::Term(Term::symbol(name, Sort::Int)));
            }
            let mut next: Vec<Term> = Vec::new();
            for (index, (name, sort)) in machine.state.iter().enumerate() {
                next.push(match step.then.iter().find(|(changed, _)| *changed == index) {
                    Some((_, expression)) => self.term(expression, *sort, &scope)?,
                    None => Term::symbol(name, *sort),
                });
            }
            steps.push(SystemStep {
                name: step.name.clone(),
                guard: bool(&step.when)?,
                choices,
                next,
            });
        }
        let start = machine
            .start
            .iter()
            .zip(&machine.state)
            .map(|(expression, (_, sort))| self.term(expression, *sort, &BTreeMap::new()))
            .collect::<Result<_, _>>()?;
        let lemmas = machine.lemmas.iter().map(bool).collect::<Result<_, _>>()?;
        let mut properties = Vec::new();
        for property in &self.specification.properties {
            properties.push(SystemProperty {
                claim: match &property.claim {
                    Claim::Invariant(expression) => TermClaim::Invariant(bool(expression)?),
                    Claim::Eventually { goal, rank } => TermClaim::Eventually {
                        goal: bool(goal)?,
                        rank: self.term(rank, Sort::Int, &state)?,
                    },
                },
                holds_when: property.holds_when.as_ref().map(bool).transpose()?,
            });
        }
        Ok(System {
            unknowns: self.unknowns.clone(),
            assumptions,
            state: machine.state.clone(),
            start,
            steps,
            lemmas,
            properties,
        })
    }

    /// The same machine where every integer and truth value among the `let`s is a
    /// symbol without a range: what is proved of it holds for all values.
    ///
    /// `None` when the machine depends on more than integers and truth values.
    pub fn parametric(&self) -> Option<System> {
        let symbols = self.values.iter().map(|(name, value)| {
            let symbol = match self.specification.names.get(name) {
                Some(crate::types::Type::Int) => Some(Sort::Int),
                Some(crate::types::Type::Bool) => Some(Sort::Bool),
                Some(crate::types::Type::Any) => match value {
                    Ok(Value::Term(term)) => Some(term.sort()),
                    _ => None,
                },
                _ => None,
            };
            let absent = EvaluationFault { span: (0, 0), message: String::new() };
            let value = symbol.map(|sort| Value::Term(Term::symbol(name, sort))).ok_or(absent);
            (name.clone(), value)
        });
        let general = Self {
            specification: self.specification,
            subject: self.subject,
            cluster: self.cluster,
            values: symbols.collect(),
            unknowns: Vec::new(),
        };
        // A precondition that is about more than numbers is not assumed: the proof
        // is then for more than it needs to be.
        let assumptions = self.specification.preconditions.iter().filter_map(|precondition| {
            general.term(precondition, Sort::Bool, &BTreeMap::new()).ok()
        });
        general.system(assumptions.collect()).ok()
    }
}

/// A state: one value for each state variable.
pub type State = Vec<Constant>;

/// Concrete runs of an instance without unknowns: the second, independent meaning
/// of a machine. Counterexamples are replayed here.
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
