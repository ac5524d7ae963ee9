//! A snapshot of the cluster that many changes are put over: indexed once, and no larger than
//! what is asked of it.

use std::fmt;
use std::sync::Arc;

use provost_host::Surroundings;
use provost_model::{Document, Node, ObjectReference, Source};
use provost_spec::{Cluster, Kinds};
use serde_json::{Map, Value};

/// What is indexed.
struct Held {
    documents: Vec<Arc<Document>>,
    /// The kinds that are known; none for all.
    known: Option<Kinds>,
}

self_cell::self_cell!(
    struct Indexed {
        owner: Held,
        #[covariant]
        dependent: Cluster,
    }
);

/// The objects of a cluster at one moment.
pub struct Snapshot {
    indexed: Indexed,
    /// The same for plugins.
    surroundings: Arc<Surroundings>,
}

impl Snapshot {
    /// Indexes objects. Of several with the same name the last is in the cluster.
    pub fn new(documents: Vec<Arc<Document>>) -> Self {
        Self::of(documents, None)
    }

    /// Indexes all objects that there are of some kinds. To look for another kind is not to find
    /// nothing: what needs it is not judged.
    pub fn knowing(documents: Vec<Arc<Document>>, kinds: Kinds) -> Self {
        Self::of(documents, Some(kinds))
    }

    fn of(documents: Vec<Arc<Document>>, known: Option<Kinds>) -> Self {
        let surroundings = Surroundings::new(&[], Some(&documents)).knowing(known.clone());
        let indexed = Indexed::new(Held { documents, known }, |held| {
            let cluster = Cluster::new(&held.documents);
            match &held.known {
                Some(kinds) => cluster.knowing(kinds),
                None => cluster,
            }
        });
        Self { indexed, surroundings: Arc::new(surroundings) }
    }

    /// The same without what no check needs and the text that was read: `status`,
    /// `managedFields`, the annotation of `kubectl apply`, and what is in Secrets and ConfigMaps.
    pub fn projected(documents: &[Arc<Document>]) -> Self {
        let project = |document: &Arc<Document>| {
            Arc::new(Document {
                object: document.object.clone(),
                root: projected(&document.object, document.root.to_json()),
                source: Source::new(document.source.name(), ""),
                index: document.index,
            })
        };
        Self::new(documents.iter().map(project).collect())
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.indexed.borrow_owner().documents.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The kinds that are known; `None` for all.
    pub fn known(&self) -> Option<&Kinds> {
        self.indexed.borrow_owner().known.as_ref()
    }

    /// An object of this group and kind as it would be with so many replicas; none where it is
    /// not there, or not known to be.
    pub fn scaled(
        &self,
        (group, kind): (&str, &str),
        namespace: &str,
        name: &str,
        replicas: u32,
    ) -> Option<Arc<Document>> {
        let slash = if group.is_empty() { "" } else { "/" };
        let found = self.cluster().find(&format!("{group}{slash}{kind}"), name, namespace);
        let found = found.ok().flatten()?;
        let mut root = found.root.to_json();
        root.get_mut("spec")?.as_object_mut()?.insert("replicas".to_owned(), replicas.into());
        Some(Arc::new(Document { root: Node::from_json(&root), ..found.clone() }))
    }

    pub(crate) fn cluster(&self) -> &Cluster<'_> {
        self.indexed.borrow_dependent()
    }

    pub(crate) fn surroundings(&self) -> &Arc<Surroundings> {
        &self.surroundings
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot of {} objects", self.len())
    }
}

/// What `kubectl apply` writes of an object into the object itself.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// An object of a cluster without what no check needs: `status`, `managedFields`, the annotation
/// of `kubectl apply`, and what is in Secrets and ConfigMaps.
pub fn projected(object: &ObjectReference, mut root: Value) -> Node {
    if let Value::Object(fields) = &mut root {
        // A component's `status` is what was verified, not what a controller reports.
        if object.group() != "provost.dev" {
            fields.remove("status");
        }
        if object.group().is_empty() && ["ConfigMap", "Secret"].contains(&object.kind.as_str()) {
            for contents in ["data", "stringData", "binaryData"] {
                fields.remove(contents);
            }
        }
        if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
            project_metadata(metadata);
        }
    }
    Node::from_json(&root)
}

fn project_metadata(metadata: &mut Map<String, Value>) {
    metadata.remove("managedFields");
    if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
        annotations.remove(LAST_APPLIED);
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
}
