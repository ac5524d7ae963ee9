//! Inductions that look back on longer runs, and invariants that are found.

use provost_model::Proof;
use provost_verify::{Budget, Limits, Verifier};

use super::{ask, load, solver, technique, texts};

/// From 2 it goes back to 0; from 4, which is out of reach, it would go on to 5.
fn circle(goal: &str, lemmas: &str) -> provost_spec::Specification {
    load(&format!(
        "  let: {{ x: map.data.x }}\n  given: {{ k: {{ from: 1, to: 100000 }} }}\n  machine:\n    \
         state: {{ n: int, seen: int }}\n    start: {{ n: 0, seen: k }}\n    steps:\n      \
         go: {{ title: go on, when: n != 2, then: {{ n: n + 1 }} }}\n      \
         back: {{ title: go back, when: n == 2, then: {{ n: 0 }} }}\n    lemmas: [{lemmas}]\n  \
         invariants:\n    - {{ name: i, expr: '{goal}' }}\n"
    ))
}

#[test]
fn a_longer_look_back_proves_what_one_step_does_not() {
    assert_eq!(technique(&ask(&solver(), &circle("n != 5", ""), "x: 1")), "3-induction");
    assert_eq!(technique(&ask(&solver(), &circle("n != 4", ""), "x: 1")), "2-induction");
    // With a lemma it is not needed.
    assert_eq!(technique(&ask(&solver(), &circle("n != 5", "n <= 2"), "x: 1")), "lemmas");
    let Proof::Proved(proved) = ask(&solver(), &circle("n != 5", ""), "x: 1") else { panic!() };
    assert_eq!(texts(&proved.rests_on), ["0", "n != 2", "n == 2"]);
}

/// What is false in the states that a longer induction supposes is not proved by it.
#[test]
fn a_longer_look_back_begins_at_the_start() {
    for wrong in ["n != 0", "n != 1", "n != 2"] {
        let proof = ask(&solver(), &circle(wrong, ""), "x: 1");
        assert!(matches!(proof, Proof::Refuted(_)), "{wrong}: {proof:?}");
    }
}

/// Two counters that are always equal, which nothing says.
fn counters(guard: &str) -> provost_spec::Specification {
    load(&format!(
        "  let: {{ x: map.data.x }}\n  given: {{ most: {{ from: 20 }} }}\n  machine:\n    \
         state: {{ a: int, b: int }}\n    start: {{ a: 0, b: 0 }}\n    steps:\n      \
         both: {{ title: both, when: {guard}, then: {{ a: a + 1, b: b + 1 }} }}\n  \
         invariants:\n    - {{ name: i, expr: b <= most }}\n"
    ))
}

#[test]
fn an_invariant_that_nobody_wrote_is_found_and_proved() {
    let proof = ask(&solver(), &counters("a < most"), "x: 1");
    assert_eq!(technique(&proof), "found invariant");
    let Proof::Proved(proved) = &proof else { panic!() };
    assert_eq!(texts(&proved.rests_on), ["20", "0", "0", "a < most", "a + 1", "b + 1"]);
    // The same in the next run.
    assert_eq!(proof, ask(&solver(), &counters("a < most"), "x: 1"));
}

/// Too far away to be found, and false: nothing is claimed.
#[test]
fn what_is_false_far_away_is_not_proved() {
    let proof = ask(&solver(), &counters("a < most + 1"), "x: 1");
    assert!(matches!(proof, Proof::Unknown(_)), "{proof:?}");
}

/// A search for an invariant that has no end ends with its budget, and says so.
#[test]
fn a_search_without_an_end_is_unknown() {
    let specification = load(
        "  let: { x: map.data.x }\n  given: { s: { from: 0 }, t: { from: 0 } }\n  machine:\n    \
         state: { a: int, b: int, c: int }\n    start: { a: s, b: t, c: s * t }\n    steps:\n      \
         down: { title: down, when: a > 0, then: { a: a - 1, c: c - b } }\n      \
         up: { title: up, when: b < 50, then: { b: b + 1, c: c + a } }\n  \
         invariants:\n    - { name: i, expr: 'c >= 0 || a * b != c' }\n",
    );
    let budget = Budget { resources: 60_000, ..Budget::default() };
    let verifier = || Verifier::new(Limits { budget, states: 0, ..Limits::default() });
    // Where the budget ends is the same in two runs; how Z3 says so need not be.
    for _ in 0..2 {
        let proof = ask(&verifier(), &specification, "x: 1");
        assert!(!matches!(proof, Proof::Refuted(_)), "{proof:?}");
    }
}
