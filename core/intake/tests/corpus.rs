//! Every manifest of the corpora that lie beside the workspace, where they do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use provost_intake::{Input, Limits, read};
use provost_model::Change;

fn corpus(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora").join(name);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: there is no corpus at {}", path.display());
    None
}

fn read_directory(path: &Path) -> Change {
    let inputs = [Input::Path(path.to_owned())];
    read(&inputs, &mut std::io::empty(), &Limits::default(), &|_, _| {})
}

/// Objects of each bundle: document, and `kind name`.
type Bundles = BTreeMap<String, Vec<(u64, String)>>;

/// Numbers the documents anew: the index does not count empty ones.
fn renumber(bundles: &mut Bundles) {
    for objects in bundles.values_mut() {
        let documents: BTreeSet<u64> = objects.iter().map(|(document, _)| *document).collect();
        let documents: Vec<u64> = documents.into_iter().collect();
        for (document, _) in objects {
            *document = documents.binary_search(document).unwrap() as u64;
        }
    }
}

#[test]
fn every_object_of_the_manifests_is_found() {
    let Some(path) = corpus("manifests") else { return };
    let index = std::fs::read_to_string(path.join("objects.jsonl")).unwrap();
    let mut expected = Bundles::new();
    for line in index.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let object =
            (entry["doc_index"].as_u64().unwrap(), format!("{} {}", text("kind"), text("name")));
        expected.entry(text("bundle")).or_default().push(object);
    }

    let start = Instant::now();
    let change = read_directory(&path);
    let time = start.elapsed();
    let mut actual = Bundles::new();
    for document in &change.documents {
        let name = document.source.name();
        let bundle = name.rsplit_once("/manifests/").unwrap().1;
        let name = match document.object.name.as_str() {
            // The index has nothing where a name is missing.
            "(unnamed)" => "",
            name => name.trim_end_matches('*'),
        };
        let object = (document.index as u64, format!("{} {name}", document.object.kind));
        actual.entry(bundle.to_owned()).or_default().push(object);
    }
    let odd: Vec<String> =
        actual.keys().filter(|name| name.starts_with("odd-yaml/")).cloned().collect();
    assert_eq!(odd.len(), 1, "the file with a bare `=`");
    actual.retain(|name, _| !odd.contains(name));

    renumber(&mut expected);
    renumber(&mut actual);
    for (bundle, objects) in &expected {
        let found = actual.get(bundle).map(Vec::as_slice).unwrap_or_default();
        let differing = objects.iter().zip(found).find(|(expected, actual)| expected != actual);
        assert_eq!(differing, None, "{bundle}");
        assert_eq!(found.len(), objects.len(), "{bundle}");
    }
    assert_eq!(actual.len(), expected.len());
    let count: usize = actual.values().map(Vec::len).sum();
    assert_eq!(count, 2149);
    println!("{count} objects in {time:?}");
    // Five keys are there twice, in the files themselves.
    let told: Vec<_> = change.problems.iter().map(|p| (p.code, p.message.as_str())).collect();
    let selector = "key `selector` is on line 1932 and again on line 1938";
    assert_eq!(told.first(), Some(&("duplicate-key", selector)));
    assert!(told.iter().all(|(code, _)| *code == "duplicate-key"), "{told:#?}");
    assert_eq!(told.len(), 5, "{told:#?}");
}

/// Hidden directories too, which would be passed over.
fn files(directory: &Path, files: &mut Vec<Input>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() => self::files(&path, files),
            Some("yaml" | "yml" | "json") => files.push(Input::Path(path)),
            _ => {}
        }
    }
}

/// `kubectl` reads all of them as well.
#[test]
fn other_corpora_are_read_without_a_problem() {
    for (name, objects) in [
        ("pss", 1297),
        ("kyverno-policies", 2000),
        ("gatekeeper-library", 201),
        ("networkpolicy", 1227),
    ] {
        let Some(path) = corpus(name) else { continue };
        let mut inputs = Vec::new();
        files(&path, &mut inputs);
        let change = read(&inputs, &mut std::io::empty(), &Limits::default(), &|_, _| {});
        let told: Vec<String> = change.problems.iter().map(ToString::to_string).collect();
        assert_eq!(told, Vec::<String>::new(), "{name}");
        println!("{name}: {} objects, {} skipped", change.documents.len(), change.skipped.len());
        assert!(change.documents.len() >= objects, "{name}: {}", change.documents.len());
    }
}

