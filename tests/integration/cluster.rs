//! A change put over a snapshot of the cluster: what specifications say of it is what they say
//! of the whole that comes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use provost_engine::{Gate, Library};
use provost_intake::{Input, Limits};
use provost_model::{Assessment, Change, Document, Node, Operation, Proof, Source, Value};
use provost_spec::{Cluster, Kinds, Models, Specification};
use provost_tests::{corpus, documents};
use provost_verify::Verifier;

/// Check, object, property and place.
type Question = (String, String, String, String);

fn library() -> Library {
    Library::load(&Gate::default(), None).map_err(|problems| format!("{problems:?}")).unwrap()
}

fn read(path: &Path) -> Vec<Arc<Document>> {
    let inputs = [Input::Path(path.to_owned())];
    provost_intake::read(&inputs, &mut std::io::empty(), &Limits::default(), &|_, _| {}).documents
}

/// The objects of each bundle of manifests that have a name.
pub(crate) fn manifests() -> Vec<Vec<Arc<Document>>> {
    let Some(folder) = corpus("manifests") else { return Vec::new() };
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let mut read: Vec<_> = files.iter().map(|path| read(path)).collect();
    for file in &mut read {
        file.retain(|one| !one.object.name.is_empty() && !one.object.name.ends_with('*'));
    }
    read
}

/// Group, kind, namespace and name.
pub(crate) fn identity(document: &Document) -> (String, String, String, String) {
    let object = &document.object;
    let namespace = object.effective_namespace().to_owned();
    (object.group().to_owned(), object.kind.clone(), namespace, object.name.clone())
}

fn answers(assessment: &Assessment) -> BTreeMap<Question, Proof> {
    let results = assessment.results.iter();
    let records = results.flat_map(|result| {
        result.proofs.iter().map(|record| {
            let place = format!("{}:{:?}", record.location, record.location.span);
            let id = result.check.id.clone();
            let object = record.object.to_string();
            ((id, object, record.property.clone(), place), bare(&record.proof))
        })
    });
    records.collect()
}

/// Without what is added to the first hundred refutations only, which are others of a whole.
fn bare(proof: &Proof) -> Proof {
    let mut proof = proof.clone();
    if let Proof::Refuted(counterexample) = &mut proof {
        counterexample.remedies.clear();
        counterexample.fails_when = None;
    }
    proof
}

fn rank(proof: Option<&Proof>) -> u8 {
    match proof {
        None | Some(Proof::Proved(_)) => 0,
        Some(Proof::Unknown(_)) => 1,
        Some(Proof::Refuted(_)) => 2,
    }
}

/// The same object with fewer replicas, or more, as it may run today.
pub(crate) fn other_version(document: &Arc<Document>, replicas: i64) -> Arc<Document> {
    let node = Node::new(Value::Integer(replicas));
    let root = document.root.with("/spec/replicas", node);
    let root = root.unwrap_or_else(|_| document.root.clone());
    Arc::new(Document { root, ..(**document).clone() })
}

/// Budgets, autoscalers and quotas for what makes pods: few projects come with their own.
pub(crate) fn company(all: &[Arc<Document>], random: &mut TestRng) -> Vec<Arc<Document>> {
    let mut text = String::new();
    for document in all {
        let object = &document.object;
        let labels = document.root.at("/spec/selector/matchLabels");
        let Some(labels) = labels.filter(|_| object.group() == "apps") else { continue };
        let name = format!("{}-{}", object.name, object.kind.to_lowercase());
        let place = format!("{{name: {name}, namespace: {}}}", object.effective_namespace());
        let count = random.next_u32() % 4;
        text += &format!(
            "---\n{{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {place}, \
             spec: {{minAvailable: {count}, selector: {{matchLabels: {}}}}}}}\n",
            labels.to_json()
        );
        if random.next_u32().is_multiple_of(2) {
            text += &format!(
                "---\n{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, \
                 metadata: {place}, spec: {{scaleTargetRef: {{apiVersion: {}, kind: {}, name: {}}}, \
                 minReplicas: {}, maxReplicas: 9}}}}\n",
                object.api_version,
                object.kind,
                object.name,
                count.max(1)
            );
        }
        if random.next_u32().is_multiple_of(16) {
            text += &format!(
                "---\n{{apiVersion: v1, kind: ResourceQuota, metadata: {place}, \
                 spec: {{hard: {{pods: {}}}}}}}\n",
                random.next_u32() % 20
            );
        }
    }
    documents("company.yaml", &text)
}

/// What is asked and what is known: some objects are only in the cluster, some only in the
/// change, some in both, and some in the cluster alone that are deleted.
struct Split {
    snapshot: Vec<Arc<Document>>,
    written: Vec<Arc<Document>>,
    merged: Vec<Arc<Document>>,
}

fn split(all: &[Arc<Document>], random: &mut TestRng) -> Split {
    let (mut snapshot, mut written, mut new) = (Vec::new(), Vec::new(), Vec::new());
    let mut merged = Vec::new();
    for document in all {
        match random.next_u32() % 8 {
            0 => {
                written.push(Arc::clone(document));
                new.push(Arc::clone(document));
            }
            1 => {
                written.push(Arc::clone(document));
                snapshot.push(other_version(document, i64::from(random.next_u32() % 4)));
                merged.push(Arc::clone(document));
            }
            _ => {
                snapshot.push(Arc::clone(document));
                merged.push(Arc::clone(document));
            }
        }
    }
    merged.extend(new);
    Split { snapshot, written, merged }
}

