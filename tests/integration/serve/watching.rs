//! The webhook that watches the cluster: what it says follows what happens there, and where it
//! does not know what happens, it says that.

mod agreement;
mod panics;
mod protocol;

use std::time::Duration;

use provost_serve::{Loaded, Options, Server, WatchOptions};
use provost_tests::{SimulatedApiServer, Trouble, documents};
use serde_json::{Value, json};

use super::client::{
    Answer, Client, Http, block_on, cache, gate, loads, metric, options, page, review, said, start,
};
use super::reload::until;
use super::shop;

const GATE: &str = "plugins: { workload-hygiene: {} }\n";
const BUDGET: &str = "policy/PodDisruptionBudget";

/// A webhook that watches, and what it reads.
pub struct Setting {
    api: SimulatedApiServer,
    _folder: tempfile::TempDir,
    options: Options,
}

impl Setting {
    pub fn new() -> Self {
        let (api, folder) = (SimulatedApiServer::start(), tempfile::tempdir().unwrap());
        let kubeconfig = folder.path().join("kubeconfig");
        std::fs::write(&kubeconfig, api.kubeconfig()).unwrap();
        let mut options = options();
        options.cluster = Some(WatchOptions {
            kubeconfig: Some(kubeconfig),
            every: Duration::from_millis(10),
            age: Duration::from_secs(20),
            ..WatchOptions::default()
        });
        for object in yaml(shop::SHOP) {
            api.apply(object);
        }
        Self { api, _folder: folder, options }
    }

    fn with(mut self, change: impl FnOnce(&mut WatchOptions)) -> Self {
        change(self.options.cluster.as_mut().unwrap());
        self
    }

    pub fn start(&self) -> Server {
        start(self.options.clone(), loads(GATE))
    }
}

fn yaml(text: &str) -> Vec<Value> {
    documents("objects.yaml", text).iter().map(|one| one.root.to_json()).collect()
}

fn budget() -> Value {
    yaml(shop::BUDGET).remove(0)
}

fn pods(count: usize) -> impl Iterator<Item = Value> {
    (0..count).map(|number| {
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": format!("pod-{number:04}"), "namespace": "lab" },
            "spec": { "containers": [{ "name": "a", "image": "registry.example/a:1" }] },
            "status": { "phase": "Running", "message": "x".repeat(200) },
        })
    })
}

/// The autoscaler is deleted.
fn deletion() -> Value {
    review(&json!({ "operation": "DELETE", "oldObject": yaml(shop::SHOP)[1] }))
}

fn not_judged(answer: &Answer) -> String {
    let said = &answer.response()["auditAnnotations"]["not-judged"];
    said.as_str().unwrap_or_default().to_owned()
}

pub async fn ready(server: &Server) {
    until("it is ready", async || page(server.operations(), "/readyz").await.0 == 200).await;
}

async fn known(server: &Server, kind: &str) -> bool {
    metric(server.operations(), &format!("provost_cluster_known{{kind=\"{kind}\"}}")).await == 1.0
}

async fn objects(server: &Server, kind: &str) -> f64 {
    metric(server.operations(), &format!("provost_cluster_objects{{kind=\"{kind}\"}}")).await
}

#[test]
fn a_verdict_changes_as_a_budget_comes_and_goes() {
    let setting = Setting::new();
    let server = setting.start();
    block_on(async {
        ready(&server).await;
        let mut client = Client::connect(&server, Http::Two).await;
        let answer = said(&mut client, &deletion()).await;
        assert!(answer.is_allowed(), "{}", answer.json);
        for _ in 0..3 {
            setting.api.apply(budget());
            until("the budget is seen", async || {
                !said(&mut client, &deletion()).await.is_allowed()
            })
            .await;
            let answer = said(&mut client, &deletion()).await;
            let message = answer.response()["status"]["message"].as_str().unwrap();
            assert!(message.contains("keeps 2 of 2 healthy"), "{message}");
            setting.api.delete(BUDGET, "shop", "web");
            until("that it is gone is seen", async || {
                said(&mut client, &deletion()).await.is_allowed()
            })
            .await;
        }
        // It was followed, not listed again and again.
        assert_eq!(setting.api.asked("list poddisruptionbudgets"), 1);
    });
    server.stop();
}

#[test]
fn what_the_gate_looks_at_is_watched_and_nothing_else() {
    let setting = Setting::new();
    let server = setting.start();
    let bundle = Loaded::new(&gate(GATE), Some(cache())).map_err(|e| format!("{e:?}")).unwrap();
    let kinds = bundle.bundle.kinds_around();
    block_on(async {
        ready(&server).await;
        let (_, text) = page(server.operations(), "/metrics").await;
        let lines =
            text.lines().filter_map(|line| line.strip_prefix("provost_cluster_known{kind=\""));
        let watched: Vec<_> = lines.filter_map(|line| line.split('"').next()).collect();
        let wanted: Vec<_> = kinds
            .iter()
            .map(|(group, kind)| match group.is_empty() {
                true => kind.clone(),
                false => format!("{group}/{kind}"),
            })
            .collect();
        let sorted = |mut names: Vec<String>| {
            names.sort();
            names
        };
        assert_eq!(
            sorted(watched.iter().map(ToString::to_string).collect()),
            sorted(wanted),
            "{text}"
        );
        for kind in ["secrets", "configmaps"] {
            assert_eq!(setting.api.asked(&format!("list {kind}")), 0, "{kind}");
        }
        for kind in ["deployments", "poddisruptionbudgets", "horizontalpodautoscalers", "pods"] {
            assert_eq!(setting.api.asked(&format!("list {kind}")), 1, "{kind}");
        }
    });
    server.stop();
}

