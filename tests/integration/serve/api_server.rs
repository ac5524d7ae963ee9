//! With a real API server and its etcd: what `kubectl` would see.
//!
//! It runs where the environment names both binaries and is SKIPPED visibly elsewhere. Those of
//! `setup-envtest` will do, or of `go build k8s.io/kubernetes/cmd/kube-apiserver`. Where `KUBECTL`
//! is named too, what it prints is looked at.
//!
//! ```sh
//! export KUBE_APISERVER=/opt/kubebuilder/bin/kube-apiserver ETCD=/opt/kubebuilder/bin/etcd
//! KUBECTL=/opt/kubebuilder/bin/kubectl \
//!     cargo test --package provost-tests --test integration -- serve::api_server --nocapture
//! ```

mod cluster;
mod installed;

use std::fs;
use std::path::Path;
use std::process::Command;

use provost_tests::{provost, tool};
use serde_json::{Value, json};

use super::client::{block_on, deployment, pod};
use super::process::Process;
use super::reload::until;
use cluster::{Cluster, Said, free_port};

const GATE: &str = "\
apiVersion: provost.dev/v1
kind: Gate
enforcement:
  - { mode: warn, rules: [pss-host-ports], namespaces: [lab] }
";

const CONFIGURATION: &str =
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/provost";

/// A cluster whose files are in a folder, where the environment names its binaries.
fn started(folder: &Path) -> Option<Cluster> {
    let (apiserver, etcd) = (tool("KUBE_APISERVER"), tool("ETCD"));
    Some(Cluster::start(folder, &apiserver?, &etcd?))
}

/// The webhook as it is run, on a port that it keeps when it is started again.
fn webhook(folder: &Path, port: u16) -> Process {
    let mut command = provost(folder);
    let listen = format!("127.0.0.1:{port}");
    command
        .args(["serve", "--listen", &listen, "--operations", "127.0.0.1:0", "--linger", "0s"])
        .args(["--self-signed", "localhost", "--certificates", "ca", "--log", "decisions"]);
    Process::start(&mut command)
}

/// What `provost install` prints for the webhook, asked where it is here, and about two
/// subresources more.
fn configuration(folder: &Path, port: u16) -> Value {
    let mut command = provost(folder);
    command.args(["install", "--dry-run", "--image", "registry.example/provost:1.0"]);
    let output = command.args(["--failure-policy", "fail", "--ca-bundle", "ca/ca.crt"]).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let source = provost_model::Source::new("m.yaml", String::from_utf8(output.stdout).unwrap());
    let parsed = provost_syntax::read(&source, &provost_syntax::Limits::default());
    let objects = parsed.documents.iter().map(provost_model::Node::to_json);
    let is_webhook = |one: &Value| one["kind"] == "ValidatingWebhookConfiguration";
    let mut found = objects.into_iter().find(is_webhook).unwrap();
    let webhook = &mut found["webhooks"][0];
    // There is no network of Services here.
    webhook["clientConfig"].as_object_mut().unwrap().remove("service");
    webhook["clientConfig"]["url"] = json!(format!("https://localhost:{port}/validate"));
    let more = |group: &str, resource: &str, operation: &str| {
        json!({
            "apiGroups": [group], "apiVersions": ["*"], "operations": [operation],
            "resources": [resource], "scope": "Namespaced",
        })
    };
    let rules = webhook["rules"].as_array_mut().unwrap();
    rules.push(more("apps", "deployments/scale", "UPDATE"));
    rules.push(more("", "pods/eviction", "CREATE"));
    found
}

fn named(mut pod: Value, name: &str, namespace: &str) -> Value {
    pod["metadata"] = json!({ "name": name, "namespace": namespace });
    pod
}

/// The records of decisions about a subresource.
fn recorded(folder: &Path, subresource: &str) -> Vec<Value> {
    let files = fs::read_dir(folder.join("decisions")).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|one| one == "jsonl"));
    let text: String = files.map(|path| fs::read_to_string(path).unwrap()).collect();
    let records = text.lines().map(|line| {
        let entry: Value = serde_json::from_str(line).unwrap();
        entry["record"].clone()
    });
    records.filter(|record| record["admission"]["subresource"] == subresource).collect()
}

#[test]
fn an_api_server_asks_and_heeds_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let Some(cluster) = started(folder) else { return };
    fs::write(folder.join("provost.yaml"), GATE).unwrap();
    let port = free_port();
    let server = webhook(folder, port);
    block_on(async {
        cluster.is_ready().await;
        for namespace in ["shop", "lab"] {
            let object = json!({
                "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace },
            });
            cluster.create("/api/v1/namespaces", &object).await.is(201);
        }
        let configurations = CONFIGURATION.strip_suffix("/provost").unwrap();
        cluster.create(configurations, &configuration(folder, port)).await.is(201);
        until("the API server asks the webhook", async || {
            let path = "/api/v1/namespaces/shop/pods?dryRun=All";
            cluster.create(path, &named(pod(true), "probe", "shop")).await.code == 403
        })
        .await;
        denials(&cluster).await;
        printed(&cluster, folder);
        dry_runs(&cluster, folder).await;
        subresources(&cluster, folder).await;
        what_is_left_out_and_what_only_warns(&cluster).await;
        server.terminate();
        assert_eq!(server.wait().0, Some(0));
        without_it(&cluster, folder, port).await;
    });
}

