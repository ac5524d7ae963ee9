//! What is watched and what is read from files is one cluster.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use provost_model::{Document, Node, ObjectReference, Source};
use provost_serve::Loaded;
use serde_json::Value;

use super::{GATE, Setting, not_judged, ready};
use crate::cluster::{company, identity, manifests, other_version};
use crate::serve::around::{asked, placed};
use crate::serve::client::{Answer, Client, Http, block_on, cache, gate, options, said, start};

#[test]
fn a_cluster_that_is_watched_is_one_that_is_read() {
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[23; 32]);
    let files = manifests();
    if files.is_empty() {
        return;
    }
    let (mut compared, mut denied, mut late) = (0, 0, 0);
    for round in 0..6 {
        let world = world(&files, &mut random, round);
        let setting = Setting::new();
        setting.api.delete("apps/Deployment", "shop", "web");
        setting.api.delete("autoscaling/HorizontalPodAutoscaler", "shop", "web");
        world.there.iter().for_each(|one| setting.api.apply(one.root.to_json()));
        // As `kubectl` would save them: with what the server writes into them.
        let snapshot = setting.api.change(|api| api.objects());
        let snapshot: Vec<_> = snapshot.iter().map(document).collect();
        // What was proved for one counts for the other.
        let gate = Loaded::new(&gate(GATE), Some(cache())).map_err(|e| format!("{e:?}")).unwrap();
        let same = gate.clone();
        let watching = start(setting.options.clone(), Box::new(move || Ok(same.clone())));
        let there: BTreeMap<_, _> =
            snapshot.iter().map(|one| (identity(one), Arc::clone(one))).collect();
        let read = Arc::new(move || Ok(snapshot.clone()));
        let load = move || gate.clone().with_cluster(Vec::new(), Arc::clone(&read) as _);
        let reading = start(options(), Box::new(load));
        block_on(async {
            ready(&watching).await;
            let mut one = Client::connect(&watching, Http::Two).await;
            let mut other = Client::connect(&reading, Http::Two).await;
            for (document, delete) in &world.asked {
                let known = there.get(&identity(document));
                let subject = known.filter(|_| *delete).unwrap_or(document);
                let review = asked(subject, known, *delete).review;
                said(&mut one, &review).await;
                let (one, other) = (said(&mut one, &review).await, said(&mut other, &review).await);
                let facts = |answer: &Answer| {
                    let notes = &answer.response()["auditAnnotations"];
                    let lists = ["verdict", "violations", "unknown", "not-judged"];
                    lists.map(|name| {
                        let mut said: Vec<_> =
                            notes[name].as_str().unwrap_or_default().split(", ").collect();
                        said.sort_unstable();
                        said.join(", ")
                    })
                };
                let name = &document.object;
                // A slow machine has no time for every object beside it, and says so.
                if !not_judged(&one).is_empty() || !not_judged(&other).is_empty() {
                    late += 1;
                    continue;
                }
                assert_eq!(facts(&one), facts(&other), "{name}: {} {}", one.json, other.json);
                compared += 1;
                denied += usize::from(!one.is_allowed());
            }
        });
        watching.stop();
        reading.stop();
    }
    println!("{compared} answers are the same, {denied} of them denials; {late} were late");
    assert!(compared > 200 && denied > 20, "{compared} {denied}");
}

/// An object as a server has it.
fn document(object: &Value) -> Arc<Document> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let reference = ObjectReference {
        api_version: text("/apiVersion").unwrap(),
        kind: text("/kind").unwrap(),
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name").unwrap(),
    };
    Arc::new(Document {
        object: reference,
        root: Node::from_json(object),
        source: Source::new("cluster.yaml", ""),
        index: 0,
    })
}

/// A small cluster, and what is asked of it: an object, and whether it goes.
struct SmallWorld {
    there: Vec<Arc<Document>>,
    asked: Vec<(Arc<Document>, bool)>,
}

fn world(files: &[Vec<Arc<Document>>], random: &mut TestRng, round: usize) -> SmallWorld {
    let mut all: Vec<Arc<Document>> = Vec::new();
    for number in 0..8 {
        let file = &files[random.next_u32() as usize % files.len()];
        let placed = file.iter().map(|one| placed(Arc::clone(one), &format!("p-{round}-{number}")));
        let groups = ["apps", "policy", "autoscaling", "batch"];
        all.extend(placed.filter(|one| groups.contains(&one.object.group())));
    }
    all.extend(company(&all, random));
    all.sort_by_key(|one| identity(one));
    all.dedup_by_key(|one| identity(one));
    let (mut there, mut asked) = (Vec::new(), Vec::new());
    for document in &all {
        let is_there = !random.next_u32().is_multiple_of(4);
        if is_there {
            there.push(Arc::clone(document));
        }
        let delete = is_there && random.next_u32().is_multiple_of(3);
        if random.next_u32().is_multiple_of(3) {
            let version = i64::from(random.next_u32() % 4);
            asked.push((other_version(document, version), delete));
        }
    }
    SmallWorld { there, asked }
}
