#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn change(name: &str, text: &str) -> Change {
    objects(&Source::new(name, text), &Limits::default())
}

/// Objects, problems and skipped documents, one a line.
fn told(change: &Change) -> String {
    let mut out = String::new();
    for document in &change.documents {
        let Document { object, source, index, .. } = &**document;
        let line = source.position(document.span().start).line;
        writeln!(out, "{index} line {line}: {} {object}", object.api_version).unwrap();
    }
    for problem in &change.problems {
        writeln!(out, "{problem}").unwrap();
    }
    for Skipped { subject, reason } in &change.skipped {
        writeln!(out, "{subject}: {reason}").unwrap();
    }
    out
}

/// A text, and what it comes to.
const CASES: &[(&str, &str)] = &[
    ("", ""),
    ("# nothing\n---\n---\n", ""),
    ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: b\n", "0 line 1: v1 Pod/b/a\n"),
    (
        "---\n# a comment\n---\napiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n---\nkind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n",
        "1 line 4: v1 Pod/a-*\n2 line 8: kustomize.config.k8s.io/v1beta1 Kustomization/(unnamed)\n",
    ),
    ("apiVersion: v1\nkind: Pod\nmetadata: {name: 12, namespace: ''}\n", "0 line 1: v1 Pod/12\n"),
    (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Service, metadata: {name: b}}\n",
        "0 line 4: v1 Pod/a\n0 line 10: v1 Service/b\n",
    ),
    (
        "apiVersion: v1\nkind: List\nitems:\n- metadata: {name: a}\n- apiVersion: v1\n  metadata: {name: b}\n- 3\n- {apiVersion: v1, kind: Pod}\n",
        "0 line 8: v1 Pod/(unnamed)\n\
         x.yaml:4:3: item 1 of `List` has no `apiVersion` and `kind` [list-item]; give every item both, as text\n\
         x.yaml:5:3: item 2 of `List` has no `apiVersion` and `kind` [list-item]; give every item both, as text\n\
         x.yaml:7:3: item 3 of `List` has no `apiVersion` and `kind` [list-item]; give every item both, as text\n",
    ),
    (
        "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: a}\n- apiVersion: v1\n  kind: Pod\n",
        "0 line 4: apps/v1 Deployment/a\n0 line 5: v1 Pod/(unnamed)\n",
    ),
    ("apiVersion: v1\nkind: List\nitems: []\n", "x.yaml: an empty list\n"),
    ("apiVersion: v1\nkind: List\n", "x.yaml: an empty list\n"),
    (
        "apiVersion: example.org/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {}\n",
        "0 line 1: example.org/v1 AllowList/a\n",
    ),
    (
        // `kubectl` would apply the Pod.
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: hidden}}\n- key: value\n",
        "0 line 1: v1 ConfigMap/a\n0 line 5: v1 Pod/hidden\n",
    ),
    (
        "apiVersion: provost.dev/v1\nkind: Specification\n---\napiVersion: provost.dev/v1\nkind: SpecificationList\nitems:\n- {apiVersion: v1, kind: Pod}\n",
        "1 line 7: v1 Pod/(unnamed)\nx.yaml, document 1: Provost configuration\n",
    ),
    (
        "replicaCount: 1\nimage: {}\n---\n- a\n---\ntext\n",
        "x.yaml, document 1: no Kubernetes object, workflow or Terraform plan\nx.yaml, document 2: no Kubernetes object, workflow or Terraform plan\nx.yaml, document 3: no Kubernetes object, workflow or Terraform plan\n",
    ),
    ("apiVersion: v2\nname: chart\n", "x.yaml: no Kubernetes object, workflow or Terraform plan\n"),
    ("apiVersion: 1\nkind: Pod\n", "x.yaml: no Kubernetes object, workflow or Terraform plan\n"),
    (
        "apiVersion: v1\nmetadata: {name: a}\n",
        "x.yaml:1:1: `kind` is missing, but there are `apiVersion` and `metadata` [not-an-object-kind]; set `kind`, as text\n",
    ),
    (
        "apiVersion: 1\nkind: Pod\nmetadata: {name: a}\n",
        "x.yaml:1:13: `apiVersion` is not text, but there are `kind` and `metadata` [not-an-object-kind]; set `apiVersion`, as text\n",
    ),
    ("metadata: {name: a}\n", "x.yaml: no Kubernetes object, workflow or Terraform plan\n"),
    ("on: push\njobs: {a: {}}\n", "0 line 1: actions.github.com/v1 Workflow/x\n"),
    ("\"on\": [push]\njobs: {}\n", "0 line 1: actions.github.com/v1 Workflow/x\n"),
    (
        // Others are judged beside it.
        "name: n\non: {workflow_call: {}}\njobs:\n  a: {}\n---\napiVersion: v1\nkind: Pod\n---\njobs: {}\n",
        "0 line 1: actions.github.com/v1 Workflow/x\n1 line 6: v1 Pod/(unnamed)\nx.yaml, document 3: no Kubernetes object, workflow or Terraform plan\n",
    ),
    ("on: push\njobs: []\n", "x.yaml: no Kubernetes object, workflow or Terraform plan\n"),
    ("{\"on\": \"push\", \"jobs\": {}}", "0 line 1: actions.github.com/v1 Workflow/x\n"),
    ("apiVersion: v1\nkind: Pod\non: push\njobs: {}\n", "0 line 1: v1 Pod/(unnamed)\n"),
    (
        "kind: Pod\non: push\njobs: {}\n",
        "x.yaml: no Kubernetes object, workflow or Terraform plan\n",
    ),
    ("name: a\nruns: {using: composite, steps: []}\n", "x.yaml: a GitHub Actions action\n"),
    ("version: 2\nupdates: []\n", "x.yaml: a Dependabot configuration\n"),
    (
        "apiVersion: provost.dev/v1\nkind: Gate\n---\napiVersion: provost.dev/v1\nkind: Model\n---\napiVersion: provost.dev/v1\nkind: Approvals\n---\napiVersion: provost.dev/v1\nkind: Assessment\n",
        "x.yaml, document 1: Provost configuration\nx.yaml, document 2: Provost configuration\nx.yaml, document 3: Provost configuration\nx.yaml, document 4: a report of Provost\n",
    ),
    (
        // In a list and beside `items` as well.
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: provost.dev/v1\n  kind: Specification\n  items:\n  - {apiVersion: v1, kind: Pod}\n- {apiVersion: provost.dev/v1, kind: Component, metadata: {name: a}, spec: {phase: Testing, sources: []}}\n",
        "0 line 7: v1 Pod/(unnamed)\n0 line 8: provost.dev/v1 Component/a\nx.yaml: Provost configuration\n",
    ),
    (
        "apiVersion: provost.dev/v1\nkind: ComponentList\nitems:\n- metadata: {name: a}\n  spec: {phase: Testing, sources: [a]}\n- metadata: {name: b}\n",
        "0 line 4: provost.dev/v1 Component/a\n\
         x.yaml:6:3: `spec` is missing [missing-key]\n",
    ),
    (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\na: [\n",
        "0 line 1: v1 Pod/a\nx.yaml:5:4: `[` is not closed [yaml-syntax]; close the bracket\n",
    ),
    (
        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}\n{\"apiVersion\": \"v1\", \"kind\": \"Service\"}",
        "0 line 1: v1 Pod/(unnamed)\n1 line 2: v1 Service/(unnamed)\n",
    ),
];

