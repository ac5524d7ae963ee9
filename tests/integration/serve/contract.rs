//! What is answered to each kind of request: cases as data, in `contract.yaml`.
//!
//! A case has a `review` (fields of the request; the rest is as an API server writes it), or
//! `text` (the body as it is), or `generated` (a body that is too large to write down). It says
//! what is answered: `http`, and of a decided review the fields of `answer`; each text of
//! `says` is in the message.

use std::fs;

use provost_model::Source;
use provost_syntax::Limits;
use provost_tests::root;
use serde_json::{Value, json};

use super::client::{Client, Http, block_on, loads, metric, options, pod, request, review, start};

const GATE: &str = "
enforcement:
  - { mode: warn, rules: [pss-host-ports], namespaces: [lab] }
  - { mode: audit, namespaces: ['quiet-*'] }
";

/// The cases of a file.
pub fn cases(name: &str) -> Vec<Value> {
    let path = root().join("tests/integration/serve").join(name);
    let source = Source::new(name, fs::read_to_string(path).unwrap());
    let parsed = provost_syntax::read(&source, &Limits::default());
    assert_eq!(parsed.problem, None);
    parsed.documents[0].items().iter().map(|case| case.to_json()).collect()
}

fn body(case: &Value) -> Vec<u8> {
    if let Some(text) = case["text"].as_str() {
        return text.as_bytes().to_vec();
    }
    if let Some(what) = case["generated"].as_str() {
        return generated(what);
    }
    review(&case["review"]).to_string().into_bytes()
}

fn generated(what: &str) -> Vec<u8> {
    let whole = review(&json!({ "object": pod(false) })).to_string();
    match what {
        "8 MiB" => {
            let mut pod = pod(false);
            pod["metadata"]["annotations"] = json!({ "note": "x".repeat(8 << 20) });
            review(&json!({ "object": pod })).to_string().into_bytes()
        }
        "depth 10000" => {
            let deep = format!("{}0{}", "[".repeat(10_000), "]".repeat(10_000));
            whole.replacen("\"spec\"", &format!("\"deep\":{deep},\"spec\""), 1).into_bytes()
        }
        "100000 containers" => {
            let mut pod = pod(true);
            let one =
                json!({ "name": "c", "image": "i:1", "securityContext": { "privileged": true } });
            pod["spec"]["containers"] = vec![one; 100_000].into();
            review(&json!({ "object": pod })).to_string().into_bytes()
        }
        "invalid UTF-8" => {
            let mut bytes = whole.into_bytes();
            let place = bytes.windows(5).position(|part| part == b"alice").unwrap();
            bytes[place] = 0xff;
            bytes
        }
        "truncated" => whole.as_bytes()[..whole.len() / 2].to_vec(),
        other => panic!("{other}"),
    }
}

/// What is wrong with an answer.
pub fn expect(case: &Value, answer: &super::client::Answer) -> Result<(), String> {
    let wanted = case["http"].as_u64().unwrap_or(200);
    if u64::from(answer.status.as_u16()) != wanted {
        return Err(format!("{} instead of {wanted}: {}", answer.status, answer.json));
    }
    let message = if wanted == 200 {
        let response = answer.response();
        if answer.json["apiVersion"] != "admission.k8s.io/v1"
            || answer.json["kind"] != "AdmissionReview"
            || response["uid"] != "705ab4f5-6393-11e8-b7cc-42010a800002"
        {
            return Err(format!("not an answer to this request: {}", answer.json));
        }
        for (key, value) in case["answer"].as_object().unwrap() {
            let found = response.pointer(key).cloned().unwrap_or(Value::Null);
            if !is_as_said(&found, value) {
                return Err(format!("{key} is {found}, not {value}: {response}"));
            }
        }
        let denied = response["allowed"] == false;
        if denied != (response["status"]["code"] == 403) {
            return Err(format!("a denial has a status, and nothing else has: {response}"));
        }
        if case["review"]["path"] != "/mutate" && !response["patch"].is_null() {
            return Err("a patch from the validating path".to_owned());
        }
        response["status"]["message"].as_str().unwrap_or_default()
    } else {
        let is_status = answer.json["kind"] == "Status" && answer.json["code"] == wanted;
        if !is_status || !answer.json["response"].is_null() {
            return Err(format!("an HTTP error is a Status: {}", answer.json));
        }
        answer.json["message"].as_str().unwrap_or_default()
    };
    let said = case["says"].as_array().cloned().unwrap_or_default();
    let missing: Vec<_> =
        said.iter().filter(|text| !message.contains(text.as_str().unwrap())).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("{missing:?} is not in: {message}")) }
}

/// A list holds names that a text `a,b,c` has, among others: specifications are added.
fn is_as_said(found: &Value, wanted: &Value) -> bool {
    let Some(names) = wanted.as_array() else { return found == wanted };
    let listed: Vec<_> = found.as_str().unwrap_or_default().split(',').map(Value::from).collect();
    names.iter().all(|name| listed.contains(name))
}

#[test]
fn every_request_is_answered_as_the_contract_says() {
    let server = start(options(), loads(GATE));
    let cases = cases("contract.yaml");
    let mut wrong = Vec::new();
    block_on(async {
        for http in [Http::One, Http::Two] {
            for case in &cases {
                // A connection may end with an error; each case has its own.
                let mut client = Client::connect(&server, http).await;
                let path = case["path"].as_str().unwrap_or("/validate");
                let answer = match client.send(request(path, body(case))).await {
                    Ok(answer) => answer,
                    // A body that is refused may not have been read to its end.
                    Err(_) if case["http"] == 413 => continue,
                    Err(error) => {
                        wrong.push(format!("{}: {error}", case["name"]));
                        continue;
                    }
                };
                if let Err(why) = expect(case, &answer) {
                    wrong.push(format!("{} over {http:?}: {why}", case["name"]));
                }
            }
        }
        let panics = metric(server.operations(), "provost_panics_total").await;
        assert_eq!(panics, 0.0);
    });
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    println!("{} cases over HTTP/1.1 and HTTP/2", cases.len());
    server.stop();
}

#[test]
fn what_is_no_review_is_refused_before_it_is_read() {
    let server = start(options(), loads(""));
    block_on(async {
        let mut client = Client::connect(&server, Http::Two).await;
        let mut wrong_method = request("/validate", "");
        *wrong_method.method_mut() = hyper::Method::GET;
        assert_eq!(client.send(wrong_method).await.unwrap().status, 405);
        let mut wrong_type = request("/validate", "{}");
        wrong_type.headers_mut().remove("content-type");
        assert_eq!(client.send(wrong_type).await.unwrap().status, 415);
        assert_eq!(client.post("/other", "{}").await.status, 404);
        for timeout in ["soon", "0s", "-1s", "10"] {
            let path = format!("/validate?timeout={timeout}");
            assert_eq!(client.post(&path, "{}").await.status, 400, "{timeout}");
        }
        let body = review(&json!({ "object": pod(false) })).to_string();
        for timeout in ["10s", "1m0s", "500ms", "30s"] {
            let path = format!("/validate?timeout={timeout}");
            assert!(client.post(&path, body.clone()).await.is_allowed(), "{timeout}");
        }
        let late = client.post("/validate?timeout=1us", body.clone()).await;
        assert!([408, 504].contains(&late.status.as_u16()), "{late:?}");
    });
    server.stop();
}
