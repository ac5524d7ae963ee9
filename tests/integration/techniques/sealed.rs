//! The folder of answers: used when it can be trusted, mended when not.

use std::fs;
use std::path::{Path, PathBuf};

use provost_engine::Gate;
use provost_model::Proof;

use super::{ask, load};

fn answer(cache: Option<&Path>) -> Proof {
    let specification = load(
        "  let: { x: map.data.x }\n  given: { most: { from: 1, to: 90 } }\n  machine:\n    \
         state: { n: int }\n    start: { n: 0 }\n    steps:\n      \
         tick: { title: tick, when: n < most, then: { n: n + 1 } }\n  \
         invariants:\n    - { name: i, expr: n <= most }\n",
    );
    let verifier = Gate::default().verifier_with(cache).unwrap_or_else(|e| panic!("{e:?}"));
    ask(&verifier, &specification, "x: 1")
}

fn entries(cache: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = fs::read_dir(cache.join("proofs")).unwrap().map(|file| file.unwrap().path());
    let mut entries: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "proof"))
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .collect();
    entries.sort();
    entries
}

#[test]
fn answers_are_kept_and_used_again() {
    let cache = tempfile::tempdir().unwrap();
    let first = answer(Some(cache.path()));
    let kept = entries(cache.path());
    assert!(kept.len() >= 2, "{kept:?}");
    assert_eq!(answer(Some(cache.path())), first);
    assert_eq!(entries(cache.path()), kept);
    assert_eq!(answer(None), first);
}

/// A forged, cut or exchanged entry is not believed; it is found out again and replaced.
#[test]
fn whatever_happened_to_an_entry_it_is_not_believed() {
    let cache = tempfile::tempdir().unwrap();
    let first = answer(Some(cache.path()));
    let kept = entries(cache.path());
    type Change = fn(&[u8], &[u8]) -> Vec<u8>;
    let changes: [Change; 4] = [
        |own, _| {
            let text = String::from_utf8_lossy(&own[32..]).replace("1-induction", "0-induction");
            [&own[..32], text.as_bytes()].concat()
        },
        |own, _| own[..own.len() - 1].to_vec(),
        |_, _| Vec::new(),
        |_, other| other.to_vec(),
    ];
    for (number, change) in changes.iter().enumerate() {
        for (index, (path, own)) in kept.iter().enumerate() {
            let other = &kept[(index + 1) % kept.len()].1;
            fs::write(path, change(own, other)).unwrap();
        }
        assert_eq!(answer(Some(cache.path())), first, "{number}");
        assert_eq!(entries(cache.path()), kept, "{number}: mended");
    }
}
