//! Objects beside those that a plugin is asked about: the rest of the change, and of the
//! cluster where the operator supplies a snapshot.
//!
//! The plugin asks for it with [`Description::lookup`](crate::Description::lookup), and the
//! gate file has to grant the capability `lookup` (or `lookup-all`).

use crate::Document;

/// The objects of a kind (`Kind`, or `group/Kind`) that can be seen from `near`, by
/// namespace and name: those in its namespace, and that `Namespace` itself; with the
/// capability `lookup-all` those of the whole cluster.
///
/// In a unit test these are the objects that were given to
/// [`check_among`](crate::check_among).
pub fn find(near: &dyn Document, kind: &str, name: Option<&str>) -> Vec<Box<dyn Document>> {
    #[cfg(target_arch = "wasm32")]
    return crate::guest::find(near, kind, name);
    #[cfg(not(target_arch = "wasm32"))]
    crate::surroundings::find(near, kind, name)
}

/// Is there a snapshot of the cluster? Without one, what [`find`] does not find may exist
/// all the same.
pub fn knows_cluster() -> bool {
    #[cfg(target_arch = "wasm32")]
    return crate::guest::knows_cluster();
    #[cfg(not(target_arch = "wasm32"))]
    crate::surroundings::knows_cluster()
}
