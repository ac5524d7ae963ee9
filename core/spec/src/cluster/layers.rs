//! A cluster put over another one: what a change, or a remedy, would make of it.
//!
//! It costs what is changed, not what the cluster holds. What stands in the place of another
//! object is in its place in every order, so that nothing else moves.

use std::collections::{BTreeMap, HashMap};

use provost_model::{Document, ObjectReference};

use super::identity::Identity;
use super::{Cluster, Placed};

impl<'c> Cluster<'c> {
    /// A cluster after a change: objects that are written stand in place of those of the same
    /// group, kind, namespace and name, and others are removed. What both names is written.
    pub fn over(
        under: &'c Self,
        written: impl IntoIterator<Item = &'c Document>,
        removed: impl IntoIterator<Item = &'c Document>,
    ) -> Self {
        let mut over = Self { under: Some(under), end: under.end, ..Self::default() };
        over.before.clone_from(&under.before);
        for document in removed {
            let place = under.objects_of(document).map(|(place, _)| place);
            over.hidden.extend(place);
        }
        let mut placed = Vec::new();
        for (further, document) in written.into_iter().enumerate() {
            match under.objects_of(document) {
                Some((place, _)) => {
                    over.hidden.insert(place);
                    placed.push((place, document));
                }
                None => placed.push((under.end + further, document)),
            }
        }
        over.put(placed);
        over
    }

    /// The same cluster with some of its documents in another version, by what they are
    /// called: what was there before stays.
    pub fn edited(under: &'c Self, edited: &'c BTreeMap<ObjectReference, Document>) -> Self {
        let mut over = Self { under: Some(under), end: under.end, ..Self::default() };
        over.before.clone_from(&under.before);
        let mut placed = Vec::new();
        for (object, document) in edited {
            let kind = (object.group(), object.kind.as_str());
            let same = under.layers(|layer| layer.by_kind.get(&kind)).into_iter();
            for (place, _) in same.filter(|(_, one)| one.object == *object) {
                over.hidden.insert(place);
                placed.push((place, document));
            }
        }
        over.put(placed);
        over
    }

    /// The version of an object that is in the cluster.
    pub fn object(&self, document: &Document) -> Option<&'c Document> {
        self.objects_of(document).map(|(_, document)| document)
    }

    /// Takes in documents at their places; of several with one name the last.
    pub(super) fn put(&mut self, mut placed: Vec<Placed<'c>>) {
        let last: HashMap<_, _> = placed
            .iter()
            .enumerate()
            .map(|(number, (place, document))| (Identity::of(document, *place), number))
            .collect();
        let mut number = 0;
        placed.retain(|(place, document)| {
            number += 1;
            last.get(&Identity::of(document, *place)) == Some(&(number - 1))
        });
        placed.sort_by_key(|(place, _)| *place);
        for (place, document) in placed {
            self.end = self.end.max(place + 1);
            self.objects.insert(Identity::of(document, place), (place, document));
            self.index(place, document);
        }
    }

    /// What is found here and under it, in order.
    pub(super) fn layers<'s>(
        &'s self,
        find: impl Fn(&'s Cluster<'c>) -> Option<&'s Vec<Placed<'c>>> + Copy,
    ) -> Vec<Placed<'c>>
    where
        'c: 's,
    {
        let own = find(self);
        let Some(under) = self.under else { return own.cloned().unwrap_or_default() };
        let mut found = under.layers(find);
        found.retain(|(place, _)| !self.hidden.contains(place));
        if let Some(own) = own {
            found.extend(own);
            found.sort_by_key(|(place, _)| *place);
        }
        found
    }

    /// The object of this identity.
    pub(super) fn named(&self, identity: &Identity<'_>) -> Option<&'c Document> {
        self.placed(identity).map(|(_, document)| document)
    }

    fn placed(&self, identity: &Identity<'_>) -> Option<Placed<'c>> {
        let own = self.objects.get(identity).copied();
        own.or_else(|| {
            let found = self.under?.placed(identity);
            found.filter(|(place, _)| !self.hidden.contains(place))
        })
    }

    /// The object that a document is a version of. One whose name the server makes is new.
    fn objects_of(&self, document: &Document) -> Option<Placed<'c>> {
        let identity = Identity::of(document, 0);
        if identity.place.is_some() { None } else { self.placed(&identity) }
    }
}
