use std::fmt;

use serde::Serialize;

/// An RFC 6902 patch of a document; shown as JSON text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// The operations as JSON texts with commas between them.
    operations: String,
}

impl Patch {
    /// The same patch, then `value` at `pointer`, whose parent exists.
    #[must_use]
    pub fn add(self, pointer: &str, value: impl Serialize) -> Self {
        self.then("add", pointer, Some(&json(&value)))
    }

    /// The same patch, then `value` in place of what is at `pointer`.
    #[must_use]
    pub fn replace(self, pointer: &str, value: impl Serialize) -> Self {
        self.then("replace", pointer, Some(&json(&value)))
    }

    /// The same patch, then nothing at `pointer`.
    #[must_use]
    pub fn remove(self, pointer: &str) -> Self {
        self.then("remove", pointer, None)
    }

    /// The same patch, refused as a whole unless `value` is at `pointer`.
    ///
    /// It belongs before the removal of a list item, whose index another patch may shift.
    #[must_use]
    pub fn test(self, pointer: &str, value: impl Serialize) -> Self {
        self.then("test", pointer, Some(&json(&value)))
    }

    fn then(mut self, name: &str, pointer: &str, value: Option<&str>) -> Self {
        let Self { operations } = &mut self;
        if !operations.is_empty() {
            operations.push(',');
        }
        for part in ["{\"op\":\"", name, "\",\"path\":", &json(&pointer)] {
            operations.push_str(part);
        }
        if let Some(value) = value {
            operations.push_str(",\"value\":");
            operations.push_str(value);
        }
        operations.push('}');
        self
    }
}

impl fmt::Display for Patch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.operations)
    }
}

/// JSON text; `null` for what has none, such as a mapping whose keys are not text.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_is_a_list_of_operations() {
        let patch = Patch::default().test("/a/\"", "x").remove("/a/0").add("/b/-", json!({"c": 1}));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&patch.to_string()).ok(),
            Some(json!([
                {"op": "test", "path": "/a/\"", "value": "x"},
                {"op": "remove", "path": "/a/0"},
                {"op": "add", "path": "/b/-", "value": {"c": 1}},
            ]))
        );
        assert_eq!(Patch::default().to_string(), "[]");
    }
}
