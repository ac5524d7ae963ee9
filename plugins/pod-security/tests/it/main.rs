//! What the rules see, judged natively.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod kinds;
mod pages;
mod patches;
mod upstream;
mod wrong_types;

use pod_security::PodSecurity;
use provost_model::Source;
use provost_sdk::{MemoryDocument, Report};
use provost_syntax::Limits;
use serde_json::{Value, json};

/// The one document of a YAML text.
fn yaml(name: &str, text: &str) -> Value {
    let parsed = provost_syntax::read(&Source::new(name, text), &Limits::default());
    assert_eq!(parsed.problem, None, "{name}");
    assert_eq!(parsed.documents.len(), 1, "{name}");
    parsed.documents[0].to_json()
}

fn check(document: &Value, settings: &Value) -> Report {
    let document = MemoryDocument::from(document.clone());
    provost_sdk::check::<PodSecurity>(&[&document], &settings.to_string()).unwrap()
}

/// Each violation as `<rule> <pointer>`.
fn violations(report: &Report) -> Vec<String> {
    report.findings.iter().map(|found| format!("{} {}", found.rule, found.pointer)).collect()
}

/// What could not be judged, each as `<rule> <pointer>: <reason>`.
fn inconclusive(report: &Report) -> Vec<String> {
    let show = |it: &provost_sdk::Inconclusive| {
        format!("{} {}: {}", it.rule, it.mismatch.pointer, it.mismatch.reason)
    };
    report.inconclusive.iter().map(show).collect()
}

/// A pod that passes every rule.
fn good_pod() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "good"},
        "spec": {
            "securityContext": {
                "runAsNonRoot": true,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [{
                "name": "app",
                "image": "registry.example/app:1.4.2",
                "securityContext": {
                    "allowPrivilegeEscalation": false,
                    "capabilities": {"drop": ["ALL"]},
                },
            }],
        },
    })
}
