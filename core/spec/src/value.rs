//! What an expression evaluates to.

use provost_model::{Document, Node, Opaque, Value as NodeValue};

use crate::domain::{Labels, label};
use crate::term::{Comparison, Constant, Sort, Term};
use crate::types::Type;

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
    /// A text of a list that is not known; the term is its place.
    Enum(Term, Labels),
    /// Values by key, in the order of the keys.
    Map(Vec<(String, Value<'c>)>),
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
    ///
    /// # Errors
    /// Why nobody may look at it, or at an item of it.
    pub fn of(node: &'c Node) -> Result<Self, String> {
        Ok(match &node.value {
            NodeValue::Null => Self::Null,
            NodeValue::Bool(value) => (*value).into(),
            NodeValue::Integer(value) => i128::from(*value).into(),
            NodeValue::Number(value) => Self::Number(*value),
            NodeValue::Text(value) => Self::Text(value.clone()),
            NodeValue::List(items) => {
                Self::List(items.iter().map(Self::of).collect::<Result<_, _>>()?)
            }
            NodeValue::Map(_) => Self::Node(node),
            NodeValue::Opaque(opaque) => return Err(opaque.to_string()),
        })
    }

    /// The first value in it that nobody may look at.
    fn opaque(&self) -> Option<&'c Opaque> {
        match self {
            Self::Node(node) => node.opaque(),
            Self::List(items) => items.iter().find_map(Self::opaque),
            Self::Map(entries) => entries.iter().find_map(|(_, value)| value.opaque()),
            Self::Optional(inner) => inner.as_ref()?.opaque(),
            _ => None,
        }
    }

    fn has_parts(&self) -> bool {
        match self {
            Self::Node(_) | Self::List(_) | Self::Map(_) => true,
            Self::Optional(inner) => inner.as_ref().is_some_and(|inner| inner.has_parts()),
            _ => false,
        }
    }

    /// Are they equal? Values of different kinds are not.
    ///
    /// # Errors
    /// Where that takes a look at what nobody may look at.
    pub(crate) fn compared(&self, other: &Self) -> Result<Term, String> {
        // A single value is not equal to one that has parts, whatever these are.
        if self.has_parts()
            && other.has_parts()
            && let Some(opaque) = self.opaque().or_else(|| other.opaque())
        {
            return Err(opaque.to_string());
        }
        Ok(self.equal(other))
    }

    /// A text of a list, by its place.
    pub(crate) fn enumerated(place: Term, labels: &Labels) -> Self {
        match label(labels, &place) {
            Some(text) => Self::Text(text),
            None => Self::Enum(place, Labels::clone(labels)),
        }
    }

    /// One text or the other.
    pub(crate) fn either_text(condition: &Term, a: &Self, b: &Self) -> Option<Self> {
        let mut labels: Vec<String> = Vec::new();
        for value in [a, b] {
            match value {
                Self::Text(text) => labels.push(text.clone()),
                Self::Enum(_, more) => labels.extend(more.iter().cloned()),
                _ => return None,
            }
        }
        labels.sort();
        labels.dedup();
        let domain = crate::domain::Domain::Enum(labels.into());
        let (a, b) = (domain.term(a).ok()?, domain.term(b).ok()?);
        Some(domain.value(Term::choose(condition.clone(), a, b)))
    }

    /// The keys of a map.
    pub(crate) fn keys(&self) -> Option<Vec<&str>> {
        match self {
            Self::Map(entries) => Some(entries.iter().map(|(key, _)| key.as_str()).collect()),
            other => {
                let entries = other.node()?.entries();
                Some(entries.iter().map(|entry| entry.key.as_str()).collect())
            }
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
            Self::Text(_) | Self::Enum(..) => "a string",
            Self::Map(_) => "a map",
            Self::List(_) => "a list",
            Self::Optional(_) => "an optional",
            Self::Node(_) => "a map",
            Self::Document(_) => "a document",
        }
    }

    /// Is this an integer, or a truth value, where the static type is that?
    pub(crate) fn is(&self, of: &Type) -> bool {
        matches!(self, Self::Term(term) if Type::from(term.sort()) == *of)
    }

    /// How large it is, in steps of evaluation.
    pub(crate) fn weight(&self) -> u64 {
        match self {
            Self::Text(text) => 1 + text.len() as u64 / 32,
            Self::List(items) => items.iter().fold(1, |sum: u64, item| sum + item.weight()),
            Self::Map(entries) => entries.iter().fold(1, |sum: u64, (_, item)| sum + item.weight()),
            Self::Optional(Some(inner)) => inner.weight(),
            _ => 1,
        }
    }

    /// How large it is with everything inside a mapping: what comparing it costs.
    pub(crate) fn extent(&self) -> u64 {
        fn nodes(node: &Node) -> u64 {
            let inside = node.items().iter().chain(node.entries().iter().map(|entry| &entry.value));
            inside.fold(1, |sum, node| sum + nodes(node))
        }
        match self {
            Self::Node(node) => nodes(node),
            Self::List(items) => items.iter().fold(1, |sum: u64, item| sum + item.extent()),
            other => other.weight(),
        }
    }

    /// A field of an object; Kubernetes treats `null` as missing, and so does this.
    pub(crate) fn select(&self, field: &str, optional: bool) -> Result<Self, String> {
        let node = match self {
            Self::Optional(None) => return Ok(Self::Optional(None)),
            Self::Optional(Some(inner)) => {
                return Ok(match inner.select(field, true)? {
                    found @ Self::Optional(_) => found,
                    found => Self::optional(Some(found)),
                });
            }
            Self::Node(node) => node,
            Self::Document(document) => &document.root,
            Self::Map(entries) => {
                let found = entries.iter().find(|(key, _)| key == field);
                let found = found.map(|(_, value)| value.clone());
                return if optional {
                    Ok(Self::optional(found))
                } else {
                    found.ok_or_else(|| format!("there is no key `{field}`"))
                };
            }
            other => return Err(format!("{} has no field `{field}`", other.describe())),
        };
        let found = node.get(field).filter(|node| !node.is_null()).map(Self::of).transpose()?;
        if optional {
            return Ok(Self::optional(found));
        }
        found.ok_or_else(|| {
            format!("there is no `{field}`; `.?{field}` says that it may be missing")
        })
    }

    /// An item of a list, or a field by a key that was computed.
    pub(crate) fn item(&self, index: &Self, optional: bool) -> Result<Self, String> {
        let found = match (self, index) {
            (Self::List(items), index) => {
                let index = index.int().ok_or("the index is not a known int")?;
                usize::try_from(index).ok().and_then(|index| items.get(index)).cloned()
            }
            (_, Self::Text(key)) if self.node().is_some() || matches!(self, Self::Map(_)) => {
                return self.select(key, optional);
            }
            _ => {
                let (what, by) = (self.describe(), index.describe());
                return Err(format!("{what} cannot be indexed by {by}"));
            }
        };
        if optional {
            return Ok(Self::optional(found));
        }
        found.ok_or_else(|| "the index is past the end of the list".to_owned())
    }

    /// Are they equal? Values of different kinds are not.
    pub(crate) fn equal(&self, other: &Self) -> Term {
        match (self, other) {
            (Self::Term(a), Self::Term(b)) if a.sort() == b.sort() => {
                Term::equal(a.clone(), b.clone())
            }
            (Self::Enum(term, labels), Self::Text(text))
            | (Self::Text(text), Self::Enum(term, labels)) => is_label(term, labels, text),
            (Self::Enum(a, same), Self::Enum(b, labels)) if same == labels => {
                Term::equal(a.clone(), b.clone())
            }
            (Self::Enum(a, labels), Self::Enum(b, others)) => Term::or(
                labels
                    .iter()
                    .map(|text| Term::and([is_label(a, labels, text), is_label(b, others, text)])),
            ),
            (Self::Map(a), Self::Map(b)) => {
                if a.len() != b.len() {
                    return false.into();
                }
                let pairs = a.iter().zip(b);
                Term::and(pairs.map(
                    |((key, a), (other, b))| {
                        if key == other { a.equal(b) } else { false.into() }
                    },
                ))
            }
            (Self::List(a), Self::List(b)) => {
                if a.len() != b.len() {
                    return false.into();
                }
                Term::and(a.iter().zip(b).map(|(a, b)| a.equal(b)))
            }
            (Self::Optional(Some(a)), Self::Optional(Some(b))) => a.equal(b),
            (Self::Node(a), Self::Node(b)) => (a.to_json() == b.to_json()).into(),
            (Self::Document(a), Self::Document(b)) => (a.object == b.object).into(),
            _ => (self == other).into(),
        }
    }
}

/// Is the text at a place this one?
fn is_label(place: &Term, labels: &Labels, text: &str) -> Term {
    let found = labels.iter().position(|label| label == text);
    found.map_or(false.into(), |index| {
        Term::compare(Comparison::Equal, place.clone(), (index as i128).into())
    })
}
