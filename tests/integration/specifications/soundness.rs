//! Nothing is called proved that is not, and nothing refuted that holds: what a specification
//! could say, or an object could hold, to make the verifier err.

use provost_model::{Proof, Scalar, Scope};
use provost_spec::{Cluster, Instance, Specification};
use provost_verify::{Exploration, Judgement, Limits, Verifier, explore};

use crate::library::{about_a_map as load, map as object};

fn judge_with(verifier: &Verifier, specification: &Specification, data: &str) -> Option<Proof> {
    let documents = object(data);
    let cluster = Cluster::new(&documents);
    match verifier.judge(specification, &cluster, &documents[0]) {
        Judgement::Judged(mut records) => Some(records.remove(0).proof),
        Judgement::NotApplicable => None,
    }
}

fn judge(specification: &Specification, data: &str) -> Proof {
    let verifier = Verifier::new(Limits::default());
    let proof = judge_with(&verifier, specification, data).expect("it applies");
    let alone = judge_with(&solver(), specification, data).expect("it applies");
    if let (Proof::Refuted(found), Proof::Refuted(alone)) = (&proof, &alone) {
        assert_eq!(found, alone, "the solver refutes it otherwise");
    }
    assert!(!matches!(
        (&proof, &alone),
        (Proof::Proved(_), Proof::Refuted(_)) | (Proof::Refuted(_), Proof::Proved(_))
    ));
    proof
}

/// A verifier that visits no states: the solver has to answer.
fn solver() -> Verifier {
    Verifier::new(Limits { states: 0, ..Limits::default() })
}

fn solve(specification: &Specification, data: &str) -> Proof {
    judge_with(&solver(), specification, data).expect("it applies")
}

fn technique(proof: &Proof) -> &str {
    match proof {
        Proof::Proved(proved) => &proved.technique,
        other => panic!("{other:?}"),
    }
}

fn reason(proof: &Proof) -> &str {
    match proof {
        Proof::Unknown(reason) => reason,
        other => panic!("{other:?}"),
    }
}

