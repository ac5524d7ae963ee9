//! What a plugin answered, written down as cases: run again, they need neither the files
//! nor the cluster that it looked at.

use std::sync::Arc;

use provost_host::{Plugin, Report, Surroundings};
use provost_model::Document;
use serde_json::{Map, Value, json};

/// Judges each document that the plugin asks for, alone, and writes down what it saw and
/// said, as a file of cases. `cluster` are the objects of the cluster where one is known.
///
/// A case holds only those other objects that the plugin looked up. That is enough to see
/// the same again: a look-up finds what has some kind, name and namespace, and of those
/// objects the case has every one.
///
/// # Errors
/// Why the plugin failed on a document: that is nothing that a case can expect.
pub fn record(
    plugin: &Plugin,
    settings: &Value,
    change: &[Arc<Document>],
    cluster: Option<&[Arc<Document>]>,
) -> Result<Value, String> {
    let around = Arc::new(Surroundings::new(change, cluster));
    let wanted = change.iter().filter(|document| plugin.accepts(&document.object));
    let mut cases = Vec::new();
    for document in wanted {
        let report = plugin.check(std::slice::from_ref(document), &around);
        if let Some(failure) = report.failure {
            return Err(format!("nothing is recorded: {failure}, for {}", document.object));
        }
        cases.push(case(document, settings, cluster.is_some(), report));
    }
    Ok(json!({"apiVersion": "provost.dev/v1", "kind": "PluginCases", "cases": cases}))
}

fn case(document: &Arc<Document>, settings: &Value, knows_cluster: bool, report: Report) -> Value {
    let mut case = Map::new();
    let mut put = |name: &str, value: Value| case.insert(name.to_owned(), value);
    put("name", json!(format!("{} of {}", document.object, document.source.name())));
    if !settings.is_null() {
        put("settings", settings.clone());
    }
    put("documents", json!([document.root.to_json()]));
    let others: Vec<_> = others(document, &report).iter().map(|it| it.root.to_json()).collect();
    if knows_cluster {
        put("others", json!(others));
    } else if !others.is_empty() {
        put("beside", json!(others));
    }
    let findings = report.findings.iter().map(|finding| {
        let mut form = Map::new();
        form.insert("rule".to_owned(), json!(finding.check.id));
        form.insert("pointer".to_owned(), json!(finding.location.pointer));
        form.insert("message".to_owned(), json!(finding.message));
        let remedy = finding.remedy.as_ref().map(|remedy| ("remedy".to_owned(), json!(remedy)));
        let patch = finding.patch.as_ref().map(|patch| ("patch".to_owned(), patch.clone()));
        form.extend(remedy.into_iter().chain(patch));
        Value::Object(form)
    });
    put("findings", findings.collect());
    let inconclusive = report.unknowns.iter().filter_map(|(check, unknown)| {
        let pointer = &unknown.location.as_ref()?.pointer;
        Some(json!({"rule": check.id, "pointer": pointer, "reason": unknown.reason}))
    });
    put("inconclusive", inconclusive.collect());
    put("log", report.logs.iter().map(|(_, message)| json!(message)).collect());
    Value::Object(case)
}

/// What was looked up beside the document, each once.
fn others<'r>(document: &Arc<Document>, report: &'r Report) -> Vec<&'r Arc<Document>> {
    let mut others: Vec<&Arc<Document>> = Vec::new();
    for found in &report.looked_up {
        let is_known = |known: &Arc<Document>| Arc::ptr_eq(known, found);
        if !is_known(document) && !others.iter().any(|known| is_known(known)) {
            others.push(found);
        }
    }
    others
}
