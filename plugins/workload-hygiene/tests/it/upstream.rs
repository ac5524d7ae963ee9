//! Cases that other projects wrote for checks of the same intent. Where this
//! plugin and such a case disagree, `upstream.jsonl` says why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{check, documents};

/// A folder of corpora, where there is one; `HYGIENE_CORPORA` names another.
fn corpora() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpora");
    let folder =
        std::env::var_os("HYGIENE_CORPORA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    folder.join("kyverno-policies/cases.jsonl").is_file().then_some(folder)
}

/// The rules with the intent of an upstream check: denied if any of them denies.
fn rules(check: &str) -> Option<(&'static [&'static str], Value)> {
    let resources = &["hygiene-cpu-request", "hygiene-memory-request", "hygiene-memory-limit"];
    let (rules, settings): (&'static [&'static str], Value) = match check {
        "disallow-latest-tag" | "latest-tag" | "CKV_K8S_14" => (&["hygiene-image-tag"], json!({})),
        "require-pod-requests-limits"
        | "container-must-have-cpu-requests-memory-limits-and-requests" => (resources, json!({})),
        "container-must-have-limits-and-requests" => (
            &[
                "hygiene-cpu-limit",
                "hygiene-cpu-request",
                "hygiene-memory-limit",
                "hygiene-memory-request",
            ],
            json!({}),
        ),
        "cpuRequestsMissing" | "resources-cpu-requests" => (&["hygiene-cpu-request"], json!({})),
        "memoryLimitsMissing" | "unset-memory-requirements" => {
            (&["hygiene-memory-limit"], json!({}))
        }
        "require-cpu-limits" => (&["hygiene-cpu-limit"], json!({})),
        "ensure-probes-different" => (&["hygiene-probes-differ"], json!({})),
        "readinessProbeMissing" | "configured-readiness-probe" => {
            (&["hygiene-readiness-probe"], json!({}))
        }
        "no-liveness-probe" => (&["hygiene-liveness-probe"], json!({})),
        "readiness-port" | "startup-port" => (&["hygiene-probe-port"], json!({})),
        "topologyspreadconstraints-policy" | "no-anti-affinity" => (&["hygiene-spread"], json!({})),
        "deploymentMissingReplicas" => (&["hygiene-replicas"], json!({})),
        "minimum-three-replicas" => (&["hygiene-replicas"], json!({"minimumReplicas": 3})),
        "no-rolling-update-strategy" => (&["hygiene-recreate-strategy"], json!({})),
        "duplicate-env-var" => (&["hygiene-duplicate-env"], json!({})),
        "image-pull-policy-is-not-set-to-always" => (&["hygiene-image-pull-policy"], json!({})),
        "pods-in-default-namespace" | "k8s_default_namespace_use" => {
            (&["hygiene-default-namespace"], json!({}))
        }
        _ => return None,
    };
    Some((rules, settings))
}

/// A case: its name, the rules it is for, its objects, and what upstream says of them.
struct Case {
    suite: &'static str,
    name: String,
    rules: &'static [&'static str],
    settings: Value,
    objects: Vec<Value>,
    expected: Expected,
}

#[derive(Clone, Copy, Debug)]
enum Expected {
    Denied(bool),
    Findings(usize),
}
use Expected::{Denied, Findings};

fn index(folder: &Path, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn read(folder: &Path, file: &str) -> Vec<Value> {
    documents(file, &std::fs::read_to_string(folder.join(file)).unwrap())
}

fn text<'c>(case: &'c Value, field: &str) -> &'c str {
    case[field].as_str().unwrap_or_default()
}

