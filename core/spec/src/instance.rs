//! A specification and one object: values, terms, and concrete runs.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use provost_model::{Document, Location};

use crate::cluster::Cluster;
use crate::domain::Domain;
use crate::evaluate::{EvaluationFault, Evaluator, Scope, Steps};
use crate::expression::Expression;
use crate::layout::Layout;
use crate::lets::Let;
use crate::origin::{Fact, Origin};
use crate::specification::{FieldReference, Specification, placeholders};
use crate::term::{Sort, Term};
use crate::terms::Terms;
use crate::types::Type;
use crate::unknowns::{Unknown, Unknowns};
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
    Yes(Vec<Fact>),
}

type Names<'c> = BTreeMap<String, Result<Value<'c>, EvaluationFault>>;

/// A specification with the values of one object.
pub struct Instance<'s, 'c> {
    /// The specification.
    pub specification: &'s Specification,
    /// The object.
    pub subject: &'c Document,
    pub(crate) cluster: &'s Cluster<'c>,
    values: Names<'c>,
    steps: Steps,
    /// The unknowns that its values depend on.
    pub unknowns: Vec<Unknown>,
    layout: OnceLock<Result<Layout<'c>, InstanceFault>>,
    /// The machine as terms over its own symbols.
    pub(crate) terms: OnceLock<Result<Terms, InstanceFault>>,
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
        if let Some(name) = &specification.subject {
            values.insert(name.clone(), Ok(Value::Document(subject)));
        }
        let mut unknowns = Unknowns { chosen, ..Unknowns::default() };
        let steps = Steps::default();
        for (name, value) in &specification.lets {
            unknowns.owner.clone_from(name);
            let scope = Scope::Names(&values);
            let mut evaluator = Evaluator::new(cluster, &mut unknowns, &steps);
            let value = match value {
                Let::Value(expression) => {
                    let wanted = specification.names.get(name);
                    evaluator.evaluate(&expression.expr, &scope).and_then(|value| {
                        typed(value, wanted).map_err(|message| EvaluationFault {
                            span: expression.expr.span,
                            message,
                        })
                    })
                }
                Let::Range(from, to) => evaluator.range(from, to.as_ref(), &scope),
                Let::OneOf(list) => evaluator.one_of(list, &scope),
            };
            values.insert(name.clone(), value.map_err(|fault| named(name, fault)));
        }
        Self {
            specification,
            subject,
            cluster,
            values,
            steps,
            unknowns: unknowns.declared,
            layout: OnceLock::new(),
            terms: OnceLock::new(),
        }
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

    /// The place of a field in a document: with the texts that its pointer names.
    pub fn pointer(&self, field: &FieldReference) -> Option<String> {
        let mut pointer = field.pointer.clone();
        for name in placeholders(&field.pointer) {
            let Ok(Value::Text(text)) = self.values.get(name)? else { return None };
            let text = provost_model::escape_pointer(text);
            pointer = pointer.replace(&format!("{{{name}}}"), &text);
        }
        Some(pointer)
    }

    /// The first field of a list that exists; else the first whose document does.
    pub fn first_field(&self, fields: &[FieldReference]) -> Option<Location> {
        let known = fields
            .iter()
            .filter_map(|field| Some((self.document(&field.document)?, self.pointer(field)?)));
        let present =
            |(document, pointer): &(&Document, String)| document.root.at(pointer).is_some();
        let (document, pointer) = known.clone().find(present).or_else(|| known.clone().next())?;
        Some(document.locate(&pointer))
    }

