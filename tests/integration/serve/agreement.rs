//! The command line and the webhook give one verdict: they walk one path.
//!
//! The webhook knows the object alone, so the command line is asked about each object alone,
//! with the specifications switched off that look at others: those the webhook says it did not
//! judge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use provost_engine::{Bundle, is_not_at_hand};
use provost_intake::{Input, Limits};
use provost_model::{Change, Document, Principal, Verdict};
use provost_tests::corpus;
use serde_json::{Value, json};

use super::client::{Client, Http, block_on, cache, gate, loads, options, review, start};

const GATE: &str = "plugins: { workload-hygiene: {} }\n";

/// Every object of the corpora that a request could hold, each once.
fn objects() -> Vec<Arc<Document>> {
    let mut seen = BTreeSet::new();
    let mut objects = Vec::new();
    for name in ["pss", "manifests", "gatekeeper-library", "kyverno-policies"] {
        let Some(folder) = corpus(name) else { continue };
        let inputs = [Input::Path(folder)];
        let read =
            provost_intake::read(&inputs, &mut std::io::empty(), &Limits::default(), &|_, _| {});
        for document in read.documents {
            // An API server sends no lists, and no workflows of GitHub.
            let is_object = document.root.get("apiVersion").is_some()
                && document.root.get("items").is_none()
                && document.object.group() != "provost.dev";
            if is_object && seen.insert(document.root.canonical_json()) {
                objects.push(document);
            }
        }
    }
    objects
}

/// What the command line says of one object alone.
fn verdict(bundle: &Bundle, document: &Arc<Document>, namespace: &str) -> Verdict {
    let mut document = document.as_ref().clone();
    if document.object.namespace.is_none() && !namespace.is_empty() {
        document.object.namespace = Some(namespace.to_owned());
    }
    let groups = vec!["developers".to_owned()];
    let change = Change {
        documents: vec![Arc::new(document)],
        principal: Principal { groups, ..Principal::named("alice") },
        ..Change::default()
    };
    bundle.assess(&change, Timestamp::now(), &|_, _| {}).verdict
}

#[test]
fn the_command_line_and_the_webhook_give_one_verdict() {
    let objects = objects();
    if objects.is_empty() {
        return;
    }
    let server = start(options(), loads(GATE));
    let whole = Bundle::load(&gate(GATE), Some(cache())).map_err(|e| format!("{e:?}")).unwrap();
    // By what was not judged: the same bundle without it.
    let mut bundles: BTreeMap<String, Bundle> = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut later = 0;
    block_on(async {
        let mut client = Client::connect(&server, Http::Two).await;
        for document in &objects {
            let object = document.root.to_json();
            let namespaced = document.object.namespace.clone().unwrap_or_default();
            let fields = json!({
                "object": object,
                "kind": kind(&object),
                "namespace": namespaced,
                "userInfo": { "username": "alice", "groups": ["developers"] },
            });
            let asked = review(&fields).to_string();
            let mut answer = client.post("/validate?timeout=30s", asked.clone()).await;
            // What is not at hand is unknown once, and proved beside the requests.
            let start = std::time::Instant::now();
            while is_not_at_hand(&answer.json.to_string()) && start.elapsed().as_secs() < 30 {
                later += usize::from(start.elapsed().as_millis() < 20);
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                answer = client.post("/validate?timeout=30s", asked.clone()).await;
            }
            assert_eq!(answer.status, 200, "{}: {}", document.object, answer.json);
            let said = &answer.response()["auditAnnotations"];
            let webhook = said["verdict"].as_str().unwrap().to_owned();
            let left_out = said["not-judged"].as_str().unwrap_or_default().to_owned();
            let bundle = bundles.entry(left_out.clone()).or_insert_with(|| {
                let text = format!("{GATE}disabled: [{left_out}]\n");
                Bundle::load(&gate(&text), Some(cache())).map_err(|e| format!("{e:?}")).unwrap()
            });
            let line = verdict(bundle, document, &namespaced).to_string();
            // What the cluster would add can only be a reason to say no.
            let all = verdict(&whole, document, &namespaced);
            if webhook != line || (webhook == "deny" && all != Verdict::Deny) {
                wrong.push(format!(
                    "{} in {}: webhook {webhook}, command line {line}; {}",
                    document.object,
                    document.source.name(),
                    answer.response()["status"]["message"],
                ));
            }
            *counts.entry(webhook).or_default() += 1;
        }
    });
    println!("{} objects: {counts:?}, {later} of them proved beside the requests", objects.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), objects.len(), wrong.join("\n"));
    assert!(counts["allow"] > 100 && counts["deny"] > 100, "{counts:?}");
    server.stop();
}

fn kind(object: &Value) -> Value {
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    json!({ "group": group, "version": version, "kind": object["kind"] })
}

/// Requests that another project recorded or wrote for its own webhook: each is answered with a
/// decision.
#[test]
fn requests_of_other_projects_are_answered() {
    let Some(folder) = corpus("admission-review-samples") else { return };
    let index = std::fs::read_to_string(folder.join("kubewarden-cases.jsonl")).unwrap();
    let server = start(options(), loads(""));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    block_on(async {
        let mut client = Client::connect(&server, Http::One).await;
        for line in index.lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            let text = std::fs::read_to_string(folder.join(case["request"].as_str().unwrap()));
            let Ok(found) = serde_json::from_str::<Value>(&text.unwrap()) else { continue };
            let request = found.get("request").unwrap_or(&found);
            let whole = json!({
                "apiVersion": "admission.k8s.io/v1",
                "kind": "AdmissionReview",
                "request": request,
            });
            let answer = client.post("/validate", whole.to_string()).await;
            // Some leave out what an API server always sends; that is said.
            let outcome = match answer.status.as_u16() {
                200 => {
                    assert_eq!(answer.response()["uid"], request["uid"], "{line}");
                    answer.response()["auditAnnotations"]["verdict"].as_str().unwrap().to_owned()
                }
                400 => format!("400: {}", answer.json["message"]),
                other => panic!("{other}: {line}: {}", answer.json),
            };
            *counts.entry(outcome).or_default() += 1;
        }
    });
    println!("{counts:#?}");
    assert!(counts["allow"] > 10 && counts["deny"] > 10, "{counts:?}");
    server.stop();
}