#[test]
fn every_text_comes_to_what_stands_beside_it() {
    for (text, expected) in CASES {
        assert_eq!(told(&change("x.yaml", text)), *expected, "{text}");
    }
}

#[test]
fn the_gate_file_is_configuration_and_hides_nothing() {
    let text = "policies: []\n---\napiVersion: v1\nkind: Pod\n";
    assert_eq!(
        told(&change("deploy/provost.yaml", text)),
        "1 line 3: v1 Pod/(unnamed)\ndeploy/provost.yaml, document 1: Provost configuration\n"
    );
}

/// Name of a file, its text, and what it comes to.
const FILES: &[(&str, &str, &str)] = &[
    (
        ".github/workflows/release.yml",
        "name: Release it\non: push\njobs: {}\n",
        "0 line 1: actions.github.com/v1 Workflow/release\n",
    ),
    (
        // A workflow that runs Provost hides behind no name.
        ".github/workflows/provost.yaml",
        "on: push\njobs: {}\n",
        "0 line 1: actions.github.com/v1 Workflow/provost\n",
    ),
    (
        r"a\.github\workflows\b.c.yml",
        "on: push\njobs: {}\n",
        "0 line 1: actions.github.com/v1 Workflow/b.c\n",
    ),
    (
        "<stdin>",
        "name: Release it\non: push\njobs: {}\n",
        "0 line 1: actions.github.com/v1 Workflow/Release it\n",
    ),
    (
        "<stdin>",
        "name:\non: push\njobs: {}\n",
        "0 line 1: actions.github.com/v1 Workflow/workflow\n",
    ),
    (
        "a/.github/workflows/b.yml",
        "name: b\n",
        "a/.github/workflows/b.yml:1:1: `on` and `jobs` are missing, so this is no workflow [not-a-workflow]; give it `on` and a mapping `jobs`, or move it out of `.github/workflows`\n",
    ),
    (
        ".github/workflows/b.yml",
        "true: push\njobs: {}\n",
        ".github/workflows/b.yml:1:1: `on` is missing, so this is no workflow [not-a-workflow]; write `on` in place of `true`, which YAML 1.1 makes of it\n",
    ),
    (
        ".github/workflows/provost.yml",
        "on: push\njobs:\n",
        ".github/workflows/provost.yml:2:6: `jobs` of a workflow must be a mapping, not empty [not-a-workflow]; give it `on` and a mapping `jobs`, or move it out of `.github/workflows`\n",
    ),
    (
        ".github/workflows/b.yml",
        "- on\n",
        ".github/workflows/b.yml:1:1: a workflow must be a mapping, not a list [not-a-workflow]; give it `on` and a mapping `jobs`, or move it out of `.github/workflows`\n",
    ),
    (
        ".github/workflows/b.yml",
        "runs: {using: node24}\n",
        ".github/workflows/b.yml:1:1: this is a GitHub Actions action, not a workflow [not-a-workflow]; give it `on` and a mapping `jobs`, or move it out of `.github/workflows`\n",
    ),
    // GitHub reads no subfolders.
    (
        ".github/workflows/a/b.yml",
        "a: 1\n",
        ".github/workflows/a/b.yml: no Kubernetes object, workflow or Terraform plan\n",
    ),
    (
        ".github/dependabot.yml",
        "version: 2\nupdates: []\n",
        ".github/dependabot.yml: a Dependabot configuration\n",
    ),
    ("provost.yaml", "apiVersion: provost.dev/v1\n", "provost.yaml: Provost configuration\n"),
];

