//! Reports of OpenReports, `openreports.io/v1alpha1`: one for each object, so that none is
//! larger than what a cluster keeps.

use std::collections::BTreeMap;

use provost_model::{Assessment, Digest, Origin};
use serde_json::{Map, Value, json};

use crate::audit::{Audited, Entry, Key, Status, count, entries, key};

/// A `List` of `Report`s, and of `ClusterReport`s for objects that name no namespace, as
/// indented JSON that `kubectl apply -f -` takes. `seconds` is the time of the audit since
/// the epoch.
pub(crate) fn render(assessment: &Assessment, audited: &[Audited<'_>], seconds: i64) -> String {
    let uids: BTreeMap<Key<'_>, &str> = audited
        .iter()
        .filter_map(|one| {
            let uid = one.document.root.at("/metadata/uid")?.as_text()?;
            Some((key(&one.document.object), uid))
        })
        .collect();
    let versions: BTreeMap<Key<'_>, &str> = audited
        .iter()
        .map(|one| (key(&one.document.object), one.document.object.api_version.as_str()))
        .collect();
    let reports = entries(assessment, audited).into_iter().map(|(object, entries)| {
        let version = versions.get(&object).copied().unwrap_or_default();
        report(object, version, uids.get(&object).copied(), &entries, seconds)
    });
    let list = json!({"apiVersion": "v1", "kind": "List", "items": reports.collect::<Vec<_>>()});
    let mut text = serde_json::to_string_pretty(&list).unwrap_or_default();
    text.push('\n');
    text
}

fn report(
    (group, kind, namespace, name): Key<'_>,
    api_version: &str,
    uid: Option<&str>,
    entries: &[Entry<'_>],
    seconds: i64,
) -> Value {
    let parts = [group, kind, namespace.unwrap_or_default(), name];
    let identity = Digest::of_parts(parts.iter().map(|part| part.as_bytes())).hex();
    let short: String = identity.chars().take(24).collect();
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), json!(format!("provost-{short}")));
    if let Some(namespace) = namespace {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    metadata.insert("labels".to_owned(), json!({"app.kubernetes.io/managed-by": "provost"}));
    let mut scope = Map::new();
    let fields = [
        ("apiVersion", Some(api_version).filter(|version| !version.is_empty())),
        ("kind", Some(kind)),
        ("namespace", namespace),
        ("name", Some(name)),
        ("uid", uid),
    ];
    for (field, value) in fields {
        if let Some(value) = value {
            scope.insert(field.to_owned(), json!(value));
        }
    }
    let counts = Status::ALL.map(Status::name).into_iter().zip(count(entries.iter()));
    let summary: Map<_, _> = counts.map(|(name, count)| (name.to_owned(), json!(count))).collect();
    json!({
        "apiVersion": "openreports.io/v1alpha1",
        "kind": if namespace.is_some() { "Report" } else { "ClusterReport" },
        "metadata": metadata,
        "source": "provost",
        "scope": scope,
        "summary": summary,
        "results": entries.iter().map(|entry| result(entry, seconds)).collect::<Vec<_>>(),
    })
}

fn result(entry: &Entry<'_>, seconds: i64) -> Value {
    let check = entry.check;
    let policy = match &check.origin {
        Origin::Plugin(name) => name.as_str(),
        Origin::Specification => "specifications",
    };
    let mut properties = Map::new();
    if let Some(location) = entry.location {
        properties.insert("pointer".to_owned(), json!(location.pointer));
        properties.insert("location".to_owned(), json!(location.to_string()));
    }
    if let Some(leniency) = entry.leniency {
        properties.insert("enforcement".to_owned(), json!(leniency.name()));
    }
    if !check.controls.is_empty() {
        properties.insert("controls".to_owned(), json!(check.controls.join(", ")));
    }
    json!({
        "source": "provost",
        "policy": policy,
        "rule": check.id,
        "severity": check.severity.to_string(),
        "result": entry.status,
        "message": if entry.message.is_empty() { &check.title } else { &entry.message },
        "timestamp": {"seconds": seconds, "nanos": 0},
        "properties": properties,
    })
}
