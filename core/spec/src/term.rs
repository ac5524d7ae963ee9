//! Symbolic values: what an expression becomes when a value in it is not known.
//!
//! A term has two meanings that must agree: [`Term::evaluate`] here, and its
//! encoding for the solver in `provost-verify`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The two kinds of unknowns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sort {
    /// A mathematical integer.
    Int,
    /// A truth value.
    Bool,
}

/// A known integer or truth value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Constant {
    /// An integer.
    Int(i128),
    /// A truth value.
    Bool(bool),
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => write!(f, "{value}"),
            Self::Bool(value) => write!(f, "{value}"),
        }
    }
}

/// Values for the symbols of a term.
pub type Assignment = BTreeMap<String, Constant>;

/// An operation on two integers with an integer result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Arithmetic {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient, rounded towards zero as in CEL; only by a known divisor that is not zero.
    Div,
    /// Remainder with the sign of the dividend; only by a known divisor that is not zero.
    Rem,
}

/// A comparison of two integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Comparison {
    /// Less.
    Less,
    /// Less or equal.
    AtMost,
    /// Equal.
    Equal,
}

/// An integer or a truth value over symbols. Build terms with the functions below:
/// they fold what is known, so that a term without symbols is a constant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Term {
    /// Known.
    Constant(Constant),
    /// Unknown.
    Symbol(String, Sort),
    /// Arithmetic.
    Arithmetic(Arithmetic, Arc<Term>, Arc<Term>),
    /// A comparison of integers.
    Compare(Comparison, Arc<Term>, Arc<Term>),
    /// Both truth values are equal.
    Same(Arc<Term>, Arc<Term>),
    /// All hold.
    And(Vec<Term>),
    /// At least one holds.
    Or(Vec<Term>),
    /// Does not hold.
    Not(Arc<Term>),
    /// If, then, else.
    If(Arc<Term>, Arc<Term>, Arc<Term>),
}

impl From<bool> for Term {
    fn from(value: bool) -> Self {
        Self::Constant(Constant::Bool(value))
    }
}

impl From<i128> for Term {
    fn from(value: i128) -> Self {
        Self::Constant(Constant::Int(value))
    }
}

/// Why arithmetic has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArithmeticFault {
    /// Past 128 bits.
    #[error("the result does not fit in 128 bits")]
    Overflow,
    /// Division or remainder by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// Division or remainder by a symbol.
    #[error("division by a value that is not known")]
    UnknownDivisor,
}

impl Arithmetic {
    /// The result on known integers.
    ///
    /// # Errors
    /// Overflow, and division by zero.
    pub fn apply(self, a: i128, b: i128) -> Result<i128, ArithmeticFault> {
        match self {
            Self::Add => a.checked_add(b),
            Self::Sub => a.checked_sub(b),
            Self::Mul => a.checked_mul(b),
            Self::Div | Self::Rem if b == 0 => return Err(ArithmeticFault::DivisionByZero),
            Self::Div => a.checked_div(b),
            Self::Rem => a.checked_rem(b),
        }
        .ok_or(ArithmeticFault::Overflow)
    }
}

impl Comparison {
    /// The result on known integers.
    pub fn apply(self, a: i128, b: i128) -> bool {
        match self {
            Self::Less => a < b,
            Self::AtMost => a <= b,
            Self::Equal => a == b,
        }
    }
}

impl Term {
    /// A symbol.
    pub fn symbol(name: impl Into<String>, sort: Sort) -> Self {
        Self::Symbol(name.into(), sort)
    }

    /// Is it an integer or a truth value?
    pub fn sort(&self) -> Sort {
        match self {
            Self::Constant(Constant::Int(_)) | Self::Arithmetic(..) => Sort::Int,
            Self::Symbol(_, sort) => *sort,
            Self::If(_, then, _) => then.sort(),
            _ => Sort::Bool,
        }
    }

    /// The value, when it is known.
    pub fn constant(&self) -> Option<Constant> {
        match self {
            Self::Constant(constant) => Some(*constant),
            _ => None,
        }
    }

