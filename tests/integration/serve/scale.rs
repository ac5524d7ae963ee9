//! What is answered when a workload is scaled: cases as data, in `scale.yaml`.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use provost_engine::{Gate, Kinds, Snapshot};
use provost_model::Source;
use provost_serve::{Load, Loaded};
use provost_tests::{documents, root};

use super::client::{Client, Http, block_on, cache, options, review, said, start};
use super::contract::{cases, expect};

/// Looks at what policies see of a change of `scale`: the `Scale`, and no workload.
const POLICY: &str = r#"
@id("mallory-scales-nothing")
forbid (principal == User::"mallory", action in Action::"change", resource)
when { context.kinds == ["Scale"] };
"#;

#[test]
fn a_workload_is_scaled() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("own.cedar"), POLICY).unwrap();
    let loads = |is_known: bool| -> Load {
        let folder = folder.to_owned();
        Box::new(move || {
            let text = "apiVersion: provost.dev/v1\nkind: Gate\npolicies: [own.cedar]\n";
            let gate = Gate::parse(&Source::new("provost.yaml", text), folder.clone())?;
            let loaded = Loaded::new(&gate, Some(cache()))?;
            let path = root().join("tests/integration/serve/scale-cluster.yaml");
            let cluster = documents("cluster.yaml", &fs::read_to_string(path).unwrap());
            match is_known {
                true => loaded.with_cluster(Vec::new(), Arc::new(move || Ok(cluster.clone()))),
                false => Ok(loaded),
            }
        })
    };
    let (alone, over) = (start(options(), loads(false)), start(options(), loads(true)));
    let mut wrong = Vec::new();
    block_on(async {
        let mut alone = Client::connect(&alone, Http::Two).await;
        let mut over = Client::connect(&over, Http::Two).await;
        for case in &cases("scale.yaml") {
            let client = if case["over"] == "cluster" { &mut over } else { &mut alone };
            // What the solver is needed for is answered when it was asked, beside the requests.
            let mut outcome = Ok(());
            for _ in 0..200 {
                outcome = expect(case, &said(client, &review(&case["review"])).await);
                if outcome.is_ok() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            if let Err(why) = outcome {
                wrong.push(format!("{}: {why}", case["name"]));
            }
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    alone.stop();
    over.stop();
}

#[test]
fn what_is_scaled_differs_in_its_replicas_only() {
    let path = root().join("tests/integration/serve/scale-cluster.yaml");
    let cluster = documents("cluster.yaml", &fs::read_to_string(path).unwrap());
    let deployment = ("apps", "Deployment");
    let snapshot = Snapshot::new(cluster.clone());
    let scaled = snapshot.scaled(deployment, "shop", "web", 7).unwrap();
    let mut expected = cluster[0].root.to_json();
    expected["spec"]["replicas"] = 7.into();
    assert_eq!(scaled.root.to_json(), expected);
    assert_eq!(scaled.object, cluster[0].object);
    assert!(snapshot.scaled(deployment, "lab", "web", 7).is_none(), "another namespace");
    assert!(snapshot.scaled(deployment, "shop", "db", 7).is_none(), "another kind");
    // It is there, but of a kind of which nobody knows whether all are.
    let unknown = Snapshot::knowing(cluster.clone(), Kinds::new());
    assert!(unknown.scaled(deployment, "shop", "web", 7).is_none(), "a kind that is not known");
    let known = Kinds::from([("apps".to_owned(), "Deployment".to_owned())]);
    assert!(Snapshot::knowing(cluster, known).scaled(deployment, "shop", "web", 7).is_some());
}
