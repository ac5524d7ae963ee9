//! The library's machines, on every small instance: the verifier agrees with an exhaustive
//! search, and both with the arithmetic of the Kubernetes controllers.

mod case;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use provost_model::{Document, Proof, ProofRecord, Scalar, Source};
use provost_spec::{Applies, Cluster, Constant, Instance, Models, Specification};
use provost_tests::{corpus, documents, root};
use provost_verify::{Exploration, Judgement, Limits, Verifier, explore};

use case::{Amount, Budget, Case, Workload};

fn source(path: &str) -> Arc<Source> {
    Source::new(path, fs::read_to_string(root().join(path)).unwrap())
}

fn specification(path: &str) -> Specification {
    let models = Models::load(&[source("specs/models/kubernetes/rollout.yaml")]).unwrap();
    Specification::load(&source(path), &models).unwrap().pop().unwrap()
}

fn rollout() -> Specification {
    specification("specs/rollouts/rollout-keeps-minimum.yaml")
}

fn drain() -> Specification {
    specification("specs/disruption/drain-can-progress.yaml")
}

/// What an exhaustive search says of one property for every replica count.
#[derive(Debug, PartialEq, Eq)]
enum Truth {
    Holds,
    /// The states of the first of the shortest runs, and the least replica count that has one.
    Broken(Vec<Vec<Constant>>, i128),
}

fn search(instance: &Instance<'_, '_>, case: &Case, property: usize) -> Option<Truth> {
    let mut found: Option<Truth> = None;
    for replicas in case.counts() {
        let chosen = BTreeMap::from([("replicas".to_owned(), replicas)]);
        let concrete = instance.with(chosen);
        if concrete.applies().unwrap() == Applies::No {
            continue;
        }
        let here = match explore(&concrete, property, 50_000).unwrap() {
            Exploration::Holds { states } => {
                assert!(states > 1, "nothing happens");
                Truth::Holds
            }
            Exploration::Broken { run } => {
                let mut states = vec![concrete.start(property).unwrap()];
                for taken in run {
                    let last = states.last().unwrap();
                    let next = concrete.after(property, taken.step, &taken.chosen, last).unwrap();
                    states.push(next.unwrap());
                }
                Truth::Broken(states, replicas)
            }
            other => panic!("{other:?} in {}", case.text()),
        };
        found = Some(match (found, here) {
            (Some(Truth::Broken(run, at)), Truth::Broken(other, _)) if run.len() <= other.len() => {
                Truth::Broken(run, at)
            }
            (Some(broken @ Truth::Broken(..)), Truth::Holds) => broken,
            (_, here) => here,
        });
    }
    found
}

fn judged(record: &ProofRecord, case: &Case) -> Truth {
    match &record.proof {
        Proof::Proved(_) => Truth::Holds,
        Proof::Refuted(counterexample) => {
            let Some(Scalar::Integer(replicas)) = counterexample.parameters.get("replicas") else {
                panic!("{:?} has no replica count", counterexample.parameters)
            };
            let state = |state: &[Scalar]| state.iter().map(constant).collect();
            let states = counterexample.steps.iter().map(|step| state(&step.state)).collect();
            Truth::Broken(states, i128::from(*replicas))
        }
        Proof::Unknown(reason) => panic!("{}: {reason} in {}", record.property, case.text()),
    }
}

fn constant(scalar: &Scalar) -> Constant {
    match scalar {
        Scalar::Integer(value) => Constant::Int(i128::from(*value)),
        Scalar::Bool(value) => Constant::Bool(*value),
        Scalar::Text(label) => panic!("{label} is not of these machines"),
    }
}

/// Solver, exhaustive search and controller arithmetic say the same of every case.
fn agree(
    specification: &Specification,
    property: &str,
    cases: &[Case],
    breaks: impl Fn(&Case, i128) -> Option<bool>,
) {
    let verifier = Verifier::new(Limits::default());
    let solver = Verifier::new(Limits { states: 0, ..Limits::default() });
    let (mut proved, mut refuted, mut inapplicable) = (0, 0, 0);
    for case in cases {
        let documents = documents("case.yaml", &case.text());
        let cluster = Cluster::new(&documents);
        let subject: &Arc<Document> = &documents[0];
        let expected = case.counts().filter_map(|replicas| breaks(case, replicas)).max();
        let judgement = verifier.judge(specification, &cluster, subject);
        let Judgement::Judged(records) = judgement else {
            assert_eq!(expected, None, "does not apply: {}", case.text());
            inapplicable += 1;
            continue;
        };
        let Judgement::Judged(solved) = solver.judge(specification, &cluster, subject) else {
            panic!("the solver alone does not apply it: {}", case.text())
        };
        let instance = Instance::new(specification, &cluster, subject, BTreeMap::new());
        for (index, (record, solved)) in records.iter().zip(&solved).enumerate() {
            let answer = judged(record, case);
            assert_eq!(answer, judged(solved, case), "{} of {}", record.property, case.text());
            let truth = search(&instance, case, index);
            assert_eq!(Some(&answer), truth.as_ref(), "{} of {}", record.property, case.text());
            let broken = matches!(answer, Truth::Broken(..));
            if record.property == property {
                assert_eq!(Some(broken), expected, "{property} of {}", case.text());
                *(if broken { &mut refuted } else { &mut proved }) += 1;
            }
        }
    }
    assert!(proved > 50 && refuted > 50 && inapplicable > 0, "{proved}/{refuted}/{inapplicable}");
}

