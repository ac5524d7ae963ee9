//! Patches: only those that rules declare, to a fixed point, never from the validating path.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_engine::{Bundle, Circumstances};
use provost_model::{Change, Node};
use serde_json::{Value, json};

use super::client::{
    Answer, Client, Http, block_on, cache, gate, loads, options, pod, review, start,
};

const GATE: &str = "plugins: { pod-security: { settings: { level: restricted } } }\n";

/// What a patch makes of an object.
fn patched(object: &Value, answer: &Answer) -> Value {
    let response = answer.response();
    let Some(patch) = response["patch"].as_str() else { return object.clone() };
    assert_eq!(response["patchType"], "JSONPatch");
    let patch: json_patch::Patch =
        serde_json::from_slice(&STANDARD.decode(patch).unwrap()).unwrap();
    let mut object = object.clone();
    json_patch::patch(&mut object, &patch).unwrap();
    object
}

/// How many violations have a patch.
fn patchable(bundle: &Bundle, object: &Value) -> usize {
    let source = provost_model::Source::new("x", "");
    let change: Change = provost_intake::read_object(&source, Node::from_json(object));
    let under = Circumstances::default();
    let assessment = bundle.assess_under(&change, jiff::Timestamp::UNIX_EPOCH, &under, &|_, _| {});
    assessment.findings().iter().filter(|finding| finding.patch.is_some()).count()
}

fn pods() -> Vec<Value> {
    let mut two = pod(true);
    two["spec"]["containers"].as_array_mut().unwrap().push(json!({
        "name": "other",
        "image": "other:1",
        "securityContext": { "capabilities": { "add": ["SYS_ADMIN"] } },
    }));
    two["spec"]["hostNetwork"] = json!(true);
    vec![pod(false), pod(true), two]
}

#[test]
fn patches_come_to_a_fixed_point_and_ask_for_nothing_more() {
    let server = start(options(), loads(GATE));
    let bundle = Bundle::load(&gate(GATE), Some(cache())).map_err(|e| format!("{e:?}")).unwrap();
    block_on(async {
        let mut client = Client::connect(&server, Http::Two).await;
        for object in pods() {
            assert!(patchable(&bundle, &object) > 0, "{object}");
            let asked = review(&json!({ "object": object })).to_string();
            let answer = client.post("/mutate", asked.clone()).await;
            assert!(answer.is_allowed(), "{answer:?}");
            let mended = patched(&object, &answer);
            assert_ne!(mended, object);
            assert_eq!(patchable(&bundle, &mended), 0, "{mended}");
            let again = review(&json!({ "object": mended })).to_string();
            let answer = client.post("/mutate", again).await;
            assert!(answer.response()["patch"].is_null(), "{answer:?}");
            // The same request, the same patch.
            let twice = client.post("/mutate", asked.clone()).await;
            assert_eq!(patched(&object, &twice), mended);
            // To validate is never to patch.
            let answer = client.post("/validate", asked).await;
            assert!(answer.response()["patch"].is_null());
        }
    });
    server.stop();
}

#[test]
fn what_cannot_be_patched_is_left_as_it_is() {
    let server = start(
        options(),
        loads(
            "enforcement: [{ mode: warn }]\nplugins: { pod-security: { settings: { level: restricted } } }\n",
        ),
    );
    let enforced = start(options(), loads(GATE));
    block_on(async {
        let update = json!({ "operation": "UPDATE", "object": pod(true), "oldObject": pod(false) });
        let exec = json!({
            "operation": "CONNECT",
            "subResource": "exec",
            "object": { "apiVersion": "v1", "kind": "PodExecOptions" },
        });
        let create = json!({ "object": pod(true) });
        let workload = |api_version: &str, kind: &str, metadata: Value| {
            let spec = json!({ "template": { "spec": pod(true)["spec"] } });
            json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec })
        };
        let named = |labels: Value| json!({ "name": "web", "namespace": "shop", "labels": labels });
        let updated = |api_version, kind, old, new| {
            let object = workload(api_version, kind, new);
            let old = workload(api_version, kind, old);
            json!({ "operation": "UPDATE", "object": object, "oldObject": old })
        };
        let (a, b) = (named(json!({ "a": "1" })), named(json!({ "a": "2" })));
        // The template of a Job cannot be changed.
        let job = updated("batch/v1", "Job", a.clone(), b.clone());
        // A controller takes a finalizer off, and changes nothing else.
        let mut held = a.clone();
        held["finalizers"] = json!(["example.com/keep"]);
        let finalizer = updated("apps/v1", "Deployment", held, a.clone());
        let mut leaving = b.clone();
        leaving["deletionTimestamp"] = json!("2026-11-26T00:00:00Z");
        let leaving = updated("apps/v1", "Deployment", a.clone(), leaving);
        // What is mended is: an update of the rest.
        let other = updated("apps/v1", "Deployment", a, b);
        let mut client = Client::connect(&enforced, Http::One).await;
        let answer = client.post("/mutate", review(&other).to_string()).await;
        assert!(!answer.response()["patch"].is_null(), "{answer:?}");
        let on_enforced = [&update, &exec, &job, &finalizer, &leaving].map(|one| (&enforced, one));
        for (server, fields) in on_enforced.into_iter().chain([(&server, &create)]) {
            let mut client = Client::connect(server, Http::One).await;
            let answer = client.post("/mutate", review(fields).to_string()).await;
            assert!(answer.is_allowed(), "{answer:?}");
            assert!(answer.response()["patch"].is_null(), "{answer:?}");
        }
    });
    server.stop();
    enforced.stop();
}
