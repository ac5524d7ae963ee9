//! Cases that other projects wrote for their own tools, through the whole engine. They lie
//! beside the repository; where they do not, that is said.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use provost_engine::{Bundle, Gate};
use provost_intake::{Input, Limits};
use provost_model::{Change, Proof, Source, Verdict};
use provost_tests::corpus;
use serde_json::Value;

fn bundle(text: &str, cache: &Path) -> Bundle {
    let source = Source::new("provost.yaml", format!("apiVersion: provost.dev/v1\n{text}"));
    let gate = Gate::parse(&source, PathBuf::new()).unwrap();
    Bundle::load(&gate, Some(cache.to_owned())).map_err(|problems| format!("{problems:?}")).unwrap()
}

fn read(path: &Path) -> Change {
    let inputs = [Input::Path(path.to_owned())];
    provost_intake::read(&inputs, &mut std::io::empty(), &Limits::default(), &|_, _| {})
}

/// The fixtures of the Kubernetes project for its own admission: each is a pod, a level, a
/// version, and whether an API server lets it in.
#[test]
fn every_pod_is_judged_as_an_api_server_judges_it() {
    let Some(folder) = corpus("pss") else { return };
    let cache = tempfile::tempdir().unwrap();
    let index = fs::read_to_string(folder.join("cases.jsonl")).unwrap();
    let mut bundles = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut counts = BTreeMap::new();
    for line in index.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |field: &str| case[field].as_str().unwrap().to_owned();
        let (level, version) = (text("level"), text("version"));
        let bundle = bundles.entry((level.clone(), version.clone())).or_insert_with(|| {
            let settings = format!("{{ level: {level}, version: {version} }}");
            let plugins = format!("plugins: {{ pod-security: {{ settings: {settings} }} }}");
            bundle(&format!("kind: Gate\nblockingSeverity: info\n{plugins}"), cache.path())
        });
        let change = read(&folder.join(text("file")));
        assert_eq!((change.documents.len(), change.problems.len()), (1, 0), "{line}");
        let assessment = bundle.assess(&change, Timestamp::UNIX_EPOCH, &|_, _| {});
        let expected = match text("expected").as_str() {
            "allow" => Verdict::Allow,
            "deny" => Verdict::Deny,
            other => panic!("{other}"),
        };
        *counts.entry(text("expected")).or_insert(0) += 1;
        let denied = !assessment.findings().is_empty();
        if assessment.verdict != expected || denied != (expected == Verdict::Deny) {
            wrong.push(format!("{}: {}", text("file"), assessment.verdict));
        }
    }
    println!("{counts:?} under {} gates", bundles.len());
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(counts, BTreeMap::from([("allow".to_owned(), 352), ("deny".to_owned(), 945)]));
}

/// Manifests of well-known projects. What is right is not known, but that every object is
/// judged, and that what a specification says of each is a proof or a run that breaks it.
#[test]
fn every_manifest_of_well_known_projects_is_judged() {
    let Some(folder) = corpus("manifests") else { return };
    let cache = tempfile::tempdir().unwrap();
    let bundle = bundle("kind: Gate\n", cache.path());
    let start = Instant::now();
    let change = read(&folder);
    let parsed = start.elapsed();
    let assessment = bundle.assess(&change, Timestamp::UNIX_EPOCH, &|_, _| {});
    let judged = start.elapsed();
    let mut findings: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in assessment.findings() {
        *findings.entry(&finding.check.id).or_default() += 1;
    }
    let mut proofs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for result in &assessment.results {
        for record in &result.proofs {
            let answer = match &record.proof {
                Proof::Proved(_) => "proved",
                Proof::Refuted(_) => "refuted",
                Proof::Unknown(_) => "unknown",
            };
            *proofs.entry((&result.check.id, answer)).or_default() += 1;
        }
        for unknown in &result.unknowns {
            let object = unknown.object.as_ref().expect("an object");
            println!("unknown: {}: {object}: {}", result.check.id, unknown.reason);
        }
    }
    println!("{} objects, read in {parsed:?}, judged in {judged:?}", assessment.documents);
    println!("findings: {findings:#?}\nproofs: {proofs:#?}");
    assert!(assessment.documents >= 2149);
    assert_eq!(assessment.verdict, Verdict::Deny);
    // The projects run privileged containers, and host networks, on purpose.
    assert!(findings["pss-privileged-containers"] > 0 && findings["pss-host-namespaces"] > 0);
    for check in ["rollout-keeps-minimum", "drain-can-progress"] {
        assert!(proofs[&(check, "proved")] > 0, "{check}");
    }
    // Every violation and every proof stands where its object does.
    for finding in assessment.findings() {
        assert!(finding.location.span.end as usize <= finding.location.source.text().len());
    }
}
