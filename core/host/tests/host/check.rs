//! How a good plugin is called, and how a failing one is told from its neighbours.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use provost_host::{Host, Limits, Plugin};
use provost_model::{Document, Origin, Severity};
use serde_json::{Value, json};

use crate::guests::{component, document, echo, hostile};

fn load(settings: &Value, limits: Limits) -> Plugin {
    Host::new(None).unwrap().load("echo", &echo(), settings, &[], limits).unwrap()
}

fn pods(count: usize) -> Vec<Arc<Document>> {
    (0..count).map(|index| document(&format!("pod-{index}"), &json!({}))).collect()
}

#[test]
fn a_plugin_is_described() {
    let plugin = load(&json!("/spec"), Limits::default());
    assert_eq!(plugin.description().name, "hostile");
    assert_eq!(plugin.description().version, "1.0.0");
    assert_eq!(plugin.digest(), provost_model::Digest::of(&echo()));
    assert!(plugin.accepts(&document("a", &json!({})).object));
    let [rule] = plugin.rules() else { panic!("{:?}", plugin.rules()) };
    assert_eq!((rule.id.as_str(), rule.severity), ("a-rule", Severity::Medium));
    assert_eq!(rule.origin, Origin::Plugin("echo".to_owned()));
}

#[test]
fn a_finding_points_into_its_document() {
    let plugin = load(&json!("/spec/containers/0"), Limits::default());
    let report = plugin.check(&pods(2), &Arc::default());
    assert_eq!(report.failure, None);
    assert!(report.unknowns.is_empty());
    assert!(report.fuel_used > 0 && report.elapsed > Duration::ZERO);
    let [first, second] = &report.findings[..] else { panic!("{:?}", report.findings) };
    assert_eq!(first.check, plugin.rules()[0]);
    assert_eq!(first.message, r#"{"name":"a","image":"a:1"}"#);
    assert_eq!(first.location.pointer, "/metadata/name");
    assert_eq!(first.location.source.name(), "pod.yaml");
    assert_eq!((first.object.name.as_str(), second.object.name.as_str()), ("pod-0", "pod-1"));
}

#[test]
fn what_a_document_lacks_is_nothing() {
    let plugin = load(&json!("/spec/missing/deeper"), Limits::default());
    assert_eq!(plugin.check(&pods(1), &Arc::default()).findings[0].message, "nothing");
}

#[test]
fn no_documents_are_no_findings() {
    let report = load(&json!("/spec"), Limits::default()).check(&[], &Arc::default());
    assert!(report.failure.is_none() && report.findings.is_empty());
}

#[test]
fn the_same_documents_cost_the_same_fuel() {
    let plugin = load(&json!("/spec"), Limits::default());
    let documents = pods(3);
    let first = plugin.check(&documents, &Arc::default()).fuel_used;
    assert!((0..10).all(|_| plugin.check(&documents, &Arc::default()).fuel_used == first));
}

#[test]
fn in_a_failing_batch_only_the_culprit_is_unknown() {
    let plugin = load(&json!("/metadata/name"), Limits::default());
    let mut documents = pods(3);
    documents.insert(1, document("culprit", &json!({ "trap": true })));
    let report = plugin.check(&documents, &Arc::default());

    let messages: Vec<&str> = report.findings.iter().map(|f| f.message.as_str()).collect();
    assert_eq!(messages, [r#""pod-0""#, r#""pod-1""#, r#""pod-2""#]);
    let [(rule, unknown)] = &report.unknowns[..] else { panic!("{:?}", report.unknowns) };
    assert_eq!(rule.id, "a-rule");
    assert_eq!(unknown.object.as_ref().unwrap().name, "culprit");
    assert!(unknown.location.is_some());
    let expected = "plugin `echo` trapped: wasm `unreachable` instruction executed in `refuse`";
    assert_eq!(unknown.reason, expected);
    assert_eq!(report.failure.as_deref(), Some(expected));
}

#[test]
fn a_batch_over_the_limit_is_judged_one_by_one() {
    let limits = Limits { host_calls: 3, ..Limits::default() };
    let report = load(&json!("/metadata/name"), limits).check(&pods(4), &Arc::default());
    assert_eq!((report.failure, report.unknowns.len(), report.findings.len()), (None, 0, 4));
}

#[test]
fn judging_one_by_one_ends() {
    let fuel = 1_000_000;
    let limits = Limits { fuel, ..Limits::default() };
    let guest = component(&hostile("endless-loop-in-check.wat"), "1.0.0");
    let host = Host::new(None).unwrap();
    let plugin = host.load("loop", &guest, &Value::Null, &[], limits).unwrap();
    let report = plugin.check(&pods(50), &Arc::default());
    assert_eq!(report.unknowns.len(), 50);
    assert!(report.fuel_used <= 10 * fuel, "{}", report.fuel_used);
    let reason = &report.unknowns[49].1.reason;
    assert!(reason.contains("was not asked about this one alone"), "{reason}");
    assert!(reason.contains("raise `plugins[].limits.fuel` in provost.yaml"), "{reason}");
    assert!(report.failure.unwrap().contains("exceeded its limit `fuel`"));
}

#[test]
fn more_threads_than_places_in_the_pool_all_get_their_turn() {
    let plugin = load(&json!("/metadata/name"), Limits::default());
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let report = plugin.check(&pods(2), &Arc::default());
                    assert_eq!((report.failure, report.findings.len()), (None, 2));
                }
            });
        }
    });
}

#[test]
fn a_plugin_outlives_its_host_and_keeps_its_deadline() {
    let limits =
        Limits { fuel: u64::MAX, deadline: Duration::from_millis(50), ..Limits::default() };
    let guest = component(&hostile("endless-loop-in-check.wat"), "1.0.0");
    let host = Host::new(None).unwrap();
    let plugin = host.load("loop", &guest, &Value::Null, &[], limits).unwrap();
    drop(host);
    let failure = plugin.check(&pods(1), &Arc::default()).failure.unwrap();
    assert!(failure.contains("exceeded its limit `deadlineMilliseconds` of 50ms"), "{failure}");
}

#[test]
fn a_stack_of_its_own_size_is_given_and_a_stack_that_no_thread_has_is_refused() {
    let guest = component(&hostile("deep-recursion.wat"), "1.0.0");
    let host = Host::new(None).unwrap();
    let load = |stack_bytes| {
        host.load("deep", &guest, &Value::Null, &[], Limits { stack_bytes, ..Limits::default() })
    };
    let fuel = |stack_bytes| load(stack_bytes).unwrap().check(&pods(1), &Arc::default()).fuel_used;
    // Twice the stack, twice the depth.
    let ratio = fuel(512 << 10) as f64 / fuel(256 << 10) as f64;
    assert!((1.9..2.1).contains(&ratio), "{ratio}");
    let refused = load(8 << 20).err().unwrap().to_string();
    assert!(refused.contains("`stackBytes` of 8 MiB, more than the possible 1 MiB"), "{refused}");
    assert!(refused.contains("lower `plugins[].limits.stackBytes`"), "{refused}");
}

#[test]
#[cfg(target_os = "linux")]
fn without_address_space_for_a_pool_plugins_run_all_the_same() {
    // 20 GB: the pool alone takes 256 GiB.
    let script = "ulimit -v 20000000 && exec \"$0\" --exact \
                  check::more_threads_than_places_in_the_pool_all_get_their_turn";
    let output = std::process::Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
