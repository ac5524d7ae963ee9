//! The `documents` interface: lazy access to the host's parsed tree.
//!
//! It never fails on what a guest asks for: a pointer that leads nowhere is
//! answered with `none`. It fails only when a budget is spent, and where a value may
//! not be looked at.

use std::borrow::Cow;

use provost_model::{Node, Opaque, Value, escape_pointer, list_index};
use wasmtime::component::Resource;

use crate::bindings::provost::plugin::documents::{Host, HostDocument, Scalar};
use crate::json;
use crate::limits::Exceeded;
use crate::meter::Meter;
use crate::state::{DocumentHandle, State};

/// Bytes of one list element or option beyond its text, as the guest receives it.
const ELEMENT: usize = 32;

impl Host for State {}

impl HostDocument for State {
    fn get(
        &mut self,
        document: Resource<DocumentHandle>,
        pointer: String,
    ) -> wasmtime::Result<Option<Scalar>> {
        let (meter, root) = self.open(&document, &pointer)?;
        let leaf = find(root, &pointer, meter)?.and_then(scalar);
        meter.hand_over(size(leaf.as_ref()))?;
        Ok(leaf)
    }

    fn select(
        &mut self,
        document: Resource<DocumentHandle>,
        pattern: String,
    ) -> wasmtime::Result<Vec<(String, Option<Scalar>)>> {
        let (meter, root) = self.open(&document, &pattern)?;
        let mut selection = Selection { meter, path: String::new(), found: Vec::new() };
        if pattern.is_empty() || pattern.starts_with('/') {
            selection.collect(root, pattern.strip_prefix('/'))?;
        }
        Ok(selection.found)
    }

    fn length(
        &mut self,
        document: Resource<DocumentHandle>,
        pointer: String,
    ) -> wasmtime::Result<Option<u32>> {
        let (meter, root) = self.open(&document, &pointer)?;
        let length = match find(root, &pointer, meter)?.map(|node| &node.value) {
            Some(Value::List(items)) => Some(items.len()),
            Some(Value::Map(entries)) => Some(entries.len()),
            _ => None,
        };
        Ok(length.map(|length| u32::try_from(length).unwrap_or(u32::MAX)))
    }

    fn keys(
        &mut self,
        document: Resource<DocumentHandle>,
        pointer: String,
    ) -> wasmtime::Result<Vec<String>> {
        let (meter, root) = self.open(&document, &pointer)?;
        let entries = find(root, &pointer, meter)?.map(Node::entries).unwrap_or_default();
        let mut keys = Vec::new();
        for entry in entries {
            meter.visit(1)?;
            meter.hand_over(ELEMENT + entry.key.len())?;
            keys.push(entry.key.clone());
        }
        Ok(keys)
    }

    fn to_json(
        &mut self,
        document: Resource<DocumentHandle>,
        pointer: String,
    ) -> wasmtime::Result<Option<String>> {
        let (meter, root) = self.open(&document, &pointer)?;
        let Some(node) = find(root, &pointer, meter)? else {
            return Ok(None);
        };
        Ok(Some(json::write(node, meter)?))
    }

    fn drop(&mut self, _document: Resource<DocumentHandle>) -> wasmtime::Result<()> {
        Ok(())
    }
}

impl State {
    /// Starts a call on a document.
    fn open(
        &mut self,
        document: &Resource<DocumentHandle>,
        pointer: &str,
    ) -> wasmtime::Result<(&mut Meter, &Node)> {
        self.meter.call(pointer.len())?;
        let document = self
            .documents
            .get(document.rep() as usize)
            .ok_or_else(|| wasmtime::Error::msg("no such document"))?;
        Ok((&mut self.meter, &document.root))
    }
}

/// A guest asked for a value that nobody may look at: taken for absent, it would be judged.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot judge without what it may not see ({0})")]
pub(crate) struct Unseen(String);

impl Unseen {
    pub(crate) fn of(opaque: &Opaque) -> Self {
        Self(opaque.to_string())
    }
}

