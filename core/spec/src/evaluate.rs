//! Evaluation over values that may be partly unknown.
//!
//! There is one evaluator. Where every value is known it computes; where one is
//! not, the result is a [`Term`] over its symbol. Faults are never values: what
//! cannot be evaluated is reported, and the check becomes unknown.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::cluster::Cluster;
use crate::domain::{Domain, Labels};
use crate::expr::{Binary, Expr, ExprKind, Fold, Literal, TextSpan};
use crate::expression::Expression;
use crate::functions;
use crate::limits::{EVALUATION_STEPS, TERM_DEPTH, TERM_SIZE};
use crate::term::{Arithmetic, Sort, Term};
use crate::unknowns::Unknowns;
use crate::value::Value;

/// An expression that has no value here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationFault {
    /// Where in the expression.
    pub span: TextSpan,
    /// Why.
    pub message: String,
}

/// Steps of evaluation that are left. What is evaluated for one object shares them, so that
/// no expression and no document can keep it busy for long.
#[derive(Debug)]
pub struct Steps(AtomicU64);

impl Default for Steps {
    fn default() -> Self {
        Self(AtomicU64::new(EVALUATION_STEPS))
    }
}

impl Steps {
    /// Takes some of those that are left.
    pub(crate) fn spend(&self, steps: u64) -> Result<(), String> {
        let left = self.0.load(Relaxed);
        self.0.store(left.saturating_sub(steps), Relaxed);
        if steps <= left {
            return Ok(());
        }
        Err(format!("evaluating this for one object takes more than {EVALUATION_STEPS} steps"))
    }
}

/// Names and their values; inner scopes hide outer ones.
#[derive(Clone, Copy)]
pub enum Scope<'s, 'c> {
    /// Named values; a name may stand for a fault, reported where it is used.
    Names(&'s BTreeMap<String, Result<Value<'c>, EvaluationFault>>),
    /// Another layer of names on top.
    Layer(&'s BTreeMap<String, Value<'c>>, &'s Scope<'s, 'c>),
    /// One more name.
    Bind(&'s str, &'s Value<'c>, &'s Scope<'s, 'c>),
}

impl<'c> Scope<'_, 'c> {
    fn find(&self, name: &str) -> Option<Result<Value<'c>, EvaluationFault>> {
        match self {
            Self::Names(names) => names.get(name).cloned(),
            Self::Layer(names, outer) => {
                names.get(name).cloned().map(Ok).or_else(|| outer.find(name))
            }
            Self::Bind(bound, value, _) if *bound == name => Some(Ok((*value).clone())),
            Self::Bind(_, _, outer) => outer.find(name),
        }
    }
}

type Evaluated<'c> = Result<Value<'c>, EvaluationFault>;

/// An evaluator over the documents of one change.
pub struct Evaluator<'s, 'c> {
    cluster: &'s Cluster<'c>,
    unknowns: &'s mut Unknowns,
    steps: &'s Steps,
}

impl<'s, 'c> Evaluator<'s, 'c> {
    /// An evaluator over these documents that declares unknowns there, and takes at most as
    /// many steps as are left.
    pub fn new(cluster: &'s Cluster<'c>, unknowns: &'s mut Unknowns, steps: &'s Steps) -> Self {
        Self { cluster, unknowns, steps }
    }

