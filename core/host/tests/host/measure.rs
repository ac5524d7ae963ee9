//! Times for people: `cargo test -p provost-host --release measure -- --nocapture`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use provost_host::{Host, Limits};
use serde_json::json;

use crate::guests::{component, document, echo, hostile};

#[test]
fn measure_a_fresh_call_and_a_load_from_the_cache() {
    let directory = tempfile::tempdir().unwrap();
    let start = || Host::new(Some(directory.path().to_owned())).unwrap();
    let guest = echo();
    let load = |host: &Host| {
        host.load("echo", &guest, &json!("/metadata/name"), &[], Limits::default()).unwrap()
    };
    let compiled = time(1, || drop(load(&start())));
    let new_host = time(20, || drop(start()));
    let host = start();
    let cached = time(200, || drop(load(&host)));
    let plugin = load(&host);
    let pods = [document("a", &json!({}))];
    let empty = time(20_000, || assert!(plugin.check(&[], &Arc::default()).failure.is_none()));
    let one = time(20_000, || assert!(plugin.check(&pods, &Arc::default()).failure.is_none()));
    println!("host and load with compilation {compiled:?}, new host {new_host:?}");
    println!("load from the cache, describe and validate included: {cached:?}");
    println!("fresh instance, check of no document, drop: {empty:?}; of one document: {one:?}");
    let endless = component(&hostile("endless-loop-in-check.wat"), "1.0.0");
    let endless = host.load("loop", &endless, &json!({}), &[], Limits::default()).unwrap();
    let stopped = endless.check(&pods, &Arc::default());
    println!("the default fuel lasts {:?} in an empty loop", stopped.elapsed);
    assert!(cached < compiled, "loading is faster than compiling");
}

/// The median.
fn time(count: usize, mut call: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..count)
        .map(|_| {
            let start = Instant::now();
            call();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[count / 2]
}