fn kyverno(corpora: &Path, out: &mut Vec<Case>) -> usize {
    let folder = corpora.join("kyverno-policies");
    let cases = index(&folder, "cases.jsonl");
    let all = cases.len();
    for case in &cases {
        let (_, policy) = text(case, "policy_dir").split_once('/').unwrap();
        let Some((rules, settings)) = rules(policy) else { continue };
        // One flavour of a policy has a rule for each half of what it asks.
        let half = text(case, "rule") == "require-image-tag";
        if text(case, "expected") == "skip" || half {
            continue;
        }
        let (file, resource) = (text(case, "resource_file"), text(case, "resource"));
        // It may have its namespace in front.
        let resource = resource.rsplit('/').next().unwrap_or(resource);
        let name = format!("{} {resource} of {file}", text(case, "policy_dir"));
        // Numbers of documents differ where some hold nothing but comments.
        let kind = text(case, "resource_kind");
        let mut objects = read(&folder, file).into_iter();
        let object =
            objects.find(|it| it["kind"] == kind && it["metadata"]["name"] == resource).unwrap();
        let denied = text(case, "expected") == "fail";
        out.push(Case {
            suite: "kyverno-policies",
            name,
            rules,
            settings,
            objects: vec![object],
            expected: Denied(denied),
        });
    }
    all
}

fn gatekeeper(corpora: &Path, out: &mut Vec<Case>) -> usize {
    let folder = corpora.join("gatekeeper-library");
    let cases = index(&folder, "cases.jsonl");
    for case in &cases {
        let constraint = text(case, "constraint").rsplit('/').nth(1).unwrap_or_default();
        let Some((rules, settings)) = rules(constraint) else { continue };
        let file = text(case, "object");
        let object = read(&folder, file).swap_remove(0);
        let denied = text(case, "expected") == "deny";
        let name = file.to_owned();
        out.push(Case {
            suite: "gatekeeper-library",
            name,
            rules,
            settings,
            objects: vec![object],
            expected: Denied(denied),
        });
    }
    cases.len()
}

fn kube_linter(corpora: &Path, out: &mut Vec<Case>) -> usize {
    let folder = corpora.join("security-baselines");
    let cases = index(&folder, "kube-linter-cases.jsonl");
    for case in &cases {
        let Some((rules, settings)) = rules(text(case, "check")) else { continue };
        // Kinds of other platforms are none of ours.
        let messages = case["messages"].as_array().unwrap().iter();
        let ours = messages.filter(|it| !it.as_str().unwrap().starts_with("DeploymentConfig"));
        let (name, expected) = (text(case, "file").to_owned(), Findings(ours.count()));
        let objects = read(&folder, &name);
        out.push(Case { suite: "kube-linter", name, rules, settings, objects, expected });
    }
    cases.len()
}

fn polaris(corpora: &Path, out: &mut Vec<Case>) -> usize {
    let folder = corpora.join("security-baselines");
    let cases = index(&folder, "polaris-cases.jsonl");
    for case in &cases {
        let Some((rules, settings)) = rules(text(case, "check")) else { continue };
        let denied = match text(case, "expected") {
            "fail" => true,
            "pass" => false,
            _ => continue,
        };
        let file = text(case, "file");
        for object in read(&folder, file) {
            let (name, settings) = (file.to_owned(), settings.clone());
            out.push(Case {
                suite: "polaris",
                name,
                rules,
                settings,
                objects: vec![object],
                expected: Denied(denied),
            });
        }
    }
    cases.len()
}

fn kubescape(corpora: &Path, out: &mut Vec<Case>) -> usize {
    let folder = corpora.join("security-baselines");
    let cases = index(&folder, "kubescape-cases.jsonl");
    for case in &cases {
        let Some((rules, settings)) = rules(text(case, "rule")) else { continue };
        let failing = case["failing"].as_array().unwrap();
        for file in case["inputs"].as_array().unwrap() {
            let file = file.as_str().unwrap();
            for object in read(&folder, file) {
                let denied = failing.iter().any(|it| {
                    it["kind"] == object["kind"] && it["name"] == object["metadata"]["name"]
                });
                let (name, settings) = (file.to_owned(), settings.clone());
                out.push(Case {
                    suite: "kubescape",
                    name,
                    rules,
                    settings,
                    objects: vec![object],
                    expected: Denied(denied),
                });
            }
        }
    }
    cases.len()
}

