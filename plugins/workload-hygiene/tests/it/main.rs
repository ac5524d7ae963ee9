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
mod wrong_types;

use provost_model::Source;
use provost_sdk::{Document, MemoryDocument, Report};
use provost_syntax::Limits;
use serde_json::{Value, json};
use workload_hygiene::WorkloadHygiene;

/// The documents of a YAML text.
fn documents(name: &str, text: &str) -> Vec<Value> {
    let parsed = provost_syntax::read(&Source::new(name, text), &Limits::default());
    assert_eq!(parsed.problem, None, "{name}");
    parsed.documents.iter().map(|document| document.to_json()).collect()
}

fn check(document: &Value, settings: &Value) -> Report {
    let document = MemoryDocument::from(document.clone());
    provost_sdk::check::<WorkloadHygiene>(&[&document], &settings.to_string()).unwrap()
}

/// The same, with other objects of the cluster.
fn check_among(document: &Value, settings: &Value, others: &[Value]) -> Report {
    let document = MemoryDocument::from(document.clone());
    let others: Vec<_> = others.iter().cloned().map(MemoryDocument::from).collect();
    let (documents, settings) = ([&document as &dyn Document], settings.to_string());
    provost_sdk::check_among::<WorkloadHygiene>(&documents, &settings, &others).unwrap()
}

/// The same, in a namespace where a budget is about every pod.
fn check_with_budget(document: &Value, settings: &Value) -> Report {
    let budget = json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "all", "namespace": "shop"},
        "spec": {"maxUnavailable": 1, "selector": {}},
    });
    check_among(document, settings, &[budget])
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

/// A pod template that passes every rule.
fn good_template() -> Value {
    json!({
        "metadata": {"labels": {"app.kubernetes.io/name": "good"}},
        "spec": {
            "topologySpreadConstraints": [{
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
            }],
            "containers": [{
                "name": "app",
                "image": format!("registry.example/app:1.4.2@sha256:{}", "0a".repeat(32)),
                "imagePullPolicy": "IfNotPresent",
                "env": [{"name": "COLOUR", "value": "red"}],
                "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                "livenessProbe": {"httpGet": {"path": "/alive", "port": "http"}},
                "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
                "resources": {
                    "requests": {"cpu": "100m", "memory": "128Mi"},
                    "limits": {"cpu": 1, "memory": "128Mi"},
                },
            }],
        },
    })
}

/// An object of a kind that passes every rule, and where its pod stands.
fn good(api_version: &str, kind: &str) -> (Value, &'static str) {
    let labels = json!({"app.kubernetes.io/name": "good"});
    let metadata = json!({"name": "good", "namespace": "shop", "labels": labels});
    let template = good_template();
    let job = json!({"backoffLimit": 2, "activeDeadlineSeconds": 600, "template": template});
    let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": metadata});
    let at = match kind {
        "Pod" => {
            object["spec"] = template["spec"].clone();
            ""
        }
        "PodTemplate" => {
            object["template"] = template;
            "/template"
        }
        "Job" => {
            object["spec"] = job;
            "/spec/template"
        }
        "CronJob" => {
            object["spec"] = json!({
                "schedule": "0 3 * * *",
                "concurrencyPolicy": "Forbid",
                "startingDeadlineSeconds": 600,
                "failedJobsHistoryLimit": 1,
                "jobTemplate": {"spec": job},
            });
            "/spec/jobTemplate/spec/template"
        }
        _ => {
            let selector = match kind {
                "ReplicationController" => labels,
                _ => json!({
                    "matchLabels": labels,
                    "matchExpressions": [{
                        "key": "app.kubernetes.io/name", "operator": "In", "values": ["good"],
                    }],
                }),
            };
            object["spec"] = json!({"replicas": 2, "selector": selector, "template": template});
            match kind {
                "StatefulSet" => object["spec"]["serviceName"] = json!("good"),
                "Deployment" => object["spec"]["strategy"] = json!({"type": "RollingUpdate"}),
                _ => {}
            }
            "/spec/template"
        }
    };
    (object, at)
}

const KINDS: [(&str, &str); 9] = [
    ("v1", "Pod"),
    ("v1", "PodTemplate"),
    ("v1", "ReplicationController"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "ReplicaSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
];
