//! Small random machines with everything that a machine can have, against an oracle that
//! shares no code with the language: it interprets the same machine written in Rust.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use provost_model::{Proof, Source};
use provost_spec::{Cluster, Models, Specification};
use provost_tests::documents;
use provost_verify::{Judgement, Limits, Verifier};

const PHASES: [&str; 3] = ["Red", "Green", "Blue"];
const KEYS: [&str; 2] = ["a", "b"];
const TOP: i64 = 2;

/// One state: a text, an integer, a map of truth values, and the faults so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    phase: usize,
    n: i64,
    done: [bool; 2],
    faults: i64,
}

/// What can be asked of a state; `Own` is about the key of a step for each key.
#[derive(Clone, Debug)]
enum Test {
    Phase(usize),
    Below(i64),
    Done(usize),
    AllDone,
    Own,
    Not(Box<Test>),
    Both(Box<Test>, Box<Test>),
}

impl Test {
    fn holds(&self, state: &State, own: usize) -> bool {
        match self {
            Self::Phase(phase) => state.phase == *phase,
            Self::Below(bound) => state.n < *bound,
            Self::Done(key) => state.done[*key],
            Self::AllDone => state.done == [true, true],
            Self::Own => state.done[own],
            Self::Not(inner) => !inner.holds(state, own),
            Self::Both(a, b) => a.holds(state, own) && b.holds(state, own),
        }
    }

    fn text(&self, own: &str) -> String {
        match self {
            Self::Phase(phase) => format!("phase == \"{}\"", PHASES[*phase]),
            Self::Below(bound) => format!("n < {bound}"),
            Self::Done(key) => format!("done[\"{}\"]", KEYS[*key]),
            Self::AllDone => "done.all(k, done[k])".to_owned(),
            Self::Own => format!("done[{own}]"),
            Self::Not(inner) => format!("!({})", inner.text(own)),
            Self::Both(a, b) => format!("({}) && ({})", a.text(own), b.text(own)),
        }
    }
}

/// What happens to the integer: it stays, is set, or a chosen part is added up to the top.
#[derive(Clone, Copy, Debug)]
enum Number {
    Stays,
    Is(i64),
    Grows,
}

#[derive(Clone, Debug)]
struct Step {
    when: Test,
    phase: Option<usize>,
    number: Number,
    /// Its own key, or both.
    done: Option<bool>,
    each: bool,
    fault: bool,
    fair: bool,
}

impl Step {
    /// Every state after it.
    fn after(&self, state: &State, budget: i64) -> Vec<State> {
        let mut all = Vec::new();
        for own in 0..if self.each { KEYS.len() } else { 1 } {
            if !self.when.holds(state, own) || (self.fault && state.faults >= budget) {
                continue;
            }
            let numbers = match self.number {
                Number::Stays => vec![state.n],
                Number::Is(value) => vec![value],
                Number::Grows => (state.n + 1..=TOP).collect(),
            };
            for n in numbers {
                let mut next = State { n, faults: state.faults + i64::from(self.fault), ..*state };
                next.phase = self.phase.unwrap_or(next.phase);
                match self.done {
                    Some(value) if self.each => next.done[own] = value,
                    Some(value) => next.done = [value, !value && state.done[1]],
                    None => {}
                }
                all.push(next);
            }
        }
        all
    }

    fn text(&self, name: usize) -> String {
        let own = if self.each { "k" } else { "\"a\"" };
        let mut text = format!("      s{name}:\n        title: s{name}\n");
        if self.each {
            text.push_str("        forEach: { k: keys }\n");
        }
        let _ = writeln!(text, "        when: '{}'", self.when.text(own));
        if matches!(self.number, Number::Grows) {
            let _ = writeln!(text, "        choose: {{ g: {{ from: 1, to: {TOP} - n }} }}");
        }
        let mut then = Vec::new();
        then.extend(self.phase.map(|phase| format!("phase: '\"{}\"'", PHASES[phase])));
        match self.number {
            Number::Stays => {}
            Number::Is(value) => then.push(format!("n: {value}")),
            Number::Grows => then.push("n: n + g".to_owned()),
        }
        match self.done {
            Some(value) if self.each => then.push(format!("\"done[k]\": {value}")),
            Some(true) => then.push("done: 'key == \"a\"'".to_owned()),
            Some(false) => then.push("done: 'key == \"b\" && done[key]'".to_owned()),
            None => {}
        }
        let _ = writeln!(text, "        then: {{ {} }}", then.join(", "));
        let _ = writeln!(text, "        fault: {}\n        fair: {}", self.fault, self.fair);
        text
    }
}

#[derive(Clone, Debug)]
enum Claim {
    Invariant(Test),
    Final(Test),
    NeverStuck(Test),
    Progress(Option<Test>, Test, Option<usize>),
    Reachable(Test, Option<usize>),
}

#[derive(Clone, Debug)]
struct Toy {
    steps: Vec<Step>,
    budget: i64,
    claim: Claim,
}

/// A state, whether the claim waits in it, and for how long it has.
type Watched = (State, bool, usize);

