//! Reviews put over a cluster that is watched, beside those of the object alone.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use provost_model::{Document, Node, ObjectReference, Source};
use provost_serve::{Server, WatchOptions};
use provost_tests::SimulatedApiServer;
use serde_json::{Value, json};

use crate::webhook::{
    TIME, Until, loaded, page, review, row, run, started_by, started_with, trust,
};

/// Objects of the cluster: a twentieth each are Deployments, budgets and autoscalers, the rest Pods.
const OBJECTS: usize = 10_000;
/// Namespaces that they are in.
const NAMESPACES: usize = 100;

/// Prints a table of its own.
pub fn cluster(binary: &Path) {
    println!("\nReviews with a cluster of {OBJECTS} objects that is watched: {TIME:?} a line.\n");
    println!("{:44}  {:>9}  {:>8}  {:>8}  {:>8}", "what", "per s", "p50", "p99", "p99.9");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let api = SimulatedApiServer::start();
    api.change(|world| objects().for_each(|object| world.apply(object)));
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, api.kubeconfig()).expect("a kubeconfig");

    let alone = started_with("plugins: { workload-hygiene: {} }\n", None);
    let reading = started_reading();
    let started = Instant::now();
    let watch = WatchOptions { kubeconfig: Some(kubeconfig), ..WatchOptions::default() };
    let watching = started_with("plugins: { workload-hygiene: {} }\n", Some(watch));
    while !page(&runtime, watching.operations(), "/readyz").contains("[+]cluster") {
        std::thread::sleep(Duration::from_millis(20));
    }
    let ready = started.elapsed();
    for (kind, body) in [("Pod of 3 KB", review(3_000)), ("Deployment", deployment_review())] {
        let body = Bytes::from(body.to_string());
        for connections in [1, 8] {
            for (name, server) in
                [("alone", &alone), ("over a file", &reading), ("over the cluster", &watching)]
            {
                measure(&runtime, server, connections, &body, &format!("{kind}: {name}"));
            }
            busy(&api, || {
                let name = format!("{kind}: over a busy cluster");
                measure(&runtime, &watching, connections, &body, &name);
            });
        }
    }
    let metrics = page(&runtime, watching.operations(), "/metrics");
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
    println!("objects: {:.0} MiB by their own count", value("provost_cluster_bytes") / MIB);
    for server in [watching, reading, alone] {
        server.stop();
    }
    for (name, options) in
        [("alone", &[][..]), ("watching", &["--watch-cluster", "--kubeconfig", "kubeconfig"])]
    {
        let resident = resident(&runtime, binary, folder.path(), options);
        println!("a process of its own, {name}: {:.0} MiB when ready", resident / MIB);
    }
}

const MIB: f64 = 1_048_576.0;

/// Over the same objects, from a file.
fn started_reading() -> Server {
    let documents: Vec<_> = objects()
        .map(|object| {
            let text = |at: &str| object.pointer(at).and_then(Value::as_str).map(str::to_owned);
            let reference = ObjectReference {
                api_version: text("/apiVersion").unwrap_or_default(),
                kind: text("/kind").unwrap_or_default(),
                namespace: text("/metadata/namespace"),
                name: text("/metadata/name").unwrap_or_default(),
            };
            let (root, source) = (Node::from_json(&object), Source::new("cluster.yaml", ""));
            Arc::new(Document { object: reference, root, source, index: 0 })
        })
        .collect();
    let read = Arc::new(move || Ok(documents.clone()));
    started_by(Box::new(move || {
        let loaded = loaded("plugins: { workload-hygiene: {} }\n")?;
        loaded.with_cluster(Vec::new(), Arc::clone(&read) as _)
    }))
}

/// Resident memory of `provost serve` when it is ready, in bytes.
fn resident(
    runtime: &tokio::runtime::Runtime,
    binary: &Path,
    folder: &Path,
    options: &[&str],
) -> f64 {
    let mut command = Command::new(binary);
    command.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::piped());
    command.args(["serve", "--self-signed", "localhost", "--listen", "127.0.0.1:0"]);
    command.args(["--operations", "127.0.0.1:0"]).args(options);
    let mut child = command.spawn().expect("provost");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let said = lines.by_ref().map_while(Result::ok).find(|line| line.contains("webhook on"));
    let address = said.as_deref().and_then(|said| said.split(' ').next_back()?.parse().ok());
    let address = address.expect("an address");
    let rest = std::thread::spawn(move || lines.count());
    while !page(runtime, address, "/readyz").starts_with("[+]")
        || page(runtime, address, "/readyz").contains("[-]")
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_secs(1));
    let metrics = page(runtime, address, "/metrics");
    let line = metrics.lines().find_map(|line| line.strip_prefix("provost_resident_memory_bytes "));
    child.kill().expect("a process");
    let _ = (child.wait(), rest.join());
    line.and_then(|value| value.parse().ok()).unwrap_or_default()
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
fn busy(api: &SimulatedApiServer, run: impl FnOnce()) {
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