#[test]
fn the_name_of_a_file_counts_for_workflows() {
    for (name, text, expected) in FILES {
        assert_eq!(told(&change(name, text)), *expected, "{name}: {text}");
    }
}

#[test]
fn the_tree_of_a_workflow_is_that_of_its_file() {
    let text = "on:\n  push:\njobs:\n  build:\n    runs-on: ubuntu-latest\n";
    let change = change(".github/workflows/a.yml", text);
    let document = &change.documents[0];
    let expected = json!({"on": {"push": null}, "jobs": {"build": {"runs-on": "ubuntu-latest"}}});
    assert_eq!(document.root.to_json(), expected);
    let location = document.locate("/jobs/build/runs-on");
    assert_eq!((location.position().line, location.position().column), (5, 14));
}

#[test]
fn an_item_of_a_typed_list_gets_what_the_list_says() {
    let text = "kind: PodList\napiVersion: v1\nitems:\n- metadata: {name: a}\n";
    let change = change("x.yaml", text);
    let document = &change.documents[0];
    let expected = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}});
    assert_eq!(document.root.to_json(), expected);
    assert_eq!(document.locate("/kind").position().line, 1);
    assert_eq!(document.locate("/metadata/name").position().line, 4);
}

#[test]
fn more_objects_than_allowed_are_a_problem() {
    let item = "- {apiVersion: v1, kind: Pod}\n".repeat(5);
    let text = format!("apiVersion: v1\nkind: List\nitems:\n{item}");
    let limits = Limits { documents: 4, ..Limits::default() };
    let change = crate::read_source(&Source::new("x.yaml", text), &limits);
    assert_eq!(change.documents.len(), 4);
    assert_eq!(change.problems[0].code, "too-many-documents");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        name in "(x\\.yaml|\\.github/workflows/x\\.yml|<stdin>)",
        text in "((apiVersion|kind|metadata|name|items|List|PodList|v1|a|on|jobs|runs|no|010|provost\\.dev/v1|Pipeline|Component|spec)|: |- |\n|\n  |\\{|\\}|\\[|\\]|, |---\n)*"
    ) {
        let change = change(&name, &text);
        for document in &change.documents {
            prop_assert!(!document.object.kind.is_empty());
            prop_assert!(!document.object.name.is_empty());
        }
    }
}
