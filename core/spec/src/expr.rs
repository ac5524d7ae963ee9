//! Expressions: the part of CEL that has a meaning in specifications, with spans.

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
    /// The name or operator that makes it what it is.
    pub token: TextSpan,
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
    Select {
        /// What has the field.
        operand: Box<Expr>,
        /// Its name.
        field: String,
        /// May it be missing?
        optional: bool,
    },
    /// `has(operand.field)`
    Has {
        /// What may have the field.
        operand: Box<Expr>,
        /// Its name.
        field: String,
    },
    /// `operand[index]`; with `optional`, `operand[?index]`.
    Index {
        /// A list or a map.
        operand: Box<Expr>,
        /// An integer or a key.
        index: Box<Expr>,
        /// May it be missing?
        optional: bool,
    },
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
    Call {
        /// What a method is called on.
        target: Option<Box<Expr>>,
        /// The name of the function.
        name: String,
        /// What it is called with.
        arguments: Vec<Expr>,
    },
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
    /// The expressions directly inside, in source order as far as they have one.
    pub fn children(&self) -> Vec<&Self> {
        match &self.kind {
            ExprKind::Literal(_) | ExprKind::Name(_) => Vec::new(),
            ExprKind::Select { operand: a, .. }
            | ExprKind::Has { operand: a, .. }
            | ExprKind::Not(a)
            | ExprKind::Negate(a) => vec![a],
            ExprKind::Index { operand: a, index: b, .. } | ExprKind::Binary(_, a, b) => vec![a, b],
            ExprKind::List(items) => items.iter().collect(),
            ExprKind::If(c, a, b) => vec![c, a, b],
            ExprKind::Call { target, arguments, .. } => {
                target.iter().map(AsRef::as_ref).chain(arguments).collect()
            }
            ExprKind::Fold(fold) => vec![&fold.range, &fold.initial, &fold.step, &fold.result],
        }
    }

    /// Every name in it that is not bound by a fold inside, with each of its places.
    pub fn free_names<'e>(&'e self, into: &mut Vec<(&'e str, TextSpan)>) {
        match &self.kind {
            ExprKind::Name(name) => into.push((name, self.span)),
            ExprKind::Fold(fold) => {
                fold.range.free_names(into);
                fold.initial.free_names(into);
                let mut inner = Vec::new();
                fold.step.free_names(&mut inner);
                fold.result.free_names(&mut inner);
                inner.retain(|(name, _)| *name != fold.item && *name != fold.accumulator);
                into.extend(inner);
            }
            _ => self.children().into_iter().for_each(|child| child.free_names(into)),
        }
    }

    /// Every call of a global function of this name: its place, and whether a fold may
    /// evaluate it more than once.
    pub fn calls(&self, function: &str) -> Vec<(TextSpan, bool)> {
        let mut found = Vec::new();
        self.collect_calls(function, false, &mut found);
        found
    }

    fn collect_calls(&self, function: &str, repeated: bool, into: &mut Vec<(TextSpan, bool)>) {
        if let ExprKind::Call { target: None, name, .. } = &self.kind
            && name == function
        {
            into.push((self.token, repeated));
        }
        let repeated = repeated || matches!(self.kind, ExprKind::Fold(_));
        for child in self.children() {
            child.collect_calls(function, repeated, into);
        }
    }
}