/// Is what is said of a change put over a snapshot what is said of the whole? Gives how many
/// answers were compared, and how many were about objects beside the change.
fn compare(library: &Library, split: &Split, operation: Operation) -> (usize, usize) {
    let Split { snapshot, written, merged } = split;
    let judge = |documents: &[Arc<Document>], before: &[Arc<Document>]| {
        let (documents, before) = (documents.to_vec(), before.to_vec());
        answers(&library.prove(&Change { documents, before, ..Change::default() }, &|_| {}))
    };
    let change = Change {
        documents: written.clone(),
        cluster: Some(snapshot.clone()),
        operation,
        ..Change::default()
    };
    let said = answers(&library.prove(&change, &|_| {}));
    let whole = judge(merged, snapshot);
    let was = judge(snapshot, snapshot);
    let own: BTreeSet<_> = match operation {
        Operation::Delete => BTreeSet::new(),
        _ => written.iter().map(|one| one.object.to_string()).collect(),
    };
    let is_own = |question: &Question| own.contains(&question.1);
    let mut expected = BTreeMap::new();
    let mut beside = 0;
    for (question, proof) in &whole {
        if is_own(question) {
            expected.insert(question.clone(), proof.clone());
        } else if rank(Some(proof)) > rank(was.get(question)) {
            expected.insert(question.clone(), proof.clone());
            beside += 1;
        }
    }
    let keys =
        |answers: &BTreeMap<Question, Proof>| answers.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&said), keys(&expected));
    for (question, proof) in &expected {
        assert_eq!(format!("{:?}", said[question]), format!("{proof:?}"), "{question:?}");
    }
    (expected.len(), beside)
}

/// Every bundle of manifests, cut at random into what is there and what is asked: the answers
/// about the objects that are asked for, and those about others that got worse, are those of
/// the whole, wherever in it they are.
#[test]
fn a_change_over_a_snapshot_is_judged_as_the_whole_that_comes_of_it() {
    let files = manifests();
    if files.is_empty() {
        return;
    }
    let library = library();
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let (mut compared, mut beside) = (0, 0);
    for file in files {
        let last: BTreeMap<_, _> = file.into_iter().map(|one| (identity(&one), one)).collect();
        let mut all: Vec<_> = last.into_values().collect();
        all.extend(company(&all, &mut random));
        for _ in 0..3 {
            let parts = split(&all, &mut random);
            let (more, others) = compare(&library, &parts, Operation::Apply);
            compared += more;
            beside += others;
        }
        // The same in reverse: what was to be written goes away.
        let mut parts = split(&all, &mut random);
        parts.snapshot = all.clone();
        let gone: BTreeSet<_> = parts.written.iter().map(|one| identity(one)).collect();
        parts.merged = all.iter().filter(|one| !gone.contains(&identity(one))).cloned().collect();
        let (more, others) = compare(&library, &parts, Operation::Delete);
        compared += more;
        beside += others;
    }
    println!("{compared} answers, {beside} of them about objects beside the change");
    assert!(compared > 2000 && beside > 100, "{compared} {beside}");
}

/// The built-in specifications.
fn specifications() -> Vec<Specification> {
    let built_in = provost_builtins::SPECIFICATIONS.iter();
    let sources: Vec<_> = built_in.map(|(name, text)| Source::new(*name, *text)).collect();
    let models = Models::load(&sources).unwrap();
    sources.iter().flat_map(|source| Specification::load(source, &models).unwrap()).collect()
}

/// What a specification says that it needs is all that it looks for: where only that is known,
/// the answers are those of where everything is. Without it nothing is taken not to be there.
#[test]
fn a_specification_looks_for_what_it_needs_and_for_nothing_else() {
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[17; 32]);
    let verifier = Verifier::new(provost_verify::Limits::default()).at_hand();
    let specifications = specifications();
    let (mut compared, mut missing) = (0, BTreeSet::new());
    for file in manifests() {
        let mut all: Vec<_> = file;
        all.extend(company(&all, &mut random));
        let whole = Cluster::new(&all);
        let looking = specifications.iter().filter(|one| one.looks_around());
        for specification in looking {
            let needs = specification.needs();
            for subject in specification.subjects(&all) {
                let said = |cluster: &Cluster<'_>| {
                    format!("{:?}", verifier.decide(specification, cluster, &subject))
                };
                let everything = said(&whole);
                let missed = AtomicBool::new(false);
                let part = Cluster::new(&all).knowing(&needs);
                let part = said(&Cluster::noting(&part, &missed));
                let id = &specification.check.id;
                if !specification.reach.named {
                    assert!(!missed.load(Ordering::Relaxed), "{id} {}", subject.object);
                }
                if !missed.load(Ordering::Relaxed) {
                    assert_eq!(part, everything, "{id} {}", subject.object);
                    compared += 1;
                }
                let (nothing, missed) = (Kinds::new(), AtomicBool::new(false));
                let blind = Cluster::new(&all).knowing(&nothing);
                let blind = said(&Cluster::noting(&blind, &missed));
                if missed.load(Ordering::Relaxed) {
                    missing.insert(id.clone());
                } else {
                    assert_eq!(blind, everything, "{id} {}", subject.object);
                }
            }
        }
    }
    println!(
        "{compared} answers; {} specifications looked for something: {missing:?}",
        missing.len()
    );
    assert!(corpus("manifests").is_none() || (compared > 500 && missing.len() > 8));
}
