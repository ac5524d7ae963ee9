//! The `lookup` interface: objects beside those that a plugin is asked about.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use provost_model::{Document, ObjectReference};
use wasmtime::component::Resource;

use crate::bindings::provost::plugin::lookup;
use crate::capabilities::{Capability, Reach, Unrequested, Unwatched};
use crate::state::{DocumentHandle, State};

/// Bytes of one handle, as the guest receives it.
const HANDLE: usize = 4;

/// The objects that plugins may look up: those of the change, and of a cluster where one
/// is known.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// By kind, then in order of namespace, name and group.
    by_kind: BTreeMap<String, Vec<Arc<Document>>>,
    knows_cluster: bool,
    /// Where only some kinds of the cluster are known: their groups and kinds.
    known: Option<BTreeSet<(String, String)>>,
    /// A cluster that these objects are put over.
    under: Option<Arc<Self>>,
    /// When an answer is of no use any more.
    pub(crate) until: Option<Instant>,
}

impl Surroundings {
    /// The cluster as the change would leave it: an object of the change stands in place of
    /// the one of the same group, kind, namespace and name. `None` for no cluster.
    pub fn new(change: &[Arc<Document>], cluster: Option<&[Arc<Document>]>) -> Self {
        let changed: BTreeSet<_> = change.iter().map(|document| identity(document)).collect();
        let kept = cluster.unwrap_or_default().iter();
        let kept = kept.filter(|document| !changed.contains(&identity(document)));
        let mut by_kind: BTreeMap<String, Vec<Arc<Document>>> = BTreeMap::new();
        for document in change.iter().chain(kept) {
            let kind = document.object.kind.clone();
            by_kind.entry(kind).or_default().push(Arc::clone(document));
        }
        for documents in by_kind.values_mut() {
            documents.sort_by(|a, b| order(&a.object).cmp(&order(&b.object)));
        }
        Self { by_kind, knows_cluster: cluster.is_some(), ..Self::default() }
    }

    /// The same with a cluster that is known already.
    pub fn over(cluster: &Arc<Self>, change: &[Arc<Document>]) -> Self {
        Self {
            under: Some(Arc::clone(cluster)),
            knows_cluster: cluster.knows_cluster,
            ..Self::new(change, None)
        }
    }

    /// The same where only these groups and kinds of the cluster are known; `None` for all.
    #[must_use]
    pub fn knowing(self, known: Option<BTreeSet<(String, String)>>) -> Self {
        Self { known, ..self }
    }

    /// The same for who must not conclude from what is not found that it is not there.
    #[must_use]
    pub fn unsure(&self) -> Self {
        Self { knows_cluster: false, ..self.clone() }
    }

    /// May it be concluded from what is not found that it is not there? With no group, the kind
    /// of any group.
    fn is_known(&self, group: Option<&str>, kind: &str) -> bool {
        let known = self.under.as_ref().map_or(&self.known, |under| &under.known);
        let is_it = |(one, of): &(String, String)| of == kind && group.is_none_or(|g| g == one);
        known.as_ref().is_none_or(|known| known.iter().any(is_it))
    }

    /// Every object of a kind of any group, in order of namespace, name and group.
    fn of_kind(&self, kind: &str) -> Cow<'_, [Arc<Document>]> {
        let own = self.by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        let under = self.under.as_ref().and_then(|under| under.by_kind.get(kind));
        let Some(under) = under else { return Cow::Borrowed(own) };
        if own.is_empty() {
            return Cow::Borrowed(under);
        }
        let changed: BTreeSet<_> = own.iter().map(|document| identity(document)).collect();
        let kept = under.iter().filter(|document| !changed.contains(&identity(document)));
        let mut found: Vec<_> = own.iter().chain(kept).cloned().collect();
        found.sort_by(|a, b| order(&a.object).cmp(&order(&b.object)));
        Cow::Owned(found)
    }

    /// The same for calls that must be over by then, whatever the plugin's own limits.
    #[must_use]
    pub fn until(self, until: Option<Instant>) -> Self {
        Self { until, ..self }
    }
}

