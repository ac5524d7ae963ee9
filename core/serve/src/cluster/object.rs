//! One object as an API server has it, and what is kept of it.

use std::sync::Arc;

use kube_client::core::ApiResource;
use provost_engine::projected;
use provost_model::{Document, Entry, Node, ObjectReference, Source, Value as Leaf};
use serde_json::Value;

/// Namespace and name; the namespace is empty for what is in none.
pub(super) type Key = (String, String);

/// Bytes of an object beside its tree: what it is called, here and where it is looked for.
const OVERHEAD: usize = 1024;

/// An object that is kept.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) document: Arc<Document>,
    /// Its `resourceVersion`.
    pub(super) version: String,
    /// What it takes in memory, about.
    pub(super) bytes: usize,
}

/// An object that was read, before anything is made of it.
pub(super) struct Raw {
    pub(super) key: Key,
    pub(super) version: String,
    root: Value,
}

impl Raw {
    /// Reads an item of a list, or the object of an event.
    ///
    /// # Errors
    /// When it is no object with a name and a version.
    pub(super) fn read(root: Value) -> Result<Self, String> {
        let field = |name: &str| {
            let field = root.pointer(&format!("/metadata/{name}"));
            match field {
                None | Some(Value::Null) => Ok(String::new()),
                Some(Value::String(text)) => Ok(text.clone()),
                Some(_) => Err(format!("`metadata.{name}` of an object is no text")),
            }
        };
        let (name, namespace) = (field("name")?, field("namespace")?);
        let version = field("resourceVersion")?;
        if name.is_empty() || version.is_empty() {
            let said = if name.is_empty() { "name" } else { "resourceVersion" };
            return Err(format!("an object has no `metadata.{said}`"));
        }
        Ok(Self { key: (namespace, name), version, root })
    }

    /// What is kept of it. Items of a list do not say what they are.
    pub(super) fn kept(self, resource: &ApiResource, source: &Arc<Source>) -> Kept {
        let (namespace, name) = self.key;
        let object = ObjectReference {
            api_version: resource.api_version.clone(),
            kind: resource.kind.clone(),
            namespace: Some(namespace).filter(|namespace| !namespace.is_empty()),
            name,
        };
        let mut root = self.root;
        if let Value::Object(fields) = &mut root {
            fields.insert("apiVersion".to_owned(), Value::String(object.api_version.clone()));
            fields.insert("kind".to_owned(), Value::String(object.kind.clone()));
        }
        let root = projected(&object, root);
        let bytes = weight(&root) + OVERHEAD;
        let document = Document { object, root, source: Arc::clone(source), index: 0 };
        Kept { document: Arc::new(document), version: self.version, bytes }
    }
}

/// Bytes of a tree in memory, with what an allocator adds: most of a tree is short strings.
fn weight(node: &Node) -> usize {
    match &node.value {
        Leaf::Text(text) => allocated(text.capacity()),
        Leaf::List(items) => {
            allocated(items.capacity() * size_of::<Node>())
                + items.iter().map(weight).sum::<usize>()
        }
        Leaf::Map(entries) => {
            let below = |entry: &Entry| allocated(entry.key.capacity()) + weight(&entry.value);
            allocated(entries.capacity() * size_of::<Entry>())
                + entries.iter().map(below).sum::<usize>()
        }
        // No object of a cluster has one.
        Leaf::Opaque(opaque) => {
            allocated(size_of_val(opaque.as_ref())) + allocated(opaque.pointer.capacity())
        }
        Leaf::Null | Leaf::Bool(_) | Leaf::Integer(_) | Leaf::Number(_) => 0,
    }
}

/// Bytes that an allocation takes: a header of eight, in steps of sixteen, thirty-two at least.
fn allocated(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) }
}