impl Toy {
    fn successors(&self, state: &State) -> Vec<(&Step, State)> {
        let steps = self.steps.iter();
        steps
            .flat_map(|step| step.after(state, self.budget).into_iter().map(move |s| (step, s)))
            .collect()
    }

    fn rests(&self, state: &State) -> bool {
        !self.successors(state).iter().any(|(step, _)| step.fair && !step.fault)
    }

    /// Is the claim true? By looking at every state and every circle.
    fn is_true(&self) -> bool {
        let start = State { phase: 0, n: 0, done: [false, false], faults: 0 };
        match &self.claim {
            Claim::Invariant(test) => self.all(start, |s| test.holds(s, 0)),
            Claim::Final(test) | Claim::NeverStuck(test) => {
                self.all(start, |s| test.holds(s, 0) || !self.rests(s))
            }
            Claim::Reachable(goal, within) => self.all(start, |s| self.reaches(s, goal, *within)),
            Claim::Progress(from, to, within) => self.progresses(start, from.as_ref(), to, *within),
        }
    }

    fn reachable(&self, start: State) -> BTreeSet<State> {
        let mut seen = BTreeSet::from([start]);
        let mut waiting = vec![start];
        while let Some(state) = waiting.pop() {
            for (_, next) in self.successors(&state) {
                if seen.insert(next) {
                    waiting.push(next);
                }
            }
        }
        seen
    }

    fn all(&self, start: State, holds: impl Fn(&State) -> bool) -> bool {
        self.reachable(start).iter().all(holds)
    }

    fn reaches(&self, state: &State, goal: &Test, within: Option<usize>) -> bool {
        let mut here = BTreeSet::from([*state]);
        let mut seen = here.clone();
        for _ in 0..=within.unwrap_or(usize::MAX - 1) {
            if here.iter().any(|state| goal.holds(state, 0)) {
                return true;
            }
            let all = here.iter().flat_map(|state| self.successors(state));
            let next: BTreeSet<_> = all.filter(|(step, _)| !step.fault).map(|(_, s)| s).collect();
            here = next.into_iter().filter(|state| seen.insert(*state)).collect();
            if here.is_empty() {
                return false;
            }
        }
        false
    }

    fn progresses(
        &self,
        start: State,
        from: Option<&Test>,
        to: &Test,
        within: Option<usize>,
    ) -> bool {
        let pending = |(state, waiting, _): &Watched| {
            let armed = from.is_none_or(|from| *waiting || from.holds(state, 0));
            armed && !to.holds(state, 0)
        };
        let mut ways: BTreeMap<Watched, Vec<(bool, Watched)>> = BTreeMap::new();
        let mut waiting = vec![(start, false, 0)];
        while let Some(watched) = waiting.pop() {
            if ways.contains_key(&watched) {
                continue;
            }
            let is_pending = pending(&watched);
            if is_pending && (self.rests(&watched.0) || within.is_some_and(|n| watched.2 >= n)) {
                return false;
            }
            let mut found = Vec::new();
            // Without a `from` only the way to the first goal counts.
            if from.is_some() || is_pending {
                for (step, next) in self.successors(&watched.0) {
                    let waited = if is_pending && within.is_some() { watched.2 + 1 } else { 0 };
                    found.push((step.fair && !step.fault, (next, is_pending, waited)));
                }
            }
            waiting.extend(found.iter().map(|(_, next)| *next));
            ways.insert(watched, found);
        }
        // A fair step between pending states from whose end its start can be reached again.
        let leads = |from: &Watched, to: &Watched| {
            let mut seen = BTreeSet::from([*from]);
            let mut waiting = vec![*from];
            while let Some(here) = waiting.pop() {
                if here == *to {
                    return true;
                }
                let next = ways[&here].iter().map(|(_, next)| *next).filter(|w| pending(w));
                waiting.extend(next.filter(|next| seen.insert(*next)));
            }
            false
        };
        !ways.iter().filter(|(here, _)| pending(here)).any(|(here, found)| {
            let fair = found.iter().filter(|(fair, next)| *fair && pending(next));
            fair.map(|(_, next)| next).any(|next| leads(next, here))
        })
    }

