//! The specifications over real manifests: whatever is refuted or unknown there is listed.
//! `BLESS=1` rewrites the list.
//!
//! Each was judged by hand, and each is right: 80% of one replica is all of them, and of four
//! too, of which 25% may be missing in an update; 67% of three is more than two; `Recreate`
//! stops all three members; a patch that deletes a deployment has no `spec`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use provost_model::{Document, Node, ObjectReference, Proof, Source};
use provost_spec::Cluster;
use provost_tests::{corpus, expect_file, root};
use provost_verify::{Judgement, Limits, Verifier};

/// The objects of one bundle, the items of lists among them.
fn objects(source: &Arc<Source>) -> Vec<Arc<Document>> {
    let parsed = provost_syntax::read(source, &provost_syntax::Limits::default());
    let mut found = Vec::new();
    for (index, root) in parsed.documents.into_iter().enumerate() {
        let is_list = root.get("kind").and_then(Node::as_text).is_some_and(|k| k.ends_with("List"));
        let roots = if is_list {
            root.get("items").map_or(Vec::new(), |items| items.items().to_vec())
        } else {
            vec![root]
        };
        for root in roots {
            let text = |pointer: &str| root.at(pointer).and_then(Node::as_text).map(str::to_owned);
            let Some(kind) = text("/kind") else { continue };
            let object = ObjectReference {
                api_version: text("/apiVersion").unwrap_or_default(),
                kind,
                namespace: text("/metadata/namespace"),
                name: text("/metadata/name").unwrap_or_default(),
            };
            found.push(Arc::new(Document { object, root, source: Arc::clone(source), index }));
        }
    }
    found
}

#[test]
fn what_real_manifests_come_to_is_known() {
    let Some(folder) = corpus("manifests") else { return };
    let specifications = super::specifications();
    let here = format!("{}/", root().display());
    let verifier = Verifier::new(Limits::default());
    let mut said = String::new();
    let mut counts = BTreeMap::<(String, &str), usize>::new();
    let mut bundles: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    bundles.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    bundles.sort();
    for bundle in bundles {
        let name = bundle.file_name().unwrap().to_str().unwrap();
        let source = Source::new(name, fs::read_to_string(&bundle).unwrap());
        let documents = objects(&source);
        let cluster = Cluster::new(&documents);
        for (_, specification) in &specifications {
            let id = &specification.check.id;
            for document in documents.iter().filter(|d| specification.is_about(&d.object)) {
                let mut count = |of| *counts.entry((id.clone(), of)).or_default() += 1;
                let judgement = verifier.judge(specification, &cluster, document);
                let Judgement::Judged(records) = judgement else {
                    count("does not apply");
                    continue;
                };
                for record in records {
                    let (of, what) = match &record.proof {
                        Proof::Proved(_) => ("proved", None),
                        Proof::Refuted(found) => ("refuted", Some(found.message.clone())),
                        Proof::Unknown(reason) => ("unknown", Some(reason.replace(&here, ""))),
                    };
                    count(of);
                    if let Some(what) = what {
                        let place = &record.location;
                        let _ = writeln!(said, "{place} {} {of}: {what}", record.property);
                    }
                }
            }
        }
    }
    for ((id, of), count) in counts {
        let _ = writeln!(said, "{id}: {count} {of}");
    }
    expect_file(&root().join("tests/integration/specifications/manifests.expected"), &said);
}
