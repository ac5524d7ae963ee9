//! Static types: every error of an expression is found when it is loaded, not
//! when a change first reaches it. Fields of documents have type `any`: what they
//! hold is checked when it is used.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use provost_syntax::suggest;

use crate::domain::{Labels, listed};
use crate::expr::{Binary, Expr, ExprKind, ExpressionFault, Fold, Literal, TextSpan};
use crate::functions::{self, Function, Signature};
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
    /// One of some texts.
    Enum(Labels),
    /// A list.
    List(Box<Type>),
    /// Values by text.
    Map(Box<Type>),
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
            Self::Enum(labels) => write!(f, "one of {}", listed(labels)),
            Self::List(item) => write!(f, "list({item})"),
            Self::Map(item) => write!(f, "map({item})"),
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
            (Self::List(a), Self::List(b))
            | (Self::Optional(a), Self::Optional(b))
            | (Self::Map(a), Self::Map(b)) => a.fits(b),
            // Which texts a text can be is seen where it is written.
            (Self::Text, Self::Enum(_)) | (Self::Enum(_), Self::Text) => true,
            _ => self == wanted,
        }
    }

    /// The type of a value that is one or the other: any, if either may be.
    fn either(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Any, _) | (_, Self::Any) => Self::Any,
            (Self::List(a), Self::List(b)) => Self::List(Box::new(a.either(b)?)),
            (Self::Map(a), Self::Map(b)) => Self::Map(Box::new(a.either(b)?)),
            (Self::Optional(a), Self::Optional(b)) => Self::Optional(Box::new(a.either(b)?)),
            _ if self == other => self.clone(),
            (Self::Enum(_) | Self::Text, Self::Enum(_) | Self::Text) => Self::Text,
            _ => return None,
        })
    }

    /// The type of two values that must be of one type.
    fn join(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Any, known) | (known, Self::Any) => known.clone(),
            (Self::List(a), Self::List(b)) => Self::List(Box::new(a.join(b)?)),
            (Self::Map(a), Self::Map(b)) => Self::Map(Box::new(a.join(b)?)),
            (Self::Optional(a), Self::Optional(b)) => Self::Optional(Box::new(a.join(b)?)),
            _ if self == other => self.clone(),
            (Self::Enum(_) | Self::Text, Self::Enum(_) | Self::Text) => Self::Text,
            _ => return None,
        })
    }
}

/// Names in scope.
pub type Names = BTreeMap<String, Type>;

/// The type of an expression, and every fault in it.
pub fn check(expr: &Expr, names: &Names, faults: &mut Vec<ExpressionFault>) -> Type {
    Checker { names, bound: Vec::new(), faults }.infer(expr)
}

/// As [`check`], and a fault if the type is not `wanted`.
pub fn check_is(expr: &Expr, names: &Names, wanted: &Type, faults: &mut Vec<ExpressionFault>) {
    Checker { names, bound: Vec::new(), faults }.expect(expr, wanted);
}

struct Checker<'f> {
    names: &'f Names,
    /// Names that folds bind, innermost last.
    bound: Vec<(String, Type)>,
    faults: &'f mut Vec<ExpressionFault>,
}

