//! Expressions: the CEL that specifications use, with spans.
//!
//! The `cel` crate parses; this file keeps the part of its tree that has a
//! meaning here and refuses the rest.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr as CelExpr, IdedExpr, LiteralValue, SourceInfo,
    operators,
};
use cel::parser::Parser;

use crate::term::{Arithmetic, Comparison};

/// Bytes of the expression's own text.
pub type TextSpan = (usize, usize);

/// Something wrong with an expression, in its own text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionFault {
    /// Where.
    pub span: TextSpan,
    /// What.
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

impl ExpressionFault {
    pub(crate) fn new(span: TextSpan, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// Where it stands in the text.
    pub span: TextSpan,
    /// What it is.
    pub kind: ExprKind,
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `42`
    Int(i64),
    /// `"text"`
    Text(String),
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// `+` (also joins texts and lists), `-`, `*`, `/`, `%`.
    Arithmetic(Arithmetic),
    /// `<`, `<=`; `>` and `>=` are these with their operands exchanged.
    Compare(Comparison),
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `in`
    In,
}

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A literal.
    Literal(Literal),
    /// A name.
    Name(String),
    /// `operand.field`; with `optional`, `operand.?field`.
    Select { operand: Box<Expr>, field: String, optional: bool },
    /// `has(operand.field)`
    Has { operand: Box<Expr>, field: String },
    /// `operand[index]`; with `optional`, `operand[?index]`.
    Index { operand: Box<Expr>, index: Box<Expr>, optional: bool },
    /// `[a, b]`
    List(Vec<Expr>),
    /// `!a`
    Not(Box<Expr>),
    /// `-a`
    Negate(Box<Expr>),
    /// `a + b` and its like.
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// `c ? a : b`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `f(a)`, or `target.f(a)`.
    Call { target: Option<Box<Expr>>, name: String, arguments: Vec<Expr> },
    /// `all`, `exists`, `exists_one`, `filter`, `map`, as the fold that CEL defines them by.
    Fold(Box<Fold>),
}

/// A fold over a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    /// The list.
    pub range: Expr,
    /// The name of an item.
    pub item: String,
    /// The name of what is accumulated.
    pub accumulator: String,
    /// Its first value.
    pub initial: Expr,
    /// Its next value.
    pub step: Expr,
    /// The result.
    pub result: Expr,
}

impl Expr {
    /// Parse CEL with optional syntax (`.?field`, `[?index]`).
    ///
    /// # Errors
    /// Syntax errors, and parts of CEL that specifications do not use.
    pub fn parse(text: &str) -> Result<Self, Vec<ExpressionFault>> {
        // The generated parser recurses: bound what it is given.
        let parser = Parser::new().enable_optional_syntax(true).max_recursion_depth(64);
        match parser.parse_with_source_info(text) {
            Ok((expr, info)) => Lowering { text, info: &info }.lower(&expr).map_err(|f| vec![f]),
            Err(errors) => Err(errors.errors.iter().map(|e| syntax_fault(text, e)).collect()),
        }
    }

    /// Every name that is not bound by a fold inside.
    pub fn free_names<'e>(&'e self, into: &mut Vec<&'e str>) {
        match &self.kind {
            ExprKind::Literal(_) => {}
            ExprKind::Name(name) => into.push(name),
            ExprKind::Select { operand, .. } | ExprKind::Has { operand, .. } => {
                operand.free_names(into);
            }
            ExprKind::Not(operand) | ExprKind::Negate(operand) => operand.free_names(into),
            ExprKind::Index { operand: a, index: b, .. } | ExprKind::Binary(_, a, b) => {
                a.free_names(into);
                b.free_names(into);
            }
            ExprKind::List(items) => items.iter().for_each(|item| item.free_names(into)),
            ExprKind::If(c, a, b) => [c, a, b].into_iter().for_each(|e| e.free_names(into)),
            ExprKind::Call { target, arguments, .. } => {
                target.iter().for_each(|target| target.free_names(into));
                arguments.iter().for_each(|argument| argument.free_names(into));
            }
            ExprKind::Fold(fold) => {
                fold.range.free_names(into);
                fold.initial.free_names(into);
                let mut inner = Vec::new();
                fold.step.free_names(&mut inner);
                fold.result.free_names(&mut inner);
                inner.retain(|name| *name != fold.item && *name != fold.accumulator);
                into.extend(inner);
            }
        }
    }
}