/// What makes two documents one object; its version does not.
fn identity(document: &Document) -> (&str, &str, Option<&str>, &str) {
    let object = &document.object;
    (object.group(), &object.kind, object.namespace.as_deref(), &object.name)
}

fn order(object: &ObjectReference) -> (Option<&str>, &str, &str) {
    (object.namespace.as_deref(), &object.name, object.group())
}

/// Can `object` be seen from `near`?
fn is_visible(object: &ObjectReference, near: &ObjectReference, reach: Reach) -> bool {
    match reach {
        Reach::Documents => false,
        Reach::Namespace if object.kind == "Namespace" && object.group().is_empty() => {
            near.namespace.as_ref() == Some(&object.name)
        }
        Reach::Namespace => object.namespace == near.namespace,
        Reach::Cluster => true,
    }
}

impl lookup::Host for State {
    fn find(
        &mut self,
        near: Resource<DocumentHandle>,
        written: String,
        name: Option<String>,
    ) -> wasmtime::Result<Vec<Resource<DocumentHandle>>> {
        let reach = self.reach()?;
        self.meter.call(written.len() + name.as_ref().map_or(0, String::len))?;
        let near = Arc::clone(self.document(&near)?);
        let (group, kind) = match written.rsplit_once('/') {
            Some((group, kind)) => (Some(group), kind),
            None => (None, written.as_str()),
        };
        let surroundings = Arc::clone(&self.surroundings);
        if surroundings.knows_cluster && !surroundings.is_known(group, kind) {
            return Err(Unwatched::new(&written).into());
        }
        let mut found = Vec::new();
        for document in surroundings.of_kind(kind).iter() {
            self.meter.visit(1)?;
            let object = &document.object;
            if group.is_none_or(|group| group == object.group())
                && name.as_ref().is_none_or(|name| *name == object.name)
                && is_visible(object, &near.object, reach)
            {
                self.meter.hand_over(HANDLE)?;
                found.push(Resource::new_own(self.handle(document)));
            }
        }
        Ok(found)
    }

    fn knows_cluster(&mut self) -> wasmtime::Result<bool> {
        self.reach()?;
        self.meter.call(0)?;
        Ok(self.surroundings.knows_cluster)
    }
}