    fn int(&self) -> Option<i128> {
        match self {
            Self::Constant(Constant::Int(value)) => Some(*value),
            _ => None,
        }
    }

    fn bool(&self) -> Option<bool> {
        match self {
            Self::Constant(Constant::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// Arithmetic on integers.
    ///
    /// # Errors
    /// Overflow of known values, and a divisor that is zero or not known.
    pub fn arithmetic(operation: Arithmetic, a: Self, b: Self) -> Result<Self, ArithmeticFault> {
        match (a.int(), b.int()) {
            (Some(a), Some(b)) => return operation.apply(a, b).map(Self::from),
            (_, divisor) if matches!(operation, Arithmetic::Div | Arithmetic::Rem) => match divisor
            {
                Some(0) => return Err(ArithmeticFault::DivisionByZero),
                Some(1) if operation == Arithmetic::Div => return Ok(a),
                Some(_) => {}
                None => return Err(ArithmeticFault::UnknownDivisor),
            },
            (_, Some(0)) if operation != Arithmetic::Mul => return Ok(a),
            (Some(0), _) if operation == Arithmetic::Add => return Ok(b),
            _ => {}
        }
        Ok(Self::Arithmetic(operation, Arc::new(a), Arc::new(b)))
    }

    /// A comparison of integers.
    pub fn compare(comparison: Comparison, a: Self, b: Self) -> Self {
        match (a.int(), b.int()) {
            (Some(a), Some(b)) => comparison.apply(a, b).into(),
            _ if a == b => (comparison != Comparison::Less).into(),
            _ => Self::Compare(comparison, Arc::new(a), Arc::new(b)),
        }
    }

    /// `low <= value && value <= high`.
    pub fn between(value: &Self, low: &Self, high: &Self) -> Self {
        Self::and([
            Self::compare(Comparison::AtMost, low.clone(), value.clone()),
            Self::compare(Comparison::AtMost, value.clone(), high.clone()),
        ])
    }

    /// Equality of two values of one sort.
    pub fn equal(a: Self, b: Self) -> Self {
        if a.sort() == Sort::Int {
            return Self::compare(Comparison::Equal, a, b);
        }
        match (a.bool(), b.bool()) {
            (Some(true), _) => b,
            (_, Some(true)) => a,
            (Some(false), _) => Self::negate(b),
            (_, Some(false)) => Self::negate(a),
            _ if a == b => true.into(),
            _ => Self::Same(Arc::new(a), Arc::new(b)),
        }
    }

    /// All hold.
    pub fn and(terms: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for term in terms {
            match term {
                Self::Constant(Constant::Bool(true)) => {}
                Self::Constant(Constant::Bool(false)) => return term,
                Self::And(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        Self::single(kept, true, Self::And)
    }

    /// At least one holds.
    pub fn or(terms: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for term in terms {
            match term {
                Self::Constant(Constant::Bool(false)) => {}
                Self::Constant(Constant::Bool(true)) => return term,
                Self::Or(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        Self::single(kept, false, Self::Or)
    }

    fn single(mut terms: Vec<Self>, empty: bool, join: fn(Vec<Self>) -> Self) -> Self {
        match terms.len() {
            0 => empty.into(),
            1 => terms.pop().unwrap_or_else(|| empty.into()),
            _ => join(terms),
        }
    }

    /// Does not hold.
    pub fn negate(term: Self) -> Self {
        match term {
            Self::Constant(Constant::Bool(value)) => (!value).into(),
            Self::Not(inner) => Arc::unwrap_or_clone(inner),
            other => Self::Not(Arc::new(other)),
        }
    }

    /// If, then, else; both branches of one sort.
    pub fn choose(condition: Self, then: Self, otherwise: Self) -> Self {
        match condition.bool() {
            Some(true) => then,
            Some(false) => otherwise,
            None if then == otherwise => then,
            None => Self::If(Arc::new(condition), Arc::new(then), Arc::new(otherwise)),
        }
    }

    /// How many operations and symbols it has, if that is at most `size` and at most `depth`
    /// of them are inside each other.
    pub fn size_within(&self, size: usize, depth: usize) -> Option<usize> {
        let mut left = size;
        self.take(&mut left, depth).then(|| size - left)
    }

    fn take(&self, size: &mut usize, depth: usize) -> bool {
        if *size == 0 || depth == 0 {
            return false;
        }
        *size -= 1;
        self.children().into_iter().all(|child| child.take(size, depth - 1))
    }

    /// The terms directly inside.
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Constant(_) | Self::Symbol(..) => Vec::new(),
            Self::Arithmetic(_, a, b) | Self::Compare(_, a, b) | Self::Same(a, b) => vec![a, b],
            Self::And(terms) | Self::Or(terms) => terms.iter().collect(),
            Self::Not(term) => vec![term],
            Self::If(c, a, b) => vec![c, a, b],
        }
    }

    /// The same term with other names for some symbols.
    pub fn renamed(&self, name: &dyn Fn(&str) -> Option<String>) -> Self {
        self.replaced(&|old, sort| Some(Self::Symbol(name(old)?, sort)))
    }

    /// The same term with other terms, of the same sorts, for some symbols.
    pub fn replaced(&self, by: &dyn Fn(&str, Sort) -> Option<Self>) -> Self {
        let one = |term: &Arc<Self>| Arc::new(term.replaced(by));
        let all = |terms: &[Self]| terms.iter().map(|term| term.replaced(by)).collect();
        match self {
            Self::Constant(_) => self.clone(),
            Self::Symbol(old, sort) => by(old, *sort).unwrap_or_else(|| self.clone()),
            Self::Arithmetic(operation, a, b) => Self::Arithmetic(*operation, one(a), one(b)),
            Self::Compare(comparison, a, b) => Self::Compare(*comparison, one(a), one(b)),
            Self::Same(a, b) => Self::Same(one(a), one(b)),
            Self::And(terms) => Self::And(all(terms)),
            Self::Or(terms) => Self::Or(all(terms)),
            Self::Not(term) => Self::Not(one(term)),
            Self::If(c, a, b) => Self::If(one(c), one(a), one(b)),
        }
    }

    /// The value under an assignment of every symbol; `None` when a symbol has no
    /// value or arithmetic overflows.
    pub fn evaluate(&self, assignment: &Assignment) -> Option<Constant> {
        let int = |term: &Self| match term.evaluate(assignment)? {
            Constant::Int(value) => Some(value),
            Constant::Bool(_) => None,
        };
        let bool = |term: &Self| match term.evaluate(assignment)? {
            Constant::Bool(value) => Some(value),
            Constant::Int(_) => None,
        };
        Some(match self {
            Self::Constant(constant) => *constant,
            Self::Symbol(name, _) => *assignment.get(name)?,
            Self::Arithmetic(operation, a, b) => {
                Constant::Int(operation.apply(int(a)?, int(b)?).ok()?)
            }
            Self::Compare(comparison, a, b) => Constant::Bool(comparison.apply(int(a)?, int(b)?)),
            Self::Same(a, b) => Constant::Bool(bool(a)? == bool(b)?),
            Self::And(terms) => {
                let mut all = true;
                for term in terms {
                    all &= bool(term)?;
                }
                Constant::Bool(all)
            }
            Self::Or(terms) => {
                let mut any = false;
                for term in terms {
                    any |= bool(term)?;
                }
                Constant::Bool(any)
            }
            Self::Not(term) => Constant::Bool(!bool(term)?),
            Self::If(c, a, b) => return if bool(c)? { a } else { b }.evaluate(assignment),
        })
    }

    /// The symbols in it, by name.
    pub fn symbols(&self, into: &mut BTreeMap<String, Sort>) {
        if let Self::Symbol(name, sort) = self {
            into.insert(name.clone(), *sort);
        }
        self.children().into_iter().for_each(|child| child.symbols(into));
    }
}
