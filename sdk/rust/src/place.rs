use std::borrow::Cow;

use serde::Serialize;

use crate::pointer::unescape;
use crate::tree::Value;
use crate::{Mismatch, Patch, escape};

/// A place in a [`Tree`](crate::Tree): it knows its pointer, and whether it is
/// there, missing, or not what was expected.
///
/// `null` counts as missing, as it does in Kubernetes. A value of a wrong type is
/// never missing: every reading method returns it as a [`Mismatch`].
#[derive(Clone, Debug)]
pub struct Place<'t> {
    base: Base<'t>,
    /// The pointer from the base to here.
    path: &'t str,
    found: Found<'t>,
}

/// Where a path starts. Most pointers are never asked for, so they are put
/// together only then.
#[derive(Clone, Debug)]
enum Base<'t> {
    Borrowed(&'t str),
    Owned(String),
    Place(&'t Place<'t>),
}

#[derive(Clone, Copy, Debug)]
enum Found<'t> {
    /// A value, `null` included.
    Here(&'t Value),
    /// Nothing, and whether it could be added without adding its parent.
    Missing { parent: bool },
    /// An ancestor, which ends this many bytes before the end of the pointer,
    /// cannot have such a child.
    Blocked { before_end: usize, kind: &'static str },
}

impl<'t> Place<'t> {
    pub(crate) fn new(pointer: &'t str, value: &'t Value) -> Self {
        Self { base: Base::Borrowed(pointer), path: "", found: Found::Here(value) }
    }

    /// The place at `path` under this one, an RFC 6901 pointer.
    pub fn at<'p>(&'p self, path: &'p str) -> Place<'p> {
        let mut found = self.found;
        if let Found::Blocked { before_end, .. } = &mut found {
            *before_end += path.len();
        }
        let mut rest = path;
        while let Some(after) = rest.strip_prefix('/') {
            // One loop over the few bytes, where two searches would cost more.
            let mut escaped = false;
            let end = after.bytes().position(|byte| {
                escaped |= byte == b'~';
                byte == b'/'
            });
            let (token, next) = after.split_at(end.unwrap_or(after.len()));
            let key = if escaped { unescape(token) } else { Cow::Borrowed(token) };
            found = child(found, &key, rest.len());
            rest = next;
        }
        Place { base: Base::Place(self), path, found }
    }

    /// The RFC 6901 pointer into the document, also of a place where nothing is.
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.write_pointer(&mut pointer);
        pointer
    }

    fn write_pointer(&self, out: &mut String) {
        match &self.base {
            Base::Borrowed(pointer) => out.push_str(pointer),
            Base::Owned(pointer) => out.push_str(pointer),
            Base::Place(place) => place.write_pointer(out),
        }
        out.push_str(self.path);
    }

    /// The boolean here.
    ///
    /// # Errors
    /// A [`Mismatch`] when something else is here or above.
    pub fn boolean(&self) -> Result<Option<bool>, Mismatch> {
        match self.value()? {
            None => Ok(None),
            Some(Value::Boolean(value)) => Ok(Some(*value)),
            Some(other) => Err(self.mismatch(other.kind(), "a boolean")),
        }
    }

    /// The whole number here.
    ///
    /// # Errors
    /// A [`Mismatch`] when something else is here or above.
    pub fn integer(&self) -> Result<Option<i64>, Mismatch> {
        match self.value()? {
            None => Ok(None),
            Some(Value::Integer(value)) => Ok(Some(*value)),
            Some(other) => Err(self.mismatch(other.kind(), "a whole number")),
        }
    }

    /// The number here, whole or not.
    ///
    /// # Errors
    /// A [`Mismatch`] when something else is here or above.
    pub fn number(&self) -> Result<Option<f64>, Mismatch> {
        match self.value()? {
            None => Ok(None),
            #[expect(clippy::cast_precision_loss, reason = "the caller asks for a float")]
            Some(Value::Integer(value)) => Ok(Some(*value as f64)),
            Some(Value::Number(value)) => Ok(Some(*value)),
            Some(other) => Err(self.mismatch(other.kind(), "a number")),
        }
    }

    /// The text here.
    ///
    /// # Errors
    /// A [`Mismatch`] when something else is here or above.
    pub fn text(&self) -> Result<Option<&'t str>, Mismatch> {
        match self.value()? {
            None => Ok(None),
            Some(Value::Text(value)) => Ok(Some(value)),
            Some(other) => Err(self.mismatch(other.kind(), "text")),
        }
    }

    /// Is a mapping here?
    ///
    /// # Errors
    /// A [`Mismatch`] when something else is here or above.
    pub fn has_mapping(&self) -> Result<bool, Mismatch> {
        Ok(!self.mapping()?.is_empty() || matches!(self.found, Found::Here(Value::Mapping(_))))
    }

    /// The keys of the mapping here with their places, in order; none when it is missing.
    ///
    /// # Errors
    /// A [`Mismatch`] when something else is here or above.
    pub fn entries(&self) -> Result<Vec<(&'t str, Place<'t>)>, Mismatch> {
        let entries = self.mapping()?.iter();
        Ok(entries
            .map(|(key, value)| {
                let pointer = format!("{}/{}", self.pointer(), escape(key));
                (key.as_str(), Place::owned(pointer, value))
            })
            .collect())
    }

    /// The items of the list here, in order; none when it is missing.
    ///
    /// # Errors
    /// A [`Mismatch`] when something else is here or above.
    pub fn items(&self) -> Result<Vec<Place<'t>>, Mismatch> {
        match self.value()? {
            None => Ok(Vec::new()),
            Some(Value::List(items)) => {
                let pointer = self.pointer();
                Ok(items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| Place::owned(format!("{pointer}/{index}"), item))
                    .collect())
            }
            Some(other) => Err(self.mismatch(other.kind(), "a list")),
        }
    }

    /// Is the same value here as there, whatever the order of keys? Nothing is the
    /// same as nothing.
    pub fn same(&self, other: &Place<'_>) -> bool {
        match (self.value(), other.value()) {
            (Ok(Some(one)), Ok(Some(two))) => one.same(two),
            (Ok(one), Ok(two)) => one.is_none() && two.is_none(),
            _ => false,
        }
    }

    /// A patch that makes `value` be here, if it touches nothing but this place:
    /// there is a value to replace, or a mapping to add it to.
    pub fn set(&self, value: impl Serialize) -> Option<Patch> {
        match self.found {
            Found::Here(_) => Some(Patch::default().replace(&self.pointer(), value)),
            Found::Missing { parent: true } => Some(Patch::default().add(&self.pointer(), value)),
            Found::Missing { parent: false } | Found::Blocked { .. } => None,
        }
    }

    /// A patch that removes what is here from its mapping, if there is anything.
    pub fn removed(&self) -> Option<Patch> {
        matches!(self.found, Found::Here(_)).then(|| Patch::default().remove(&self.pointer()))
    }

    fn owned(pointer: String, value: &'t Value) -> Self {
        Self { base: Base::Owned(pointer), path: "", found: Found::Here(value) }
    }

    fn value(&self) -> Result<Option<&'t Value>, Mismatch> {
        match self.found {
            Found::Here(Value::Null) | Found::Missing { .. } => Ok(None),
            Found::Here(value) => Ok(Some(value)),
            Found::Blocked { before_end, kind } => {
                let mut pointer = self.pointer();
                pointer.truncate(pointer.len() - before_end);
                let reason = reason(&pointer, kind, "a mapping");
                Err(Mismatch { pointer, reason })
            }
        }
    }

    fn mapping(&self) -> Result<&'t [(String, Value)], Mismatch> {
        match self.value()? {
            None => Ok(&[]),
            Some(Value::Mapping(entries)) => Ok(entries),
            Some(other) => Err(self.mismatch(other.kind(), "a mapping")),
        }
    }

    #[cold]
    fn mismatch(&self, found: &str, expected: &str) -> Mismatch {
        let pointer = self.pointer();
        let reason = reason(&pointer, found, expected);
        Mismatch { pointer, reason }
    }
}

