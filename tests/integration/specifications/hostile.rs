//! A specification that is too much to load is a problem, one that is too much to judge is
//! unknown. None exhausts the stack, the memory or anyone's patience.

use std::fmt::Write as _;

use provost_model::{Problem, Proof, Source};
use provost_spec::{Cluster, Models, Specification};
use provost_tests::documents;
use provost_verify::{Judgement, Limits, Verifier};

/// The stack of a worker thread: less than that of the main thread.
fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap();
    thread.join().unwrap()
}

struct Text {
    lets: String,
    machine: String,
    claims: String,
}

impl Text {
    fn claims(expr: &str) -> Self {
        let claims = format!(
            "  invariants:\n    - name: holds\n      expr: '{expr}'\n      violation: '\"no\"'\n"
        );
        Self { lets: String::new(), machine: String::new(), claims }
    }

    fn lets(mut self, lets: impl IntoIterator<Item = (String, String)>) -> Self {
        self.lets = "  let:\n".to_owned();
        for (name, expr) in lets {
            let _ = writeln!(self.lets, "    {name}: '{expr}'");
        }
        self
    }

    fn machine(mut self, machine: &str) -> Self {
        self.machine = machine.to_owned();
        self
    }

    fn load(&self) -> Result<Specification, Vec<Problem>> {
        let text = format!(
            "apiVersion: provost.dev/v1\nkind: Specification\n\
             metadata: {{ name: hostile, title: Hostile }}\nspec:\n  severity: low\n  \
             rationale: none\n  remedy: none\n  for: {{ kinds: [apps/Deployment], as: workload }}\n\
             {}{}{}",
            self.lets, self.machine, self.claims
        );
        Specification::load(&Source::new("hostile.yaml", text), &Models::default())
            .map(|mut loaded| loaded.remove(0))
    }