/// What happens in a counterexample.
fn actions(proof: &Proof) -> Vec<&str> {
    match proof {
        Proof::Refuted(found) => found.steps.iter().map(|step| step.action.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}

/// What is proved for all integers says nothing about text in the same place.
#[test]
fn a_general_proof_is_not_used_for_objects_of_another_shape() {
    let specification = load(
        "  let: { x: map.data.x }\n  machine:\n    state: { n: int }\n    start: { n: 0 }\n    \
         steps:\n      tick: { title: tick, when: n < 5, then: { n: 'x == \"boom\" ? 99 : n + 1' } }\n  \
         invariants:\n    - { name: small, expr: n <= 5, holdsWhen: true, violation: '\"large\"' }\n",
    );
    let verifier = Verifier::new(Limits::default());
    let ask = |data| judge_with(&verifier, &specification, data).unwrap();
    assert_eq!(technique(&ask("x: 1")), "induction for all values");
    assert_eq!(technique(&ask("x: true")), "induction for all values");
    assert_eq!(actions(&ask("x: boom")), ["start", "tick"]);
    assert_eq!(technique(&ask("x: calm")), "every state visited");
    assert_eq!(technique(&ask("x: 2")), "induction for all values");
    assert!(reason(&ask("y: 2")).contains("`x`: there is no `x`"));
}

/// To YAML, `n` and `no` are the same truth value; as expressions they are two names, and the
/// digest under which proofs are kept has to tell them apart.
#[test]
fn expressions_are_what_is_written() {
    let specification = |claimed: &str| {
        load(&format!(
            "  let: {{ x: map.data.x }}\n  machine:\n    state: {{ n: bool, no: bool }}\n    \
             start: {{ n: true, no: true }}\n    steps:\n      \
             tick: {{ title: tick, when: n, then: {{ no: x < 0 }} }}\n  \
             invariants:\n    \
             - {{ name: i, expr: {claimed}, holdsWhen: x < 9, violation: '\"no\"' }}\n"
        ))
    };
    let (n, no) = (specification("n"), specification("no"));
    assert_ne!(n.digest, no.digest);
    assert_eq!(n.digest, specification("'n'").digest);
    let verifier = Verifier::new(Limits::default());
    let proof = judge_with(&verifier, &n, "x: 1").unwrap();
    assert_eq!(technique(&proof), "induction for all values");
    assert_eq!(actions(&judge_with(&verifier, &no, "x: 1").unwrap()), ["start", "tick"]);
}

/// A condition that does not suffice proves nothing.
#[test]
fn a_wrong_condition_is_never_trusted() {
    let specification = load(
        "  let: { x: map.data.x }\n  machine:\n    state: { n: int }\n    start: { n: 0 }\n    \
         steps:\n      tick: { title: tick, when: n < x, then: { n: n + 1 } }\n  \
         invariants:\n    - { name: small, expr: n <= 3, holdsWhen: x <= 4, violation: '\"large\"' }\n",
    );
    assert_eq!(technique(&solve(&specification, "x: 3")), "1-induction");
    assert_eq!(actions(&judge(&specification, "x: 4")).len(), 5);
}

/// A false lemma is dropped; a true one that needs another is kept with it.
#[test]
fn a_wrong_lemma_proves_nothing() {
    let machine = |lemmas: &str| {
        load(&format!(
            "  machine:\n    state: {{ n: int, even: bool }}\n    start: {{ n: 0, even: true }}\n    \
             steps:\n      tick: {{ title: tick, when: n < 6, then: {{ n: n + 2, even: even }} }}\n    \
             lemmas: [{lemmas}]\n  \
             invariants:\n    - {{ name: small, expr: n <= 4, violation: '\"large\"' }}\n"
        ))
    };
    for lemmas in ["n <= 4", "false", "n < 0", "'n == 0 || n == 2 || n == 4'"] {
        assert_eq!(actions(&judge(&machine(lemmas), "")).len(), 4, "{lemmas}");
    }
}

/// A ranking function is a hint: what it does not show is not claimed.
#[test]
fn a_run_that_goes_round_is_not_proved_to_end() {
    let rank = |rank: &str| {
        load(&format!(
            "  machine:\n    state: {{ n: int }}\n    start: {{ n: 0 }}\n    steps:\n      \
             forth: {{ title: forth, when: n < 2, then: {{ n: n + 1 }} }}\n      \
             back: {{ title: back, when: n == 1, then: {{ n: 0 }} }}\n  temporalProperties:\n    \
             - {{ name: ends, eventually: n == 2, rank: {rank}, violation: '\"never\"' }}\n"
        ))
    };
    for wrong in ["2 - n", "0", "0 - n", "1000"] {
        let proof = judge(&rank(wrong), "");
        assert_eq!(actions(&proof), ["start", "forth", "back"], "{wrong}");
        let Proof::Refuted(found) = proof else { panic!() };
        assert_eq!(found.back_to, Some(0), "{wrong}");
    }
}

/// A run that has come to the goal has come to it, whatever happens then.
#[test]
fn what_happens_after_the_goal_does_not_refute() {
    let specification = |goal: u32, holds_when: &str| {
        load(&format!(
            "  machine:\n    state: {{ n: int }}\n    start: {{ n: 0 }}\n    steps:\n      \
             tick: {{ title: tick, when: n < 2, then: {{ n: n + 1 }} }}\n    \
             lemmas: [n >= 0, n <= 2]\n  temporalProperties:\n    - {{ name: ends, \
             eventually: n == {goal}, rank: {goal} - n{holds_when}, violation: '\"never\"' }}\n"
        ))
    };
    assert_eq!(technique(&solve(&specification(2, ""), "")), "ranking function");
    assert_eq!(technique(&judge(&specification(2, ""), "")), "every state visited");
    assert_eq!(technique(&judge(&specification(1, ""), "")), "every state visited");
    assert_eq!(actions(&judge(&specification(3, ""), "")), ["start", "tick", "tick"]);
    let general = judge(&specification(2, ", holdsWhen: true"), "");
    assert_eq!(technique(&general), "induction for all values");
}

/// A lemma or a condition without a value is a hint less, and nothing else.
#[test]
fn hints_without_a_value_are_ignored() {
    let specification = load(
        "  let: { x: map.data.?x }\n  machine:\n    state: { n: int }\n    start: { n: 0 }\n    \
         steps:\n      tick: { title: tick, when: n < 3, then: { n: n + 1 } }\n    \
         lemmas: [x.value() > n]\n  invariants:\n    \
         - { name: i, expr: n < 4, holdsWhen: x.value() > 1, violation: '\"large\"' }\n",
    );
    assert_eq!(technique(&solve(&specification, "")), "1-induction");
}

/// A rank that a step lowers for ever proves nothing.
#[test]
fn a_rank_without_an_end_is_not_a_rank() {
    let specification = load(
        "  machine:\n    state: { n: int }\n    start: { n: 0 }\n    steps:\n      \
         fall: { title: fall, when: n <= 0, then: { n: n - 1 } }\n    lemmas: [n <= 0]\n  temporalProperties:\n    \
         - { name: ends, eventually: n == 2, rank: n, violation: '\"never\"' }\n",
    );
    let proof = judge(&specification, "");
    assert!(reason(&proof).contains("`rank` may be negative"), "{proof:?}");
}

/// Proofs about a machine that cannot move as it says are vacuous.
#[test]
fn a_step_that_never_happens_spoils_the_proof() {
    let machine = |when: &str, extra: &str| {
        load(&format!(
            "  let: {{ x: map.data.x }}\n  preconditions: [{extra}]\n  machine:\n    \
             state: {{ n: int }}\n    start: {{ n: 0 }}\n    steps:\n      \
             tick: {{ title: tick, when: n < 5, then: {{ n: n + 1 }} }}\n      \
             leap: {{ title: leap, when: '{when}', then: {{ n: 100 }} }}\n  \
             invariants:\n    - {{ name: small, expr: n <= 5, violation: '\"large\"' }}\n"
        ))
    };
    let idle = judge(&machine("n > 5 && x > 0", "true"), "x: 1");
    assert!(reason(&idle).contains("step `leap` was not seen to happen within 8 steps"));
    // It does not happen for this object, but it does for others.
    assert_eq!(technique(&solve(&machine("x > 1", "true"), "x: 1")), "1-induction");
    // Nor may a precondition that nothing meets make the step idle for all.
    let idle = judge(&machine("x > 1", "x == 1"), "x: 1");
    assert!(reason(&idle).contains("step `leap` was not seen"));
}

/// A range that the preconditions leave nothing of is no range to prove anything for.
#[test]
fn preconditions_that_no_value_meets_mean_that_it_does_not_apply() {
    let range = |low: i64, high: i64, condition: &str| {
        load(&format!(
            "  let: {{ x: 'between({low}, {high})' }}\n  preconditions: ['{condition}']\n  \
             invariants:\n    - {{ name: never, expr: x < 0, violation: '\"no\"' }}\n"
        ))
    };
    let verifier = Verifier::new(Limits::default());
    for (low, high) in [(1, 9), (1, 1_000_000)] {
        for (condition, least) in [("x > 5", 6), ("x % 7 == 0", 7), ("x == 9", 9)] {
            let proof = judge(&range(low, high, condition), "");
            let Proof::Refuted(found) = proof else { panic!("{proof:?}") };
            assert_eq!(found.parameters["x"], Scalar::Integer(least), "{condition}");
        }
        for condition in ["x > 1000000", "x == 0", "x % 2 == 2"] {
            let proof = judge_with(&verifier, &range(low, high, condition), "");
            assert_eq!(proof, None, "{condition}");
        }
    }
}

/// A state variable may be called like anything that the encoding needs.
#[test]
fn names_do_not_meet_those_of_the_encoding() {
    let specification = load(
        "  let: { x: 'between(1, 3)' }\n  machine:\n    state: { step: int, pick: int }\n    \
         start: { step: 0, pick: 7 }\n    steps:\n      \
         one: { title: one, when: step < x, then: { step: step + 1 } }\n      \
         two: { title: 'two {k}', when: step == 2, choose: { k: { from: 1, to: step } }, then: { pick: pick + k } }\n  \
         invariants:\n    - { name: i, expr: pick < 9, violation: '\"no\"' }\n",
    );
    let proof = judge(&specification, "");
    assert_eq!(actions(&proof), ["start", "one", "one", "two 2"]);
    let documents = object("");
    let cluster = Cluster::new(&documents);
    let chosen = [("x".to_owned(), 2)].into();
    let instance = Instance::new(&specification, &cluster, &documents[0], chosen);
    let Exploration::Broken { run } = explore(&instance, 0, 1_000).unwrap() else { panic!() };
    assert_eq!(run.len(), 3);
}

/// Of all shortest runs the same one is shown: the least unknowns, the first step that leads
/// on, the greatest choices.
#[test]
fn the_same_question_gets_the_same_counterexample() {
    let specification = load(
        "  let: { x: 'between(5, 90000)', y: 'between(0, 90000)' }\n  machine:\n    \
         state: { n: int }\n    start: { n: 0 }\n    steps:\n      \
         small: { title: 'small {k}', when: n < x, choose: { k: { from: 1, to: x + y } }, then: { n: n + k } }\n      \
         large: { title: 'large {k}', when: n < x, choose: { k: { from: 1, to: 2 * x } }, then: { n: n + k } }\n  \
         invariants:\n    - { name: i, expr: n < x, violation: '\"n is \" + string(n)' }\n",
    );
    let first = judge(&specification, "");
    assert_eq!(actions(&first), ["start", "small 5"]);
    let Proof::Refuted(found) = &first else { panic!() };
    assert_eq!(found.message, "n is 5");
    assert_eq!(found.parameters["x"], Scalar::Integer(5));
    assert_eq!(judge(&specification, ""), first);
}

/// What is beyond the reach of the search is found by visiting every state.
#[test]
fn small_machines_are_visited_where_the_search_ends() {
    let machine = |limit: u32, expr: &str| {
        load(&format!(
            "  machine:\n    state: {{ n: int, m: int }}\n    start: {{ n: 0, m: 0 }}\n    \
             steps:\n      tick: {{ title: tick, when: n < {limit}, then: {{ n: n + 1, m: m + n }} }}\n  \
             invariants:\n    - {{ name: i, expr: '{expr}', violation: '\"no\"' }}\n"
        ))
    };
    assert_eq!(actions(&judge(&machine(30, "n < 20"), "")).len(), 21);
    assert_eq!(technique(&judge(&machine(30, "m <= 435"), "")), "every state visited");
    assert!(reason(&judge(&machine(90_000, "m != 1000000007"), "")).contains("not proved"));
}

/// Integers have no size in expressions, but they have one in reports.
#[test]
fn a_value_that_cannot_be_shown_is_not_shown_wrong() {
    let specification = load(
        "  let: { x: 9223372036854775807 * 4 }\n  machine:\n    state: { n: int }\n    \
         start: { n: x }\n    steps:\n      tick: { title: tick, when: n > 0, then: { n: n - 1 } }\n  \
         invariants:\n    - { name: i, expr: n == x, violation: '\"no\"' }\n",
    );
    assert!(reason(&judge(&specification, "")).contains("does not fit in 64 bits"));
}

/// A proof says for which values it stands.
#[test]
fn a_proof_for_a_range_names_the_range() {
    let specification = load(
        "  let: { x: 'between(map.data.low, map.data.high)' }\n  \
         invariants:\n    - { name: i, expr: x * 2 >= x + 1, violation: '\"no\"' }\n",
    );
    let Proof::Proved(proved) = judge(&specification, "low: 1, high: 9") else { panic!() };
    assert_eq!(proved.scope, Scope::Every(vec!["x from 1 to 9".to_owned()]));
    let Proof::Proved(proved) = judge(&specification, "low: 4, high: 4") else { panic!() };
    assert_eq!((proved.technique.as_str(), proved.scope), ("evaluation", Scope::Values));
    let proof = judge(&specification, "low: 9, high: 1");
    assert!(reason(&proof).contains("there is no integer from 9 to 1"));
    let proof = judge(&specification, "low: one, high: 1");
    assert!(reason(&proof).contains("expected a known int, found a string"));
}
