//! What is known besides the request: facts, emergencies and a snapshot of the cluster, each
//! read again when its file changes.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use provost_engine::Gate;
use provost_serve::Loaded;
use serde_json::{Value, json};

use super::client::{Client, Http, block_on, cache, deployment, options, pod, review, start};
use super::process::{Process, serve};
use super::reload::until;

const GATE: &str = "\
apiVersion: provost.dev/v1
kind: Gate
environment: staging
packs: [default, freeze, break-glass]
facts: facts.yaml
";

fn write_facts(folder: &Path, facts: &str) {
    let new = folder.join("new");
    fs::write(&new, format!("apiVersion: provost.dev/v1\nkind: Facts\n{facts}")).unwrap();
    fs::rename(new, folder.join("facts.yaml")).unwrap();
}

fn annotation(response: &Value, name: &str) -> String {
    response["auditAnnotations"][name].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_freeze_holds_until_it_ends_or_somebody_breaks_the_glass() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("provost.yaml"), GATE).unwrap();
    let now = Timestamp::now();
    let at = |minutes: i64| now + SignedDuration::from_mins(minutes);
    let freeze = format!(
        "freezes:\n  - {{ name: sale, environments: [staging], from: {}, until: {} }}\n",
        at(-60),
        at(60)
    );
    write_facts(folder.path(), &freeze);
    let path = folder.path().join("provost.yaml");
    let load = Box::new(move || Loaded::new(&Gate::read(&path)?, Some(cache())));
    let mut options = options();
    options.reload = Duration::from_millis(50);
    let server = start(options, load);
    block_on(async {
        let body = review(&json!({ "object": pod(true) })).to_string();
        let mut client = Client::connect(&server, Http::Two).await;
        let frozen = client.post("/validate", body.clone()).await;
        assert!(!frozen.is_allowed());
        assert!(annotation(frozen.response(), "policy").contains("freeze"), "{frozen:?}");

        let emergency = format!(
            "{freeze}breakGlass:\n  - principal: alice\n    environment: staging\n    \
             incident: INC-7\n    reason: carts are lost\n    from: {}\n    until: {}\n",
            at(-10),
            at(50)
        );
        write_facts(folder.path(), &emergency);
        let mut broken = Value::Null;
        until("the glass is broken", async || {
            let answer = client.post("/validate", body.clone()).await;
            broken = answer.response().clone();
            answer.is_allowed()
        })
        .await;
        // It is seen: by whoever asks, and in the audit log.
        assert_eq!(annotation(&broken, "emergency"), "INC-7");
        assert!(broken["warnings"][0].as_str().unwrap().contains("INC-7"), "{broken}");

        write_facts(folder.path(), "");
        let good = review(&json!({ "object": pod(false) })).to_string();
        until("the freeze is over", async || {
            let answer = client.post("/validate", good.clone()).await;
            answer.is_allowed() && annotation(answer.response(), "emergency").is_empty()
        })
        .await;
        assert!(!client.post("/validate", body).await.is_allowed(), "what is wrong is wrong again");
    });
    server.stop();
}

#[test]
fn plugins_look_at_the_snapshot_of_the_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let gate = "apiVersion: provost.dev/v1\nkind: Gate\nplugins: { workload-hygiene: {} }\n";
    fs::write(folder.path().join("provost.yaml"), gate).unwrap();
    let snapshot = folder.path().join("cluster.yaml");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n";
    fs::write(&snapshot, namespace).unwrap();
    let deployment = deployment();
    let server = Process::start(serve(folder.path()).args(["--cluster", "cluster.yaml"]));
    block_on(async {
        let body = review(&json!({ "object": deployment })).to_string();
        let mut client = server.client(folder.path()).await;
        let mut lacks_budget = async || {
            let answer = client.post("/validate", body.clone()).await;
            annotation(answer.response(), "violations").contains("hygiene-disruption-budget")
        };
        assert!(lacks_budget().await);
        let budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\n\
                      metadata: { name: web, namespace: shop }\n\
                      spec: { maxUnavailable: 1, selector: { matchLabels: { app: web } } }\n";
        fs::write(&snapshot, format!("{namespace}---\n{budget}")).unwrap();
        until("the budget is seen", async || !lacks_budget().await).await;
        // What cannot be read changes nothing.
        fs::write(&snapshot, "kind: [\n").unwrap();
        until("that it cannot be used is said", async || {
            let (_, detail) = super::client::page(server.operations, "/readyz").await;
            detail.contains("the last good cluster is in force")
        })
        .await;
        assert!(!lacks_budget().await);
    });
    server.terminate();
    assert_eq!(server.wait().0, Some(0));
}
