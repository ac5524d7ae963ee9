//! The webhook that watches the cluster: what it says follows what happens there, and where it
//! does not know what happens, it says that.

mod agreement;

use std::time::Duration;

use provost_engine::is_not_at_hand;
use provost_serve::{Loaded, Options, Server, WatchOptions};
use provost_tests::{ApiServer, Trouble, documents};
use serde_json::{Value, json};

use super::client::{
    Answer, Client, Http, block_on, cache, gate, loads, metric, options, page, review, start,
};
use super::reload::until;

const GATE: &str = "plugins: { workload-hygiene: {} }\n";
const BUDGET: &str = "policy/PodDisruptionBudget";

/// A webhook that watches, and what it reads.
pub struct Setting {
    api: ApiServer,
    _folder: tempfile::TempDir,
    options: Options,
}

impl Setting {
    pub fn new() -> Self {
        let (api, folder) = (ApiServer::start(), tempfile::tempdir().unwrap());
        let kubeconfig = folder.path().join("kubeconfig");
        std::fs::write(&kubeconfig, api.kubeconfig()).unwrap();
        let mut options = options();
        options.cluster = Some(WatchOptions {
            kubeconfig: Some(kubeconfig),
            every: Duration::from_millis(10),
            age: Duration::from_secs(20),
            ..WatchOptions::default()
        });
        for object in yaml(SHOP) {
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

/// An autoscaler that keeps three replicas, and the Deployment that has two without it.
const SHOP: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, managedFields: [{manager: kubectl}]}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: registry.example/web:1}]
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: DoNotSchedule
          labelSelector: {matchLabels: {app: web}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 3
  maxReplicas: 6
";

/// A promise that two replicas cannot keep while a node is drained.
fn budget() -> Value {
    json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": { "name": "web", "namespace": "shop" },
        "spec": { "minAvailable": 2, "selector": { "matchLabels": { "app": "web" } } },
    })
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
    review(&json!({ "operation": "DELETE", "oldObject": yaml(SHOP)[1] }))
}

