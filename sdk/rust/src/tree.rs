use std::fmt;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::report::without_position;
use crate::{Mismatch, Place};

/// A part of a document, parsed once. Read it through [`Tree::root`].
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    pointer: String,
    value: Value,
}

/// What a place holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    /// In source order; a list, because mappings are short.
    Mapping(Vec<(String, Value)>),
    /// Something that was passed over on purpose.
    Skipped,
}

impl Value {
    /// What it is, for people.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) => "a whole number",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Mapping(_) => "a mapping",
            Self::Skipped => "passed over",
        }
    }
}

impl Value {
    /// Is it the same value, whatever the order of keys?
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Mapping(one), Self::Mapping(two)) => {
                one.len() == two.len()
                    && one.iter().all(|(key, value)| {
                        let there = two.iter().find(|(name, _)| name == key);
                        there.is_some_and(|(_, there)| value.same(there))
                    })
            }
            (Self::List(one), Self::List(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same(two))
            }
            _ => self == other,
        }
    }
}

impl Tree {
    /// The tree of some JSON text found at `pointer`; no text is a tree of nothing.
    pub(crate) fn parse(
        pointer: &str,
        json: Option<&str>,
        skip: fn(&str) -> bool,
    ) -> Result<Self, Mismatch> {
        let value = match json {
            None => Value::Null,
            Some(json) => {
                let mut reader = serde_json::Deserializer::from_str(json);
                Reader { skip }
                    .deserialize(&mut reader)
                    .map_err(|error| Mismatch::new(pointer, without_position(&error)))?
            }
        };
        Ok(Self { pointer: pointer.to_owned(), value })
    }

    /// The place where the tree starts.
    pub fn root(&self) -> Place<'_> {
        Place::new(&self.pointer, &self.value)
    }
}

/// Builds a [`Value`] from any JSON.
#[derive(Clone, Copy)]
struct Reader {
    skip: fn(&str) -> bool,
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        #[expect(clippy::cast_precision_loss, reason = "larger than any integer in use")]
        Ok(i64::try_from(value).map_or(Value::Number(value as f64), Value::Integer))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut mapping = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = if (self.skip)(&key) {
                entries.next_value::<IgnoredAny>()?;
                Value::Skipped
            } else {
                entries.next_value_seed(self)?
            };
            mapping.push((key, value));
        }
        Ok(Value::Mapping(mapping))
    }
}
