//! What `lookup` finds in a unit test.

use std::cell::RefCell;

use crate::{Document, MemoryDocument};

thread_local! {
    static OTHERS: RefCell<Option<Vec<MemoryDocument>>> = const { RefCell::new(None) };
}

/// Does something while these are the objects of the cluster.
pub(crate) fn among<R>(others: &[MemoryDocument], work: impl FnOnce() -> R) -> R {
    OTHERS.set(Some(others.to_vec()));
    let result = work();
    OTHERS.set(None);
    result
}

pub(crate) fn find(near: &dyn Document, kind: &str, name: Option<&str>) -> Vec<Box<dyn Document>> {
    let namespace = near.text("/metadata/namespace");
    let (group, kind) = match kind.rsplit_once('/') {
        Some((group, kind)) => (Some(group), kind),
        None => (None, kind),
    };
    let is_visible = |other: &dyn Document| {
        let version = other.text("/apiVersion").unwrap_or_default();
        let own_group = version.rsplit_once('/').map_or("", |(group, _)| group);
        let own_name = other.text("/metadata/name");
        let is_near = if kind == "Namespace" && own_group.is_empty() {
            own_name == namespace
        } else {
            other.text("/metadata/namespace") == namespace
        };
        other.text("/kind").as_deref() == Some(kind)
            && group.is_none_or(|group| group == own_group)
            && name.is_none_or(|name| own_name.as_deref() == Some(name))
            && is_near
    };
    OTHERS.with_borrow(|others| {
        let seen = others.iter().flatten().filter(|other| is_visible(*other));
        seen.map(|other| Box::new(other.clone()) as Box<dyn Document>).collect()
    })
}

pub(crate) fn knows_cluster() -> bool {
    OTHERS.with_borrow(Option::is_some)
}
