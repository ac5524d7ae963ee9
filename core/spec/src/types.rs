//! Static types: every error of an expression is found when it is loaded, not
//! when a change first reaches it. Fields of documents have type `any`: what they
//! hold is checked when it is used.

use std::collections::BTreeMap;
use std::fmt;

use provost_syntax::suggest;

use crate::expression::{Binary, Expr, ExprKind, ExpressionFault, Fold, Literal};
use crate::functions::{self, Signature};
use crate::term::{Arithmetic, Sort};

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Whatever a document holds there.
    Any,
    /// `null`
    Null,
    /// An integer.
    Int,
    /// A truth value.
    Bool,
    /// Text.
    Text,
    /// A list.
    List(Box<Type>),
    /// A value that may be missing.
    Optional(Box<Type>),
    /// A Kubernetes object.
    Document,
}

impl From<Sort> for Type {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Int => Self::Int,
            Sort::Bool => Self::Bool,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Null => f.write_str("null"),
            Self::Int => f.write_str("int"),
            Self::Bool => f.write_str("bool"),
            Self::Text => f.write_str("string"),
            Self::List(item) => write!(f, "list({item})"),
            Self::Optional(inner) => write!(f, "optional({inner})"),
            Self::Document => f.write_str("document"),
        }
    }
}

impl Type {
    /// May a value of this type stand where `wanted` is asked for?
    pub fn fits(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::List(a), Self::List(b)) | (Self::Optional(a), Self::Optional(b)) => a.fits(b),
            _ => self == wanted,
        }
    }

    /// The type of a value that is one or the other.
    fn join(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Any, known) | (known, Self::Any) => known.clone(),
            (Self::List(a), Self::List(b)) => Self::List(Box::new(a.join(b)?)),
            (Self::Optional(a), Self::Optional(b)) => Self::Optional(Box::new(a.join(b)?)),
            _ if self == other => self.clone(),
            _ => return None,
        })
    }
}

/// Names in scope.
pub type Names = BTreeMap<String, Type>;

/// The type of an expression, and every fault in it.
pub fn check(expr: &Expr, names: &Names, faults: &mut Vec<ExpressionFault>) -> Type {
    Checker { faults }.infer(expr, names)
}

/// As [`check`], and a fault if the type is not `wanted`.
pub fn check_is(expr: &Expr, names: &Names, wanted: &Type, faults: &mut Vec<ExpressionFault>) {
    Checker { faults }.expect(expr, names, wanted);
}

struct Checker<'f> {
    faults: &'f mut Vec<ExpressionFault>,
}

