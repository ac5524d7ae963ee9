//! What was not at hand is proved beside the requests: all of it in the end, also what found no
//! room among what waits.

use std::time::Duration;

use provost_engine::{Gate, is_not_at_hand};
use provost_model::Source;
use provost_serve::Loaded;
use serde_json::json;

use super::client::{Client, Http, block_on, deployment, options, review, start};
use super::reload::until;
use super::staying_up::join_all;

const GATE: &str = "\
apiVersion: provost.dev/v1
kind: Gate
plugins: { pod-security: { enabled: false } }
specifications: [cubes.yaml]
";

/// No cube is the sum of two, which the solver spends its whole budget on, for each `replicas`
/// anew.
const CUBES: &str = "\
apiVersion: provost.dev/v1
kind: Specification
metadata: { name: cubes, title: No cube is the sum of two }
spec:
  severity: high
  rationale: none
  remedy: none
  for: { kinds: [apps/Deployment], as: workload }
  let:
    most: '1000000 + workload.spec.replicas'
    x: between(1, most)
    y: between(1, most)
    z: between(1, most)
  invariants:
    - name: holds
      expr: 'x * x * x + y * y * y != z * z * z'
      violation: '\"no\"'
";

#[test]
fn what_found_no_room_is_asked_when_it_comes_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cubes.yaml"), CUBES).unwrap();
    // Answers of earlier runs would be at hand.
    let (place, cache) = (folder.path().to_owned(), folder.path().join("cache"));
    let load = move || {
        let gate = Gate::parse(&Source::new("provost.yaml", GATE), place.clone())?;
        Loaded::new(&gate, Some(cache.clone()))
    };
    let server = start(options(), Box::new(load));
    block_on(async {
        // 16 MiB of requests may wait for the solver: two of these, and not the third.
        let bodies: Vec<_> = (0..3).map(large).collect();
        let ask = async |body: &String| {
            let mut client = Client::connect(&server, Http::Two).await;
            client.post("/validate", body.clone()).await.json.to_string()
        };
        let first = join_all(bodies.iter().map(&ask).collect()).await;
        assert!(first.iter().all(|answer| is_not_at_hand(answer)), "{first:#?}");
        for body in &bodies {
            until("every one is answered", async || {
                tokio::time::sleep(Duration::from_millis(200)).await;
                !is_not_at_hand(&ask(body).await)
            })
            .await;
        }
    });
    server.stop();
}

/// A review of 6 MiB.
fn large(number: usize) -> String {
    let mut object = deployment();
    object["spec"]["replicas"] = json!(number + 1);
    object["metadata"]["annotations"] = json!({ "note": "x".repeat(6 << 20) });
    review(&json!({ "object": object })).to_string()
}
