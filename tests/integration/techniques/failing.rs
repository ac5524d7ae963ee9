//! For which values a property fails: each is tried here again, one by one.

use std::collections::BTreeMap;

use provost_model::Proof;
use provost_spec::{Applies, Cluster, Instance, Specification};
use provost_tests::documents;
use provost_verify::{Exploration, Judgement, Limits, Verifier, explore};

use super::{ask, library, load, solver};

fn region(proof: &Proof) -> Option<&str> {
    match proof {
        Proof::Refuted(found) => found.fails_when.as_deref(),
        other => panic!("{other:?}"),
    }
}

fn over(given: &str, expr: &str, holds_when: &str) -> Specification {
    load(&format!(
        "  let: {{ x: map.data.x }}\n  given:\n    {given}\n  preconditions: ['n != 5']\n  machine:\n    \
         state: {{ a: int }}\n    start: {{ a: 0 }}\n    steps:\n      \
         tick: {{ title: tick, when: a < n, then: {{ a: a + 1 }} }}\n  \
         invariants:\n    - {{ name: i, expr: '{expr}'{holds_when} }}\n"
    ))
}

#[test]
fn the_values_that_fail_are_listed() {
    let said = |given: &str, expr: &str, holds_when: &str| {
        let proof = ask(&Verifier::new(Limits::default()), &over(given, expr, holds_when), "x: 1");
        region(&proof).map(str::to_owned)
    };
    let small = "n: { from: 1, to: 12 }";
    assert_eq!(said(small, "a < 7", "").as_deref(), Some("n is from 7 to 12"));
    assert_eq!(
        said(small, "a != n || (n != 4 && n < 8 && n != 1)", "").as_deref(),
        Some("n is 1, 4 or from 8 to 12")
    );
    assert_eq!(said(small, "a != n || n > 2", "").as_deref(), Some("n is 1 or 2"));
    assert_eq!(
        said("n: { from: 6, to: 12 }", "a < 6", "").as_deref(),
        Some("n is any from 6 to 12")
    );
    // To 5 it does not apply, so that not every value fails.
    assert_eq!(said("n: { from: 4, to: 6 }", "a < 4", "").as_deref(), Some("n is 4 or 6"));
    // The condition is the exact one, or else it is not named.
    let exact = said(small, "a < 7", ", holdsWhen: 'n <= 6 && n >= 0'");
    assert_eq!(exact.as_deref(), Some("n is from 7 to 12, that is not (n <= 6)"));
    assert_eq!(said(small, "a < 7", ", holdsWhen: n <= 5").as_deref(), Some("n is from 7 to 12"));
    assert_eq!(said(small, "a < 7", ", holdsWhen: n <= 11").as_deref(), Some("n is from 7 to 12"));
}

#[test]
fn where_there_are_too_many_values_only_the_condition_can_say_it() {
    let said = |given: &str, expr: &str, holds_when: &str| {
        let proof = ask(&solver(), &over(given, expr, holds_when), "x: 1");
        region(&proof).map(str::to_owned)
    };
    let many = "n: { from: 1 }\n    k: { from: 0, to: 900 }";
    // Already the start breaks it, whatever the values.
    let both = "holdsWhen: 'k <= n && n > 0'";
    assert_eq!(
        said(many, "a >= 0 && k <= n", &format!(", {both}")).as_deref(),
        Some("not (k <= n)")
    );
    // The condition is not exact: for n = k + 1 it holds.
    assert_eq!(said(many, "a >= 0 && k <= n + 1", &format!(", {both}")), None);
    // As many steps as the values say: no one run breaks it for all.
    assert_eq!(
        said("n: { from: 1 }", "a < 3", ", holdsWhen: n <= 2").as_deref(),
        Some("not (n <= 2)")
    );
    assert_eq!(said("n: { from: 1 }", "a < 3", ""), None);
}

#[test]
fn texts_are_named() {
    let specification = load(
        "  let: { x: map.data.x }\n  given: { mode: { oneOf: '[\"slow\", \"fast\", \"off\"]' } }\n  \
         machine:\n    state: { a: int }\n    start: { a: 0 }\n    steps:\n      \
         tick: { title: tick, when: 'mode != \"off\" && a < 3', \
         then: { a: 'mode == \"fast\" ? a + 2 : a + 1' } }\n  \
         invariants:\n    - { name: i, expr: a != 3 }\n",
    );
    let proof = ask(&Verifier::new(Limits::default()), &specification, "x: 1");
    assert_eq!(region(&proof), Some("mode is `slow`"));
}

/// The library's regions are those of an exhaustive search.
#[test]
fn the_library_fails_exactly_where_it_says() {
    let rollout = library::specification("rollout-keeps-minimum");
    let mut said = 0;
    for unavailable in ["0", "1", "2", "'30%'", "'50%'"] {
        for kept in ["1", "4", "'60%'", "'90%'"] {
            let text = format!(
                "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{replicas: 3, \
                 strategy: {{rollingUpdate: {{maxUnavailable: {unavailable}, maxSurge: 1}}}}, \
                 selector: {{matchLabels: {{app: web}}}}, \
                 template: {{metadata: {{labels: {{app: web}}}}}}}}}}\n---\n\
                 {{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: web}}, \
                 spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, \
                 minReplicas: 2, maxReplicas: 9}}}}\n---\n\
                 {{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{name: web}}, \
                 spec: {{minAvailable: {kept}, selector: {{matchLabels: {{app: web}}}}}}}}\n"
            );
            let documents = documents("web.yaml", &text);
            let cluster = Cluster::new(&documents);
            let verifier = Verifier::new(Limits::default());
            let Judgement::Judged(records) = verifier.judge(&rollout, &cluster, &documents[0])
            else {
                panic!("{text}")
            };
            let instance = Instance::new(&rollout, &cluster, &documents[0], BTreeMap::new());
            for (property, record) in records.iter().enumerate() {
                let Proof::Refuted(found) = &record.proof else { continue };
                let mut failing = Vec::new();
                for replicas in 2..=9 {
                    let concrete =
                        instance.with(BTreeMap::from([("replicas".to_owned(), replicas)]));
                    assert_ne!(concrete.applies().unwrap(), Applies::No);
                    if !matches!(
                        explore(&concrete, property, 50_000).unwrap(),
                        Exploration::Holds { .. }
                    ) {
                        failing.push(replicas);
                    }
                }
                let region = found.fails_when.as_ref().expect("it is known");
                let values = region.split(", that is ").next().unwrap();
                assert_eq!(values, listed(&failing), "{text}");
                said += 1;
            }
        }
    }
    assert!(said >= 8, "{said}");
}

fn listed(values: &[i128]) -> String {
    if values.len() == 8 {
        return "replicas is any from 2 to 9".to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    let mut rest = values;
    while let Some(first) = rest.first() {
        let run = rest.iter().zip(*first..).take_while(|(value, next)| *value == next).count();
        if run > 2 {
            parts.push(format!("from {first} to {}", rest[run - 1]));
            rest = &rest[run..];
        } else {
            parts.push(first.to_string());
            rest = &rest[1..];
        }
    }
    let last = parts.pop().unwrap();
    let before = if parts.is_empty() { String::new() } else { format!("{} or ", parts.join(", ")) };
    format!("replicas is {before}{last}")
}
