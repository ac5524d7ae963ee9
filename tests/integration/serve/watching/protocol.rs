//! Lists and watches as they go and as they go wrong: what is not certain is not known.

use std::time::Duration;

use provost_tests::Trouble;
use serde_json::json;

use super::{BUDGET, Setting, budget, deletion, known, not_judged, objects, pods, ready};
use crate::serve::client::{Client, Http, block_on, metric, page, said};
use crate::serve::reload::until;

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