fn syntax_fault(text: &str, error: &cel::ParseError) -> ExpressionFault {
    let line = usize::try_from(error.pos.0).unwrap_or(1).max(1);
    let column = usize::try_from(error.pos.1).unwrap_or(1).max(1);
    let line_start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(line_start..).unwrap_or_default();
    let start =
        rest.char_indices().nth(column - 1).map_or(text.len(), |(offset, _)| line_start + offset);
    let end =
        text.get(start..).and_then(|t| t.chars().next()).map_or(start, |c| start + c.len_utf8());
    ExpressionFault::new((start, end), format!("not a CEL expression: {}", error.msg))
}

struct Lowering<'t> {
    text: &'t str,
    info: &'t SourceInfo,
}

impl Lowering<'_> {
    fn token_span(&self, id: u64) -> Option<TextSpan> {
        let (start, end) = self.info.offset_for(id)?;
        // The parser counts characters and includes the last one.
        let byte = |chars: usize| {
            self.text.char_indices().nth(chars).map_or(self.text.len(), |(offset, _)| offset)
        };
        let (start, end) = (byte(start as usize), byte(end as usize + 1));
        Some((start, end.max(start)))
    }

    fn expr(&self, id: u64, kind: ExprKind) -> Expr {
        let own = self.token_span(id);
        let mut span = own;
        let mut cover = |child: &Expr| {
            if child.span.1 > child.span.0 {
                span = Some(
                    span.map_or(child.span, |s| (s.0.min(child.span.0), s.1.max(child.span.1))),
                );
            }
        };
        match &kind {
            ExprKind::Select { operand, .. } | ExprKind::Has { operand, .. } => cover(operand),
            ExprKind::Not(a) | ExprKind::Negate(a) => cover(a),
            ExprKind::Index { operand: a, index: b, .. } | ExprKind::Binary(_, a, b) => {
                cover(a);
                cover(b);
            }
            ExprKind::If(c, a, b) => [c, a, b].into_iter().for_each(|e| cover(e)),
            ExprKind::Call { target, arguments, .. } => {
                target.iter().for_each(|target| cover(target));
                arguments.iter().for_each(&mut cover);
            }
            ExprKind::List(items) => items.iter().for_each(&mut cover),
            ExprKind::Fold(fold) => cover(&fold.range),
            ExprKind::Literal(_) | ExprKind::Name(_) => {}
        }
        Expr { span: span.unwrap_or((0, self.text.len())), kind }
    }

    fn unsupported(&self, id: u64, what: &str) -> ExpressionFault {
        ExpressionFault::new(
            self.token_span(id).unwrap_or((0, self.text.len())),
            format!("{what} have no meaning in a specification"),
        )
    }

    fn lower(&self, node: &IdedExpr) -> Result<Expr, ExpressionFault> {
        let id = node.id;
        let kind = match &node.expr {
            CelExpr::Literal(literal) => ExprKind::Literal(match literal {
                LiteralValue::Null => Literal::Null,
                LiteralValue::Boolean(value) => Literal::Bool(*value.inner()),
                LiteralValue::Int(value) => Literal::Int(*value.inner()),
                LiteralValue::String(value) => Literal::Text(value.inner().to_owned()),
                LiteralValue::UInt(_) => return Err(self.unsupported(id, "unsigned literals")),
                LiteralValue::Double(_) => return Err(self.unsupported(id, "fractions")),
                LiteralValue::Bytes(_) => return Err(self.unsupported(id, "bytes")),
            }),
            CelExpr::Ident(name) => ExprKind::Name(name.clone()),
            CelExpr::List(list) => ExprKind::List(
                list.elements.iter().map(|e| self.lower(e)).collect::<Result<_, _>>()?,
            ),
            CelExpr::Select(select) => {
                let operand = Box::new(self.lower(&select.operand)?);
                let field = select.field.clone();
                if select.test {
                    ExprKind::Has { operand, field }
                } else {
                    ExprKind::Select { operand, field, optional: false }
                }
            }
            CelExpr::Call(call) => self.call(id, call)?,
            CelExpr::Comprehension(fold) => self.fold(fold)?,
            CelExpr::Map(map) => {
                let first = map.entries.first().map(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) => entry.key.id,
                    EntryExpr::StructField(field) => field.value.id,
                });
                return Err(self.unsupported(first.unwrap_or(id), "map literals"));
            }
            CelExpr::Struct(_) => return Err(self.unsupported(id, "message literals")),
            CelExpr::Unspecified => return Err(self.unsupported(id, "empty expressions")),
        };
        Ok(self.expr(id, kind))
    }

    fn fold(&self, fold: &ComprehensionExpr) -> Result<ExprKind, ExpressionFault> {
        if fold.iter_var2.is_some() {
            return Err(self.unsupported(fold.iter_range.id, "two-variable comprehensions"));
        }
        // The loop condition only stops early; stopping changes no result.
        Ok(ExprKind::Fold(Box::new(Fold {
            range: self.lower(&fold.iter_range)?,
            item: fold.iter_var.clone(),
            accumulator: fold.accu_var.clone(),
            initial: self.lower(&fold.accu_init)?,
            step: self.lower(&fold.loop_step)?,
            result: self.lower(&fold.result)?,
        })))
    }

    fn call(&self, id: u64, call: &CallExpr) -> Result<ExprKind, ExpressionFault> {
        let arguments: Vec<Expr> =
            call.args.iter().map(|argument| self.lower(argument)).collect::<Result<_, _>>()?;
        if let Some(target) = &call.target {
            let target = Some(Box::new(self.lower(target)?));
            return Ok(ExprKind::Call { target, name: call.func_name.clone(), arguments });
        }
        let name = call.func_name.as_str();
        let mut boxed = arguments.clone().into_iter().map(Box::new);
        Ok(match (name, boxed.next(), boxed.next(), boxed.next()) {
            (operators::CONDITIONAL, Some(c), Some(a), Some(b)) => ExprKind::If(c, a, b),
            (operators::LOGICAL_NOT, Some(a), None, None) => ExprKind::Not(a),
            (operators::NEGATE, Some(a), None, None) => ExprKind::Negate(a),
            (operators::INDEX, Some(operand), Some(index), None) => {
                ExprKind::Index { operand, index, optional: false }
            }
            (operators::OPT_INDEX, Some(operand), Some(index), None) => {
                ExprKind::Index { operand, index, optional: true }
            }
            (operators::OPT_SELECT, Some(operand), Some(field), None) => match field.kind {
                ExprKind::Literal(Literal::Text(field)) => {
                    ExprKind::Select { operand, field, optional: true }
                }
                _ => return Err(self.unsupported(id, "computed field names")),
            },
            (operators::GREATER, Some(a), Some(b), None) => {
                ExprKind::Binary(Binary::Compare(Comparison::Less), b, a)
            }
            (operators::GREATER_EQUALS, Some(a), Some(b), None) => {
                ExprKind::Binary(Binary::Compare(Comparison::AtMost), b, a)
            }
            (name, Some(a), Some(b), None) if binary(name).is_some() => {
                ExprKind::Binary(binary(name).unwrap_or(Binary::Equal), a, b)
            }
            _ => ExprKind::Call { target: None, name: name.to_owned(), arguments },
        })
    }
}

fn binary(name: &str) -> Option<Binary> {
    Some(match name {
        operators::ADD => Binary::Arithmetic(Arithmetic::Add),
        operators::SUBSTRACT => Binary::Arithmetic(Arithmetic::Sub),
        operators::MULTIPLY => Binary::Arithmetic(Arithmetic::Mul),
        operators::DIVIDE => Binary::Arithmetic(Arithmetic::Div),
        operators::MODULO => Binary::Arithmetic(Arithmetic::Rem),
        operators::LESS => Binary::Compare(Comparison::Less),
        operators::LESS_EQUALS => Binary::Compare(Comparison::AtMost),
        operators::EQUALS => Binary::Equal,
        operators::NOT_EQUALS => Binary::NotEqual,
        operators::LOGICAL_AND => Binary::And,
        operators::LOGICAL_OR => Binary::Or,
        operators::IN => Binary::In,
        _ => return None,
    })
}
