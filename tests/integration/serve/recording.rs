//! What is answered is on record, and what cannot be recorded is never allowed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use provost_model::Problem;
use provost_serve::{Judged, Recorder, Recording, Server};
use provost_tests::provost;
use serde_json::{Value, json};

use super::client::{
    Answer, Client, Http, block_on, loads, metric, options, page, pod, request, review,
};
use super::process::{Process, serve};

/// A review with a uid of its own.
fn body(uid: &str, fields: Value) -> String {
    let mut fields = fields;
    fields["uid"] = json!(uid);
    review(&fields).to_string()
}

/// The entries of a log, by `index:hash`.
fn entries(folder: &Path) -> BTreeMap<String, Value> {
    let mut entries = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        for line in fs::read_to_string(file).unwrap().lines() {
            let entry: Value = serde_json::from_str(line).unwrap();
            let name = format!("{}:{}", entry["index"], entry["hash"].as_str().unwrap());
            entries.insert(name, entry["record"].clone());
        }
    }
    entries
}

/// Exit code and output of `provost log …`.
fn log(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = provost(folder).arg("log").args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn annotation<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.response()["auditAnnotations"][name].as_str().unwrap_or_default()
}

#[test]
fn every_answer_names_its_entry_and_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(serve(folder.path()).args(["--log", "decisions"]));
    let resource = json!({ "group": "", "version": "v1", "resource": "pods" });
    let good = json!({ "object": pod(false), "resource": resource });
    let mut dry = json!({ "object": pod(true), "resource": resource });
    let bad = dry.clone();
    dry["dryRun"] = json!(true);
    let answers = block_on(async {
        let mut client = server.client(folder.path()).await;
        let asked = [
            ("/validate", body("a", good.clone())),
            ("/validate", body("b", bad)),
            ("/validate", body("c", dry)),
            ("/mutate", body("d", good)),
        ];
        let mut answers = Vec::new();
        for (path, body) in asked {
            answers.push(client.post(path, body).await);
        }
        answers
    });
    // While it runs: what is answered is there.
    let recorded = entries(&folder.path().join("decisions"));
    assert_eq!(recorded.len(), 5, "the beginning of the log, and each decision: {recorded:#?}");
    let said = |answer: &Answer| {
        let record = &recorded[annotation(answer, "record")];
        assert_eq!(record["id"], annotation(answer, "decision"));
        assert_eq!(record["bundle"], annotation(answer, "bundle"));
        assert_eq!(record["verdict"], annotation(answer, "verdict"));
        assert_eq!(record["door"], "admission");
        assert_eq!(record["principal"], "alice");
        assert_eq!(record["objects"], json!(["Pod/shop/web"]));
        record["admission"].clone()
    };
    let admission = |uid: &str, endpoint: &str, dry: bool, allowed: bool| {
        json!({
            "endpoint": endpoint, "uid": uid, "operation": "CREATE", "resource": "v1/pods",
            "subresource": "", "dryRun": dry, "allowed": allowed,
        })
    };
    let found: Vec<_> = answers.iter().map(said).collect();
    assert_eq!(
        found,
        [
            admission("a", "validate", false, true),
            admission("b", "validate", false, false),
            admission("c", "validate", true, false),
            admission("d", "mutate", false, true),
        ]
    );
    // The API server's audit log is where a checkpoint is kept.
    let checkpoint = annotation(&answers[3], "record");
    let (code, text) = log(folder.path(), &["verify", "decisions", "--from", checkpoint]);
    assert_eq!(code, Some(0), "{text}");
    let id = annotation(&answers[1], "decision");
    let (code, text) = log(folder.path(), &["show", "decisions", "--id", id]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("deny") && text.contains("Pod/shop/web"), "{text}");
    // One process writes a log.
    let second = serve(folder.path()).args(["--log", "decisions"]).output().unwrap();
    let error = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(2), "{error}");
    assert!(error.contains("another process appends to this log"), "{error}");
    server.terminate();
    assert_eq!(server.wait().0, Some(0));
}

#[test]
fn the_gate_file_says_where_and_what_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let gate = "apiVersion: provost.dev/v1\nkind: Gate\n\
                decisionLog: { folder: kept, objects: redacted }\n";
    fs::write(folder.path().join("provost.yaml"), gate).unwrap();
    let server = Process::start(&mut serve(folder.path()));
    let answer = block_on(async {
        let mut client = server.client(folder.path()).await;
        client.post("/validate", body("a", json!({ "object": pod(false) }))).await
    });
    let recorded = entries(&folder.path().join("kept"));
    let contents = &recorded[annotation(&answer, "record")]["contents"];
    assert_eq!(contents[0]["spec"]["containers"][0]["name"], "web", "{contents}");
}

/// Requests without end, each with a uid of its own, until the connection breaks: the entries
/// that were acknowledged.
async fn acknowledged(server: &Process, folder: &Path, name: usize) -> Vec<String> {
    let mut client = server.client(folder).await;
    let mut entries = Vec::new();
    loop {
        let bad = entries.len() % 2 == 0;
        let body = body(&format!("{name}-{}", entries.len()), json!({ "object": pod(bad) }));
        let Ok(answer) = client.send(request("/validate", body)).await else { return entries };
        // An answer that broke off says nothing.
        if answer.json.is_null() {
            return entries;
        }
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.response()["allowed"], !bad);
        entries.push(annotation(&answer, "record").to_owned());
    }
}