/// The node, if it may be looked at.
fn seen(node: &Node) -> Result<&Node, Unseen> {
    match &node.value {
        Value::Opaque(opaque) => Err(Unseen::of(opaque)),
        _ => Ok(node),
    }
}

/// [`Node::at`], metered.
fn find<'n>(
    root: &'n Node,
    pointer: &str,
    meter: &mut Meter,
) -> wasmtime::Result<Option<&'n Node>> {
    if pointer.is_empty() {
        return Ok(Some(root));
    }
    let Some(rest) = pointer.strip_prefix('/') else {
        return Ok(None);
    };
    let mut node = root;
    for token in rest.split('/') {
        match child(node, token, meter)? {
            Some((_, next)) => node = seen(next)?,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

/// The child at an escaped token, with its key or index as a token.
fn child<'n, 't>(
    node: &'n Node,
    token: &'t str,
    meter: &mut Meter,
) -> Result<Option<(&'t str, &'n Node)>, Exceeded> {
    let found = match &node.value {
        Value::Map(entries) => {
            let key = unescape(token);
            let place = entries.iter().position(|entry| entry.key == *key);
            meter.visit(place.map_or(entries.len(), |place| place + 1))?;
            place.and_then(|place| entries.get(place)).map(|entry| &entry.value)
        }
        Value::List(items) => list_index(token).and_then(|index| items.get(index)),
        _ => None,
    };
    Ok(found.map(|next| (token, next)))
}

fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

fn scalar(node: &Node) -> Option<Scalar> {
    match &node.value {
        Value::Null => Some(Scalar::Null),
        Value::Bool(value) => Some(Scalar::Boolean(*value)),
        Value::Integer(value) => Some(Scalar::Integer(*value)),
        Value::Number(value) => Some(Scalar::Number(*value)),
        Value::Text(text) => Some(Scalar::Text(text.clone())),
        Value::List(_) | Value::Map(_) | Value::Opaque(_) => None,
    }
}

fn size(leaf: Option<&Scalar>) -> usize {
    match leaf {
        Some(Scalar::Text(text)) => ELEMENT + text.len(),
        _ => ELEMENT,
    }
}

/// A walk over every place that matches a pattern, in document order.
struct Selection<'m> {
    meter: &'m mut Meter,
    path: String,
    found: Vec<(String, Option<Scalar>)>,
}

impl Selection<'_> {
    /// Takes `node` if `rest` of the pattern is used up, else its matching children.
    fn collect(&mut self, node: &Node, rest: Option<&str>) -> wasmtime::Result<()> {
        let node = seen(node)?;
        let Some(rest) = rest else {
            return self.take(node);
        };
        let (token, rest) = match rest.split_once('/') {
            Some((token, rest)) => (token, Some(rest)),
            None => (rest, None),
        };
        match &node.value {
            Value::Map(entries) if token == "*" => {
                for entry in entries {
                    self.meter.visit(1)?;
                    self.enter(&escape_pointer(&entry.key), &entry.value, rest)?;
                }
                Ok(())
            }
            Value::List(items) if token == "*" => {
                for (index, item) in items.iter().enumerate() {
                    self.meter.visit(1)?;
                    self.enter(&index.to_string(), item, rest)?;
                }
                Ok(())
            }
            _ => match child(node, token, self.meter)? {
                Some((token, next)) => self.enter(token, next, rest),
                None => Ok(()),
            },
        }
    }

    fn enter(&mut self, token: &str, node: &Node, rest: Option<&str>) -> wasmtime::Result<()> {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(token);
        self.collect(node, rest)?;
        self.path.truncate(length);
        Ok(())
    }

    fn take(&mut self, node: &Node) -> wasmtime::Result<()> {
        let leaf = scalar(node);
        self.meter.hand_over(self.path.len() + size(leaf.as_ref()))?;
        self.found.push((self.path.clone(), leaf));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use std::sync::Arc;

    use provost_model::{Document, Hidden, ObjectReference, Source};
    use serde_json::json;

    use super::*;
    use crate::capabilities::Granted;
    use crate::limits::Limits;
    use crate::logs::Logs;

    fn state(limits: Limits) -> State {
        let root = Node::from_json(&json!({
            "spec": {
                "containers": [{"name": "a", "cpu": 0.5}, {"name": "b"}, "odd"],
                "labels": {"a/b~c": "x", "on": true, "n": 3, "none": null},
            },
        }));
        let document = Document {
            object: ObjectReference {
                api_version: "v1".to_owned(),
                kind: "Pod".to_owned(),
                namespace: None,
                name: "a".to_owned(),
            },
            root,
            source: Source::new("a.yaml", ""),
            index: 0,
        };
        let documents = [Arc::new(document)];
        State::new(limits, Granted::default(), &documents, Arc::default(), Logs::default())
    }

    fn first() -> Resource<DocumentHandle> {
        Resource::new_borrow(0)
    }

    #[test]
    fn get_answers_with_leaves_only() {
        let mut state = state(Limits::default());
        let mut get = |pointer: &str| {
            let leaf = state.get(first(), pointer.to_owned()).unwrap();
            leaf.map(|leaf| format!("{leaf:?}"))
        };
        assert_eq!(get("/spec/labels/n").as_deref(), Some("Scalar::Integer(3)"));
        assert_eq!(get("/spec/labels/on").as_deref(), Some("Scalar::Boolean(true)"));
        assert_eq!(get("/spec/labels/none").as_deref(), Some("Scalar::Null"));
        assert_eq!(get("/spec/labels/a~1b~0c").as_deref(), Some("Scalar::Text(\"x\")"));
        assert_eq!(get("/spec/containers/0/cpu").as_deref(), Some("Scalar::Number(0.5)"));
        let nothings = ["", "/spec", "/spec/containers", "/spec/containers/9", "/no", "spec", "/"];
        let not_indices = ["/spec/containers/00/name", "/spec/containers/+0/name"];
        for nothing in nothings.into_iter().chain(not_indices) {
            assert_eq!(get(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn select_finds_every_place_in_document_order() {
        let mut state = state(Limits::default());
        let mut select = |pattern: &str| {
            let found = state.select(first(), pattern.to_owned()).unwrap();
            let shown = found.into_iter().map(|(pointer, leaf)| match leaf {
                Some(Scalar::Text(text)) => format!("{pointer}={text}"),
                Some(_) => format!("{pointer}=?"),
                None => pointer,
            });
            shown.collect::<Vec<_>>()
        };
        assert_eq!(
            select("/spec/containers/*/name"),
            ["/spec/containers/0/name=a", "/spec/containers/1/name=b"]
        );
        assert_eq!(
            select("/spec/containers/*"),
            ["/spec/containers/0", "/spec/containers/1", "/spec/containers/2=odd"]
        );
        assert_eq!(
            select("/*/labels/*"),
            [
                "/spec/labels/a~1b~0c=x",
                "/spec/labels/on=?",
                "/spec/labels/n=?",
                "/spec/labels/none=?"
            ]
        );
        assert_eq!(select("/spec/labels/a~1b~0c"), ["/spec/labels/a~1b~0c=x"]);
        assert_eq!(select(""), [""]);
        for nothing in ["/no/*", "/spec/labels/n/*", "spec/*", "/*/*/*/*/*"] {
            assert!(select(nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn what_may_not_be_seen_ends_the_call() {
        type Call = fn(&mut State) -> wasmtime::Result<()>;
        let hidden = |pointer: &str| {
            let reason = Hidden::UntilApplied;
            Node::new(Value::Opaque(Box::new(Opaque { pointer: pointer.to_owned(), reason })))
        };
        let mut state = state(Limits::default());
        let mut document = Document::clone(state.documents.first().unwrap());
        document.root = document.root.with("/spec/labels/n", hidden("/spec/labels/n")).unwrap();
        state.documents = vec![Arc::new(document)];
        let looks: [Call; 9] = [
            |state| state.get(first(), "/spec/labels/n".to_owned()).map(drop),
            |state| state.get(first(), "/spec/labels/n/deeper".to_owned()).map(drop),
            |state| state.select(first(), "/spec/labels/*".to_owned()).map(drop),
            |state| state.select(first(), "/*/*/n/deeper".to_owned()).map(drop),
            |state| state.length(first(), "/spec/labels/n".to_owned()).map(drop),
            |state| state.keys(first(), "/spec/labels/n".to_owned()).map(drop),
            |state| state.to_json(first(), String::new()).map(drop),
            |state| state.to_json(first(), "/spec/labels".to_owned()).map(drop),
            |state| state.to_json(first(), "/spec/labels/n".to_owned()).map(drop),
        ];
        for (number, look) in looks.into_iter().enumerate() {
            let said = look(&mut state).unwrap_err();
            let said = said.downcast_ref::<Unseen>().map(ToString::to_string);
            let expected = "cannot judge without what it may not see (known after apply: \
                            /spec/labels/n)";
            assert_eq!(said.as_deref(), Some(expected), "look {number}");
        }
        let others: [Call; 4] = [
            |state| state.get(first(), "/spec/labels/on".to_owned()).map(drop),
            |state| state.keys(first(), "/spec/labels".to_owned()).map(drop),
            |state| state.select(first(), "/spec/containers/*/name".to_owned()).map(drop),
            |state| state.to_json(first(), "/spec/containers".to_owned()).map(drop),
        ];
        for other in others {
            other(&mut state).unwrap();
        }
    }

    #[test]
    fn length_and_keys_are_of_lists_and_mappings() {
        let mut state = state(Limits::default());
        let mut length = |pointer: &str| state.length(first(), pointer.to_owned()).unwrap();
        assert_eq!(length("/spec/containers"), Some(3));
        assert_eq!(length("/spec/labels"), Some(4));
        assert_eq!(length("/spec/labels/n"), None);
        assert_eq!(length("/no"), None);
        let mut keys = |pointer: &str| state.keys(first(), pointer.to_owned()).unwrap();
        assert_eq!(keys("/spec"), ["containers", "labels"]);
        assert!(keys("/spec/containers").is_empty() && keys("/no").is_empty());
    }

    #[test]
    fn json_is_that_of_the_model() {
        let mut state = state(Limits::default());
        for pointer in ["", "/spec/containers/0", "/spec/labels/a~1b~0c", "/spec/labels/none"] {
            let json = state.to_json(first(), pointer.to_owned()).unwrap().unwrap();
            let node = state.documents.first().unwrap().root.at(pointer).unwrap();
            assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), node.to_json());
        }
        assert_eq!(state.to_json(first(), "/no".to_owned()).unwrap(), None);
    }

    #[test]
    fn every_answer_counts_against_host_bytes() {
        type Call = fn(&mut State) -> wasmtime::Result<()>;
        let calls: [Call; 4] = [
            |state| state.get(first(), "/spec/labels/a~1b~0c".to_owned()).map(drop),
            |state| state.select(first(), "/*/*/*/name".to_owned()).map(drop),
            |state| state.keys(first(), "/spec/labels".to_owned()).map(drop),
            |state| state.to_json(first(), "/spec".to_owned()).map(drop),
        ];
        for (number, call) in calls.into_iter().enumerate() {
            let mut state = state(Limits { host_bytes: 1_000, ..Limits::default() });
            let Some(error) = (0..100).find_map(|_| call(&mut state).err()) else {
                panic!("call {number} is free")
            };
            let said = error.downcast_ref::<Exceeded>().unwrap().to_string();
            assert!(said.starts_with("exceeded its limit `hostBytes` of 1000 bytes"), "{said}");
        }
    }
}
