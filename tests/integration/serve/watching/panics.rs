//! A bug on the thread that watches: what was known before is no longer current, and that is said.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{BUDGET, Setting, budget, deletion, known, not_judged, ready};
use crate::serve::client::{Client, Http, block_on, metric, page, said};
use crate::serve::reload::until;

#[test]
fn where_snapshots_are_made_no_more_nothing_is_known_and_a_new_start_is_asked_for() {
    static BROKEN: AtomicBool = AtomicBool::new(false);
    fn probe(what: &str) {
        assert!(what != "snapshot" || !BROKEN.load(Ordering::SeqCst), "a bug, as it is meant");
    }
    let setting = Setting::new().with(|watch| watch.probe = Some(probe));
    let server = setting.start();
    block_on(async {
        ready(&server).await;
        let mut client = Client::connect(&server, Http::Two).await;
        assert_eq!(not_judged(&said(&mut client, &deletion()).await), "");
        assert_eq!(page(server.operations(), "/healthz").await.0, 200);
        BROKEN.store(true, Ordering::SeqCst);
        setting.api.apply(budget());
        until("the panic is counted", async || {
            metric(server.operations(), "provost_panics_total").await == 1.0
        })
        .await;
        // At once, and not only when what was known is too old.
        let answer = said(&mut client, &deletion()).await;
        assert!(not_judged(&answer).contains("range-is-consistent"), "{}", answer.json);
        assert!(!known(&server, BUDGET).await && !known(&server, "apps/Deployment").await);
        let (code, detail) = page(server.operations(), "/readyz").await;
        assert_eq!(code, 503, "{detail}");
        assert!(detail.contains("[-]cluster"), "{detail}");
        assert!(detail.contains(": nobody follows it any more"), "{detail}");
        let (code, detail) = page(server.operations(), "/healthz").await;
        assert_eq!((code, &*detail), (500, "start it again: the watch of the cluster panicked\n"));
    });
    server.stop();
}

#[test]
fn a_kind_that_is_followed_no_more_is_not_known_and_the_others_are() {
    fn probe(what: &str) {
        assert_ne!(what, "PodDisruptionBudget", "a bug, as it is meant");
    }
    let setting = Setting::new().with(|watch| watch.probe = Some(probe));
    let server = setting.start();
    block_on(async {
        ready(&server).await;
        assert!(known(&server, BUDGET).await);
        setting.api.apply(budget());
        until("it is not known", async || !known(&server, BUDGET).await).await;
        assert!(known(&server, "apps/Deployment").await);
        let (code, detail) = page(server.operations(), "/readyz").await;
        assert_eq!(code, 200, "{detail}");
        let line = format!("not known: {BUDGET}: it cannot be read: following it panicked");
        assert!(detail.contains(&line), "{detail}");
        assert_eq!(metric(server.operations(), "provost_panics_total").await, 1.0);
        assert_eq!(page(server.operations(), "/healthz").await.0, 200);
    });
    server.stop();
}
