//! Cases of the Cedar project: what a request showed to be possible is never called impossible.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use provost_analysis::{Means, analyze};
use provost_model::{Decided, Source};
use provost_policy::TypedPolicies;
use provost_tests::corpus;
use provost_verify::Budget;
use serde_json::Value;

/// What the requests of one test showed.
#[derive(Default)]
struct Shown {
    allowed: BTreeSet<String>,
    matched: BTreeSet<String>,
    failed: BTreeSet<String>,
}

#[test]
fn nothing_that_a_case_shows_is_called_impossible() {
    let Some(folder) = corpus("cedar") else { return };
    let index = fs::read_to_string(folder.join("cases.jsonl")).unwrap();
    let mut tests: BTreeMap<String, (Value, Shown)> = BTreeMap::new();
    for line in index.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let test = case["test"].as_str().unwrap().to_owned();
        let request = request(&folder, &case);
        let (_, shown) = tests.entry(test).or_insert_with(|| (case.clone(), Shown::default()));
        if case["expected"] == "allow" {
            shown.allowed.insert(request);
        }
        let texts = |field: &str| -> Vec<String> {
            let values = case[field].as_array().into_iter().flatten();
            values.map(|value| value.as_str().unwrap().to_owned()).collect()
        };
        shown.matched.extend(texts("reason"));
        shown.failed.extend(texts("errors"));
    }
    let mut sums = [0; 4];
    for (test, (case, shown)) in &tests {
        let Some(policies) = load(&folder, case) else { continue };
        // Policies of random text may be as hard as they like: what is not known in this
        // budget contradicts nothing.
        let budget = Budget { resources: 100_000, ..Budget::default() };
        let analysis = analyze(&policies, &Means { budget, second: None }, &|_| {});
        let found = |rule: &str| -> BTreeSet<String> {
            let found = analysis.findings.iter().filter(|finding| finding.check.id == rule);
            found.map(|finding| finding.policy.id.clone()).collect()
        };
        let idle = found("policy-never-matches");
        assert!(idle.is_disjoint(&shown.matched), "{test}: {idle:?}");
        let open: BTreeSet<_> = analysis
            .unknowns
            .iter()
            .filter_map(|unknown| unknown.question.split('`').nth(1))
            .collect();
        for failed in shown.failed.difference(&found("policy-can-fail")) {
            assert!(open.contains(failed.as_str()), "{test}: `{failed}` fails");
        }
        for (kind, decided) in &analysis.kinds {
            if matches!(decided, Decided::AlwaysDenied { .. }) {
                assert!(!shown.allowed.contains(&kind.to_string()), "{test}: {kind}");
            }
        }
        sums[0] += 1;
        sums[1] += policies.policies.len();
        sums[2] += analysis.kinds.len();
        sums[3] += analysis.unknowns.len();
    }
    let [tests, policies, kinds, open] = sums;
    println!(
        "{tests} tests, {policies} policies, {kinds} kinds of requests, {open} open questions"
    );
    assert!(tests > 100, "{tests}");
}

/// The kind of the request of a case.
fn request(folder: &std::path::Path, case: &Value) -> String {
    let text = fs::read_to_string(folder.join(case["test"].as_str().unwrap())).unwrap();
    let test: Value = serde_json::from_str(&text).unwrap();
    let place = usize::try_from(case["request_index"].as_u64().unwrap()).unwrap();
    let request = &test["requests"][place];
    let kind = |name: &str| request[name]["type"].as_str().unwrap_or_default().to_owned();
    let action = &request["action"];
    let id = action["id"].as_str().unwrap_or_default();
    let action = format!("{}::\"{}\"", kind("action"), id.escape_debug());
    format!("{} {action} {}", kind("principal"), kind("resource"))
}

/// Policies that validate, under a schema that is one.
fn load(folder: &std::path::Path, case: &Value) -> Option<TypedPolicies> {
    let base =
        if case["set"] == "handwritten" { folder.join("handwritten") } else { folder.to_owned() };
    let read = |field: &str| {
        let name = case[field].as_str()?;
        Some(Source::new(name, fs::read_to_string(base.join(name)).ok()?))
    };
    let (schema, policies) = (read("schema")?, read("policies")?);
    TypedPolicies::load(&schema, &[policies]).ok()
}
