//! Proofs as texts that other solvers check.

use std::fs;
use std::path::Path;
use std::process::Command;

use provost_model::Proof;
use provost_spec::{Cluster, Specification};
use provost_tests::python_with_cvc5;
use provost_verify::{Budget, Exported, Limits, Verifier, recheck};

use super::{library, load, object, solver};
use crate::library::Judged;

/// Every part of every proof that the examples of the library have, as `title` and part.
fn all() -> Vec<(String, Exported)> {
    let verifier = Verifier::new(Limits::default());
    let mut all = Vec::new();
    for file in library::files() {
        library::judge_examples(&verifier, &file, |judged| {
            let Judged { example, specification, cluster, subject, record } = judged;
            let place = format!("{} {}", example.location, record.property);
            let Proof::Proved(proved) = &record.proof else { return };
            let exported = verifier.obligations(specification, cluster, subject, &record.property);
            match exported {
                Ok(parts) => {
                    assert!(!parts.is_empty(), "{place}");
                    all.extend(parts.into_iter().map(|part| (place.clone(), part)));
                }
                // What only a visit of every state shows is for no solver.
                Err(reason) => {
                    assert_eq!(proved.technique, "every state visited", "{place}: {reason}");
                }
            }
        });
    }
    all
}

#[test]
fn every_part_of_the_librarys_proofs_is_checked_again() {
    let all = all();
    assert!(all.len() > 40, "{}", all.len());
    for (place, part) in &all {
        assert!(part.resources > 0 || part.assertions == 1, "{place}: {part:?}");
        assert_eq!(
            recheck(&part.script, part.assertions, Budget::default()),
            Ok(part.resources),
            "{place}: {part:?}"
        );
        assert_eq!(part.script.matches("(check-sat)").count(), 1);
    }
    let Some(python) = python_with_cvc5(Path::new(env!("CARGO_TARGET_TMPDIR"))) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut scripts: Vec<_> = all.iter().map(|(_, part)| part.script.as_str()).collect();
    scripts.sort_unstable();
    scripts.dedup();
    for (number, script) in scripts.iter().enumerate() {
        fs::write(folder.path().join(format!("{number:04}.smt2")), script).unwrap();
    }
    // One that is satisfiable: the other solver must not say `unsat` to everything.
    fs::write(folder.path().join("wrong.smt2"), "(set-logic ALL)\n(assert true)\n(check-sat)\n")
        .unwrap();
    let output = Command::new(python).args(["-c", ASK_CVC5]).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<_> = said.lines().collect();
    assert_eq!(answers.len(), scripts.len() + 1);
    for answer in answers {
        let (file, answer) = answer.split_once(' ').unwrap();
        let expected = if file == "wrong.smt2" { "sat" } else { "unsat" };
        assert_eq!(
            answer,
            expected,
            "{file}: {}",
            fs::read_to_string(folder.path().join(file)).unwrap()
        );
    }
    eprintln!("cvc5 agrees about {} scripts", scripts.len());
}

/// Answers of cvc5 for the files of a folder, one a line.
const ASK_CVC5: &str = r"
import os, sys, cvc5
folder = sys.argv[1]
for name in sorted(os.listdir(folder)):
    manager = cvc5.TermManager()
    solver = cvc5.Solver(manager)
    solver.setOption('tlimit-per', '20000')
    parser = cvc5.InputParser(solver)
    parser.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, os.path.join(folder, name))
    symbols = parser.getSymbolManager()
    answer = ''
    while True:
        command = parser.nextCommand()
        if command.isNull():
            break
        answer += command.invoke(solver, symbols)
    print(name, ' '.join(answer.split()))
";

fn counting(lemmas: &str) -> Specification {
    load(&format!(
        "  let: {{ x: map.data.x }}\n  given: {{ most: {{ from: 3, to: 90000 }} }}\n  machine:\n    \
         state: {{ 'n': int, m: {{ of: int, over: '[\"a b\", \"c|d\", \"é%\"]' }} }}\n    \
         start: {{ n: 0, m: -7 }}\n    steps:\n      \
         tick: {{ title: tick, when: n < most, then: {{ n: n + 1, 'm[\"c|d\"]': n / -2 }} }}\n    \
         lemmas: [{lemmas}]\n  invariants:\n    - {{ name: i, expr: 'n <= most && m[\"a b\"] < 0' }}\n"
    ))
}

/// The text does not change from run to run, every symbol is quoted, and it says whence
/// everything comes.
#[test]
fn a_script_is_the_same_in_every_run() {
    let documents = object("x: 1");
    let cluster = Cluster::new(&documents);
    let export = || {
        let specification = counting("n >= 0");
        solver().obligations(&specification, &cluster, &documents[0], "i").unwrap()
    };
    let parts = export();
    assert_eq!(parts, export());
    let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["it holds at the start", "step `tick` keeps it"]);
    assert!(parts[1].script.contains("(declare-const |most| Int)"), "{}", parts[1].script);
    assert!(parts[1].script.contains("; s.yaml:"), "{}", parts[1].script);
    assert!(parts.iter().all(|part| part.technique == "1-induction"));
}

#[test]
fn what_is_not_proved_has_no_parts() {
    let documents = object("x: 1");
    let cluster = Cluster::new(&documents);
    let export = |expr: &str| {
        let specification = load(&format!(
            "  let: {{ x: map.data.x }}\n  given: {{ most: {{ from: 3 }} }}\n  \
             invariants:\n    - {{ name: i, expr: '{expr}' }}\n"
        ));
        solver().obligations(&specification, &cluster, &documents[0], "i")
    };
    assert_eq!(export("most > 2").unwrap().len(), 1);
    assert_eq!(export("x == 1").unwrap()[0].technique, "evaluation");
    assert!(export("most > 3").unwrap_err().contains("refuted"));
    let specification = load("  invariants:\n    - { name: i, expr: 1 == 1 }\n");
    let none = solver().obligations(&specification, &cluster, &documents[0], "j");
    assert_eq!(none.unwrap_err(), "there is no property `j`");
}

/// A script of which an assertion is lost would be weaker than what is claimed.
#[test]
fn a_script_that_does_not_arrive_is_no_proof() {
    let check = |script: &str, assertions| recheck(script, assertions, Budget::default());
    let script = "(declare-const |x| Int)\n(assert (< |x| 0))\n(assert (> |x| 0))\n(check-sat)\n";
    assert!(check(script, 2).is_ok());
    assert!(check(script, 3).unwrap_err().contains("2 of 3"));
    assert!(check(&script.replace("(> |x|", "(> |y|"), 2).is_err());
    assert!(check("(assert true)", 1).unwrap_err().contains("`sat`"));
}