fn budgets() -> Vec<Option<Budget>> {
    use Amount::{Percent, Pods};
    let least = [Pods(0), Pods(1), Pods(3), Percent(50), Percent(100)];
    let most = [Pods(0), Pods(1), Pods(2), Percent(30), Percent(100)];
    let all = least.map(Budget::MinAvailable).into_iter().chain(most.map(Budget::MaxUnavailable));
    std::iter::once(None).chain(all.map(Some)).collect()
}

fn workloads() -> Vec<Workload> {
    use Amount::{Percent, Pods};
    let mut all = vec![Workload::Recreate];
    let amounts = |amounts: &[Amount]| -> Vec<Option<Amount>> {
        std::iter::once(None).chain(amounts.iter().copied().map(Some)).collect()
    };
    for surge in amounts(&[Pods(0), Pods(1), Pods(2), Percent(10), Percent(50)]) {
        for unavailable in amounts(&[Pods(0), Pods(1), Pods(2), Pods(9), Percent(34), Percent(60)])
        {
            all.push(Workload::Rolling { surge, unavailable });
        }
    }
    for partition in [None, Some(0), Some(1), Some(3), Some(9)] {
        for unavailable in amounts(&[Pods(1), Pods(2), Percent(10), Percent(60)]) {
            all.push(Workload::Stateful { partition, unavailable });
        }
    }
    all
}

fn cases(
    workloads: &[Workload],
    counts: impl Iterator<Item = (i128, Option<(i128, i128)>)> + Clone,
    others: &[i128],
) -> Vec<Case> {
    let mut cases = Vec::new();
    for &workload in workloads {
        for (replicas, range) in counts.clone() {
            for budget in budgets() {
                for &others in others {
                    cases.push(Case { workload, replicas, range, budget, others, second: false });
                }
            }
        }
    }
    cases
}

/// Replica counts of autoscalers: the manifest's own count no longer matters.
fn ranges() -> impl Iterator<Item = (i128, Option<(i128, i128)>)> + Clone {
    let ranges = [(0, 2), (1, 1), (1, 4), (2, 5), (3, 5), (4, 5)];
    ranges.into_iter().map(|range| (7, Some(range)))
}

#[test]
fn rollouts_of_every_small_workload_are_judged_rightly() {
    let every = cases(&workloads(), (0..=5).map(|replicas| (replicas, None)), &[0]);
    agree(&rollout(), "minimum-available", &every, Case::rollout_breaks);
}

#[test]
fn rollouts_at_every_count_of_an_autoscaler_are_judged_rightly() {
    let every = cases(&workloads(), ranges(), &[0]);
    let some: Vec<_> = every.into_iter().step_by(3).collect();
    agree(&rollout(), "minimum-available", &some, Case::rollout_breaks);
}

#[test]
fn rollouts_under_a_shared_budget_are_judged_rightly() {
    let every = cases(&workloads(), (0..=3).map(|replicas| (replicas, None)), &[1, 2]);
    let some: Vec<_> = every.into_iter().step_by(3).collect();
    agree(&rollout(), "minimum-available", &some, Case::rollout_breaks);
}

#[test]
fn drains_of_every_small_workload_are_judged_rightly() {
    let kinds = [Workload::Recreate, Workload::Stateful { partition: None, unavailable: None }];
    let counts = (0..=5).map(|replicas| (replicas, None)).chain(ranges());
    let mut every = cases(&kinds, counts, &[0, 1, 3]);
    let second: Vec<_> = every.iter().map(|case| Case { second: true, ..*case }).collect();
    every.extend(second.into_iter().step_by(5));
    agree(&drain(), "drains", &every, Case::drain_breaks);
}

/// A deployment without a budget, and its machine.
fn with_rolling<T>(
    specification: &Specification,
    replicas: i64,
    strategy: &str,
    ask: impl FnOnce(&Instance<'_, '_>) -> T,
) -> T {
    let text = format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, spec: {{replicas: \
         {replicas}, strategy: {strategy}, template: {{metadata: {{labels: {{app: a}}}}}}}}}}"
    );
    let documents = documents("case.yaml", &text);
    let cluster = Cluster::new(&documents);
    ask(&Instance::new(specification, &cluster, &documents[0], BTreeMap::new()))
}

