//! What `provost install` prints is what an API server takes, and its role is all that a webhook
//! needs that watches the cluster.

use std::fs;
use std::path::Path;

use provost_tests::{TestAuthority, documents, provost};
use serde_json::{Value, json};

use super::cluster::Cluster;
use super::started;
use crate::serve::client::{block_on, page, review, said};
use crate::serve::process::{Process, serve};
use crate::serve::reload::until;
use crate::serve::shop;

/// What is printed, for a webhook that watches.
fn manifests(folder: &Path) -> Vec<Value> {
    fs::write(folder.join("authority.pem"), TestAuthority::new().pem()).unwrap();
    let mut command = provost(folder);
    command.args(["install", "--dry-run", "--image", "registry.example/provost:1.0"]);
    command.args(["--ca-bundle", "authority.pem", "--watch-cluster", "--failure-policy", "fail"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    yaml(&String::from_utf8(output.stdout).unwrap())
}

fn yaml(text: &str) -> Vec<Value> {
    documents("m.yaml", text).iter().map(|one| one.root.to_json()).collect()
}

/// Where objects of a kind are kept: the path of the API, and the plural.
async fn collection(cluster: &Cluster, object: &Value) -> String {
    let version = object["apiVersion"].as_str().unwrap();
    let root = if version.contains('/') { "/apis" } else { "/api" };
    let resources = cluster.get(&format!("{root}/{version}")).await;
    resources.is(200);
    let resources = resources.json["resources"].as_array().unwrap();
    let resource = resources
        .iter()
        .find(|one| one["kind"] == object["kind"] && !one["name"].as_str().unwrap().contains('/'))
        .unwrap_or_else(|| panic!("no {} in {version}", object["kind"]));
    let namespace = match resource["namespaced"].as_bool() {
        Some(true) => format!("/namespaces/{}", object["metadata"]["namespace"].as_str().unwrap()),
        _ => String::new(),
    };
    format!("{root}/{version}{namespace}/{}", resource["name"].as_str().unwrap())
}

/// Fields that it does not know are an error, as `kubectl apply --validate=strict` asks.
async fn create(cluster: &Cluster, object: &Value) {
    let path = collection(cluster, object).await;
    let said = cluster.create(&format!("{path}?fieldValidation=Strict"), object).await;
    assert_eq!(said.code, 201, "{object}: {}", said.json);
    assert!(said.warnings.is_empty(), "{object}: {:?}", said.warnings);
}

/// A token of the service account that the webhook runs as.
async fn token(cluster: &Cluster) -> String {
    let path = "/api/v1/namespaces/provost-system/serviceaccounts/provost/token";
    let request = json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {},
    });
    let said = cluster.create(path, &request).await;
    said.is(201);
    said.json["status"]["token"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_installed_is_taken_and_may_watch_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let Some(cluster) = started(folder) else { return };
    block_on(async {
        cluster.is_ready().await;
        let installed = manifests(folder);
        // It would be asked from now on, and nothing runs there.
        let is_webhook = |one: &Value| one["kind"] == "ValidatingWebhookConfiguration";
        assert!(installed.iter().any(is_webhook) && installed.len() > 8);
        for object in installed.iter().filter(|one| !is_webhook(one)) {
            create(&cluster, object).await;
        }
        let file = folder.join("kubeconfig");
        let kubeconfig = cluster.kubeconfig(Some(&token(&cluster).await));
        fs::write(&file, kubeconfig.to_string()).unwrap();
        let namespace = json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop" },
        });
        create(&cluster, &namespace).await;
        let mut shop = yaml(shop::SHOP);
        shop[0]["metadata"].as_object_mut().unwrap().remove("managedFields");
        for object in &shop {
            create(&cluster, object).await;
        }

        let mut command = serve(folder);
        let server = Process::start(command.args(["--watch-cluster", "--kubeconfig"]).arg(&file));
        until("it is ready", async || page(server.operations, "/readyz").await.0 == 200).await;
        let (_, detail) = page(server.operations, "/readyz").await;
        assert!(!detail.contains("not known"), "{detail}");
        let mut client = server.client(folder).await;
        let deletion = review(&json!({ "operation": "DELETE", "oldObject": shop[1] }));
        let answer = said(&mut client, &deletion).await;
        assert!(answer.is_allowed(), "{}", answer.json);
        create(&cluster, &yaml(shop::BUDGET)[0]).await;
        until("the budget is seen", async || !said(&mut client, &deletion).await.is_allowed())
            .await;
        let answer = said(&mut client, &deletion).await;
        let message = answer.response()["status"]["message"].as_str().unwrap();
        assert!(message.contains("keeps 2 of 2 healthy"), "{message}");
        let budget = "/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web";
        cluster.delete(budget).await.is(200);
        until("that it is gone is seen", async || said(&mut client, &deletion).await.is_allowed())
            .await;
        // And as the last one, the configuration itself.
        create(&cluster, installed.iter().find(|one| is_webhook(one)).unwrap()).await;
        server.terminate();
        assert_eq!(server.wait().0, Some(0));
    });
}
