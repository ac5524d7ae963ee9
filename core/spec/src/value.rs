//! What an expression evaluates to.

use provost_model::{Document, Node, Value as NodeValue};

use crate::term::{Constant, Sort, Term};

/// A value, known or not. Documents are borrowed from the change.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'c> {
    /// `null`
    Null,
    /// An integer or a truth value: a constant term when it is known.
    Term(Term),
    /// A number that is not an integer; it can only be compared for equality.
    Number(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value<'c>>),
    /// A value that may be missing.
    Optional(Option<Box<Value<'c>>>),
    /// A mapping inside a document.
    Node(&'c Node),
    /// A whole document.
    Document(&'c Document),
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Term(value.into())
    }
}

impl From<i128> for Value<'_> {
    fn from(value: i128) -> Self {
        Self::Term(value.into())
    }
}

impl<'c> Value<'c> {
    /// The value of a node of a document.
    pub fn of(node: &'c Node) -> Self {
        match &node.value {
            NodeValue::Null => Self::Null,
            NodeValue::Bool(value) => (*value).into(),
            NodeValue::Integer(value) => i128::from(*value).into(),
            NodeValue::Number(value) => Self::Number(*value),
            NodeValue::Text(value) => Self::Text(value.clone()),
            NodeValue::List(items) => Self::List(items.iter().map(Self::of).collect()),
            NodeValue::Map(_) => Self::Node(node),
        }
    }

    /// An optional value.
    pub fn optional(value: Option<Self>) -> Self {
        Self::Optional(value.map(Box::new))
    }

    /// The mapping behind a document or a mapping.
    pub fn node(&self) -> Option<&'c Node> {
        match self {
            Self::Node(node) => Some(node),
            Self::Document(document) => Some(&document.root),
            _ => None,
        }
    }

    /// The document, also when it is wrapped in an optional.
    pub fn document(&self) -> Option<&'c Document> {
        match self {
            Self::Document(document) => Some(document),
            Self::Optional(Some(value)) => value.document(),
            _ => None,
        }
    }

    /// The known integer.
    pub fn int(&self) -> Option<i128> {
        match self {
            Self::Term(Term::Constant(Constant::Int(value))) => Some(*value),
            _ => None,
        }
    }

    /// The known truth value.
    pub fn bool(&self) -> Option<bool> {
        match self {
            Self::Term(Term::Constant(Constant::Bool(value))) => Some(*value),
            _ => None,
        }
    }

    /// What kind of value this is, in the words of the language.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Term(term) => match term.sort() {
                Sort::Int => "an int",
                Sort::Bool => "a bool",
            },
            Self::Number(_) => "a fraction",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Optional(_) => "an optional",
            Self::Node(_) => "a map",
            Self::Document(_) => "a document",
        }
    }
}
