//! The decision log: canonical text, appending, what a crash leaves, what verifying finds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails panics"
)]

mod agreement;
mod append;
mod canonical;
mod crash;
mod decision;
mod full_disk;
mod hostile;
mod redaction;
mod speed;
mod tampering;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use provost_ledger::{
    Decision, Door, Durability, Ledger, Occasion, Options, Record, Verification, read, verify,
};
use provost_model::{Assessment, Change, Digest, Effect, Severity, Verdict};

/// The time of every test.
fn now() -> Timestamp {
    "2026-03-31T12:00:00Z".parse().unwrap()
}

/// A decision of this name.
fn record(id: &str) -> Record {
    let assessment = Assessment {
        verdict: Verdict::Allow,
        documents: 1,
        change: Digest::of(id.as_bytes()),
        bundle: Digest::of(b"bundle"),
        blocking: Severity::Medium,
        results: Vec::new(),
        waivers: Vec::new(),
        lenient: std::collections::BTreeMap::new(),
        exception_faults: Vec::new(),
        decision: provost_model::Decision {
            effect: Effect::Allow,
            action: "apply".to_owned(),
            principal: "alice".to_owned(),
            environment: "production".to_owned(),
            determining: Vec::new(),
            errors: Vec::new(),
            advice: Default::default(),
        },
        glass: None,
        problems: Vec::new(),
        skipped: Vec::new(),
        unjudged: BTreeMap::new(),
        notes: Vec::new(),
    };
    let decision = Decision::of(&assessment, &Change::default(), occasion(id));
    Record::Decision(Box::new(decision))
}

fn occasion(id: &str) -> Occasion {
    Occasion {
        id: Some(id.to_owned()),
        time: now(),
        door: Door::CommandLine,
        admission: None,
        contents: false,
    }
}

/// Fast options for tests that do not stop the machine.
fn options() -> Options {
    Options { durability: Durability::System, ..Options::default() }
}

/// A log with so many decisions `0`, `1`, … after its first entry, in segments of so many bytes.
fn log(folder: &Path, decisions: usize, segment_bytes: u64) {
    let ledger = Ledger::open(folder, &Options { segment_bytes, ..options() }, now()).unwrap();
    for number in 0..decisions {
        ledger.append(&record(&number.to_string())).unwrap();
    }
}

/// The segments of a folder, in order.
fn segments(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    paths
}

/// The ids of the decisions in a log, in order.
fn ids(folder: &Path) -> Vec<String> {
    let mut ids = Vec::new();
    let mut each = |line: provost_ledger::Read<'_>| {
        let record: serde_json::Value = serde_json::from_str(line.entry.unwrap().record).unwrap();
        ids.extend(record.get("id").map(|id| id.as_str().unwrap().to_owned()));
        Ok(())
    };
    read(folder, &mut each).unwrap();
    ids
}

fn verified(folder: &Path) -> Verification {
    verify(folder, None).unwrap()
}

/// The faults, each as `line: message`.
fn faults(found: &Verification) -> Vec<String> {
    found.faults.iter().map(|fault| format!("{}: {}", fault.line, fault.kind)).collect()
}
