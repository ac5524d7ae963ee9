//! What a proof rests on.

use provost_model::Proof;
use provost_verify::{Limits, Verifier};

use super::{ask, library, load, solver, technique, texts};

fn rests_on(proof: &Proof) -> Vec<&str> {
    match proof {
        Proof::Proved(proved) => texts(&proved.rests_on),
        other => panic!("{other:?}"),
    }
}

/// A machine with a limit, and things that have nothing to do with it.
const LIMITED: &str = "  let: { x: map.data.x, y: map.data.y }\n  \
    given:\n    most: { from: 3, to: 90000 }\n    other: { from: 1, to: 9 }\n  \
    preconditions: [most <= 80000, other < 100000 - most]\n  machine:\n    \
    state: { n: int, m: int }\n    start: { n: 0, m: other }\n    steps:\n      \
    tick: { title: tick, when: n < most, then: { n: n + 1 } }\n      \
    idle: { title: idle, when: m != 5, then: { m: m + 1 } }\n    \
    lemmas: [m >= 0, n >= -1]\n  invariants:\n";

#[test]
fn a_core_names_what_is_needed_and_nothing_else() {
    let claim = |expr: &str| load(&format!("{LIMITED}    - {{ name: i, expr: '{expr}' }}\n"));
    // The start, the guard and what the step does; that the other step leaves it alone is not
    // written anywhere.
    let proof = ask(&solver(), &claim("n <= most"), "x: 1, y: 2");
    assert_eq!(rests_on(&proof), ["3", "90000", "0", "n < most", "n + 1"]);
    // A precondition and a lemma that are needed are there.
    let proof = ask(&solver(), &claim("n <= 80000"), "x: 1, y: 2");
    assert_eq!(rests_on(&proof), ["most <= 80000", "0", "n < most", "n + 1"]);
    let proof = ask(&solver(), &claim("n + m > -2"), "x: 1, y: 2");
    assert_eq!(
        rests_on(&proof),
        ["1", "9", "0", "other", "n + 1", "m + 1", "m >= 0", "n >= -1"],
        "lemmas are shown, and what shows them counts"
    );
}

/// Without one of the places of a core there is no proof; without any other place there is.
#[test]
fn leaving_out_what_is_not_in_a_core_leaves_the_proof() {
    let claim = "n + m > -2";
    let full = format!("{LIMITED}    - {{ name: i, expr: '{claim}' }}\n");
    let without = |lemma: &str, other: &str| full.replace(lemma, other);
    let proof = ask(&solver(), &load(&full), "x: 1, y: 2");
    assert!(rests_on(&proof).contains(&"m >= 0") && !rests_on(&proof).contains(&"n < most"));
    let changed = load(&without("when: n < most", "when: n < 7"));
    assert!(matches!(ask(&solver(), &changed, "x: 1, y: 2"), Proof::Proved(_)));
}

/// A proof for all values is made once, and every object is told what it rests on.
#[test]
fn a_general_proof_says_what_it_rests_on() {
    let specification = load(
        "  let: { x: map.data.x, y: map.data.y }\n  preconditions: [x >= 2, y != 7]\n  machine:\n    \
         state: { n: int, m: int }\n    start: { n: x, m: y }\n    steps:\n      \
         tick: { title: tick, when: n < 100, then: { n: n + y } }\n      \
         idle: { title: idle, when: m > 0, then: { m: m - 1 } }\n    \
         lemmas: [m <= y, n >= 2]\n  invariants:\n    \
         - { name: i, expr: n > 0, holdsWhen: 'y >= 0 && x < 9000' }\n",
    );
    let verifier = Verifier::new(Limits::default());
    let small = ask(&verifier, &specification, "x: 3, y: 4");
    assert_eq!(technique(&small), "induction for all values");
    let expected = ["x >= 2", "x", "n + y", "n >= 2", "y >= 0 && x < 9000"];
    assert_eq!(rests_on(&small), expected);
    assert_eq!(rests_on(&ask(&verifier, &specification, "x: 50, y: 8")), expected);
    // Outside the condition nothing but a visit was needed.
    let visited = ask(&verifier, &specification, "x: 9000, y: 40");
    assert_eq!((technique(&visited), rests_on(&visited).len()), ("every state visited", 0));
}

/// Proofs of the library say on what they rest, in the order of the file and once.
#[test]
fn places_are_in_order_and_named_once() {
    let mut seen = 0;
    let verifier = Verifier::new(Limits::default());
    for file in library::files() {
        library::judge_examples(&verifier, &file, |judged| {
            let Proof::Proved(proved) = &judged.record.proof else { return };
            let mut sorted = proved.rests_on.clone();
            sorted.sort_by(|a, b| (a.source.name(), a.span).cmp(&(b.source.name(), b.span)));
            sorted.dedup();
            assert_eq!(sorted, proved.rests_on);
            seen += usize::from(!sorted.is_empty());
        });
    }
    assert!(seen > 5, "{seen}");
}
