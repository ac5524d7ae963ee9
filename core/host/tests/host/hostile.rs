//! What a guest may try: every case of `tests/hostile/cases.json` is contained,
//! named, ended in time, and leaves its neighbours alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use provost_host::{Capability, Host, HostError, Limits, Plugin, Surroundings};
use serde_json::{Map, Value, json};

use crate::guests::{component, document, echo, hostile};

/// Compiling, and a machine that is busy with something else.
const SLACK: Duration = Duration::from_secs(5);

#[test]
fn every_hostile_guest_is_contained_named_and_leaves_its_neighbours_alone() {
    let host = Host::new(None).unwrap();
    let good =
        host.load("good", &echo(), &json!("/metadata/name"), &[], Limits::default()).unwrap();
    let mut wrong = Vec::new();
    for case in cases() {
        let name = case["name"].as_str().unwrap();
        let limits = limits(&case);
        let started = Instant::now();
        let (fails, said) = run(&host, &case, limits);
        if started.elapsed() > limits.deadline + SLACK {
            wrong.push(format!("{name}: took {:?}", started.elapsed()));
        }
        if fails != case["fails"].as_str().unwrap() {
            wrong.push(format!("{name}: fails in {fails}: {said}"));
        }
        for part in texts(&case, "says").iter().filter(|part| !said.contains(*part)) {
            wrong.push(format!("{name}: no {part:?} in: {said}"));
        }
        let next = good.check(&[document("next", &json!({}))], &Arc::default());
        if next.failure.is_some() || next.findings[0].message != "\"next\"" {
            wrong.push(format!("{name}: the next plugin suffers: {next:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The best of several tries: the machine may be busy with something else.
#[test]
fn a_guest_is_stopped_within_ten_milliseconds_of_its_deadline() {
    const TRIES: usize = 20;
    let host = Host::new(None).unwrap();
    let pod = document("pod", &json!({}));
    let mut seen = 0;
    for case in cases() {
        let limits = Limits { deadline: Duration::from_millis(30), ..limits(&case) };
        let ends_at_deadline = texts(&case, "says").iter().any(|it| it.contains("deadline"));
        if case["fails"] != "check" || !ends_at_deadline {
            continue;
        }
        seen += 1;
        let plugin = host.load("hostile", &bytes(&case), &Value::Null, &Capability::ALL, limits);
        let plugin = plugin.unwrap();
        let late = (0..TRIES).map(|_| {
            let report = plugin.check(std::slice::from_ref(&pod), &Arc::default());
            assert!(report.failure.unwrap().contains("`deadlineMilliseconds` of 30ms"));
            report.elapsed.saturating_sub(limits.deadline)
        });
        let mut late: Vec<_> = late.collect();
        late.sort();
        println!("{}: late by {:?} to {:?}", case["name"], late[0], late[TRIES - 1]);
        assert!(late[0] < Duration::from_millis(10), "{}: {late:?}", case["name"]);
    }
    assert!(seen >= 2, "both a guest that computes and one that calls the host");
}

#[test]
fn every_hostile_guest_is_run() {
    let named: BTreeSet<String> =
        cases().iter().map(|case| case["file"].as_str().unwrap().to_owned()).collect();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/hostile");
    let present: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".wat") && name != "prelude.wat")
        .collect();
    assert_eq!(named, present);
}

/// Where the guest fails, `nothing` if it does not, and what people read of it.
fn run(host: &Host, case: &Value, limits: Limits) -> (&'static str, String) {
    let granted = texts(case, "grants");
    let grants: Vec<_> = Capability::ALL
        .into_iter()
        .filter(|capability| granted.iter().any(|name| name == capability.name()))
        .collect();
    let plugin = match host.load("hostile", &bytes(case), &Value::Null, &grants, limits) {
        Ok(plugin) => plugin,
        Err(error @ HostError::Plugin { .. }) => return ("load", error.to_string()),
        Err(error) => panic!("{error}"),
    };
    check(&plugin)
}

fn check(plugin: &Plugin) -> (&'static str, String) {
    let pod = document("pod", &json!({}));
    let change: Vec<_> =
        (0..2_000).map(|number| document(&number.to_string(), &json!({}))).collect();
    let around = Arc::new(Surroundings::new(&change, None));
    let report = plugin.check(std::slice::from_ref(&pod), &around);
    let Some(failure) = report.failure else {
        assert_eq!(report.findings.len(), 1, "the answer survives");
        let logs: Vec<String> = report.logs.into_iter().map(|(_, message)| message).collect();
        return ("nothing", logs.join("\n"));
    };
    // The failure is told for every rule, about the object, and nothing else is told.
    assert!(failure.starts_with("plugin `hostile` "), "{failure}");
    assert!(failure.len() < 1_000, "{failure}");
    assert!(report.findings.is_empty());
    assert_eq!(report.unknowns.len(), plugin.rules().len());
    for ((rule, unknown), expected) in report.unknowns.iter().zip(plugin.rules()) {
        assert_eq!(rule, expected);
        assert_eq!(unknown.object.as_ref(), Some(&pod.object));
        assert_eq!(unknown.reason, failure);
    }
    ("check", failure)
}

fn bytes(case: &Value) -> Vec<u8> {
    let text = hostile(case["file"].as_str().unwrap());
    let version = case.get("version").map_or("1.0.0", |version| version.as_str().unwrap());
    match case["form"].as_str().unwrap() {
        // A core module that is made into a component.
        "guest" => component(&text, version),
        // The same, cut in half.
        "truncated" => {
            let whole = component(&text, version);
            whole[..whole.len() / 2].to_vec()
        }
        // A component, or a core module that stays one.
        "component" | "module" => wat::parse_str(&text).unwrap(),
        // The text itself.
        "verbatim" => text.into_bytes(),
        form => panic!("no form {form}"),
    }
}

fn limits(case: &Value) -> Limits {
    let mut limits = Limits::default();
    let none = Map::new();
    let changed = case.get("limits").map_or(&none, |changed| changed.as_object().unwrap());
    for (field, value) in changed {
        let value = value.as_u64().unwrap();
        let size = usize::try_from(value).unwrap();
        match field.as_str() {
            "fuel" => limits.fuel = value,
            "deadline_ms" => limits.deadline = Duration::from_millis(value),
            "memory_bytes" => limits.memory_bytes = size,
            "component_bytes" => limits.component_bytes = size,
            "findings" => limits.findings = size,
            "handles" => limits.handles = size,
            "host_calls" => limits.host_calls = value,
            "host_bytes" => limits.host_bytes = size,
            _ => panic!("no limit {field}"),
        }
    }
    limits
}

fn cases() -> Vec<Value> {
    serde_json::from_str(&hostile("cases.json")).unwrap()
}

fn texts(case: &Value, key: &str) -> Vec<String> {
    let texts = case.get(key).and_then(Value::as_array);
    texts.into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}
