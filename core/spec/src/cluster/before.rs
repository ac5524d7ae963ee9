//! What was there before the change.

use std::collections::HashMap;
use std::sync::Arc;

use provost_model::Document;

use super::Cluster;
use super::identity::Identity;

/// The objects before the change, as far as they are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Before<'c> {
    named: Arc<HashMap<Identity<'c>, &'c Document>>,
    /// Where those are that are not named.
    cluster: Option<&'c Cluster<'c>>,
}

impl<'c> Cluster<'c> {
    /// The same with the documents that were there before the change. Of several with the same
    /// name the last was in the cluster.
    #[must_use]
    pub fn with_before(mut self, documents: impl IntoIterator<Item = &'c Document>) -> Self {
        let places = documents.into_iter().enumerate();
        let named = places.map(|(place, document)| (Identity::of(document, place), document));
        self.before.named = Arc::new(named.collect());
        self
    }

    /// The same with all that was there before the change.
    #[must_use]
    pub fn with_cluster_before(mut self, cluster: &'c Cluster<'c>) -> Self {
        self.before.cluster = Some(cluster);
        self
    }

    /// The object before the change; `None` for a new one, and when it is not known what was
    /// there before.
    pub fn before(&self, document: &Document) -> Option<&'c Document> {
        let identity = Identity::of(document, 0);
        // What is called by a name that the server makes is new.
        if identity.place.is_some() {
            return None;
        }
        let named = self.before.named.get(&identity).copied();
        named.or_else(|| self.before.cluster?.named(&identity))
    }
}
