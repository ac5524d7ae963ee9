//! The suites of other projects, each read as cases of one form.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use provost_model::Document;
use provost_tests::documents;
use serde_json::Value;

/// A case: the check that it is for, a name that tells it from others of that check, what
/// is judged, and what its project says of it.
pub(super) struct Case {
    pub check: String,
    pub name: String,
    pub objects: Vec<Arc<Document>>,
    pub expected: Expected,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    Denied(bool),
    /// So many findings.
    Findings(usize),
    /// Some rules of the policy let it pass, and nothing is said of the others: a denial may be
    /// theirs.
    PassedInPart,
    /// The project says nothing of it.
    Skipped,
}
use Expected::{Denied, Findings, PassedInPart, Skipped};

/// A suite by name, the folder of the corpora that it is in, and how it is read. A case whose
/// check is not wanted need not be read beyond its name.
pub(super) type Read = fn(&Path, &dyn Fn(&str) -> bool) -> Vec<Case>;
pub(super) const SUITES: [(&str, &str, Read); 7] = [
    ("checkov", "checkov", |folder, wanted| by_resource(folder, "cases.jsonl", wanted)),
    ("gatekeeper-library", "gatekeeper-library", gatekeeper),
    ("kube-linter", "security-baselines", kube_linter),
    ("kubescape", "security-baselines", kubescape),
    ("kyverno-policies", "kyverno-policies", kyverno),
    ("polaris", "security-baselines", polaris),
    ("regula", "security-baselines", |folder, wanted| {
        by_resource(folder, "regula-k8s-cases.jsonl", wanted)
    }),
];

fn index(folder: &Path, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text<'c>(case: &'c Value, field: &str) -> &'c str {
    case[field].as_str().unwrap_or_default()
}

/// The objects of a file; of an admission review, the object that it is about.
fn read(folder: &Path, file: &str) -> Vec<Arc<Document>> {
    let read = documents(file, &std::fs::read_to_string(folder.join(file)).unwrap());
    let reviewed = |document: Arc<Document>| match document.root.at("/request/object") {
        Some(object) => documents(file, &object.to_json().to_string()),
        None => vec![document],
    };
    read.into_iter().flat_map(reviewed).collect()
}

fn is(document: &Document, kind: &str, name: &str) -> bool {
    document.object.kind == kind && document.object.name == name
}

/// A case is one object and one rule; a policy may have several rules, and its verdict is theirs
/// together.
fn kyverno(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<Case> {
    let cases = index(folder, "cases.jsonl");
    let subject = |case: &Value| {
        ["policy_dir", "resource_file", "resource_kind", "resource"]
            .map(|field| text(case, field).to_owned())
    };
    let mut rules = BTreeMap::<_, BTreeSet<_>>::new();
    let mut verdicts = BTreeMap::<_, BTreeMap<_, _>>::new();
    for case in &cases {
        // Where policies have no rules, a folder holds one policy for each.
        let rule = (text(case, "policy"), text(case, "rule"));
        let verdict = text(case, "expected");
        rules.entry(text(case, "policy_dir")).or_default().insert(rule);
        verdicts.entry(subject(case)).or_default().insert(rule, verdict);
    }
    let expected = |case: &Value| {
        let said = &verdicts[&subject(case)];
        let is = |verdict| said.values().any(|it| *it == verdict);
        match (is("fail"), said.len() == rules[text(case, "policy_dir")].len()) {
            _ if text(case, "expected") == "skip" => Skipped,
            (true, _) => Denied(true),
            (false, true) => Denied(false),
            (false, false) => PassedInPart,
        }
    };
    let read = |case: &Value| {
        let [policy, file, kind, resource] = subject(case);
        let check = policy.split_once('/').unwrap().1.to_owned();
        // It may have its namespace in front.
        let name = resource.rsplit('/').next().unwrap().to_owned();
        let mut objects = Vec::new();
        if wanted(&check) {
            objects = read(folder, &file);
            // Numbers of documents differ where some hold nothing but comments.
            objects.retain(|object| is(object, &kind, &name));
            objects.truncate(1);
        }
        let name = format!("{policy} {name} of {file}");
        Case { check, name, objects, expected: expected(case) }
    };
    cases.iter().map(read).collect()
}

fn gatekeeper(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<Case> {
    let read = |case: &Value| {
        let check = text(case, "constraint").rsplit('/').nth(1).unwrap_or_default().to_owned();
        let file = text(case, "object");
        let objects = if wanted(&check) { read(folder, file) } else { Vec::new() };
        let expected = Denied(text(case, "expected") == "deny");
        let name = format!("{} {file}", text(case, "constraint"));
        Case { check, name, objects, expected }
    };
    index(folder, "cases.jsonl").iter().map(read).collect()
}

fn kube_linter(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<Case> {
    let read = |case: &Value| {
        let check = text(case, "check").to_owned();
        // Kinds of other platforms are none of ours.
        let messages = case["messages"].as_array().unwrap().iter();
        let ours = messages.filter(|it| !it.as_str().unwrap().starts_with("DeploymentConfig"));
        let (file, expected) = (text(case, "file"), Findings(ours.count()));
        let objects = if wanted(&check) { read(folder, file) } else { Vec::new() };
        Case { check, name: file.to_owned(), objects, expected }
    };
    index(folder, "kube-linter-cases.jsonl").iter().map(read).collect()
}

fn polaris(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<Case> {
    let read = |case: &Value| {
        let (check, file) = (text(case, "check").to_owned(), text(case, "file"));
        let objects = if wanted(&check) { read(folder, file) } else { Vec::new() };
        let expected = match text(case, "expected") {
            "fail" => Denied(true),
            "pass" => Denied(false),
            _ => Skipped,
        };
        Case { check, name: file.to_owned(), objects, expected }
    };
    index(folder, "polaris-cases.jsonl").iter().map(read).collect()
}

fn kubescape(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<Case> {
    let read = |case: &Value| {
        let check = text(case, "rule").to_owned();
        let mut objects = Vec::new();
        for file in case["inputs"].as_array().unwrap().iter().filter(|_| wanted(&check)) {
            objects.extend(read(folder, file.as_str().unwrap()));
        }
        let name = format!("{check} {}", text(case, "test"));
        Case { check, name, objects, expected: Denied(text(case, "expected") == "fail") }
    };
    index(folder, "kubescape-cases.jsonl").iter().map(read).collect()
}

/// Cases that name their object as `<kind>.<namespace>.<name>`.
fn by_resource(folder: &Path, file: &str, wanted: &dyn Fn(&str) -> bool) -> Vec<Case> {
    let read = |case: &Value| {
        let check = text(case, if case["rule"].is_null() { "check" } else { "rule" });
        let check = check.trim_start_matches("rules.").to_owned();
        let (file, resource) = (text(case, "file"), text(case, "resource"));
        let mut objects = Vec::new();
        if wanted(&check) {
            let parts: Vec<_> = resource.splitn(3, '.').collect();
            objects = read(folder, file);
            objects.retain(|object| is(object, parts[0], parts[2]));
            objects.truncate(1);
        }
        let expected = Denied(text(case, "expected") == "fail");
        Case { check, name: format!("{file} {resource}"), objects, expected }
    };
    index(folder, file).iter().map(read).collect()
}
