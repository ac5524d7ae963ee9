//! A hostile guest in every language: each is contained and named, its author reads why, and
//! the next call works. What a component may try beside that is in `tests/hostile/*.wat`.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use provost_host::{Capability, Host, Limits, Plugin};
use provost_tests::{documents, root};
use serde_json::Value;

use super::{build, cache};

/// Reading the answer, and a machine that is busy with something else.
const SLACK: Duration = Duration::from_secs(5);

#[test]
fn a_hostile_guest_in_rust_is_contained() {
    is_contained("rust");
}

#[test]
fn a_hostile_guest_in_go_is_contained() {
    is_contained("go");
}

#[test]
fn a_hostile_guest_in_python_is_contained() {
    is_contained("python");
}

/// TypeScript runs as JavaScript.
#[test]
fn a_hostile_guest_in_javascript_is_contained() {
    is_contained("javascript");
}

#[test]
fn a_hostile_guest_in_c_is_contained() {
    is_contained("c");
}

fn is_contained(language: &str) {
    let component =
        fs::read(build(&format!("tests/hostile/guests/{language}"), "hostile")).unwrap();
    let host = Host::new(Some(cache())).unwrap();
    let limits = Limits {
        fuel: 300_000_000,
        findings: 1_000,
        output_bytes: 1 << 20,
        deadline: Duration::from_secs(60),
        ..Limits::default()
    };
    let load = host.load("hostile", &component, &Value::Null, &Capability::ALL, limits);
    let plugin = load.unwrap_or_else(|error| panic!("{error}"));
    let cases = fs::read_to_string(root().join("tests/hostile/guests/cases.json")).unwrap();
    let cases: Value = serde_json::from_str(&cases).unwrap();
    let mut wrong = Vec::new();
    for (deed, words) in cases[language].as_object().unwrap() {
        let started = Instant::now();
        let (failed, said) = ask(&plugin, deed);
        if started.elapsed() > limits.deadline + SLACK {
            wrong.push(format!("{deed}: took {:?}", started.elapsed()));
        }
        if failed == (deed == "log") || !said.contains(words.as_str().unwrap()) {
            wrong.push(format!("{deed}: no {words} in: {said}"));
        }
        if ask(&plugin, "nothing") != (false, String::new()) {
            wrong.push(format!("{deed}: the next call suffers"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Did the call fail, and what is read of it?
fn ask(plugin: &Plugin, deed: &str) -> (bool, String) {
    let text = format!("{{apiVersion: v1, kind: Pod, do: {deed:?}, big: 9007199254740993}}");
    let report = plugin.check(&documents("a.yaml", &text), &Arc::default());
    assert!(report.findings.is_empty(), "{deed}: what went wrong finds nothing");
    assert_eq!(report.unknowns.len(), usize::from(report.failure.is_some()), "{deed}");
    let logged = report.logs.into_iter().map(|(_, message)| message);
    let failed = report.failure.is_some();
    let said: Vec<_> = report.failure.into_iter().chain(logged).collect();
    (failed, said.join("\n"))
}