#[test]
fn a_kind_that_may_not_be_seen_is_not_judged_and_that_is_said() {
    let setting = Setting::new();
    setting.api.apply(budget());
    setting.api.trouble("PodDisruptionBudget", Some(Trouble::Forbidden));
    let server = setting.start();
    block_on(async {
        ready(&server).await;
        let mut client = Client::connect(&server, Http::Two).await;
        let answer = said(&mut client, &deletion()).await;
        // Nobody knows, so nobody says no; what was not judged is named.
        assert!(answer.is_allowed(), "{}", answer.json);
        assert!(not_judged(&answer).contains("drain-can-progress"), "{}", answer.json);
        let (_, detail) = page(server.operations(), "/readyz").await;
        let line = format!("not known: {BUDGET}: it may not be listed");
        assert!(detail.contains(&line), "{detail}");
        assert!(detail.contains("poddisruptionbudgets is forbidden"), "{detail}");
        assert!(!known(&server, BUDGET).await && known(&server, "apps/Deployment").await);
        // What needs no budget is judged all the same.
        let scaler = review(&json!({ "object": yaml(shop::SHOP)[1] }));
        let answer = said(&mut client, &scaler).await;
        assert!(!not_judged(&answer).contains("range-is-consistent"), "{}", answer.json);
        setting.api.trouble("PodDisruptionBudget", None);
        until("it is known", async || known(&server, BUDGET).await).await;
        until("it is judged", async || {
            let answer = said(&mut client, &deletion()).await;
            !answer.is_allowed() && not_judged(&answer).is_empty()
        })
        .await;
    });
    server.stop();
}

#[test]
fn a_plugin_that_cannot_know_does_not_conclude_from_what_it_does_not_find() {
    let setting = Setting::new();
    let server = setting.start();
    let deployment = review(&json!({ "object": yaml(shop::SHOP)[0] }));
    let violations =
        |answer: &Answer| answer.response()["auditAnnotations"]["violations"].to_string();
    block_on(async {
        ready(&server).await;
        let mut client = Client::connect(&server, Http::Two).await;
        let rule = "hygiene-disruption-budget";
        assert!(violations(&said(&mut client, &deployment).await).contains(rule));
        setting.api.apply(budget());
        until("the budget is seen", async || {
            !violations(&said(&mut client, &deployment).await).contains(rule)
        })
        .await;
        let answer = said(&mut client, &deployment).await;
        assert!(!answer.json.to_string().contains("no disruption budget"), "{}", answer.json);
        // It is told that it does not know, and says no more than that.
        setting.api.trouble("PodDisruptionBudget", Some(Trouble::Forbidden));
        setting.api.cut();
        until("it does not know", async || {
            let answer = said(&mut client, &deployment).await.json.to_string();
            answer.contains("no disruption budget in this change")
        })
        .await;
        setting.api.trouble("PodDisruptionBudget", None);
        setting.api.delete(BUDGET, "shop", "web");
        until("it knows that there is none", async || {
            let answer = said(&mut client, &deployment).await.json.to_string();
            answer.contains("no disruption budget in the namespace")
        })
        .await;
    });
    server.stop();
}

#[test]
fn another_gate_looks_at_other_kinds() {
    let setting = Setting::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("provost.yaml");
    let write = |rest: &str| {
        let new = folder.path().join("new");
        std::fs::write(&new, format!("apiVersion: provost.dev/v1\nkind: Gate\n{rest}")).unwrap();
        std::fs::rename(new, &path).unwrap();
    };
    write("plugins: { workload-hygiene: { lookups: [Service] } }\n");
    let mut options = setting.options.clone();
    options.reload = Duration::from_millis(50);
    let gate = path.clone();
    let load = move || Loaded::new(&provost_engine::Gate::read(&gate)?, Some(cache()));
    let server = start(options, Box::new(load));
    block_on(async {
        ready(&server).await;
        until("services are known", async || known(&server, "Service").await).await;
        write("plugins: { workload-hygiene: { lookups: [ConfigMap] } }\n");
        until("configmaps are known", async || known(&server, "ConfigMap").await).await;
        let (_, text) = page(server.operations(), "/metrics").await;
        assert!(text.contains("provost_cluster_known{kind=\"ConfigMap\"}"), "{text}");
        assert_eq!(setting.api.asked("list poddisruptionbudgets"), 1, "others go on");
    });
    server.stop();
}
