use std::fmt;

use serde_json::{Map, Number, json};

use crate::{Digest, Span};

/// A value with the bytes it was read from: the tree under every document.
///
/// A tree that was built rather than read has empty spans.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value stands, without its key.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// What a [`Node`] holds. Integers outside `i64` are numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, or nothing after the colon.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in source order, without duplicate keys.
    Map(Vec<Entry>),
    /// A value that nobody may look at.
    Opaque(Box<Opaque>),
}

/// A value of a Terraform plan that is not in it, or that is secret. Whoever judges may not
/// take it for absent, and does not get to see it: to look at it is a fault with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// RFC 6901 pointer into the object.
    pub pointer: String,
    /// Why.
    pub reason: Hidden,
}

/// Why a value is [`Opaque`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// Nobody knows it before the plan is applied.
    UntilApplied,
    /// It is secret. Its digest takes part in that of the change and is never shown: a short
    /// secret is found again by trying.
    Sensitive(Digest),
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UntilApplied => "known after apply",
            Self::Sensitive(_) => "sensitive value",
        })
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.pointer)
    }
}

/// One key of a mapping and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// What it maps to.
    pub value: Node,
}

/// A pointer that cannot be followed or made in a tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not lead to a field of this object")]
pub struct InvalidPointer(pub String);

/// One reference token of an RFC 6901 pointer, escaped.
pub fn escape_pointer(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

fn unescape_pointer(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

fn tokens(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.strip_prefix('/').into_iter().flat_map(|rest| rest.split('/')).map(unescape_pointer)
}

impl Node {
    /// A node that was not read from anywhere.
    pub fn new(value: Value) -> Self {
        Self { span: Span::default(), value }
    }

    /// The child under `key`, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The child at an RFC 6901 token: a key, or an index into a list.
    fn child(&self, token: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(_) => self.get(token),
            Value::List(items) => items.get(list_index(token)?),
            _ => None,
        }
    }

    /// The node at an RFC 6901 pointer; `""` is the node itself.
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return None;
        }
        tokens(pointer).try_fold(self, |node, token| node.child(&token))
    }

    /// The span that shows `pointer` best, and the part of the pointer that exists.
    ///
    /// A scalar is shown by its value, a list or mapping by its key, a missing
    /// field by its nearest ancestor.
    pub fn locate(&self, pointer: &str) -> (Span, String) {
        let mut node = self;
        let mut found = String::new();
        let mut span = self.start_span();
        for token in tokens(pointer) {
            let Some(next) = node.child(&token) else { break };
            span = match &next.value {
                Value::List(_) | Value::Map(_) => node
                    .entries()
                    .iter()
                    .find(|entry| entry.key == token)
                    .map_or_else(|| next.start_span(), |entry| entry.key_span),
                _ => next.span,
            };
            found.push('/');
            found.push_str(&escape_pointer(&token));
            node = next;
        }
        (span, found)
    }

    /// The first key of a mapping, or the whole of anything else: enough to point at.
    fn start_span(&self) -> Span {
        self.entries().first().map_or(self.span, |entry| entry.key_span)
    }

    /// The entries of a mapping; empty for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; empty for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self.value {
            Value::Integer(integer) => Some(integer),
            _ => None,
        }
    }

    /// Is it `null`?
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// The first value in it that nobody may look at.
    pub fn opaque(&self) -> Option<&Opaque> {
        match &self.value {
            Value::Opaque(opaque) => Some(opaque),
            Value::List(items) => items.iter().find_map(Node::opaque),
            Value::Map(entries) => entries.iter().find_map(|entry| entry.value.opaque()),
            _ => None,
        }
    }

    /// The same value as JSON; numbers that JSON cannot hold become `null`, and what nobody
    /// may look at the words that Terraform has for it. Not to judge by: ask for
    /// [`Node::opaque`] first.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => json!(value),
            Value::Integer(value) => json!(value),
            Value::Number(value) => {
                Number::from_f64(*value).map_or(serde_json::Value::Null, serde_json::Value::Number)
            }
            Value::Text(value) => json!(value),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => serde_json::Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.value.to_json()))
                    .collect::<Map<_, _>>(),
            ),
            Value::Opaque(opaque) => json!(format!("({})", opaque.reason)),
        }
    }

    /// The same value as compact JSON text with sorted keys: equal values, equal text.
    ///
    /// The text of [`Node::to_json`] without building that. A value that nobody may look at is
    /// no JSON in it, so that no text can be taken for one.
    pub fn canonical_json(&self) -> String {
        let mut text = String::new();
        self.write_canonical(&mut text);
        text
    }

    fn write_canonical(&self, text: &mut String) {
        match &self.value {
            Value::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    item.write_canonical(text);
                }
                text.push(']');
            }
            Value::Map(entries) => {
                let mut sorted: Vec<_> = entries.iter().collect();
                sorted.sort_unstable_by(|a, b| a.key.cmp(&b.key));
                text.push('{');
                for (index, entry) in sorted.into_iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    write_text(&entry.key, text);
                    text.push(':');
                    entry.value.write_canonical(text);
                }
                text.push('}');
            }
            Value::Text(value) => write_text(value, text),
            Value::Integer(value) => text.push_str(&value.to_string()),
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                text.push_str(&self.to_json().to_string());
            }
            Value::Opaque(opaque) => match opaque.reason {
                Hidden::UntilApplied => text.push_str("unknown"),
                Hidden::Sensitive(digest) => text.push_str(&digest.to_string()),
            },
        }
    }

    /// A tree without spans from JSON.
    pub fn from_json(json: &serde_json::Value) -> Self {
        Self::new(match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(*value),
            serde_json::Value::Number(number) => number
                .as_i64()
                .map_or_else(|| Value::Number(number.as_f64().unwrap_or(f64::NAN)), Value::Integer),
            serde_json::Value::String(text) => Value::Text(text.clone()),
            serde_json::Value::Array(items) => {
                Value::List(items.iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(map) => Value::Map(
                map.iter()
                    .map(|(key, value)| Entry {
                        key: key.clone(),
                        key_span: Span::default(),
                        value: Self::from_json(value),
                    })
                    .collect(),
            ),
        })
    }

    /// A copy in which `pointer` leads to `value`; missing mappings on the way are made.
    ///
    /// # Errors
    /// [`InvalidPointer`] when a scalar or a missing list item is in the way.
    pub fn with(&self, pointer: &str, value: Node) -> Result<Self, InvalidPointer> {
        let mut copy = self.clone();
        let mut place = &mut copy;
        for token in tokens(pointer) {
            let invalid = || InvalidPointer(pointer.to_owned());
            if place.is_null() {
                place.value = Value::Map(Vec::new());
            }
            place = match &mut place.value {
                Value::List(items) => {
                    list_index(&token).and_then(|index| items.get_mut(index)).ok_or_else(invalid)?
                }
                Value::Map(entries) => {
                    let index = entries.iter().position(|entry| entry.key == token);
                    let index = index.unwrap_or_else(|| {
                        entries.push(Entry {
                            key: token,
                            key_span: Span::default(),
                            value: Node::new(Value::Null),
                        });
                        entries.len() - 1
                    });
                    entries.get_mut(index).map(|entry| &mut entry.value).ok_or_else(invalid)?
                }
                _ => return Err(invalid()),
            };
        }
        *place = value;
        Ok(copy)
    }
}

