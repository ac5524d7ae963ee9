//! Evaluation over values that may be partly unknown.
//!
//! There is one evaluator. Where every value is known it computes; where one is
//! not, the result is a [`Term`] over its symbol. Faults are never values: what
//! cannot be evaluated is reported, and the check becomes unknown.

use std::collections::BTreeMap;

use crate::cluster::Cluster;
use crate::expression::{Binary, Expr, ExprKind, Fold, Literal, TextSpan};
use crate::functions;
use crate::term::{Arithmetic, Sort, Term};
use crate::value::Value;

/// An expression that has no value here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationFault {
    /// Where in the expression.
    pub span: TextSpan,
    /// Why.
    pub message: String,
}

/// An unknown integer and its range, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unknown {
    /// Its name: that of the `let` that declares it.
    pub name: String,
    /// The least value.
    pub low: i128,
    /// The greatest value.
    pub high: i128,
}

/// The unknowns declared while evaluating, and who declares now.
#[derive(Clone, Debug, Default)]
pub struct Unknowns {
    /// Declared so far.
    pub declared: Vec<Unknown>,
    /// The name that the next one gets.
    pub owner: String,
    /// Values chosen for unknowns: a counterexample is evaluated again with these.
    pub chosen: BTreeMap<String, i128>,
}

impl Unknowns {
    /// An unknown integer from `low` to `high`, or the value chosen for it.
    ///
    /// # Errors
    /// When the range is empty.
    pub fn declare(&mut self, low: i128, high: i128) -> Result<Term, String> {
        if low > high {
            return Err(format!("there is no integer from {low} to {high}"));
        }
        if low == high {
            return Ok(low.into());
        }
        let name = self.owner.clone();
        if let Some(chosen) = self.chosen.get(&name) {
            return Ok((*chosen).into());
        }
        let unknown = Unknown { name: name.clone(), low, high };
        if !self.declared.contains(&unknown) {
            self.declared.push(unknown);
        }
        Ok(Term::symbol(name, Sort::Int))
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
}

impl<'s, 'c> Evaluator<'s, 'c> {
    /// An evaluator over these documents that declares unknowns there.
    pub fn new(cluster: &'s Cluster<'c>, unknowns: &'s mut Unknowns) -> Self {
        Self { cluster, unknowns }
    }
    /// The value of an expression.
    ///
    /// # Errors
    /// [`EvaluationFault`] when it has none.
    pub fn evaluate(&mut self, expr: &Expr, scope: &Scope<'_, 'c>) -> Evaluated<'c> {
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
                select(&value, field, *optional).map_err(fault)
            }
            ExprKind::Has { operand, field } => {
                match select(&self.evaluate(operand, scope)?, field, true).map_err(fault)? {
                    Value::Optional(found) => Ok(found.is_some().into()),
                    _ => Err(fault("not an object".to_owned())),
                }
            }
            ExprKind::Index { operand, index, optional } => {
                let (value, index) = (self.evaluate(operand, scope)?, self.evaluate(index, scope)?);
                item(&value, &index, *optional).map_err(fault)
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
                let equal = equal(&a, &b);
                Ok(Value::Term(if operator == Binary::Equal { equal } else { Term::negate(equal) }))
            }
            Binary::In => {
                let (wanted, list) = (self.evaluate(a, scope)?, self.evaluate(b, scope)?);
                match list {
                    Value::List(items) => {
                        Ok(Value::Term(Term::or(items.iter().map(|i| equal(&wanted, i)))))
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
            (a, _) => Err(EvaluationFault {
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
        let mut context = functions::Context { cluster: self.cluster, unknowns: self.unknowns };
        (function.meaning)(&mut context, &operands).map_err(fault)
    }

    fn fold(&mut self, fold: &Fold, scope: &Scope<'_, 'c>) -> Evaluated<'c> {
        let items = match self.evaluate(&fold.range, scope)? {
            Value::List(items) => items,
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

/// A field of an object; Kubernetes treats `null` as missing, and so does this.
fn select<'c>(value: &Value<'c>, field: &str, optional: bool) -> Result<Value<'c>, String> {
    if let Value::Optional(inner) = value {
        return match inner {
            None => Ok(Value::Optional(None)),
            Some(inner) => match select(inner, field, true)? {
                found @ Value::Optional(_) => Ok(found),
                found => Ok(Value::optional(Some(found))),
            },
        };
    }
    let node = match value {
        Value::Node(node) => node,
        Value::Document(document) => &document.root,
        other => return Err(format!("{} has no field `{field}`", other.describe())),
    };
    let found = node.get(field).filter(|node| !node.is_null()).map(Value::of);
    if optional {
        return Ok(Value::optional(found));
    }
    found.ok_or_else(|| format!("there is no `{field}`; `.?{field}` says that it may be missing"))
}

fn item<'c>(value: &Value<'c>, index: &Value<'c>, optional: bool) -> Result<Value<'c>, String> {
    let found = match (value, index) {
        (Value::List(items), index) => {
            let index = index.int().ok_or("the index is not a known int")?;
            usize::try_from(index).ok().and_then(|index| items.get(index)).cloned()
        }
        (_, Value::Text(key)) if value.node().is_some() => {
            return select(value, key, optional);
        }
        _ => return Err(format!("{} cannot be indexed by {}", value.describe(), index.describe())),
    };
    if optional {
        return Ok(Value::optional(found));
    }
    found.ok_or_else(|| "the index is past the end of the list".to_owned())
}

fn equal<'c>(a: &Value<'c>, b: &Value<'c>) -> Term {
    match (a, b) {
        (Value::Term(a), Value::Term(b)) if a.sort() == b.sort() => {
            Term::equal(a.clone(), b.clone())
        }
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return false.into();
            }
            Term::and(a.iter().zip(b).map(|(a, b)| equal(a, b)))
        }
        (Value::Optional(Some(a)), Value::Optional(Some(b))) => equal(a, b),
        (Value::Node(a), Value::Node(b)) => (a.to_json() == b.to_json()).into(),
        (Value::Document(a), Value::Document(b)) => (a.object == b.object).into(),
        _ => (a == b).into(),
    }
}