#[test]
fn killed_under_load_it_loses_nothing_that_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let decisions = folder.path().join("decisions");
    let mut all = Vec::new();
    for round in 0..3 {
        // What a killed one left half-written is cut off by the next.
        let mut server = Process::start(serve(folder.path()).args(["--log", "decisions"]));
        let killed = block_on(async {
            let size = || -> u64 {
                let files = fs::read_dir(&decisions).unwrap();
                files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
            };
            let before = size();
            let clients: Vec<_> =
                (0..8).map(|name| acknowledged(&server, folder.path(), round * 8 + name)).collect();
            let pid = server.id();
            let killer = async {
                let start = Instant::now();
                while size() < before + 40_000 && start.elapsed() < Duration::from_secs(60) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                // Somewhere in the middle of what it does.
                tokio::time::sleep(Duration::from_millis(37 * round as u64)).await;
                let status = std::process::Command::new("kill").args(["-KILL", &pid]).status();
                assert!(status.unwrap().success());
            };
            let (killed, ()) = tokio::join!(super::staying_up::join_all(clients), killer);
            killed
        });
        server.kill();
        let killed: Vec<_> = killed.into_iter().flatten().collect();
        assert!(killed.len() > 20, "it was under load: {}", killed.len());
        all.extend(killed);
        // 4: the last line is not finished, and was never acknowledged.
        let (code, text) = log(folder.path(), &["verify", "decisions"]);
        assert!([Some(0), Some(4)].contains(&code), "{text}");
    }
    let server = Process::start(serve(folder.path()).args(["--log", "decisions"]));
    server.terminate();
    assert_eq!(server.wait().0, Some(0));
    let recorded = entries(&decisions);
    let lost: Vec<_> = all.iter().filter(|entry| !recorded.contains_key(*entry)).collect();
    println!("{} decisions were answered, {} are on record", all.len(), recorded.len());
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), all.len());
    let (code, text) = log(folder.path(), &["verify", "decisions", "--from", &all[all.len() - 1]]);
    assert_eq!(code, Some(0), "{text}");
}

/// How a recorder goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    AtOnce,
    Later,
    Never,
}

struct Broken(Mutex<Option<Fault>>);

impl Broken {
    fn full() -> Problem {
        Problem::about("decision-log", "decisions", "the disk is full")
    }
}

impl Recorder for &'static Broken {
    fn record(&self, _: &Judged) -> Result<Recording, Problem> {
        match *self.0.lock().unwrap() {
            None => Ok(super::client::recorded()),
            Some(Fault::AtOnce) => Err(Broken::full()),
            Some(Fault::Later) => Ok(Box::pin(async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                Err(Broken::full())
            })),
            Some(Fault::Never) => Ok(Box::pin(std::future::pending())),
        }
    }

    fn failed(&self) -> Option<String> {
        let fault = *self.0.lock().unwrap();
        fault.filter(|fault| *fault == Fault::AtOnce).map(|_| "the disk is broken".to_owned())
    }
}

#[test]
fn what_cannot_be_recorded_is_not_allowed_and_a_no_stays_a_no() {
    static BROKEN: Broken = Broken(Mutex::new(None));
    let server = Server::start(options(), loads(""), Some(Box::new(&BROKEN)))
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    block_on(async {
        let good = review(&json!({ "object": pod(false) })).to_string();
        let bad = review(&json!({ "object": pod(true) })).to_string();
        let mut client = Client::connect(&server, Http::Two).await;
        let operations = server.operations();
        for (count, (fault, code)) in
            [(Fault::AtOnce, 500), (Fault::Later, 500), (Fault::Never, 504)].into_iter().enumerate()
        {
            *BROKEN.0.lock().unwrap() = Some(fault);
            for path in ["/validate?timeout=2s", "/mutate?timeout=2s"] {
                let answer = client.post(path, good.clone()).await;
                assert_eq!(answer.status, code, "{fault:?} {path}");
                assert!(answer.json["response"].is_null());
                let message = answer.json["message"].as_str().unwrap();
                let why = if fault == Fault::Never { "in the time" } else { "the disk is full" };
                assert!(message.contains("recorded") && message.contains(why), "{message}");
            }
            let answer = client.post("/validate?timeout=2s", bad.clone()).await;
            assert!(!answer.is_allowed(), "{fault:?}");
            assert_eq!(annotation(&answer, "record"), "failed");
            let unrecorded = metric(operations, "provost_unrecorded_total").await;
            assert_eq!(unrecorded, 3.0 * (count + 1) as f64);
            let (alive, text) = page(operations, "/healthz").await;
            match fault {
                Fault::AtOnce => assert_eq!((alive, text.contains("is broken")), (500, true)),
                _ => assert_eq!(alive, 200),
            }
        }
        *BROKEN.0.lock().unwrap() = None;
        let answer = client.post("/validate", good).await;
        assert!(answer.is_allowed());
        assert_eq!(annotation(&answer, "record"), "an entry");
    });
    server.stop();
}