    /// What a state is made of, and what can happen.
    ///
    /// # Errors
    /// When a list of keys or items has no value.
    pub fn layout(&self) -> Result<&Layout<'c>, InstanceFault> {
        self.layout.get_or_init(|| Layout::of(self)).as_ref().map_err(Clone::clone)
    }

    pub(crate) fn term(
        &self,
        expression: &Expression,
        domain: &Domain,
        state: &BTreeMap<String, Value<'c>>,
    ) -> Result<Term, InstanceFault> {
        let names = Scope::Names(&self.values);
        let scope = Scope::Layer(state, &names);
        Evaluator::new(self.cluster, &mut Unknowns::default(), &self.steps)
            .in_domain(&expression.expr, domain, &scope)
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

    pub(crate) fn evaluate_in(
        &self,
        expression: &Expression,
        state: &BTreeMap<String, Value<'c>>,
    ) -> Result<Value<'c>, InstanceFault> {
        let names = Scope::Names(&self.values);
        Evaluator::new(self.cluster, &mut Unknowns::default(), &self.steps)
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
        for (index, precondition) in self.specification.preconditions.iter().enumerate() {
            match self.term(precondition, &Domain::Bool, &BTreeMap::new()) {
                Ok(term) if term == Term::from(false) => return Ok(Applies::No),
                Ok(term) if term == Term::from(true) => {}
                Ok(term) => conditions.push(Fact::new(term, Origin::Precondition(index))),
                Err(found) => fault = fault.or(Some(found)),
            }
        }
        fault.map_or(Ok(Applies::Yes(conditions)), Err)
    }

    /// Which `let`s are integers and truth values: all that [`Instance::parametric`] depends
    /// on. Fields of documents have no static type, so that this may differ between objects.
    pub fn shape(&self) -> Shape {
        let sort = |(name, value): (&String, &Result<Value<'c>, EvaluationFault>)| {
            let sort = match (self.specification.names.get(name), value) {
                (Some(Type::Int), _) => Sort::Int,
                (Some(Type::Bool), _) => Sort::Bool,
                (Some(Type::Any), Ok(Value::Term(term))) => term.sort(),
                _ => return None,
            };
            Some((name.clone(), sort))
        };
        self.values.iter().filter_map(sort).collect()
    }

    /// The same machine where every integer and truth value among the `let`s is a symbol
    /// without a range: what is proved of it holds for every object of the same shape. With
    /// it, what the preconditions say of these symbols.
    pub fn parametric(&self) -> (Self, Vec<Fact>) {
        let shape = self.shape();
        let symbols = self.values.keys().map(|name| {
            let value = match shape.get(name) {
                Some(sort) => Ok(Value::Term(Term::symbol(name, *sort))),
                None => Err(EvaluationFault { span: (0, 0), message: String::new() }),
            };
            (name.clone(), value)
        });
        let general = Self {
            specification: self.specification,
            subject: self.subject,
            cluster: self.cluster,
            values: symbols.collect(),
            steps: Steps::default(),
            unknowns: Vec::new(),
            layout: OnceLock::new(),
            terms: OnceLock::new(),
        };
        // A precondition that is about more than numbers is not assumed: the proof
        // is then for more than it needs to be.
        let preconditions = self.specification.preconditions.iter().enumerate();
        let assumptions = preconditions.filter_map(|(index, precondition)| {
            let term = general.term(precondition, &Domain::Bool, &BTreeMap::new()).ok()?;
            Some(Fact::new(term, Origin::Precondition(index)))
        });
        let assumptions = assumptions.collect();
        (general, assumptions)
    }
}

/// What is proved once for all values rests on these types.
fn typed<'c>(value: Value<'c>, wanted: Option<&Type>) -> Result<Value<'c>, String> {
    match wanted {
        Some(wanted @ (Type::Int | Type::Bool)) if !value.is(wanted) => {
            Err(format!("expected {wanted}, found {}", value.describe()))
        }
        _ => Ok(value),
    }
}

/// A fault of a `let`, wherever it is used: `a: b: …` when `a` uses `b`.
fn named(name: &str, fault: EvaluationFault) -> EvaluationFault {
    EvaluationFault { message: format!("`{name}`: {}", fault.message), ..fault }
}

/// The integers and truth values among the `let`s of an instance.
pub type Shape = BTreeMap<String, Sort>;