impl Checker<'_> {
    fn fault(&mut self, expr: &Expr, message: String, help: Option<String>) -> Type {
        self.faults.push(ExpressionFault { span: expr.span, message, help });
        // `any` fits everywhere, so one mistake gives one message.
        Type::Any
    }

    fn expect(&mut self, expr: &Expr, names: &Names, wanted: &Type) {
        let found = self.infer(expr, names);
        if !found.fits(wanted) {
            let help = match &found {
                Type::Optional(inner) if inner.fits(wanted) => {
                    Some("add `.orValue(…)` to say what holds when it is missing".to_owned())
                }
                _ => None,
            };
            self.fault(expr, format!("expected {wanted}, found {found}"), help);
        }
    }

    fn infer(&mut self, expr: &Expr, names: &Names) -> Type {
        match &expr.kind {
            ExprKind::Literal(literal) => match literal {
                Literal::Null => Type::Null,
                Literal::Bool(_) => Type::Bool,
                Literal::Int(_) => Type::Int,
                Literal::Text(_) => Type::Text,
            },
            ExprKind::Name(name) => self.name(expr, name, names),
            ExprKind::Select { operand, optional, .. } => self.select(operand, *optional, names),
            ExprKind::Has { operand, .. } => {
                self.select(operand, true, names);
                Type::Bool
            }
            ExprKind::Index { operand, index, optional } => {
                self.index(operand, index, *optional, names)
            }
            ExprKind::List(items) => {
                let mut joined = Type::Any;
                for item in items {
                    let found = self.infer(item, names);
                    joined = joined.join(&found).unwrap_or_else(|| {
                        self.fault(item, format!("a list of {joined} holds {found} here"), None)
                    });
                }
                Type::List(Box::new(joined))
            }
            ExprKind::Not(operand) => {
                self.expect(operand, names, &Type::Bool);
                Type::Bool
            }
            ExprKind::Negate(operand) => {
                self.expect(operand, names, &Type::Int);
                Type::Int
            }
            ExprKind::Binary(operator, a, b) => self.binary(expr, *operator, a, b, names),
            ExprKind::If(condition, then, otherwise) => {
                self.expect(condition, names, &Type::Bool);
                let (a, b) = (self.infer(then, names), self.infer(otherwise, names));
                a.join(&b).unwrap_or_else(|| {
                    self.fault(expr, format!("the branches differ: {a} and {b}"), None)
                })
            }
            ExprKind::Call { target, name, arguments } => {
                self.call(expr, target.as_deref(), name, arguments, names)
            }
            ExprKind::Fold(fold) => self.fold(fold, names),
        }
    }

    fn name(&mut self, expr: &Expr, name: &str, names: &Names) -> Type {
        if let Some(found) = names.get(name) {
            return found.clone();
        }
        let help = suggest(name, names.keys().map(String::as_str))
            .map(|near| format!("did you mean `{near}`?"))
            .or_else(|| {
                let known: Vec<_> = names.keys().map(|name| format!("`{name}`")).collect();
                (!known.is_empty()).then(|| format!("known here: {}", known.join(", ")))
            });
        self.fault(expr, format!("unknown name `{name}`"), help)
    }

    fn select(&mut self, operand: &Expr, optional: bool, names: &Names) -> Type {
        let found = self.infer(operand, names);
        let (inner, wrapped) = match found {
            Type::Optional(inner) => (*inner, true),
            other => (other, false),
        };
        if !matches!(inner, Type::Any | Type::Document) {
            return self.fault(operand, format!("{inner} has no fields"), None);
        }
        if optional || wrapped { Type::Optional(Box::new(Type::Any)) } else { Type::Any }
    }

    fn index(&mut self, operand: &Expr, index: &Expr, optional: bool, names: &Names) -> Type {
        let found = self.infer(operand, names);
        let item = match found {
            Type::List(item) => {
                self.expect(index, names, &Type::Int);
                *item
            }
            Type::Any | Type::Document => {
                self.infer(index, names);
                Type::Any
            }
            other => self.fault(operand, format!("{other} cannot be indexed"), None),
        };
        if optional { Type::Optional(Box::new(item)) } else { item }
    }

    fn binary(&mut self, expr: &Expr, operator: Binary, a: &Expr, b: &Expr, names: &Names) -> Type {
        match operator {
            Binary::And | Binary::Or => {
                self.expect(a, names, &Type::Bool);
                self.expect(b, names, &Type::Bool);
                Type::Bool
            }
            Binary::Compare(_) => {
                self.expect(a, names, &Type::Int);
                self.expect(b, names, &Type::Int);
                Type::Bool
            }
            Binary::Arithmetic(Arithmetic::Add) => {
                let (left, right) = (self.infer(a, names), self.infer(b, names));
                match left.join(&right) {
                    Some(joined @ (Type::Any | Type::Int | Type::Text | Type::List(_))) => joined,
                    _ => {
                        let help = (left == Type::Text || right == Type::Text)
                            .then(|| "`string(…)` makes a string of it".to_owned());
                        self.fault(expr, format!("cannot add {left} and {right}"), help)
                    }
                }
            }
            Binary::Arithmetic(_) => {
                self.expect(a, names, &Type::Int);
                self.expect(b, names, &Type::Int);
                Type::Int
            }
            Binary::Equal | Binary::NotEqual => {
                let (left, right) = (self.infer(a, names), self.infer(b, names));
                let nullable = left == Type::Null || right == Type::Null;
                if left.join(&right).is_none() && !nullable {
                    self.fault(expr, format!("{left} never equals {right}"), None);
                }
                Type::Bool
            }
            Binary::In => {
                let (item, list) = (self.infer(a, names), self.infer(b, names));
                if !list.fits(&Type::List(Box::new(item.clone()))) {
                    self.fault(b, format!("expected list({item}), found {list}"), None);
                }
                Type::Bool
            }
        }
    }

    fn call(
        &mut self,
        expr: &Expr,
        target: Option<&Expr>,
        name: &str,
        arguments: &[Expr],
        names: &Names,
    ) -> Type {
        // `optional.of(x)` parses as a method of the name `optional`.
        if let Some(ExprKind::Name(base)) = target.map(|target| &target.kind)
            && base == "optional"
        {
            return match (name, arguments) {
                ("of", [value]) => Type::Optional(Box::new(self.infer(value, names))),
                ("none", []) => Type::Optional(Box::new(Type::Any)),
                _ => self.fault(expr, format!("unknown function `optional.{name}`"), None),
            };
        }
        let mut operands: Vec<&Expr> = target.into_iter().collect();
        operands.extend(arguments);
        let Some(function) = functions::find(name, target.is_some()) else {
            let help =
                suggest(name, functions::names()).map(|near| format!("did you mean `{near}`?"));
            operands.iter().for_each(|operand| {
                self.infer(operand, names);
            });
            return self.fault(expr, format!("unknown function `{name}`"), help);
        };
        match function.signature {
            Signature::Fixed(parameters, result) => {
                if parameters.len() != operands.len() {
                    let wanted = parameters.len() - usize::from(target.is_some());
                    let message = format!("`{name}` takes {wanted} arguments: {}", function.usage);
                    return self.fault(expr, message, None);
                }
                for (operand, parameter) in operands.iter().zip(parameters) {
                    self.expect(operand, names, &parameter());
                }
                result()
            }
            Signature::OrValue => match operands.as_slice() {
                [target, default] => {
                    let (found, default) = (self.infer(target, names), self.infer(default, names));
                    match found {
                        Type::Optional(inner) => inner.join(&default).unwrap_or_else(|| {
                            self.fault(expr, format!("the default of {inner} is {default}"), None)
                        }),
                        Type::Any => default,
                        other => self.fault(target, format!("{other} is never missing"), None),
                    }
                }
                _ => {
                    self.fault(expr, format!("`{name}` takes 1 argument: {}", function.usage), None)
                }
            },
            Signature::Value => match operands.as_slice() {
                [target] => match self.infer(target, names) {
                    Type::Optional(inner) => *inner,
                    Type::Any => Type::Any,
                    other => self.fault(target, format!("{other} is never missing"), None),
                },
                _ => self.fault(
                    expr,
                    format!("`{name}` takes no argument: {}", function.usage),
                    None,
                ),
            },
        }
    }

    fn fold(&mut self, fold: &Fold, names: &Names) -> Type {
        let item = match self.infer(&fold.range, names) {
            Type::List(item) => *item,
            Type::Any => Type::Any,
            other => self.fault(&fold.range, format!("expected a list, found {other}"), None),
        };
        let mut inner = names.clone();
        inner.insert(fold.item.clone(), item);
        let initial = self.infer(&fold.initial, names);
        inner.insert(fold.accumulator.clone(), initial.clone());
        let step = self.infer(&fold.step, &inner);
        let joined = initial.join(&step).unwrap_or(step);
        inner.insert(fold.accumulator.clone(), joined);
        self.infer(&fold.result, &inner)
    }
}
