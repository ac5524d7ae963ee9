//! A snapshot of the cluster that many changes are put over: indexed once, and no larger than
//! what is asked of it.

use std::fmt;
use std::sync::Arc;

use provost_host::Surroundings;
use provost_model::{Document, Node, Source};
use provost_spec::Cluster;
use serde_json::{Map, Value};

self_cell::self_cell!(
    struct Indexed {
        owner: Vec<Arc<Document>>,
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
        let surroundings = Arc::new(Surroundings::new(&[], Some(&documents)));
        let indexed = Indexed::new(documents, |documents| Cluster::new(documents));
        Self { indexed, surroundings }
    }

    /// The same without what no check needs and the text that was read: `status`,
    /// `managedFields`, the annotation of `kubectl apply`, and what is in Secrets.
    pub fn projected(documents: &[Arc<Document>]) -> Self {
        Self::new(documents.iter().map(|document| Arc::new(projected(document))).collect())
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.indexed.borrow_owner().len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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

fn projected(document: &Document) -> Document {
    let mut root = document.root.to_json();
    if let Value::Object(fields) = &mut root {
        let object = &document.object;
        // A component's `status` is what was verified, not what a controller reports.
        if object.group() != "provost.dev" {
            fields.remove("status");
        }
        if object.group().is_empty() && object.kind == "Secret" {
            fields.remove("data");
            fields.remove("stringData");
        }
        if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
            project_metadata(metadata);
        }
    }
    Document {
        object: document.object.clone(),
        root: Node::from_json(&root),
        source: Source::new(document.source.name(), ""),
        index: document.index,
    }
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