impl Checker<'_> {
    fn fault(&mut self, expr: &Expr, message: String, help: Option<String>) -> Type {
        self.fault_at(expr.span, message, help)
    }

    fn fault_at(&mut self, span: TextSpan, message: String, help: Option<String>) -> Type {
        self.faults.push(ExpressionFault { span, message, help });
        // `any` fits everywhere, so one mistake gives one message.
        Type::Any
    }

    fn expect(&mut self, expr: &Expr, wanted: &Type) {
        let found = self.infer(expr);
        if let Type::Enum(labels) = wanted {
            self.labels(expr, labels);
        }
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

    /// Every text that is written here is one of these.
    fn labels(&mut self, expr: &Expr, labels: &Labels) {
        match &expr.kind {
            ExprKind::Literal(Literal::Text(text)) if !labels.contains(text) => {
                let help = match suggest(text, labels.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it is one of {}", listed(labels)),
                };
                self.fault(expr, format!("it is never `{text}`"), Some(help));
            }
            ExprKind::If(_, then, otherwise) => {
                self.labels(then, labels);
                self.labels(otherwise, labels);
            }
            ExprKind::List(items) => items.iter().for_each(|item| self.labels(item, labels)),
            _ => {}
        }
    }

    fn infer(&mut self, expr: &Expr) -> Type {
        match &expr.kind {
            ExprKind::Literal(literal) => match literal {
                Literal::Null => Type::Null,
                Literal::Bool(_) => Type::Bool,
                Literal::Int(_) => Type::Int,
                Literal::Text(_) => Type::Text,
            },
            ExprKind::Name(name) => self.name(expr, name),
            ExprKind::Select { operand, optional, .. } => self.select(operand, *optional),
            ExprKind::Has { operand, .. } => {
                self.select(operand, true);
                Type::Bool
            }
            ExprKind::Index { operand, index, optional } => self.index(operand, index, *optional),
            ExprKind::List(items) => {
                let mut joined: Option<Type> = None;
                for item in items {
                    let found = self.infer(item);
                    joined = Some(match joined {
                        None => found,
                        Some(before) => before.either(&found).unwrap_or_else(|| {
                            let message = format!("a list of {before} holds {found} here");
                            self.fault(item, message, None)
                        }),
                    });
                }
                Type::List(Box::new(joined.unwrap_or(Type::Any)))
            }
            ExprKind::Not(operand) => {
                self.expect(operand, &Type::Bool);
                Type::Bool
            }
            ExprKind::Negate(operand) => {
                self.expect(operand, &Type::Int);
                Type::Int
            }
            ExprKind::Binary(operator, a, b) => self.binary(expr, *operator, a, b),
            ExprKind::If(condition, then, otherwise) => {
                self.expect(condition, &Type::Bool);
                let (a, b) = (self.infer(then), self.infer(otherwise));
                a.either(&b).unwrap_or_else(|| {
                    self.fault(expr, format!("the branches differ: {a} and {b}"), None)
                })
            }
            ExprKind::Call { target, name, arguments } => {
                self.call(expr, target.as_deref(), name, arguments)
            }
            ExprKind::Fold(fold) => self.fold(fold),
        }
    }

    fn name(&mut self, expr: &Expr, name: &str) -> Type {
        let bound = self.bound.iter().rev().find(|(bound, _)| bound == name).map(|(_, of)| of);
        if let Some(found) = bound.or_else(|| self.names.get(name)) {
            return found.clone();
        }
        let known = || {
            let bound = self.bound.iter().map(|(name, _)| name.as_str());
            // The names that macros make are not names that people may write.
            bound.filter(|name| !name.starts_with('@')).chain(self.names.keys().map(String::as_str))
        };
        let help = match suggest(name, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if functions::find(name, false).is_some() => format!("call it, as `{name}(…)`"),
            None => {
                let shown: Vec<_> = known().take(12).map(|name| format!("`{name}`")).collect();
                let more = if known().count() > shown.len() { ", …" } else { "" };
                format!("known here: {}{more}", shown.join(", "))
            }
        };
        self.fault(expr, format!("unknown name `{name}`"), Some(help))
    }

    fn select(&mut self, operand: &Expr, optional: bool) -> Type {
        let found = self.infer(operand);
        let (inner, wrapped) = match found {
            Type::Optional(inner) => (*inner, true),
            other => (other, false),
        };
        let field = match inner {
            Type::Any | Type::Document => Type::Any,
            Type::Map(item) => *item,
            _ => return self.fault(operand, format!("{inner} has no fields"), None),
        };
        if optional || wrapped { Type::Optional(Box::new(field)) } else { field }
    }

    fn index(&mut self, operand: &Expr, index: &Expr, optional: bool) -> Type {
        let found = self.infer(operand);
        let item = match found {
            Type::List(item) => {
                self.expect(index, &Type::Int);
                *item
            }
            Type::Map(item) => {
                self.expect(index, &Type::Text);
                *item
            }
            Type::Any | Type::Document => {
                self.infer(index);
                Type::Any
            }
            other => self.fault(operand, format!("{other} cannot be indexed"), None),
        };
        if optional { Type::Optional(Box::new(item)) } else { item }
    }

    fn binary(&mut self, expr: &Expr, operator: Binary, a: &Expr, b: &Expr) -> Type {
        match operator {
            Binary::And | Binary::Or => {
                self.expect(a, &Type::Bool);
                self.expect(b, &Type::Bool);
                Type::Bool
            }
            Binary::Compare(_) => {
                self.expect(a, &Type::Int);
                self.expect(b, &Type::Int);
                Type::Bool
            }
            Binary::Arithmetic(Arithmetic::Add) => {
                let (left, right) = (self.infer(a), self.infer(b));
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
                self.expect(a, &Type::Int);
                self.expect(b, &Type::Int);
                Type::Int
            }
            Binary::Equal | Binary::NotEqual => {
                let (left, right) = (self.infer(a), self.infer(b));
                match (&left, &right) {
                    (Type::Enum(labels), _) => self.labels(b, labels),
                    (_, Type::Enum(labels)) => self.labels(a, labels),
                    _ => {}
                }
                let nullable = left == Type::Null || right == Type::Null;
                if left.join(&right).is_none() && !nullable {
                    self.fault(expr, format!("{left} never equals {right}"), None);
                }
                Type::Bool
            }
            Binary::In => {
                let (item, list) = (self.infer(a), self.infer(b));
                if matches!(list, Type::Map(_)) && item.fits(&Type::Text) {
                    return Type::Bool;
                }
                if let Type::Enum(labels) = &item {
                    self.labels(b, labels);
                }
                if !list.fits(&Type::List(Box::new(item.clone()))) {
                    self.fault(b, format!("expected list({item}), found {list}"), None);
                }
                Type::Bool
            }
        }
    }

    fn call(&mut self, expr: &Expr, target: Option<&Expr>, name: &str, arguments: &[Expr]) -> Type {
        // `optional.of(x)` parses as a method of the name `optional`.
        if let Some(ExprKind::Name(base)) = target.map(|target| &target.kind)
            && base == "optional"
        {
            return match (name, arguments) {
                ("of", [value]) => Type::Optional(Box::new(self.infer(value))),
                ("none", []) => Type::Optional(Box::new(Type::Any)),
                _ => {
                    let help = Some("there are `optional.of(x)` and `optional.none()`".to_owned());
                    self.fault_at(expr.token, format!("unknown function `optional.{name}`"), help)
                }
            };
        }
        let mut operands: Vec<&Expr> = target.into_iter().collect();
        operands.extend(arguments);
        let Some(function) = functions::find(name, target.is_some()) else {
            // A macro that is called in the wrong form binds names in its arguments.
            if !MACROS.contains(&name) {
                operands.iter().for_each(|operand| {
                    self.infer(operand);
                });
            }
            let help = Some(other_function(name, target.is_some()));
            return self.fault_at(expr.token, format!("unknown function `{name}`"), help);
        };
        self.apply(expr, function, &operands)
    }

    /// The result of a function on its operands, the target of a method first.
    fn apply(&mut self, expr: &Expr, function: &Function, operands: &[&Expr]) -> Type {
        let name = function.name;
        match function.signature {
            Signature::Fixed(parameters, result) => {
                if parameters.len() != operands.len() {
                    let wanted = parameters.len() - usize::from(function.method);
                    let message = format!("`{name}` takes {wanted} arguments: {}", function.usage);
                    return self.fault(expr, message, None);
                }
                for (operand, parameter) in operands.iter().zip(parameters) {
                    self.expect(operand, &parameter());
                }
                result()
            }
            Signature::OrValue => match operands {
                [target, default] => {
                    let (found, default) = (self.infer(target), self.infer(default));
                    match found {
                        Type::Optional(inner) => inner.either(&default).unwrap_or_else(|| {
                            self.fault(expr, format!("the default of {inner} is {default}"), None)
                        }),
                        Type::Any => Type::Any,
                        other => self.fault(target, format!("{other} is never missing"), None),
                    }
                }
                _ => {
                    self.fault(expr, format!("`{name}` takes 1 argument: {}", function.usage), None)
                }
            },
            Signature::Value => match operands {
                [target] => match self.infer(target) {
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

    fn fold(&mut self, fold: &Fold) -> Type {
        let item = match self.infer(&fold.range) {
            Type::List(item) => *item,
            Type::Map(_) => Type::Text,
            Type::Any => Type::Any,
            other => self.fault(&fold.range, format!("expected a list, found {other}"), None),
        };
        let initial = self.infer(&fold.initial);
        self.bound.push((fold.item.clone(), item));
        self.bound.push((fold.accumulator.clone(), initial.clone()));
        let step = self.infer(&fold.step);
        self.bound.truncate(self.bound.len().saturating_sub(2));
        let joined = initial.join(&step).unwrap_or(step);
        self.bound.push((fold.accumulator.clone(), joined));
        let result = self.infer(&fold.result);
        self.bound.pop();
        result
    }
}

/// What CEL expands before names are looked up.
const MACROS: [&str; 5] = ["all", "exists", "exists_one", "filter", "map"];

/// What may have been meant by a function that there is not.
fn other_function(name: &str, method: bool) -> String {
    if let Some(function) = functions::find(name, !method) {
        return format!("it is called as {}", function.usage);
    }
    if MACROS.contains(&name) {
        return format!("it is called as `list.{name}(item, …)`");
    }
    match suggest(name, functions::names().chain(MACROS)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let names: BTreeSet<_> = functions::names().chain(MACROS).collect();
            let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
            format!("functions: {}", names.join(", "))
        }
    }
}
