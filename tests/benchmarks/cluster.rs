//! Reviews put over a cluster that is watched, beside those of the object alone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use provost_serve::{Server, WatchOptions};
use provost_tests::ApiServer;
use serde_json::{Value, json};

use crate::webhook::{TIME, Until, memory, review, row, run, started_with, text, trust};

/// Objects of the cluster: a twentieth each are Deployments, budgets and autoscalers, the rest Pods.
const OBJECTS: usize = 10_000;
/// Namespaces that they are in.
const NAMESPACES: usize = 100;

/// Prints a table of its own.
pub fn cluster() {
    println!("\nReviews with a cluster of {OBJECTS} objects that is watched: {TIME:?} a line.\n");
    println!("{:44}  {:>9}  {:>8}  {:>8}  {:>8}", "what", "per s", "p50", "p99", "p99.9");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let api = ApiServer::start();
    api.change(|world| objects().for_each(|object| world.apply(object)));
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, api.kubeconfig()).expect("a kubeconfig");

    let alone = started_with("plugins: { workload-hygiene: {} }\n", None);
    let before = memory();
    let started = Instant::now();
    let watch = WatchOptions { kubeconfig: Some(kubeconfig), ..WatchOptions::default() };
    let watching = started_with("plugins: { workload-hygiene: {} }\n", Some(watch));
    while !text(&runtime, &watching, "/readyz").contains("[+]cluster") {
        std::thread::sleep(Duration::from_millis(20));
    }
    let ready = started.elapsed();
    let after = memory();
    for (kind, body) in [("Pod of 3 KB", review(3_000)), ("Deployment", deployment_review())] {
        let body = Bytes::from(body.to_string());
        for connections in [1, 8] {
            for (name, server) in [("alone", &alone), ("over the cluster", &watching)] {
                measure(&runtime, server, connections, &body, &format!("{kind}: {name}"));
            }
            busy(&api, || {
                let name = format!("{kind}: over a busy cluster");
                measure(&runtime, &watching, connections, &body, &name);
            });
        }
    }
    let metrics = text(&runtime, &watching, "/metrics");
    let value = |name: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse::<f64>().ok()).unwrap_or_default()
    };
    let (count, sum) = (
        value("provost_cluster_snapshot_seconds_count"),
        value("provost_cluster_snapshot_seconds_sum"),
    );
    println!("\nready after {ready:?}, proofs and listing by pages together");
    println!("a snapshot: {:.2} ms on average of {count}", sum / count * 1e3);
    println!(
        "objects: {:.0} MiB by their own count; the process has {before} MiB before, {after} MiB \
         when ready, {} MiB after (client, API server and two webhooks included)",
        value("provost_cluster_bytes") / f64::from(1 << 20),
        memory()
    );
    watching.stop();
    alone.stop();
}

fn measure(
    runtime: &tokio::runtime::Runtime,
    server: &Server,
    connections: usize,
    body: &Bytes,
    name: &str,
) {
    let to = (server.webhook(), trust(server.authority().expect("an authority")));
    let times = runtime.block_on(run(&to, connections, body, Until::Time(TIME)));
    row(&format!("{connections} · {name}"), times, TIME);
}

/// While a hundred Pods change each second.
fn busy(api: &ApiServer, run: impl FnOnce()) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                api.apply(pod(number % 1_000, number));
                number += 1;
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        run();
        stop.store(true, Ordering::Relaxed);
    });
}

fn objects() -> impl Iterator<Item = Value> {
    (0..OBJECTS).map(|number| match number % 20 {
        0 => workload(number, "apps/v1", "Deployment"),
        1 => workload(number - 1, "policy/v1", "PodDisruptionBudget"),
        2 => workload(number - 2, "autoscaling/v2", "HorizontalPodAutoscaler"),
        _ => pod(number, 0),
    })
}

fn metadata(name: String, number: usize) -> Value {
    json!({
        "name": name, "namespace": format!("team-{}", number / 20 % NAMESPACES),
        "labels": { "app": format!("app-{}", number / 20) },
        "managedFields": [{ "manager": "kubelet", "fieldsV1": { "f:status": { "f:phase": {} } } }],
    })
}

fn workload(number: usize, api_version: &str, kind: &str) -> Value {
    let labels = json!({ "app": format!("app-{}", number / 20) });
    let spec = match kind {
        "Deployment" => json!({
            "replicas": 17,
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": pod(number, 0)["spec"] },
        }),
        "PodDisruptionBudget" => json!({
            "maxUnavailable": 1, "selector": { "matchLabels": labels },
        }),
        _ => json!({
            "scaleTargetRef": {
                "apiVersion": "apps/v1", "kind": "Deployment", "name": format!("w-{number}"),
            },
            "minReplicas": 3, "maxReplicas": 20,
        }),
    };
    json!({
        "apiVersion": api_version, "kind": kind,
        "metadata": metadata(format!("w-{number}"), number), "spec": spec,
    })
}

fn pod(number: usize, turn: usize) -> Value {
    let spec = review(2_500)["request"]["object"]["spec"].clone();
    let mut metadata = metadata(format!("pod-{number}"), number);
    metadata["annotations"] = json!({ "turn": turn.to_string() });
    metadata["ownerReferences"] = json!([{
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "w", "uid": "1", "controller": true,
    }]);
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec,
        "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] },
    })
}

/// A Deployment that is there already, written again.
fn deployment_review() -> Value {
    let object = workload(400, "apps/v1", "Deployment");
    let mut review = review(3_000);
    let request = &mut review["request"];
    request["kind"] = json!({ "group": "apps", "version": "v1", "kind": "Deployment" });
    request["operation"] = json!("UPDATE");
    request["name"] = object["metadata"]["name"].clone();
    request["namespace"] = object["metadata"]["namespace"].clone();
    let mut old = object.clone();
    old["spec"]["replicas"] = json!(16);
    request["oldObject"] = old;
    request["object"] = object;
    review
}