    /// A value that was made here, if it is not too large to work with.
    fn made(&self, value: Value<'c>) -> Result<Value<'c>, String> {
        self.steps.spend(value.weight())?;
        if let Value::Term(term) = &value {
            let size = term.size_within(TERM_SIZE, TERM_DEPTH).ok_or_else(|| {
                format!("this is more than {TERM_SIZE} operations on what is not known")
            })?;
            self.steps.spend(size as u64 / 8)?;
        }
        Ok(value)
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// [`EvaluationFault`] when it has none.
    pub fn evaluate(&mut self, expr: &Expr, scope: &Scope<'_, 'c>) -> Evaluated<'c> {
        let value = self.unbounded(expr, scope)?;
        self.made(value).map_err(|message| EvaluationFault { span: expr.span, message })
    }

    fn unbounded(&mut self, expr: &Expr, scope: &Scope<'_, 'c>) -> Evaluated<'c> {
        let fault = |message: String| EvaluationFault { span: expr.span, message };
        match &expr.kind {
            ExprKind::Literal(literal) => Ok(match literal {
                Literal::Null => Value::Null,
                Literal::Bool(value) => (*value).into(),
                Literal::Int(value) => i128::from(*value).into(),
                Literal::Text(value) => Value::Text(value.clone()),
            }),
            ExprKind::Name(name) => scope
                .find(name)
                .unwrap_or_else(|| Err(fault(format!("`{name}` has no value here")))),
            ExprKind::Select { operand, field, optional } => {
                let value = self.evaluate(operand, scope)?;
                value.select(field, *optional).map_err(fault)
            }
            ExprKind::Has { operand, field } => {
                match self.evaluate(operand, scope)?.select(field, true).map_err(fault)? {
                    Value::Optional(found) => Ok(found.is_some().into()),
                    _ => Err(fault("not an object".to_owned())),
                }
            }
            ExprKind::Index { operand, index, optional } => {
                let (value, index) = (self.evaluate(operand, scope)?, self.evaluate(index, scope)?);
                value.item(&index, *optional).map_err(fault)
            }
            ExprKind::List(items) => Ok(Value::List(
                items.iter().map(|i| self.evaluate(i, scope)).collect::<Result<_, _>>()?,
            )),
            ExprKind::Not(operand) => {
                self.term(operand, Sort::Bool, scope).map(|term| Value::Term(Term::negate(term)))
            }
            ExprKind::Negate(operand) => {
                let term = self.term(operand, Sort::Int, scope)?;
                arithmetic(Arithmetic::Sub, 0.into(), term).map_err(fault)
            }
            ExprKind::Binary(operator, a, b) => self.binary(expr, *operator, a, b, scope),
            ExprKind::If(condition, then, otherwise) => {
                self.conditional(expr, condition, then, otherwise, scope)
            }
            ExprKind::Call { target, name, arguments } => {
                self.call(expr, target.as_deref(), name, arguments, scope)
            }
            ExprKind::Fold(fold) => self.fold(fold, scope),
        }
    }

    /// The value of an expression of this sort.
    ///
    /// # Errors
    /// As [`Evaluator::evaluate`], and when the value is of another sort.
    pub fn term(
        &mut self,
        expr: &Expr,
        sort: Sort,
        scope: &Scope<'_, 'c>,
    ) -> Result<Term, EvaluationFault> {
        match self.evaluate(expr, scope)? {
            Value::Term(term) if term.sort() == sort => Ok(term),
            other => {
                let wanted = if sort == Sort::Int { "an int" } else { "a bool" };
                Err(EvaluationFault {
                    span: expr.span,
                    message: format!("expected {wanted}, found {}", other.describe()),
                })
            }
        }
    }

