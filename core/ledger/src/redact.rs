//! What may be kept of an object: everything but its secrets.
//!
//! First the known places of each kind ([`places`]), then what is called like a credential or
//! looks like one ([`signs`]). What is taken out leaves a constant behind, not a digest: a short
//! secret is found again by trying.

mod places;
mod signs;

use provost_model::{Digest, Document};
use serde::Serialize;
use serde_json::{Number, Value};

use crate::canonical::LARGEST;

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Lists and objects within each other that are kept; deeper ones are taken out unseen.
const DEPTH: usize = 64;

/// An object without its secrets. There is no other way to make one.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Redacted(Value);

impl Redacted {
    /// The object of a document without its secrets.
    pub fn document(document: &Document) -> Self {
        Self::object(document.root.to_json())
    }

    /// An object without its secrets.
    pub fn object(mut object: Value) -> Self {
        walk(&mut object, 0);
        Self(object)
    }

    /// What is left.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The digest of what is left.
    pub fn digest(&self) -> Digest {
        Digest::of_json(&self.0)
    }
}

fn walk(value: &mut Value, depth: usize) {
    match value {
        Value::Array(_) | Value::Object(_) if depth >= DEPTH => take_out(value),
        Value::Array(items) => {
            signs::arguments(items);
            items.iter_mut().for_each(|item| walk(item, depth + 1));
        }
        Value::Object(members) => {
            places::take_out(members);
            signs::members(members);
            members.values_mut().for_each(|member| walk(member, depth + 1));
        }
        Value::String(text) if signs::is_secret(text) => take_out(value),
        Value::Number(number) => {
            if let Some(text) = beyond(number) {
                *value = Value::String(text);
            }
        }
        _ => {}
    }
}

/// Removes a value, whatever it is.
fn take_out(value: &mut Value) {
    *value = Value::String(REDACTED.to_owned());
}

/// The text of an integer that has no place in canonical JSON (RFC 8785, appendix D).
fn beyond(number: &Number) -> Option<String> {
    let magnitude = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64())?;
    (magnitude > LARGEST).then(|| number.to_string())
}
