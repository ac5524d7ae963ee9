use serde_json::Value;

use crate::pointer::{tokens, unescape};
use crate::{Document, Scalar, escape};

/// A document in memory, to test a plugin natively.
///
/// It answers as the host does, except that [`Document::keys`] are sorted.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryDocument(Value);

impl From<Value> for MemoryDocument {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl Document for MemoryDocument {
    fn get(&self, pointer: &str) -> Option<Scalar> {
        scalar(self.0.pointer(pointer)?)
    }

    fn select(&self, pattern: &str) -> Vec<(String, Option<Scalar>)> {
        let mut places = vec![(String::new(), &self.0)];
        for token in tokens(pattern) {
            places = places
                .into_iter()
                .flat_map(|(pointer, value)| {
                    children(value)
                        .into_iter()
                        .filter(|(name, _)| token == "*" || *name == unescape(token))
                        .map(move |(name, child)| (format!("{pointer}/{}", escape(&name)), child))
                })
                .collect();
        }
        places.into_iter().map(|(pointer, value)| (pointer, scalar(value))).collect()
    }

    fn length(&self, pointer: &str) -> Option<u32> {
        let value = self.0.pointer(pointer)?;
        let length = value.as_array().map(Vec::len).or_else(|| Some(value.as_object()?.len()))?;
        u32::try_from(length).ok()
    }

    fn keys(&self, pointer: &str) -> Vec<String> {
        let mapping = self.0.pointer(pointer).and_then(Value::as_object);
        mapping.map(|mapping| mapping.keys().cloned().collect()).unwrap_or_default()
    }

    fn to_json(&self, pointer: &str) -> Option<String> {
        self.0.pointer(pointer).map(ToString::to_string)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn children(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), value)).collect(),
        _ => Vec::new(),
    }
}

fn scalar(value: &Value) -> Option<Scalar> {
    Some(match value {
        Value::Null => Scalar::Null,
        Value::Bool(value) => Scalar::Boolean(*value),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Scalar::Number(number.as_f64().unwrap_or(f64::NAN)), Scalar::Integer),
        Value::String(text) => Scalar::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_answers_as_the_contract_says() {
        let document = MemoryDocument::from(json!({
            "spec": {"containers": [{"name": "a", "uid": 7}, {"name": "b", "ports": []}]},
        }));
        assert_eq!(document.get("/spec/containers/0/uid"), Some(Scalar::Integer(7)));
        assert_eq!(document.get("/spec/containers"), None);
        assert_eq!(
            document.select("/spec/containers/*/name"),
            [
                ("/spec/containers/0/name".to_owned(), Some(Scalar::Text("a".to_owned()))),
                ("/spec/containers/1/name".to_owned(), Some(Scalar::Text("b".to_owned()))),
            ]
        );
        assert_eq!(
            document.select("/spec/*/1/ports"),
            [("/spec/containers/1/ports".to_owned(), None)]
        );
        assert_eq!(document.length("/spec/containers"), Some(2));
        assert_eq!(document.length("/spec/containers/0/name"), None);
        assert_eq!(document.keys("/spec"), ["containers"]);
        assert_eq!(
            document.to_json("/spec/containers/1").as_deref(),
            Some(r#"{"name":"b","ports":[]}"#)
        );
    }
}