/// Cases that name their object as `<kind>.<namespace>.<name>`.
fn by_resource(
    corpora: &Path,
    suite: &'static str,
    [folder, index_file]: [&str; 2],
    out: &mut Vec<Case>,
) -> usize {
    let folder = corpora.join(folder);
    let cases = index(&folder, index_file);
    for case in &cases {
        let rule = case.get("rule").or(case.get("check")).unwrap().as_str().unwrap();
        let rule = rule.trim_start_matches("rules.");
        let Some((rules, settings)) = rules(rule) else { continue };
        let resource: Vec<_> = text(case, "resource").split('.').collect();
        let file = text(case, "file");
        let object = read(&folder, file)
            .into_iter()
            .find(|it| it["kind"] == resource[0] && it["metadata"]["name"] == resource[2])
            .unwrap();
        let denied = text(case, "expected") == "fail";
        let name = format!("{file} {}", text(case, "resource"));
        out.push(Case {
            suite,
            name,
            rules,
            settings,
            objects: vec![object],
            expected: Denied(denied),
        });
    }
    cases.len()
}

/// Every reason to disagree, by `<suite> <name>`.
fn reasons() -> BTreeMap<String, String> {
    let entries = include_str!("upstream.jsonl").lines();
    entries
        .map(|line| {
            let entry: Value = serde_json::from_str(line).unwrap();
            assert!(!text(&entry, "reason").is_empty(), "{line}");
            (text(&entry, "case").to_owned(), text(&entry, "reason").to_owned())
        })
        .collect()
}

#[test]
fn upstream_cases_are_judged_as_upstream_judges_them() {
    let Some(corpora) = corpora() else {
        eprintln!("SKIPPED: no upstream cases beside this repository");
        return;
    };
    let mut cases = Vec::new();
    let all = [
        ("checkov", by_resource(&corpora, "checkov", ["checkov", "cases.jsonl"], &mut cases)),
        ("gatekeeper-library", gatekeeper(&corpora, &mut cases)),
        ("kube-linter", kube_linter(&corpora, &mut cases)),
        ("kubescape", kubescape(&corpora, &mut cases)),
        ("kyverno-policies", kyverno(&corpora, &mut cases)),
        ("polaris", polaris(&corpora, &mut cases)),
        (
            "regula",
            by_resource(
                &corpora,
                "regula",
                ["security-baselines", "regula-k8s-cases.jsonl"],
                &mut cases,
            ),
        ),
    ];
    let mut reasons = reasons();
    let reviewed = reasons.clone();
    let mut wrong = Vec::new();
    let mut counts = BTreeMap::<_, [usize; 2]>::new();
    for case in &cases {
        let of_intent = |rule: &String| case.rules.contains(&&**rule);
        let (mut found, mut unknown) = (0, 0);
        for object in &case.objects {
            let report = check(object, &case.settings);
            found += report.findings.iter().filter(|it| of_intent(&it.rule)).count();
            unknown += report.inconclusive.iter().filter(|it| of_intent(&it.rule)).count();
        }
        let agrees = unknown == 0
            && match case.expected {
                Denied(denied) => denied == (found > 0),
                Findings(number) => number == found,
            };
        counts.entry(case.suite).or_default()[usize::from(!agrees)] += 1;
        let name = format!("{} {}", case.suite, case.name);
        if !agrees && !reviewed.contains_key(&name) {
            wrong.push(format!(
                "{name}: {found} found, {unknown} unknown; upstream: {:?}",
                case.expected
            ));
        }
        if !agrees {
            reasons.remove(&name);
        }
    }
    assert!(wrong.is_empty(), "{} without a reason:\n{}", wrong.len(), wrong.join("\n"));
    assert!(reasons.is_empty(), "these agree by now: {reasons:?}");
    for (suite, entries) in all {
        let [agree, disagree] = counts.get(suite).copied().unwrap_or_default();
        println!("{suite}: {agree} agree, {disagree} disagree, of {entries} cases for anything");
    }
    assert!(cases.len() > 100, "only {} cases", cases.len());
}
