//! What a state variable can hold.

use std::sync::Arc;

use crate::term::{Comparison, Constant, Sort, Term};
use crate::types::Type;
use crate::value::Value;

/// The texts of an enumeration; terms stand for their places in the list.
pub type Labels = Arc<[String]>;

/// What a state variable can hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Domain {
    /// An integer.
    Int,
    /// A truth value.
    Bool,
    /// One of some texts.
    Enum(Labels),
}

impl Domain {
    /// The sort of the terms that stand for it.
    pub fn sort(&self) -> Sort {
        match self {
            Self::Int | Self::Enum(_) => Sort::Int,
            Self::Bool => Sort::Bool,
        }
    }

    /// Its type in expressions.
    pub fn of_type(&self) -> Type {
        match self {
            Self::Int => Type::Int,
            Self::Bool => Type::Bool,
            Self::Enum(labels) => Type::Enum(Arc::clone(labels)),
        }
    }

    /// What a term of this domain is in expressions.
    pub fn value<'c>(&self, term: Term) -> Value<'c> {
        match self {
            Self::Int | Self::Bool => Value::Term(term),
            Self::Enum(labels) => Value::enumerated(term, labels),
        }
    }

    /// The term that stands for a value.
    ///
    /// # Errors
    /// When it is not a value of this domain.
    pub fn term(&self, value: &Value<'_>) -> Result<Term, String> {
        match (self, value) {
            (Self::Int | Self::Bool, Value::Term(term)) if term.sort() == self.sort() => {
                Ok(term.clone())
            }
            (Self::Enum(labels), Value::Text(text)) => place(labels, text),
            (Self::Enum(labels), Value::Enum(term, other)) if labels == other => Ok(term.clone()),
            (Self::Enum(labels), Value::Enum(term, other)) => relabelled(labels, term, other),
            _ => Err(format!("expected {}, found {}", self.describe(), value.describe())),
        }
    }

    /// What a symbol of this domain always is, when that is not said by its sort.
    pub fn range(&self, symbol: &Term) -> Option<Term> {
        let Self::Enum(labels) = self else { return None };
        Some(Term::between(symbol, &0.into(), &(labels.len() as i128 - 1).into()))
    }

    fn describe(&self) -> String {
        match self {
            Self::Int => "an int".to_owned(),
            Self::Bool => "a bool".to_owned(),
            Self::Enum(labels) => format!("one of {}", listed(labels)),
        }
    }
}

/// The texts of an enumeration, for people.
pub(crate) fn listed(labels: &[String]) -> String {
    let quoted: Vec<_> = labels.iter().map(|label| format!("`{label}`")).collect();
    quoted.join(", ")
}

fn place(labels: &Labels, text: &str) -> Result<Term, String> {
    let found = labels.iter().position(|label| label == text);
    found
        .map(|place| Term::from(place as i128))
        .ok_or_else(|| format!("`{text}` is not one of {}", listed(labels)))
}

/// The same text with its place in another list.
fn relabelled(labels: &Labels, term: &Term, other: &Labels) -> Result<Term, String> {
    let mut found: Option<Term> = None;
    for (index, label) in other.iter().enumerate().rev() {
        let here = place(labels, label)?;
        found = Some(match found {
            None => here,
            Some(rest) => {
                let is = Term::compare(Comparison::Equal, term.clone(), (index as i128).into());
                Term::choose(is, here, rest)
            }
        });
    }
    found.ok_or_else(|| "an enumeration without values".to_owned())
}

/// The text at a known place.
pub(crate) fn label(labels: &Labels, term: &Term) -> Option<String> {
    match term.constant()? {
        Constant::Int(place) => labels.get(usize::try_from(place).ok()?).cloned(),
        Constant::Bool(_) => None,
    }
}
