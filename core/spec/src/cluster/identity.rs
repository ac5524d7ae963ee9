//! What makes two documents one object.

use provost_model::{Document, ObjectReference};

use super::kinds::{self, Scope};

/// What makes two documents one object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity<'c> {
    pub(super) group: &'c str,
    pub(super) kind: &'c str,
    pub(super) namespace: &'c str,
    pub(super) name: &'c str,
    /// Apart from the name: objects whose name is made by the server are all different.
    pub(super) place: Option<usize>,
}

impl<'c> Identity<'c> {
    pub(super) fn of(document: &'c Document, place: usize) -> Self {
        let object = &document.object;
        let generated = object.name.is_empty() || object.name.ends_with('*');
        Self {
            group: object.group(),
            kind: &object.kind,
            namespace: namespace_of(document),
            name: &object.name,
            place: generated.then_some(place),
        }
    }
}

/// The namespace that an object is in: where none is written that is `default`, and for a
/// built-in kind that is in none it is empty, whatever is written.
pub fn namespace_of(document: &Document) -> &str {
    namespace(&document.object)
}

/// The same, of its reference.
pub fn namespace(object: &ObjectReference) -> &str {
    match kinds::scope(object.group(), &object.kind) {
        Some(Scope::Cluster) => "",
        _ => object.effective_namespace(),
    }
}