/// Workflows of well-known projects, found as in their checkouts: below a hidden folder.
#[test]
fn every_real_workflow_is_one_document() {
    let Some(path) = corpus("gha-workflows") else { return };
    let names = |index: &str, wanted: fn(&serde_json::Value) -> bool| -> BTreeSet<String> {
        let index = std::fs::read_to_string(path.join(index)).unwrap();
        let entries = index.lines().map(|line| serde_json::from_str(line).unwrap());
        entries
            .filter(wanted)
            .map(|entry| path.join(entry["file"].as_str().unwrap()).display().to_string())
            .collect()
    };
    // One is no YAML: the parser of `zizmor` could not read it either.
    let rejected = names("zizmor-findings.jsonl", |entry| {
        entry["error"].as_str().is_some_and(|error| error.contains("failed to parse input"))
    });
    let (broken, expected): (BTreeSet<_>, BTreeSet<_>) =
        names("real.jsonl", |_| true).into_iter().partition(|name| rejected.contains(name));
    let change = read_directory(&path.join("real"));
    let wrong = change.problems.iter().map(|problem| {
        println!("{problem}");
        problem.location.as_ref().unwrap().source.name().to_owned()
    });
    assert_eq!(wrong.collect::<BTreeSet<_>>(), broken);
    assert_eq!(change.skipped, []);
    let actual: Vec<String> =
        change.documents.iter().map(|document| document.source.name().to_owned()).collect();
    assert_eq!(actual, expected.into_iter().collect::<Vec<_>>());
    println!("{} workflows", actual.len());
    for document in &change.documents {
        let object = &document.object;
        let stem = Path::new(document.source.name()).file_stem().unwrap().to_str();
        assert_eq!((object.api_version.as_str(), object.kind.as_str()), WORKFLOW);
        assert_eq!((object.namespace.as_deref(), Some(object.name.as_str())), (None, stem));
        assert!(!document.root.get("jobs").unwrap().entries().is_empty(), "{object}");
    }
}

const WORKFLOW: (&str, &str) = ("actions.github.com/v1", "Workflow");

/// Cases of linters, many of them wrong on purpose: nothing is passed over in silence.
#[test]
fn every_workflow_of_a_linters_tests_is_told_of() {
    let Some(path) = corpus("gha-workflows") else { return };
    for (folder, workflows) in [("zizmor", 60), ("actionlint", 100)] {
        let mut inputs = Vec::new();
        files(&path.join(folder), &mut inputs);
        let mut count = 0;
        for input in &inputs {
            let one = std::slice::from_ref(input);
            let change = read(one, &mut std::io::empty(), &Limits::default(), &|_, _| {});
            let told = change.documents.len() + change.problems.len() + change.skipped.len();
            assert!(told > 0, "{input:?}");
            count += change.documents.iter().filter(|d| d.object.kind == WORKFLOW.1).count();
            for problem in &change.problems {
                println!("{problem}");
            }
            for skipped in &change.skipped {
                println!("{}: {}", skipped.subject, skipped.reason);
            }
        }
        println!("{folder}: {count} workflows in {} files", inputs.len());
        assert!(count >= workflows, "{folder}: {count}");
    }
}

/// Plans of public repositories, of every version of the format so far.
#[test]
fn every_plan_is_read_or_refused() {
    let Some(path) = corpus("terraform-plans") else { return };
    let index = std::fs::read_to_string(path.join("plans.jsonl")).unwrap();
    let (mut read_plans, mut objects, mut skipped, mut refused) = (0, 0, 0, Vec::new());
    for line in index.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = entry["file"].as_str().unwrap();
        let file = path.join(name);
        let input = [Input::Path(file.clone())];
        let change = read(&input, &mut std::io::empty(), &Limits::default(), &|_, _| {});
        let json: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let changes = json["resource_changes"].as_array().map_or(&[][..], Vec::as_slice);
        match change.problems.as_slice() {
            [] if json.get("format_version").is_some() && !changes.is_empty() => read_plans += 1,
            problems => {
                assert!(change.is_empty(), "{name}");
                let told = problems.iter().map(|problem| problem.message.clone());
                let reasons = change.skipped.iter().map(|skipped| skipped.reason.clone());
                refused.push((name.to_owned(), told.chain(reasons).collect::<Vec<_>>().join("; ")));
                continue;
            }
        }
        assert_eq!(change.objects() + change.skipped.len(), changes.len(), "{name}");
        let known = |document: &std::sync::Arc<provost_model::Document>| {
            assert!(document.object.is_terraform(), "{name}: {}", document.object);
            assert!(["aws", "azurerm", "google", "random"].iter().any(|provider| {
                document.object.api_version == format!("terraform.io/{provider}")
            }));
            document.root.opaque().is_some()
        };
        let unknown = change.documents.iter().filter(|document| known(document)).count();
        objects += change.objects();
        skipped += change.skipped.len();
        println!("{name}: {} objects, {unknown} with values not known", change.objects());
    }
    println!("{read_plans} plans: {objects} objects, {skipped} that do not change");
    refused.iter().for_each(|(name, why)| println!("{name}: {why}"));
    assert_eq!((read_plans, objects, skipped, refused.len()), (122, 378, 20, 6));
}