    /// Any integer from one to another, or from one up.
    pub(crate) fn range(
        &mut self,
        from: &Expression,
        to: Option<&Expression>,
        scope: &Scope<'_, 'c>,
    ) -> Evaluated<'c> {
        let mut bound = |expression: &Expression| {
            let span = expression.expr.span;
            let value = self.evaluate(&expression.expr, scope)?;
            value.int().ok_or_else(|| EvaluationFault {
                span,
                message: format!("expected a known int, found {}", value.describe()),
            })
        };
        let (low, high) = (bound(from)?, to.map(bound).transpose()?);
        let declared = self.unknowns.declare(low, high, None);
        let span = to.unwrap_or(from).expr.span;
        declared.map(Value::Term).map_err(|message| EvaluationFault { span, message })
    }

    /// Any text of a list.
    pub(crate) fn one_of(&mut self, list: &Expression, scope: &Scope<'_, 'c>) -> Evaluated<'c> {
        let span = list.expr.span;
        let fault = |message: String| EvaluationFault { span, message };
        let mut labels: Vec<String> = Vec::new();
        match self.evaluate(&list.expr, scope)? {
            Value::List(items) => {
                for item in items {
                    match item {
                        Value::Text(text) if !labels.contains(&text) => labels.push(text),
                        Value::Text(_) => {}
                        other => {
                            let found = other.describe();
                            return Err(fault(format!("expected a known string, found {found}")));
                        }
                    }
                    self.steps.spend(labels.len() as u64).map_err(fault)?;
                }
            }
            other => return Err(fault(format!("expected a list, found {}", other.describe()))),
        }
        let labels: Labels = labels.into();
        let last = labels.len() as i128 - 1;
        let declared = self.unknowns.declare(0, Some(last), Some(Labels::clone(&labels)));
        let place = declared.map_err(|_| fault("there is no text in the list".to_owned()))?;
        Ok(Value::enumerated(place, &labels))
    }

    /// The term of an expression that is a value of a domain.
    ///
    /// # Errors
    /// As [`Evaluator::evaluate`], and when the value is not of the domain.
    pub fn in_domain(
        &mut self,
        expr: &Expr,
        domain: &Domain,
        scope: &Scope<'_, 'c>,
    ) -> Result<Term, EvaluationFault> {
        let value = self.evaluate(expr, scope)?;
        domain.term(&value).map_err(|message| EvaluationFault { span: expr.span, message })
    }

    fn binary(
        &mut self,
        expr: &Expr,
        operator: Binary,
        a: &Expr,
        b: &Expr,
        scope: &Scope<'_, 'c>,
    ) -> Evaluated<'c> {
        let fault = |message: String| EvaluationFault { span: expr.span, message };
        match operator {
            Binary::And | Binary::Or => self.connective(operator == Binary::And, a, b, scope),
            Binary::Compare(comparison) => {
                let (a, b) = (self.term(a, Sort::Int, scope)?, self.term(b, Sort::Int, scope)?);
                Ok(Value::Term(Term::compare(comparison, a, b)))
            }
            Binary::Arithmetic(operation) => {
                match (self.evaluate(a, scope)?, self.evaluate(b, scope)?) {
                    (Value::Term(a), Value::Term(b))
                        if a.sort() == Sort::Int && b.sort() == Sort::Int =>
                    {
                        arithmetic(operation, a, b).map_err(fault)
                    }
                    (Value::Text(a), Value::Text(b)) if operation == Arithmetic::Add => {
                        Ok(Value::Text(a + &b))
                    }
                    (Value::List(a), Value::List(b)) if operation == Arithmetic::Add => {
                        Ok(Value::List(a.into_iter().chain(b).collect()))
                    }
                    (a, b) => Err(fault(format!(
                        "no such operation on {} and {}",
                        a.describe(),
                        b.describe()
                    ))),
                }
            }
            Binary::Equal | Binary::NotEqual => {
                let (a, b) = (self.evaluate(a, scope)?, self.evaluate(b, scope)?);
                self.steps.spend(a.extent()).map_err(fault)?;
                let equal = a.compared(&b).map_err(fault)?;
                Ok(Value::Term(if operator == Binary::Equal { equal } else { Term::negate(equal) }))
            }
            Binary::In => {
                let (wanted, list) = (self.evaluate(a, scope)?, self.evaluate(b, scope)?);
                match list {
                    Value::List(items) => {
                        let each = wanted.extent();
                        self.steps.spend(each.saturating_mul(items.len() as u64)).map_err(fault)?;
                        let equal = items.iter().map(|item| wanted.compared(item));
                        let equal: Vec<_> = equal.collect::<Result<_, _>>().map_err(fault)?;
                        Ok(Value::Term(Term::or(equal)))
                    }
                    map if map.keys().is_some() => {
                        let keys = map.keys().unwrap_or_default();
                        self.steps.spend(keys.len() as u64).map_err(fault)?;
                        let keys = keys.into_iter().map(|key| Value::Text(key.to_owned()));
                        Ok(Value::Term(Term::or(keys.map(|key| wanted.equal(&key)))))
                    }
                    other => Err(fault(format!("expected a list, found {}", other.describe()))),
                }
            }
        }
    }

    /// `&&` and `||`: either side may decide alone, also when the other has no value.
    fn connective(
        &mut self,
        and: bool,
        a: &Expr,
        b: &Expr,
        scope: &Scope<'_, 'c>,
    ) -> Evaluated<'c> {
        let decides = |term: &Result<Term, EvaluationFault>| matches!(term, Ok(term) if *term == Term::from(!and));
        let left = self.term(a, Sort::Bool, scope);
        if decides(&left) {
            return Ok((!and).into());
        }
        let right = self.term(b, Sort::Bool, scope);
        if decides(&right) {
            return Ok((!and).into());
        }
        let sides = [left?, right?];
        Ok(Value::Term(if and { Term::and(sides) } else { Term::or(sides) }))
    }

    fn conditional(
        &mut self,
        expr: &Expr,
        condition: &Expr,
        then: &Expr,
        otherwise: &Expr,
        scope: &Scope<'_, 'c>,
    ) -> Evaluated<'c> {
        let condition = self.term(condition, Sort::Bool, scope)?;
        if condition == Term::from(true) {
            return self.evaluate(then, scope);
        }
        if condition == Term::from(false) {
            return self.evaluate(otherwise, scope);
        }
        match (self.evaluate(then, scope)?, self.evaluate(otherwise, scope)?) {
            (Value::Term(a), Value::Term(b)) if a.sort() == b.sort() => {
                Ok(Value::Term(Term::choose(condition, a, b)))
            }
            (a, b) if a == b => Ok(a),
            (a, b) => Value::either_text(&condition, &a, &b).ok_or_else(|| EvaluationFault {
                span: expr.span,
                message: format!(
                    "which {} this is depends on a value that is not known",
                    a.describe()
                ),
            }),
        }
    }

    fn call(
        &mut self,
        expr: &Expr,
        target: Option<&Expr>,
        name: &str,
        arguments: &[Expr],
        scope: &Scope<'_, 'c>,
    ) -> Evaluated<'c> {
        let fault = |message: String| EvaluationFault { span: expr.span, message };
        let mut operands = Vec::with_capacity(arguments.len() + 1);
        if let Some(ExprKind::Name(base)) = target.map(|target| &target.kind)
            && base == "optional"
        {
            return match arguments {
                [value] if name == "of" => Ok(Value::optional(Some(self.evaluate(value, scope)?))),
                _ => Ok(Value::Optional(None)),
            };
        }
        for operand in target.into_iter().chain(arguments) {
            operands.push(self.evaluate(operand, scope)?);
        }
        let function = functions::find(name, target.is_some())
            .ok_or_else(|| fault(format!("unknown function `{name}`")))?;
        let mut context = functions::Context {
            cluster: self.cluster,
            unknowns: self.unknowns,
            steps: self.steps,
        };
        (function.meaning)(&mut context, &operands).map_err(fault)
    }

    fn fold(&mut self, fold: &Fold, scope: &Scope<'_, 'c>) -> Evaluated<'c> {
        let items = match self.evaluate(&fold.range, scope)? {
            Value::List(items) => items,
            map if map.keys().is_some() => {
                let keys = map.keys().unwrap_or_default();
                keys.into_iter().map(|key| Value::Text(key.to_owned())).collect()
            }
            other => {
                return Err(EvaluationFault {
                    span: fold.range.span,
                    message: format!("expected a list, found {}", other.describe()),
                });
            }
        };
        let mut accumulated = self.evaluate(&fold.initial, scope)?;
        for item in &items {
            let with_item = Scope::Bind(&fold.item, item, scope);
            let inner = Scope::Bind(&fold.accumulator, &accumulated, &with_item);
            accumulated = self.evaluate(&fold.step, &inner)?;
        }
        self.evaluate(&fold.result, &Scope::Bind(&fold.accumulator, &accumulated, scope))
    }
}

fn arithmetic<'c>(operation: Arithmetic, a: Term, b: Term) -> Result<Value<'c>, String> {
    Term::arithmetic(operation, a, b).map(Value::Term).map_err(|fault| fault.to_string())
}
