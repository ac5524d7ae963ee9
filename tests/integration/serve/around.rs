//! The webhook with a snapshot of the cluster says what `provost check --cluster` says: of the
//! object of a request, and of those beside it that it makes worse.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use provost_engine::{Bundle, is_not_at_hand};
use provost_model::{Change, Document, Node, Operation, Principal, Verdict};
use provost_serve::{Loaded, Server};
use provost_spec::namespace_of;
use provost_tests::documents;
use serde_json::{Value, json};

use super::client::{Client, Http, Kept, block_on, cache, gate, options, review, said};
use super::shop;
use crate::cluster::{company, identity, manifests, other_version};

const GATE: &str = "plugins: { workload-hygiene: {} }\n";

fn server(snapshot: Vec<Arc<Document>>, kept: &Kept) -> Server {
    let read = Arc::new(move || Ok(snapshot.clone()));
    let load = move || {
        Loaded::new(&gate(GATE), Some(cache()))?.with_cluster(Vec::new(), Arc::clone(&read) as _)
    };
    Server::start(options(), Box::new(load), Some(Box::new(kept.clone())))
        .map_err(|problems| format!("{problems:?}"))
        .unwrap()
}

/// One request, and the same as a change of the command line.
pub struct Asked {
    pub review: Value,
    change: Change,
}

/// The object in this namespace, where it names none.
pub fn placed(document: Arc<Document>, namespace: &str) -> Arc<Document> {
    if document.object.namespace.is_some() || namespace_of(&document).is_empty() {
        return document;
    }
    let mut placed = (*document).clone();
    placed.object.namespace = Some(namespace.to_owned());
    let mut root = placed.root.to_json();
    root["metadata"]["namespace"] = json!(namespace);
    placed.root = Node::from_json(&root);
    Arc::new(placed)
}

pub fn asked(document: &Arc<Document>, known: Option<&Arc<Document>>, delete: bool) -> Asked {
    let object = &document.object;
    let namespace = object.namespace.clone().unwrap_or_default();
    let kind = json!({
        "group": object.group(),
        "version": object.api_version.rsplit('/').next(),
        "kind": object.kind,
    });
    let new = document.root.to_json();
    let old = known.map_or(Value::Null, |known| known.root.to_json());
    let (operation, new, old) = match (delete, known) {
        (true, _) => ("DELETE", Value::Null, new),
        (false, Some(_)) => ("UPDATE", new, old),
        (false, None) => ("CREATE", new, old),
    };
    let review = review(&json!({
        "operation": operation,
        "object": new,
        "oldObject": old,
        "kind": kind,
        "name": object.name,
        "namespace": namespace,
        "userInfo": { "username": "alice", "groups": ["developers"] },
    }));
    let before = match delete {
        true => vec![Arc::clone(document)],
        false => known.into_iter().cloned().collect(),
    };
    let groups = vec!["developers".to_owned()];
    let change = Change {
        documents: vec![Arc::clone(document)],
        before,
        operation: if delete { Operation::Delete } else { Operation::Apply },
        principal: Principal { groups, ..Principal::named("alice") },
        ..Change::default()
    };
    Asked { review, change }
}

/// What is violated, and how often.
fn violations(bundle: &Bundle, change: &Change) -> (Verdict, BTreeMap<String, usize>) {
    let assessment = bundle.assess(change, Timestamp::now(), &|_, _| {});
    let mut counts = BTreeMap::new();
    for finding in assessment.findings() {
        *counts.entry(finding.check.id.clone()).or_insert(0) += 1;
    }
    (assessment.verdict, counts)
}