/// Old pods, those of them that are ready, new pods, and those of them that are ready.
type Pods = [i64; 4];

/// What a step may do at most in a state: the greatest value of its only choice, or nothing.
fn most(instance: &Instance<'_, '_>, step: &str, state: Pods) -> i64 {
    let events = &instance.layout().unwrap().events;
    let index = events.iter().position(|event| event.name == step).unwrap();
    let state = state.map(|value| Constant::Int(i128::from(value)));
    let ranges = instance.choices(0, index, &state).unwrap();
    ranges.map_or(0, |ranges| i64::try_from(ranges[0].1).unwrap())
}

/// Rows of the controllers' own unit tests; see the corpus for their source.
#[test]
fn rollouts_move_as_the_tables_of_kubernetes_say() {
    let Some(folder) = corpus("k8s-oracles") else { return };
    let text = fs::read_to_string(folder.join("deployment_rolling.json")).unwrap();
    let tables: serde_json::Value = serde_json::from_str(&text).unwrap();
    let rows = |table: &str| tables[table].as_array().unwrap().clone();
    let specification = rollout();
    let int = |row: &serde_json::Value, field: &str| row[field].as_i64().unwrap();
    let mut used = 0;

    for row in rows("resolve_fenceposts") {
        // The function is called with what defaulting made of the fields: nothing is zero.
        let field = |name: &str| row[name].as_str().unwrap_or("0%").to_owned();
        let (surge, down) = (field("maxSurge"), field("maxUnavailable"));
        let desired = int(&row, "desired");
        let strategy = format!("{{rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {down}}}}}");
        with_rolling(&specification, desired, &strategy, |instance| {
            let found = |name| instance.parameters().get(name).and_then(|t| t.constant());
            if row["error"] == true {
                assert_eq!(found("down"), None, "{row}");
                return;
            }
            let unavailable = int(&row, "unavailable").min(desired);
            assert_eq!(found("surge"), Some(Constant::Int(int(&row, "surge").into())), "{row}");
            assert_eq!(found("down"), Some(Constant::Int(unavailable.into())), "{row}");
        });
        used += 1;
    }
    for row in rows("new_rs_new_replicas").into_iter().chain(rows("reconcile_new_rs")) {
        let new = row["newRS"].as_i64().unwrap_or_else(|| row["new"].as_i64().unwrap());
        let old = row["oldRS"].as_i64().or(row["old"].as_i64()).unwrap_or(0);
        let expected = row["expected"].as_i64().or(row["expectedNew"].as_i64()).unwrap_or(new);
        let strategy = if row["strategy"] == "Recreate" {
            "{type: Recreate}".to_owned()
        } else {
            format!("{{rollingUpdate: {{maxSurge: {}}}}}", row["maxSurge"])
        };
        let replicas = int(&row, "replicas");
        with_rolling(&specification, replicas, &strategy, |instance| {
            let state = [old, old, new, 0];
            if expected >= new {
                assert_eq!(most(instance, "add", state), expected - new, "{row}");
            } else {
                assert_eq!(most(instance, "trim", state), new - expected, "{row}");
            }
        });
        used += 1;
    }
    for row in rows("reconcile_old_rs") {
        let (surge, down) = (int(&row, "maxSurge"), int(&row, "maxUnavailable"));
        let strategy = format!("{{rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {down}}}}}");
        with_rolling(&specification, int(&row, "replicas"), &strategy, |instance| {
            let (old, ready) = (int(&row, "old"), int(&row, "oldAvailable"));
            let (new, new_ready) = (int(&row, "new"), int(&row, "newAvailable"));
            // In one pass the controller cleans up first, and then scales down.
            let cleaned = most(instance, "clean", [old, ready, new, new_ready]);
            let removed = most(instance, "remove", [old - cleaned, ready, new, new_ready]);
            let expected = old - row["expectedOld"].as_i64().unwrap_or(old);
            assert_eq!(cleaned + removed, expected, "{row}");
        });
        used += 1;
    }
    for row in rows("deployment_complete") {
        with_rolling(&specification, int(&row, "desired"), "{}", |instance| {
            let old = int(&row, "current") - int(&row, "updated");
            let new_ready = int(&row, "available") - old;
            let state = [old, old, int(&row, "updated"), new_ready]
                .map(|value| Constant::Int(i128::from(value)));
            assert_eq!(Some(!instance.is_pending(1, &state).unwrap()), row["complete"].as_bool());
        });
        used += 1;
    }
    let all: usize =
        tables.as_object().unwrap().values().filter_map(|t| Some(t.as_array()?.len())).sum();
    assert_eq!((used, all), (26, 26));
}