    fn text(&self) -> String {
        let mut text = format!(
            "apiVersion: provost.dev/v1\nkind: Specification\nmetadata: {{ name: s, title: S }}\n\
             spec:\n  for: {{ kinds: [ConfigMap], as: map }}\n  let: {{ keys: map.data.keys }}\n  \
             machine:\n    state: {{ phase: {{ enum: [Red, Green, Blue] }}, n: int, done: {{ over: keys, of: bool }} }}\n    \
             start: {{ phase: '\"Red\"', n: 0, done: false }}\n    faults: {}\n    steps:\n",
            self.budget
        );
        for (name, step) in self.steps.iter().enumerate() {
            text.push_str(&step.text(name));
        }
        let within = |within: &Option<usize>| {
            within.map_or(String::new(), |within| format!(", within: {within}"))
        };
        let _ = match &self.claim {
            Claim::Invariant(test) => {
                writeln!(text, "  invariants: [ {{ name: i, expr: '{}' }} ]", test.text(""))
            }
            Claim::Final(test) => {
                writeln!(text, "  postconditions: [ {{ name: i, expr: '{}' }} ]", test.text(""))
            }
            Claim::NeverStuck(test) => writeln!(
                text,
                "  temporalProperties: [ {{ name: i, neverStuckUntil: '{}' }} ]",
                test.text("")
            ),
            Claim::Progress(None, to, n) => writeln!(
                text,
                "  temporalProperties: [ {{ name: i, eventually: '{}'{} }} ]",
                to.text(""),
                within(n)
            ),
            Claim::Progress(Some(from), to, n) => writeln!(
                text,
                "  temporalProperties: [ {{ name: i, leadsTo: {{ from: '{}', to: '{}' }}{} }} ]",
                from.text(""),
                to.text(""),
                within(n)
            ),
            Claim::Reachable(goal, n) => writeln!(
                text,
                "  temporalProperties: [ {{ name: i, canAlwaysReach: '{}'{} }} ]",
                goal.text(""),
                within(n)
            ),
        };
        text
    }
}

fn test(own: bool) -> BoxedStrategy<Test> {
    let leaf = prop_oneof![
        (0..3_usize).prop_map(Test::Phase),
        (1..=TOP).prop_map(Test::Below),
        (0..2_usize).prop_map(Test::Done),
        Just(Test::AllDone),
        Just(if own { Test::Own } else { Test::AllDone }),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|test| Test::Not(Box::new(test))),
            (inner.clone(), inner).prop_map(|(a, b)| Test::Both(Box::new(a), Box::new(b))),
        ]
    })
    .boxed()
}

fn step() -> impl Strategy<Value = Step> {
    let number = prop_oneof![
        2 => Just(Number::Stays),
        1 => (0..=TOP).prop_map(Number::Is),
        1 => Just(Number::Grows),
    ];
    any::<bool>().prop_flat_map(move |each| {
        let parts = (
            test(each),
            proptest::option::of(0..3_usize),
            number.clone(),
            proptest::option::of(any::<bool>()),
            proptest::bool::weighted(0.2),
            proptest::bool::weighted(0.7),
        );
        parts.prop_map(move |(when, phase, number, done, fault, fair)| Step {
            when,
            phase,
            number,
            done,
            each,
            fault,
            fair,
        })
    })
}

fn toy() -> impl Strategy<Value = Toy> {
    let within = || proptest::option::of(0..5_usize);
    let claim = prop_oneof![
        1 => test(false).prop_map(Claim::Invariant),
        1 => test(false).prop_map(Claim::Final),
        1 => test(false).prop_map(Claim::NeverStuck),
        3 => (proptest::option::of(test(false)), test(false), within())
            .prop_map(|(from, to, n)| Claim::Progress(from, to, n)),
        2 => (test(false), within()).prop_map(|(goal, n)| Claim::Reachable(goal, n)),
    ];
    (proptest::collection::vec(step(), 1..5), 0..3_i64, claim)
        .prop_map(|(steps, budget, claim)| Toy { steps, budget, claim })
}

fn judge(verifier: &Verifier, specification: &Specification) -> Proof {
    let text = "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {keys: [a, b]}}";
    let documents = documents("m.yaml", text);
    let cluster = Cluster::new(&documents);
    match verifier.judge(specification, &cluster, &documents[0]) {
        Judgement::Judged(mut records) => records.remove(0).proof,
        Judgement::NotApplicable => panic!("it applies"),
    }
}

#[test]
fn every_random_machine_is_judged_as_the_oracle_says() {
    let (proved, refuted, rounds) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let add = |count: &Cell<u32>| count.set(count.get() + 1);
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&toy(), |toy| {
        let text = toy.text();
        let loaded = Specification::load(&Source::new("toy.yaml", &*text), &Models::default());
        let specification =
            loaded.unwrap_or_else(|problems| panic!("{problems:?}\n{text}")).remove(0);
        let truth = toy.is_true();
        let solver = Verifier::new(Limits { states: 0, ..Limits::default() });
        for verifier in [Verifier::new(Limits::default()), solver] {
            match judge(&verifier, &specification) {
                Proof::Proved(_) => prop_assert!(truth, "proved, and false:\n{text}"),
                Proof::Refuted(found) => {
                    prop_assert!(!truth, "refuted, and true:\n{text}\n{found:?}");
                    if found.back_to.is_some() {
                        add(&rounds);
                    }
                    add(&refuted);
                }
                // Proofs of machines with steps that never happen say nothing; and the solver
                // alone does not see everything.
                Proof::Unknown(_) => {}
            }
        }
        if let Proof::Proved(_) = judge(&Verifier::new(Limits::default()), &specification) {
            add(&proved);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let counts = (proved.get(), refuted.get(), rounds.get());
    assert!(proved.get() > 40 && refuted.get() > 100 && rounds.get() > 5, "{counts:?}");
}