/// The index that a token of a pointer names: digits without a leading zero (RFC 6901, 4).
pub fn list_index(token: &str) -> Option<usize> {
    let is_index = token == "0"
        || (!token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit()));
    if is_index { token.parse().ok() } else { None }
}

/// Text as a JSON string.
fn write_text(value: &str, text: &mut String) {
    // What JSON writes as it is, which is most of what manifests hold.
    if value.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        text.push('"');
        text.push_str(value);
        text.push('"');
    } else {
        text.push_str(&json!(value).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Node {
        Node::from_json(&json!({"spec": {"a/b": [1, {"c": "x"}]}}))
    }

    #[test]
    fn pointers_follow_rfc_6901() {
        let node = sample();
        assert_eq!(node.at("/spec/a~1b/1/c").and_then(Node::as_text), Some("x"));
        assert_eq!(node.at("/spec/a~1b/7"), None);
        assert_eq!(node.at("spec"), None);
        assert_eq!(node.at(""), Some(&node));
    }

    #[test]
    fn what_is_hidden_shows_in_the_digest_alone() {
        let hidden = |reason| {
            let opaque = Opaque { pointer: "/a/0".to_owned(), reason };
            Node::new(Value::List(vec![Node::new(Value::Opaque(Box::new(opaque)))]))
        };
        let unknown = hidden(Hidden::UntilApplied);
        let [one, other] =
            ["x", "y"].map(|text| hidden(Hidden::Sensitive(Digest::of(text.as_bytes()))));
        assert_eq!(unknown.to_json(), json!(["(known after apply)"]));
        assert_eq!(one.to_json(), json!(["(sensitive value)"]));
        assert_eq!(one.to_json(), other.to_json());
        assert_ne!(one.canonical_json(), other.canonical_json());
        assert_ne!(unknown.canonical_json(), Node::from_json(&json!(["unknown"])).canonical_json());
        assert_eq!(
            unknown.opaque().map(ToString::to_string),
            Some("known after apply: /a/0".to_owned())
        );
        assert_eq!(sample().opaque(), None);
    }

    #[test]
    fn setting_a_field_makes_its_parents_and_leaves_the_rest() {
        let node = sample().with("/spec/strategy/max", Node::new(Value::Integer(1)));
        let expected = json!({"spec": {"a/b": [1, {"c": "x"}], "strategy": {"max": 1}}});
        assert_eq!(node.map(|node| node.to_json()), Ok(expected));
        assert!(sample().with("/spec/a~1b/0/deep", Node::new(Value::Null)).is_err());
    }

    #[test]
    fn a_missing_field_is_located_at_its_nearest_ancestor() {
        assert_eq!(sample().locate("/spec/a~1b/1/missing/deeper").1, "/spec/a~1b/1");
    }
}
