//! Answers that are kept between runs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use provost_model::{Digest, Proof};
use provost_spec::Specification;
use provost_verify::{Limits, Store, Verifier};

use super::{ask, load};

/// A store that counts.
#[derive(Debug, Default)]
struct Counted {
    kept: Mutex<HashMap<Digest, Vec<u8>>>,
    hits: AtomicUsize,
    new: AtomicUsize,
}

impl Store for Counted {
    fn load(&self, key: Digest) -> Option<Vec<u8>> {
        let found = self.kept.lock().unwrap().get(&key).cloned();
        self.hits.fetch_add(usize::from(found.is_some()), Ordering::Relaxed);
        found
    }

    fn keep(&self, key: Digest, value: &[u8]) {
        self.new.fetch_add(1, Ordering::Relaxed);
        self.kept.lock().unwrap().insert(key, value.to_vec());
    }
}

impl Counted {
    fn hits(&self) -> usize {
        self.hits.swap(0, Ordering::Relaxed)
    }

    fn added(&self) -> usize {
        self.new.swap(0, Ordering::Relaxed)
    }
}

fn limits() -> Limits {
    Limits { states: 0, ..Limits::default() }
}

fn verifier(store: &Arc<Counted>) -> Verifier {
    Verifier::with_store(limits(), Arc::clone(store) as Arc<dyn Store>)
}

fn counting(expr: &str, holds_when: &str) -> Specification {
    load(&format!(
        "  let: {{ x: map.data.x }}\n  given: {{ most: {{ from: x, to: 50 }} }}\n  machine:\n    \
         state: {{ n: int }}\n    start: {{ n: 0 }}\n    steps:\n      \
         tick: {{ title: tick, when: n < most, then: {{ n: n + 1 }} }}\n  \
         invariants:\n    - {{ name: i, expr: '{expr}'{holds_when} }}\n"
    ))
}

/// Proved, refuted, proved for all values, and unknown.
fn four() -> Vec<Specification> {
    vec![
        counting("n <= most", ""),
        counting("n < 4", ""),
        counting("n <= most", ", holdsWhen: most > 0"),
        load(
            "  let: { x: map.data.x }\n  given: { most: { from: 20 } }\n  machine:\n    \
             state: { a: int, b: int }\n    start: { a: 0, b: 0 }\n    steps:\n      \
             both: { title: both, when: a < most + 1, then: { a: a + 1, b: b + 1 } }\n  \
             invariants:\n    - { name: i, expr: b <= most }\n",
        ),
    ]
}

fn answers(store: &Arc<Counted>) -> Vec<Proof> {
    let verifier = verifier(store);
    four().iter().map(|one| ask(&verifier, one, "x: 2")).collect()
}

#[test]
fn a_second_run_finds_every_answer_and_gives_the_same() {
    let store = Arc::default();
    let first = answers(&store);
    let kinds = [&first[0], &first[1], &first[2], &first[3]];
    assert!(matches!(
        kinds,
        [Proof::Proved(_), Proof::Refuted(_), Proof::Proved(_), Proof::Unknown(_)]
    ));
    assert!(store.added() >= 5);
    store.hits();
    assert_eq!(answers(&store), first);
    assert_eq!(store.added(), 0, "something was asked again");
    assert!(store.hits() >= 5);
    // Without a store it is the same too.
    let without = Verifier::new(limits());
    let plain: Vec<_> = four().iter().map(|one| ask(&without, one, "x: 2")).collect();
    assert_eq!(plain, first);
}

/// Another object, another claim, other limits: nothing of what is kept is for them.
#[test]
fn what_is_kept_is_for_the_same_question_only() {
    let store = Arc::default();
    ask(&verifier(&store), &counting("n < 4", ""), "x: 2");
    assert!(store.added() > 0);
    let others = [
        (verifier(&store), counting("n < 4", ""), "x: 3"),
        (verifier(&store), counting("n < 5", ""), "x: 2"),
        (
            Verifier::with_store(
                Limits { depth: 7, ..limits() },
                Arc::clone(&store) as Arc<dyn Store>,
            ),
            counting("n < 4", ""),
            "x: 2",
        ),
    ];
    for (verifier, specification, data) in others {
        let kept = store.kept.lock().unwrap().len();
        ask(&verifier, &specification, data);
        assert!(store.kept.lock().unwrap().len() > kept, "{data}");
    }
}

/// Bytes that are no answer are no answer; a run that is none is not shown.
#[test]
fn what_is_not_understood_is_asked_again() {
    let store: Arc<Counted> = Arc::default();
    let first = answers(&store);
    for garbage in ["", "{}", "null", "{\"Proved\":3}", "\u{0}"] {
        store.kept.lock().unwrap().values_mut().for_each(|value| *value = garbage.into());
        let again = answers(&store);
        assert_eq!(again, first, "{garbage:?}");
    }
    // The solver's run is replayed, also when it was kept.
    let mut kept = store.kept.lock().unwrap();
    let mut changed = 0;
    for value in kept.values_mut() {
        let text = String::from_utf8(value.clone()).unwrap();
        if text.starts_with("[{\"Refuted\"") {
            *value =
                text.replacen("\"run\":[{", "\"run\":[{\"step\":0,\"chosen\":[9]},{", 1).into();
            changed += 1;
        }
    }
    assert!(changed > 0);
    drop(kept);
    let again = answers(&store);
    assert!(matches!(&again[1], Proof::Unknown(reason) if reason.contains("cannot follow")));
}