    fn problem(self) -> String {
        let text = on_a_small_stack(move || self.load().map(|_| ()));
        text.unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    fn unknown(self) -> String {
        on_a_small_stack(move || {
            let specification = self.load().unwrap_or_else(|problems| panic!("{problems:?}"));
            match judge(&specification) {
                Proof::Unknown(reason) => reason,
                other => panic!("{other:?}"),
            }
        })
    }
}

fn judge(specification: &Specification) -> Proof {
    let documents =
        documents("a.yaml", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}");
    let cluster = Cluster::new(&documents);
    match Verifier::new(Limits::default()).judge(specification, &cluster, &documents[0]) {
        Judgement::Judged(mut records) => records.remove(0).proof,
        Judgement::NotApplicable => panic!("it applies"),
    }
}

fn numbered(count: usize, expr: impl Fn(usize) -> String) -> Vec<(String, String)> {
    (0..count).map(|number| (format!("x{number}"), expr(number))).collect()
}

/// `x0` is the first, every other one is made of the one before.
fn chain(count: usize, first: &str, next: impl Fn(&str) -> String) -> Vec<(String, String)> {
    numbered(count, |number| match number.checked_sub(1) {
        None => first.to_owned(),
        Some(before) => next(&format!("x{before}")),
    })
}

#[test]
fn expressions_that_are_too_long_or_nested_too_deeply_are_problems() {
    let sum = |count: usize| vec!["1"; count].join("+");
    let said = Text::claims(&format!("{} > 0", sum(500_000))).problem();
    assert!(said.contains("1000003 bytes are too many for one expression"), "{said}");
    assert!(said.contains("name parts of it with `let`"), "{said}");

    let around = |before: &str, inner: &str, after: &str| {
        let count = 1_900 / (before.len() + after.len());
        format!("{}{inner}{}", before.repeat(count), after.repeat(count))
    };
    let deep = [
        format!("{} > 0", sum(900)),
        vec!["1"; 400].join(" < "),
        format!("workload{}", ".a".repeat(900)),
        format!("workload{}", ".?a".repeat(600)),
        format!("workload{}", "[0]".repeat(600)),
        format!("workload{}", ".f()".repeat(450)),
        format!("[1]{}", ".map(x,x)".repeat(200)),
        around("(", "1", ")"),
        around("-(", "1", ")"),
        around("!(", "true", ")"),
        around("[", "1", "]"),
        around("max(1,", "1", ")"),
        around("true ? 1 : ", "1", ""),
        around("true ? (", "1", ") : 1"),
        around("[1].all(x,", "true", ")"),
        around("workload[", "1", "]"),
    ];
    for text in deep {
        let start = text.chars().take(20).collect::<String>();
        let said = Text::claims(&text).problem();
        assert!(said.contains("this expression is nested too deeply"), "{start}: {said}");
    }
    for text in ["(".repeat(1_900), "$".repeat(1_900), "a ".repeat(900), "-".repeat(1_900)] {
        let said = Text::claims(&text).problem();
        assert!(said.contains("[spec-syntax]"), "{said}");
    }
    // Long without being deep is fine.
    let flat = format!("[{}].all(x, x == 1)", vec!["1"; 900].join(","));
    let wide = vec!["true"; 200].join(" && ");
    for text in [flat, wide] {
        let loaded = on_a_small_stack(move || Text::claims(&text).load().map(|s| judge(&s)));
        assert!(matches!(loaded, Ok(Proof::Proved(_))));
    }
}

#[test]
fn files_that_are_too_large_are_problems() {
    let lets = chain(10_000, "1", |before| format!("{before} + 1"));
    let said = Text::claims("true").lets(lets).problem();
    assert!(said.contains("`let` does not fit"), "{said}");
    let circle = numbered(500, |number| format!("x{} + 1", (number + 1) % 500));
    let said = Text::claims("true").lets(circle).problem();
    assert!(said.contains("`x0` is defined by itself"), "{said}");
    let said = Text::claims(&" ".repeat(2 << 20)).problem();
    assert!(said.contains("[too-large]"), "{said}");
    let nested = format!("  machine: {}{}\n", "[".repeat(5_000), "]".repeat(5_000));
    let said = Text::claims("true").machine(&nested).problem();
    assert!(said.contains("deep"), "{said}");
}

#[test]
fn values_that_grow_without_bound_are_unknown() {
    let doubled = |before: &str| format!("{before} + {before}");
    for first in ["[1, 2]", "\"text\""] {
        let said = Text::claims("size(x99) > 0").lets(chain(100, first, doubled)).unknown();
        assert!(said.contains("takes more than 20000000 steps"), "{said}");
    }
    let wrapped = |before: &str| format!("[{before}, {before}]");
    let said = Text::claims("size(x99) > 0").lets(chain(100, "1", wrapped)).unknown();
    assert!(said.contains("takes more than 20000000 steps"), "{said}");

    let said = Text::claims("x99 > 0").lets(chain(100, "between(1, 9)", doubled)).unknown();
    assert!(said.contains("more than 5000 operations on what is not known"), "{said}");
    let said = Text::claims("x499 > 0")
        .lets(chain(500, "between(1, 9)", |before| format!("{before} + 1")))
        .unknown();
    assert!(said.contains("operations on what is not known"), "{said}");
    let counted = format!("[{}].exists_one(i, i < x)", vec!["1"; 64].join(","));
    let lets = [("x".to_owned(), "between(1, 9)".to_owned())];
    let said = Text::claims(&counted).lets(lets).unknown();
    assert!(said.contains("operations on what is not known"), "{said}");
    let said = Text::claims("x99 > 0").lets(chain(100, "2", |b| format!("{b} * {b}"))).unknown();
    assert!(said.contains("does not fit in 128 bits"), "{said}");
}

#[test]
fn evaluation_that_takes_too_long_is_unknown() {
    let list = format!("[{}]", vec!["1"; 900].join(","));
    let nested = "xs.all(a, xs.all(b, xs.all(c, a + b + c > 0)))";
    let said = Text::claims(nested).lets([("xs".to_owned(), list)]).unknown();
    assert!(said.contains("takes more than 20000000 steps"), "{said}");
}

#[test]
fn machines_that_are_too_large_to_visit_or_to_prove_are_unknown() {
    let counter = |steps: &str| {
        format!(
            "  machine:\n    state: {{ n: int, m: int }}\n    start: {{ n: 0, m: 0 }}\n    \
             steps:\n{steps}"
        )
    };
    // Neither inductive nor broken within reach, with more successors than can be visited.
    let leap = "      leap:\n        title: leap\n        when: n >= 0\n        choose: { k: { \
                from: 1, to: 1000000000000 } }\n        then: { n: n + k, m: m + 1 }\n";
    let said = Text::claims("m < 1000").machine(&counter(leap)).unknown();
    assert!(said.contains("no counterexample within 8 steps"), "{said}");
    // A question that the solver cannot answer: cubes are not sums of two cubes.
    let cubes = ["x", "y", "z"].map(|name| (name.to_owned(), "between(1, 1000000)".to_owned()));
    let said = Text::claims("x * x * x + y * y * y != z * z * z").lets(cubes).unknown();
    assert!(said.contains("limits.solver") || said.contains("the solver gave up"), "{said}");
}