/// What is said once nothing has to be proved first.
async fn said(client: &mut Client, review: &Value) -> Answer {
    let mut answer = client.post("/validate?timeout=30s", review.to_string()).await;
    for _ in 0..1000 {
        if !is_not_at_hand(&answer.json.to_string()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        answer = client.post("/validate?timeout=30s", review.to_string()).await;
    }
    answer
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
        let scaler = review(&json!({ "object": yaml(SHOP)[1] }));
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
    let deployment = review(&json!({ "object": yaml(SHOP)[0] }));
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
fn lists_come_by_pages_and_one_that_breaks_off_is_listed_again() {
    let setting = Setting::new();
    pods(250).for_each(|pod| setting.api.apply(pod));
    setting.api.trouble("Pod", Some(Trouble::ForgetsPages));
    let server = setting.start();
    block_on(async {
        until("it was tried", async || setting.api.asked("list pods continue=") >= 2).await;
        let (code, detail) = page(server.operations(), "/readyz").await;
        assert_eq!(code, 503, "{detail}");
        assert!(detail.contains("[-]cluster") && detail.contains("not known: Pod: "), "{detail}");
        // Half a list is none.
        assert_eq!(objects(&server, "Pod").await, 0.0);
        setting.api.trouble("Pod", None);
        ready(&server).await;
        assert_eq!(objects(&server, "Pod").await, 250.0);
        assert!(setting.api.asked("list pods continue=") >= 4);
    });
    server.stop();
}

#[test]
fn a_watch_goes_on_where_it_broke_off() {
    let setting = Setting::new();
    let server = setting.start();
    block_on(async {
        ready(&server).await;
        until("all are watched", async || setting.api.asked("watch pods") > 0).await;
        for round in 1..=3 {
            setting.api.cut();
            setting.api.apply(budget());
            pods(round).for_each(|pod| setting.api.apply(pod));
            until("what happened meanwhile is seen", async || {
                objects(&server, BUDGET).await == 1.0
                    && objects(&server, "Pod").await == round as f64
            })
            .await;
        }
        assert_eq!(setting.api.asked("list pods"), 1, "it went on");
        // What happened in between is forgotten: 410, and listed again.
        setting.api.delete(BUDGET, "shop", "web");
        setting.api.change(provost_tests::World::compact);
        setting.api.cut();
        until("that it is gone is seen", async || objects(&server, BUDGET).await == 0.0).await;
        until("pods are listed again", async || setting.api.asked("list pods") == 2).await;
        assert_eq!(objects(&server, "Pod").await, 3.0);
    });
    server.stop();
}

#[test]
fn a_watch_that_is_silent_for_too_long_is_not_trusted() {
    let setting = Setting::new().with(|watch| watch.age = Duration::from_secs(2));
    let server = setting.start();
    block_on(async {
        ready(&server).await;
        let mut client = Client::connect(&server, Http::Two).await;
        assert_eq!(not_judged(&said(&mut client, &deletion()).await), "");
        let age = format!("provost_cluster_age_seconds{{kind=\"{BUDGET}\"}}");
        assert!(metric(server.operations(), &age).await < 2.0);
        setting.api.trouble("PodDisruptionBudget", Some(Trouble::Status(500)));
        setting.api.cut();
        until("it is too old", async || !known(&server, BUDGET).await).await;
        assert!(metric(server.operations(), &age).await >= 2.0);
        until("it is not judged", async || {
            not_judged(&said(&mut client, &deletion()).await).contains("drain-can-progress")
        })
        .await;
        let (code, detail) = page(server.operations(), "/readyz").await;
        assert_eq!(code, 200, "it still answers: {detail}");
        assert!(detail.contains(&format!("not known: {BUDGET}: last known good")), "{detail}");
        assert!(known(&server, "apps/Deployment").await, "others go on");
        setting.api.trouble("PodDisruptionBudget", None);
        until("it is known again", async || known(&server, BUDGET).await).await;
        until("it is judged again", async || {
            not_judged(&said(&mut client, &deletion()).await).is_empty()
        })
        .await;
    });
    server.stop();
}

/// A server that takes each watch and says nothing but that it cannot is not one that is heard.
#[test]
fn a_watch_that_always_breaks_off_is_not_trusted() {
    let setting = Setting::new().with(|watch| watch.age = Duration::from_secs(3));
    let server = setting.start();
    block_on(async {
        ready(&server).await;
        for trouble in [Trouble::Breaks, Trouble::Ends, Trouble::Silent] {
            assert!(known(&server, BUDGET).await);
            setting.api.trouble("PodDisruptionBudget", Some(trouble.clone()));
            setting.api.cut();
            until("it is too old", async || !known(&server, BUDGET).await).await;
            assert!(known(&server, "apps/Deployment").await, "{trouble:?}");
            setting.api.trouble("PodDisruptionBudget", None);
            setting.api.cut();
            until("it is known again", async || known(&server, BUDGET).await).await;
        }
    });
    server.stop();
}

#[test]
fn more_than_is_kept_is_not_known_and_the_rest_is() {
    let setting = Setting::new().with(|watch| watch.objects = 50);
    setting.api.apply(budget());
    let server = setting.start();
    block_on(async {
        ready(&server).await;
        assert!(known(&server, "Pod").await);
        pods(200).for_each(|pod| setting.api.apply(pod));
        until("there are too many", async || !known(&server, "Pod").await).await;
        let (_, detail) = page(server.operations(), "/readyz").await;
        assert!(detail.contains("not known: Pod: there is too much of it: 50 objects"), "{detail}");
        assert_eq!(objects(&server, "Pod").await, 0.0, "they are not kept");
        assert!(known(&server, BUDGET).await && known(&server, "apps/Deployment").await);
        let mut client = Client::connect(&server, Http::Two).await;
        until("what needs pods is not judged", async || {
            // How many other pods the budget selects is not known.
            !not_judged(&said(&mut client, &deletion()).await).is_empty()
        })
        .await;
    });
    server.stop();
}

#[test]
fn what_cannot_be_read_is_listed_again() {
    let setting = Setting::new();
    setting.api.apply(budget());
    let server = setting.start();
    block_on(async {
        ready(&server).await;
        let listed = || setting.api.asked("list poddisruptionbudgets");
        for line in [
            r#"{"type":"ADDED","object":{"metadata":{"name":7}}}"#,
            r#"{"type":"ADDED","object":[]}"#,
            r#"{"type":"MODIFIED","object":{"metadata":{"name":"x"}}}"#,
            r#"{"type":"SURPRISE","object":{}}"#,
            r#"{"metadata":{"name":"no event"}}"#,
            "no JSON",
            r#"{"type":"ERROR","object":{"kind":"Status","status":"Failure","code":410,"message":"gone","reason":"Expired"}}"#,
        ] {
            let before = listed();
            until("it is watched", async || {
                setting.api.asked("watch poddisruptionbudgets") >= before
            })
            .await;
            setting.api.change(|world| world.say(BUDGET, line));
            until("it is listed again", async || listed() > before).await;
            until("it is known", async || known(&server, BUDGET).await).await;
            assert_eq!(objects(&server, BUDGET).await, 1.0, "{line}");
        }
        // An object that cannot be read stays: then the kind is not known.
        setting.api.change(|world| {
            let mut nameless = budget();
            nameless["metadata"] = json!({ "name": "", "namespace": "shop" });
            world.apply(nameless);
        });
        until("it is not known", async || !known(&server, BUDGET).await).await;
        let (_, detail) = page(server.operations(), "/readyz").await;
        assert!(detail.contains(&format!("not known: {BUDGET}: it cannot be read")), "{detail}");
        setting.api.delete(BUDGET, "shop", "");
        until("it is known", async || known(&server, BUDGET).await).await;
    });
    server.stop();
}

#[test]
fn a_kind_that_is_not_served_has_no_objects_until_it_is() {
    const SCALER: &str = "autoscaling.k8s.io/VerticalPodAutoscaler";
    let setting = Setting::new().with(|watch| watch.age = Duration::from_secs(3));
    let server = setting.start();
    block_on(async {
        ready(&server).await;
        assert!(known(&server, SCALER).await);
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert!(known(&server, SCALER).await, "it is asked again and again");
        setting.api.change(|world| {
            world.serve(
                "autoscaling.k8s.io",
                "v1",
                "VerticalPodAutoscaler",
                "verticalpodautoscalers",
            );
            world.apply(json!({
                "apiVersion": "autoscaling.k8s.io/v1", "kind": "VerticalPodAutoscaler",
                "metadata": { "name": "web", "namespace": "shop" }, "spec": {},
            }));
        });
        until("it is seen", async || objects(&server, SCALER).await == 1.0).await;
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