async fn denials(cluster: &Cluster) {
    let pods = "/api/v1/namespaces/shop/pods";
    let said = cluster.create(pods, &named(pod(true), "bad", "shop")).await;
    said.is(403);
    for part in [
        "admission webhook \"validate.provost.dev\" denied the request: Pod shop/bad is denied",
        "pss-privileged-containers at spec.containers[0].securityContext.privileged",
        "set `privileged: false`",
        "decision ",
    ] {
        assert!(said.message().contains(part), "{part} is not in: {}", said.message());
    }
    cluster.get(&format!("{pods}/bad")).await.is(404);
    cluster.create(pods, &named(pod(false), "good", "shop")).await.is(201);
    let label = json!({ "metadata": { "labels": { "a": "b" } } });
    cluster.merge(&format!("{pods}/good"), &label).await.is(200);
}

/// What people read.
fn printed(cluster: &Cluster, folder: &Path) {
    let Some(kubectl) = tool("KUBECTL") else { return };
    let write = |name: &str, object: &Value| {
        let path = folder.join(name);
        fs::write(&path, object.to_string()).unwrap();
        path
    };
    let kubeconfig = write("kubeconfig", &cluster.kubeconfig(None));
    let create = |object: &Value| {
        let mut command = Command::new(&kubectl);
        command.env("HOME", folder).arg("--kubeconfig").arg(&kubeconfig);
        command.arg("create").arg("-f").arg(write("object.json", object)).output().unwrap()
    };
    let denied = create(&named(pod(true), "bad", "shop"));
    assert!(!denied.status.success());
    let said = String::from_utf8(denied.stderr).unwrap();
    println!("{said}");
    for part in [
        "Error from server (Forbidden): error when creating",
        "admission webhook \"validate.provost.dev\" denied the request: Pod shop/bad is denied",
        "pss-privileged-containers at spec.containers[0].securityContext.privileged",
    ] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
    assert!(create(&named(pod(false), "printed", "shop")).status.success());
}

async fn dry_runs(cluster: &Cluster, folder: &Path) {
    let pods = "/api/v1/namespaces/shop/pods";
    let dry = format!("{pods}?dryRun=All");
    cluster.create(&dry, &named(pod(false), "tried", "shop")).await.is(201);
    cluster.create(&dry, &named(pod(true), "tried", "shop")).await.is(403);
    cluster.get(&format!("{pods}/tried")).await.is(404);
    let asked = recorded(folder, "");
    let tried = asked.iter().filter(|one| one["objects"] == json!(["Pod/shop/tried"]));
    assert!(
        tried.clone().count() == 2 && tried.clone().all(|one| one["admission"]["dryRun"] == true)
    );
}

async fn subresources(cluster: &Cluster, folder: &Path) {
    let deployments = "/apis/apps/v1/namespaces/shop/deployments";
    let deployment = deployment();
    cluster.create(deployments, &deployment).await.is(201);
    let scale = json!({ "spec": { "replicas": 3 } });
    cluster.merge(&format!("{deployments}/web/scale"), &scale).await.is(200);
    let scaled = recorded(folder, "scale");
    assert_eq!(scaled.len(), 1);
    assert_eq!(scaled[0]["admission"]["resource"], "apps/v1/deployments");
    assert_eq!(scaled[0]["admission"]["allowed"], true);

    let ephemeral = json!({ "spec": { "ephemeralContainers": [{
        "name": "debug", "image": "sh:1", "securityContext": { "privileged": true },
    }] } });
    let path = "/api/v1/namespaces/shop/pods/good/ephemeralcontainers";
    let said = cluster.strategic(path, &ephemeral).await;
    said.is(403);
    assert!(said.message().contains("(ephemeralcontainers) is denied"), "{}", said.message());

    let eviction = json!({
        "apiVersion": "policy/v1", "kind": "Eviction",
        "metadata": { "name": "good", "namespace": "shop" },
    });
    cluster.create("/api/v1/namespaces/shop/pods/good/eviction", &eviction).await.is(201);
    assert_eq!(recorded(folder, "eviction").len(), 1);
}

async fn what_is_left_out_and_what_only_warns(cluster: &Cluster) {
    let system = "/api/v1/namespaces/kube-system/pods";
    cluster.create(system, &named(pod(true), "machinery", "kube-system")).await.is(201);
    let mut ports = named(pod(false), "ports", "lab");
    ports["spec"]["containers"][0]["ports"] = json!([{ "containerPort": 80, "hostPort": 80 }]);
    let said = cluster.create("/api/v1/namespaces/lab/pods", &ports).await;
    said.is(201);
    assert!(said.warnings.iter().any(|one| one.contains("pss-host-ports")), "{:?}", said.warnings);
}

/// With `Fail` nothing changes while the webhook is away, with `Ignore` everything does, and
/// when it comes back it is asked again.
async fn without_it(cluster: &Cluster, folder: &Path, port: u16) {
    let pods = "/api/v1/namespaces/shop/pods";
    let dry = format!("{pods}?dryRun=All");
    let try_one = async |bad: bool| cluster.create(&dry, &named(pod(bad), "one", "shop")).await;
    let said: Said = try_one(false).await;
    said.is(500);
    assert!(said.message().contains("failed calling webhook"), "{}", said.message());
    cluster.merge(CONFIGURATION, &policy(cluster, "Ignore").await).await.is(200);
    until("nobody is asked", async || try_one(true).await.code == 201).await;
    let back = webhook(folder, port);
    until("it is asked again", async || try_one(true).await.code == 403).await;
    assert_eq!(try_one(false).await.code, 201);
    cluster.merge(CONFIGURATION, &policy(cluster, "Fail").await).await.is(200);
    drop(back);
    until("nothing passes", async || try_one(false).await.code == 500).await;
}

/// The webhooks as they are, with another `failurePolicy`.
async fn policy(cluster: &Cluster, policy: &str) -> Value {
    let mut webhooks = cluster.get(CONFIGURATION).await.json["webhooks"].clone();
    webhooks[0]["failurePolicy"] = json!(policy);
    json!({ "webhooks": webhooks })
}