#[test]
fn the_webhook_and_the_command_line_see_one_cluster() {
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let mut objects: BTreeMap<_, Arc<Document>> = BTreeMap::new();
    for (number, file) in manifests().into_iter().enumerate() {
        for document in file {
            // Projects that name no namespace each get one: a cluster keeps them apart.
            let document = placed(document, &format!("project-{number}"));
            objects.entry(identity(&document)).or_insert(document);
        }
    }
    if objects.is_empty() {
        return;
    }
    let mut all: Vec<_> = objects.into_values().collect();
    all.extend(company(&all, &mut random));
    // Most are there, some in another version; the others come.
    let there: Vec<Option<Arc<Document>>> = all
        .iter()
        .map(|document| match random.next_u32() % 4 {
            0 => None,
            1 => Some(other_version(document, i64::from(random.next_u32() % 4))),
            _ => Some(Arc::clone(document)),
        })
        .collect();
    let snapshot: Vec<_> = there.iter().flatten().cloned().collect();
    let kept = Kept::default();
    let server = server(snapshot.clone(), &kept);
    let bundle = Bundle::load(&gate(GATE), Some(cache())).map_err(|e| format!("{e:?}")).unwrap();
    let (mut counts, mut beside, mut late) = (BTreeMap::new(), 0, 0);
    block_on(async {
        let mut client = Client::connect(&server, Http::Two).await;
        for (document, there) in all.iter().zip(&there) {
            let looked_at =
                ["apps", "policy", "autoscaling", ""].contains(&document.object.group());
            let is_asked = looked_at && random.next_u32().is_multiple_of(4);
            if !is_asked || document.object.kind == "Secret" {
                continue;
            }
            let delete = there.is_some() && random.next_u32().is_multiple_of(4);
            let subject = there.as_ref().filter(|_| delete).unwrap_or(document);
            let Asked { review, mut change } = asked(subject, there.as_ref(), delete);
            let alone = violations(&bundle, &change);
            change.cluster = Some(snapshot.clone());
            let line = violations(&bundle, &change);
            let mut answer = client.post("/validate?timeout=30s", review.to_string()).await;
            let start = Instant::now();
            while is_not_at_hand(&answer.json.to_string()) && start.elapsed().as_secs() < 30 {
                tokio::time::sleep(Duration::from_millis(20)).await;
                answer = client.post("/validate?timeout=30s", review.to_string()).await;
            }
            let name = &document.object;
            assert_eq!(answer.status, 200, "{name}: {}", answer.json);
            let said = &answer.response()["auditAnnotations"];
            // A slow machine has no time for every object beside it, and says so.
            if said["not-judged"].is_string() {
                late += 1;
                continue;
            }
            let decision = kept.0.lock().unwrap().last().unwrap().clone();
            let violated: BTreeMap<String, usize> =
                decision.violations.into_iter().map(|one| (one.rule, one.count)).collect();
            let webhook = said["verdict"].as_str().unwrap().to_owned();
            assert_eq!((&webhook, &violated), (&line.0.to_string(), &line.1), "{name}");
            *counts.entry(webhook).or_insert(0) += 1;
            beside += usize::from(alone.1 != line.1);
        }
    });
    println!("{} objects, {counts:?}, {beside} otherwise than alone, {late} late", snapshot.len());
    assert!(counts["allow"] > 100 && counts["deny"] > 20 && beside > 20, "{counts:?} {beside}");
    server.stop();
}

#[test]
fn what_a_request_takes_away_is_missed() {
    let snapshot = documents("cluster.yaml", &format!("{}---{}", shop::SHOP, shop::BUDGET));
    let kept = Kept::default();
    let server = server(snapshot.clone(), &kept);
    let (autoscaler, deployment) = (&snapshot[1], &snapshot[0]);
    block_on(async {
        let mut client = Client::connect(&server, Http::Two).await;
        let deleted = asked(autoscaler, Some(autoscaler), true).review;
        let answer = said(&mut client, &deleted).await;
        assert!(!answer.is_allowed(), "{}", answer.json);
        let message = answer.response()["status"]["message"].as_str().unwrap();
        assert!(message.contains("keeps 2 of 2 healthy"), "{message}");
        // As it was: nothing is taken away, and nothing was wrong.
        let same = asked(deployment, Some(deployment), false).review;
        let answer = client.post("/validate", same.to_string()).await;
        assert!(answer.is_allowed(), "{}", answer.json);
        let said = &answer.response()["auditAnnotations"];
        assert_eq!(said["not-judged"].as_str().unwrap_or_default(), "", "{said}");
    });
    server.stop();
}