/// What is under `found` at a key, whose token starts `before_end` bytes
/// before the end of the pointer that is followed.
fn child<'t>(found: Found<'t>, key: &str, before_end: usize) -> Found<'t> {
    let value = match found {
        Found::Here(value) => value,
        Found::Missing { .. } => return Found::Missing { parent: false },
        Found::Blocked { .. } => return found,
    };
    match value {
        Value::Null => Found::Missing { parent: false },
        Value::Mapping(entries) => {
            let entry = entries.iter().find(|(name, _)| name == key);
            entry.map_or(Found::Missing { parent: true }, |(_, value)| Found::Here(value))
        }
        Value::List(items) => match key.parse::<usize>() {
            Ok(index) => items.get(index).map_or(Found::Missing { parent: false }, Found::Here),
            Err(_) => Found::Blocked { before_end, kind: value.kind() },
        },
        other => Found::Blocked { before_end, kind: other.kind() },
    }
}

fn reason(pointer: &str, found: &str, expected: &str) -> String {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    match name.parse::<usize>() {
        Ok(index) => format!("item {index} is {found}, not {expected}"),
        Err(_) if name.is_empty() => format!("this is {found}, not {expected}"),
        Err(_) => format!("`{}` is {found}, not {expected}", unescape(name)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use crate::{Document, MemoryDocument, Mismatch, Tree};

    fn tree(value: serde_json::Value) -> Tree {
        let document = MemoryDocument::from(json!({ "spec": value }));
        (&document as &dyn Document).tree("/spec").unwrap()
    }

    #[test]
    fn a_place_knows_its_pointer_whether_or_not_something_is_there() {
        let tree = tree(json!({"a": [{"b/c": {"d": 1}}], "n": null}));
        let root = tree.root();
        let items = root.at("/a").items().unwrap();
        let place = items.first().unwrap().at("/b~1c/d");
        assert_eq!((place.pointer().as_str(), place.integer()), ("/spec/a/0/b~1c/d", Ok(Some(1))));
        assert_eq!(place.number(), Ok(Some(1.0)));
        assert_eq!(root.at("/n").text(), Ok(None));
        assert_eq!(root.at("/n/x").text(), Ok(None));
        assert_eq!(root.at("/x/y").at("/z").pointer(), "/spec/x/y/z");
        assert_eq!(root.at("/a/7/x").boolean(), Ok(None));
    }

    #[test]
    fn a_wrong_type_is_a_mismatch_at_the_place_that_is_wrong() {
        let tree = tree(json!({"flag": "yes", "context": [1], "list": {"k": 1}}));
        let root = tree.root();
        assert_eq!(
            root.at("/flag").boolean(),
            Err(Mismatch::new("/spec/flag", "`flag` is text, not a boolean"))
        );
        assert_eq!(
            root.at("/context/deep/er").text(),
            Err(Mismatch::new("/spec/context", "`context` is a list, not a mapping"))
        );
        assert_eq!(
            root.at("/context/0/er").text(),
            Err(Mismatch::new("/spec/context/0", "item 0 is a whole number, not a mapping"))
        );
        assert!(root.at("/list").items().is_err());
        assert!(root.at("/flag").has_mapping().is_err());
        assert!(root.at("/list").has_mapping().unwrap());
        assert!(!root.at("/none").has_mapping().unwrap());
    }

    #[test]
    fn a_patch_is_offered_only_where_it_touches_nothing_else() {
        let tree = tree(json!({"here": true, "context": {}}));
        let root = tree.root();
        let text = |path| root.at(path).set(false).map(|patch| patch.to_string());
        assert_eq!(
            text("/here").as_deref(),
            Some(r#"[{"op":"replace","path":"/spec/here","value":false}]"#)
        );
        assert_eq!(
            text("/context/new").as_deref(),
            Some(r#"[{"op":"add","path":"/spec/context/new","value":false}]"#)
        );
        assert_eq!(text("/none/new"), None);
        assert_eq!(text("/here/new"), None);
        assert_eq!(root.at("/none").removed(), None);
    }

    #[test]
    fn the_order_of_keys_makes_no_difference_and_that_of_items_does() {
        let tree = tree(json!({
            "a": {"x": 1, "y": [1, 2]}, "b": {"y": [1, 2], "x": 1},
            "c": {"x": 1, "y": [2, 1]}, "d": {"x": 1}, "n": null,
        }));
        let root = tree.root();
        assert!(root.at("/a").same(&root.at("/b")));
        assert!(!root.at("/a").same(&root.at("/c")));
        assert!(!root.at("/a").same(&root.at("/d")));
        assert!(!root.at("/d").same(&root.at("/a")));
        assert!(root.at("/n").same(&root.at("/none")));
    }

    #[test]
    fn what_is_skipped_is_there_but_not_read() {
        let document = MemoryDocument::from(json!({"env": [{"name": "A"}], "name": "app"}));
        let tree = (&document as &dyn Document).tree_without("", |key| key == "env").unwrap();
        let root = tree.root();
        assert_eq!(root.at("/name").text(), Ok(Some("app")));
        assert!(root.at("/env").items().is_err());
    }
}
