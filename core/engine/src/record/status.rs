//! What a specification reads under `status` of a component.

use serde_json::{Map, Value, json};

use super::graph::{Needed, circle, needed};
use super::{Component, Development};

/// Components that others need, counted once for each that needs them.
pub(super) const MOST: usize = 100_000;

/// `{ workloads, cycle?, needs }`: the objects that say that they run the component, a circle
/// as text, and the component itself and all that it builds upon, nearest first; none when there is
/// no `room` for that many. Of each of these:
///
/// - `name`; `chain`, a shortest way to it as text; `phase`
/// - `digest`: that of what it is made of now; `version`: with what it builds upon
/// - `problem`: why there is none
/// - `status` and `verified`: the status and digest in the record; `NotVerified` and nothing
///   without an entry
/// - `dependencies`: of what it builds upon itself `name`, `version` (now) and `verified` (the
///   version in the record)
pub(super) fn of(
    development: &Development,
    name: &str,
    component: &Component,
    room: &mut usize,
) -> Option<Value> {
    let needed = needed(&development.components, name);
    *room = room.checked_sub(needed.len())?;
    let mut status = Map::new();
    status.insert("workloads".to_owned(), json!(component.workloads));
    if let Some(circle) = circle(&development.components, name) {
        status.insert("cycle".to_owned(), json!(shown(&circle)));
    }
    let needs: Vec<_> = needed.iter().map(|one| need(development, one)).collect();
    status.insert("needs".to_owned(), json!(needs));
    Some(Value::Object(status))
}

fn need(development: &Development, needed: &Needed<'_>) -> Value {
    let name = needed.name;
    let mut need = Map::new();
    let mut set = |key: &str, value: Value| need.insert(key.to_owned(), value);
    set("name", json!(name));
    set("chain", json!(shown(&needed.chain)));
    let record = development.records.get(name);
    set("status", json!(record.map_or("NotVerified", |record| record.status.as_str())));
    if let Some(record) = record {
        set("verified", json!(record.digest));
    }
    let Some(component) = development.components.get(name) else {
        set("problem", json!(format!("there is no component `{name}` here")));
        set("dependencies", json!([]));
        return Value::Object(need);
    };
    if let Some(phase) = component.document.root.at("/spec/phase") {
        set("phase", phase.to_json());
    }
    match &component.own {
        Ok(digest) => set("digest", json!(digest.to_string())),
        Err(problem) => set("problem", json!(problem)),
    };
    if let Ok(version) = &component.version {
        set("version", json!(version.to_string()));
    }
    let dependencies = component.depends_on.iter().map(|name| {
        let mut dependency = Map::from_iter([("name".to_owned(), json!(name))]);
        let version = development.components.get(name).map(|one| &one.version);
        if let Some(Ok(version)) = version {
            dependency.insert("version".to_owned(), json!(version.to_string()));
        }
        if let Some(verified) = record.and_then(|record| record.dependencies.get(name)) {
            dependency.insert("verified".to_owned(), json!(verified));
        }
        Value::Object(dependency)
    });
    set("dependencies", dependencies.collect());
    Value::Object(need)
}

/// A way as people read it; of a very long one both ends.
fn shown(names: &[&str]) -> String {
    const ENDS: usize = 5;
    let left_out = names.len().saturating_sub(2 * ENDS);
    if left_out < 2 {
        return names.join(" -> ");
    }
    let (start, end) = (names.get(..ENDS), names.get(ENDS + left_out..));
    let (start, end) = (start.unwrap_or_default(), end.unwrap_or_default());
    format!("{} -> ({left_out} more) -> {}", start.join(" -> "), end.join(" -> "))
}