impl State {
    /// How far the plugin sees, if it may look at all.
    fn reach(&self) -> Result<Reach, Unrequested> {
        match self.granted.reach {
            Reach::Documents => Err(Unrequested(Capability::Lookup)),
            reach => Ok(reach),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use provost_model::{Node, Source};
    use serde_json::json;

    use super::*;
    use crate::capabilities::Granted;
    use crate::limits::Limits;
    use crate::logs::Logs;

    fn document(reference: &str, note: &str) -> Arc<Document> {
        let parts: Vec<_> = reference.split(' ').collect();
        let (api_version, kind, place) =
            (parts.first().unwrap(), parts.get(1).unwrap(), parts.get(2).unwrap());
        let (namespace, name) = match place.split_once('/') {
            Some((namespace, name)) => (Some(namespace.to_owned()), name),
            None => (None, *place),
        };
        Arc::new(Document {
            object: ObjectReference {
                api_version: (*api_version).to_owned(),
                kind: (*kind).to_owned(),
                namespace,
                name: name.to_owned(),
            },
            root: Node::from_json(&json!({"note": note})),
            source: Source::new("a.yaml", ""),
            index: 0,
        })
    }

    /// A state whose cluster was given with the change, and one whose cluster was known.
    fn states(reach: Reach) -> [State; 2] {
        [false, true].map(|known| state_of(reach, known))
    }

    fn state(reach: Reach) -> State {
        state_of(reach, false)
    }

    fn state_of(reach: Reach, known: bool) -> State {
        let change = [
            document("v1 Pod web/shop", "new"),
            document("v1 Service web/shop", "new"),
            document("v1 Namespace web", "new"),
        ];
        let cluster = [
            document("v1 Service web/shop", "old"),
            document("v1 Service web/blog", "old"),
            document("v1 Service other/shop", "old"),
            document("serving.knative.dev/v1 Service web/shop", "old"),
            document("v1 Namespace other", "old"),
        ];
        let granted = Granted { log: false, reach };
        let surroundings = Arc::new(match known {
            false => Surroundings::new(&change, Some(&cluster)),
            true => Surroundings::over(&Surroundings::new(&[], Some(&cluster)).into(), &change),
        });
        let limits = Limits::default();
        State::new(limits, granted, change.get(..1).unwrap(), surroundings, Logs::default())
    }

    /// What is found from the pod, each as `namespace/name note`.
    fn find(state: &mut State, kind: &str, name: Option<&str>) -> Vec<String> {
        let near = Resource::new_borrow(0);
        let found = lookup::Host::find(state, near, kind.to_owned(), name.map(str::to_owned));
        let handles = found.unwrap().into_iter();
        let shown = handles.map(|handle| {
            let document = state.document(&handle).unwrap();
            let object = &document.object;
            let namespace = object.namespace.as_deref().unwrap_or("-");
            let note = document.root.at("/note").unwrap().to_json();
            format!("{namespace}/{} {}", object.name, note.as_str().unwrap())
        });
        shown.collect()
    }

    #[test]
    fn a_plugin_sees_its_namespace_as_the_change_would_leave_it() {
        for mut state in states(Reach::Namespace) {
            assert_eq!(
                find(&mut state, "Service", None),
                ["web/blog old", "web/shop new", "web/shop old"]
            );
            assert_eq!(find(&mut state, "/Service", Some("shop")), ["web/shop new"]);
            assert_eq!(find(&mut state, "serving.knative.dev/Service", None), ["web/shop old"]);
            assert_eq!(find(&mut state, "Namespace", None), ["-/web new"]);
            assert!(find(&mut state, "Namespace", Some("other")).is_empty());
            assert!(find(&mut state, "Secret", None).is_empty());
            assert!(lookup::Host::knows_cluster(&mut state).unwrap());
        }
    }

    #[test]
    fn with_lookup_all_it_sees_every_namespace() {
        for mut state in states(Reach::Cluster) {
            assert_eq!(
                find(&mut state, "/Service", Some("shop")),
                ["other/shop old", "web/shop new"]
            );
            assert_eq!(find(&mut state, "Namespace", None), ["-/other old", "-/web new"]);
        }
    }

    #[test]
    fn without_the_capability_it_may_not_even_ask() {
        let mut state = state(Reach::Documents);
        let near = Resource::new_borrow(0);
        let error = lookup::Host::find(&mut state, near, "Pod".to_owned(), None).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Unrequested(Capability::Lookup)));
        assert!(lookup::Host::knows_cluster(&mut state).is_err());
    }

    #[test]
    fn of_a_kind_that_is_not_known_nothing_is_concluded() {
        let mut state = state_of(Reach::Cluster, true);
        let known = BTreeSet::from([(String::new(), "Service".to_owned())]);
        let cluster = [document("v1 Service web/blog", "old"), document("v1 Pod web/x", "old")];
        let cluster = Surroundings::new(&[], Some(&cluster)).knowing(Some(known));
        let sure = Surroundings::over(&cluster.into(), &[]);
        let unsure = sure.unsure();
        state.surroundings = sure.into();
        assert_eq!(find(&mut state, "Service", None), ["web/blog old"]);
        let near = Resource::new_borrow(0);
        let error = lookup::Host::find(&mut state, near, "/Pod".to_owned(), None).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Unwatched::new("/Pod")));
        // Who was told so may look.
        state.surroundings = unsure.into();
        assert_eq!(find(&mut state, "/Pod", None), ["web/x old"]);
        assert!(!lookup::Host::knows_cluster(&mut state).unwrap());
    }

    #[test]
    fn an_object_that_is_found_again_has_the_same_handle() {
        let mut state = state(Reach::Cluster);
        for _ in 0..10 {
            find(&mut state, "Service", None);
        }
        assert_eq!(state.documents.len(), 5);
    }
}
