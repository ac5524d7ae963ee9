use std::collections::{BTreeMap, BTreeSet};

use provost_model::{Change, Node, ObjectReference, Value};

/// What a change alters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Diff {
    pub created: usize,
    pub updated: usize,
    /// Single values added, removed or altered.
    pub values: usize,
    /// Their fields, without list positions.
    pub fields: BTreeSet<String>,
}

impl Diff {
    /// Nothing where the objects before the change are not known.
    pub fn of(change: &Change) -> Option<Self> {
        if change.before.is_empty() || !change.operation.leaves_documents() {
            return None;
        }
        let before: BTreeMap<&ObjectReference, &Node> =
            change.before.iter().map(|document| (&document.object, &document.root)).collect();
        let mut diff = Self::default();
        for document in &change.documents {
            let before = before.get(&document.object).copied();
            let already = diff.values;
            diff.walk(before, Some(&document.root), &mut String::new());
            match before {
                None => diff.created += 1,
                Some(_) if diff.values > already => diff.updated += 1,
                Some(_) => {}
            }
        }
        Some(diff)
    }

    /// Both values at one path; a missing one is no value.
    fn walk(&mut self, before: Option<&Node>, after: Option<&Node>, path: &mut String) {
        let entries = |node: Option<&'_ Node>| node.is_some_and(|node| is_map(&node.value));
        let items = |node: Option<&'_ Node>| node.is_some_and(|node| is_list(&node.value));
        if (entries(before) && items(after)) || (items(before) && entries(after)) {
            // All of the one goes, all of the other comes.
            self.walk(before, None, path);
            self.walk(None, after, path);
        } else if entries(before) || entries(after) {
            let [before_keys, after_keys] = [before, after].map(keys);
            for key in before_keys.union(&after_keys) {
                let length = path.len();
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
                let get = |node: Option<&'_ Node>| node.and_then(|node| node.get(key)).cloned();
                let (one, other) = (get(before), get(after));
                self.walk(one.as_ref(), other.as_ref(), path);
                path.truncate(length);
            }
        } else if items(before) || items(after) {
            let [before, after] = [before, after].map(|node| node.map_or(&[][..], Node::items));
            for index in 0..before.len().max(after.len()) {
                self.walk(before.get(index), after.get(index), path);
            }
        } else if before.map(|node| &node.value) != after.map(|node| &node.value) {
            self.values += 1;
            self.fields.insert(path.clone());
        }
    }
}

fn keys(node: Option<&Node>) -> BTreeSet<&str> {
    let entries = node.map_or(&[][..], Node::entries);
    entries.iter().map(|entry| entry.key.as_str()).collect()
}

fn is_map(value: &Value) -> bool {
    matches!(value, Value::Map(entries) if !entries.is_empty())
}

fn is_list(value: &Value) -> bool {
    matches!(value, Value::List(items) if !items.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn diff(before: &Json, after: &Json) -> (usize, Vec<String>) {
        let mut diff = Diff::default();
        let [before, after] = [before, after].map(Node::from_json);
        diff.walk(Some(&before), Some(&after), &mut String::new());
        (diff.values, diff.fields.into_iter().collect())
    }

    #[test]
    fn what_is_alike_is_no_difference() {
        let object = json!({"a": {"b": [1, {"c": null}]}, "d": []});
        assert_eq!(diff(&object, &object), (0, Vec::new()));
    }

    #[test]
    fn values_are_counted_and_fields_named_without_positions() {
        let before =
            json!({"spec": {"replicas": 1, "containers": [{"image": "a"}, {"image": "b"}]}});
        let after =
            json!({"spec": {"replicas": 2, "containers": [{"image": "x"}, {"image": "y"}]}});
        let fields = ["spec.containers.image", "spec.replicas"].map(str::to_owned).to_vec();
        assert_eq!(diff(&before, &after), (3, fields));
    }

    #[test]
    fn what_is_added_removed_or_of_another_form_is_a_difference() {
        assert_eq!(diff(&json!({"a": 1}), &json!({})), (1, vec!["a".to_owned()]));
        assert_eq!(diff(&json!({}), &json!({"a": {"b": 1}})), (1, vec!["a.b".to_owned()]));
        assert_eq!(diff(&json!({"a": [1]}), &json!({"a": [1, 2]})), (1, vec!["a".to_owned()]));
        assert_eq!(diff(&json!({"a": {}}), &json!({"a": []})), (1, vec!["a".to_owned()]));
        let fields = vec!["a".to_owned(), "a.b".to_owned()];
        assert_eq!(diff(&json!({"a": {"b": 1}}), &json!({"a": [2]})), (2, fields));
    }
}
