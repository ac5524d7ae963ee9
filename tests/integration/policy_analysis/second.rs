//! cvc5 beside Z3: it agrees, it answers where Z3 does not, and a contradiction is never passed
//! over.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use provost_analysis::{Cvc5, Means, analyze, compare, failing};
use provost_model::{Decided, Relation};
use provost_tests::python_with_cvc5;
use provost_verify::Budget;

use super::typed;

const SCHEMA: &str = r#"
    entity Group;
    entity User in [Group] tags Set<String>;
    entity Thing = { address: ipaddr };
    action use appliesTo {
        principal: [User],
        resource: [Thing],
        context: { words: Set<String>, count: Long, kind?: String, at: datetime },
    };"#;

const POLICIES: &str = r#"
    permit (principal in Group::"g", action, resource)
    when { context.words.containsAll(["p\"q", "r\\s"]) && resource.address.isInRange(ip("10.0.0.0/8")) };
    permit (principal, action, resource)
    when { context has kind && context.kind like "x*" && principal.hasTag("t") &&
           principal.getTag("t").contains("ä") };
    forbid (principal, action, resource) when { context.at < datetime("2026-11-26") };
    forbid (principal, action, resource) when { context.count * 2 > 10 };
    permit (principal, action, resource) when { context.words.isEmpty() && context.words.contains("p") };"#;

/// A command in a folder.
fn command(folder: &Path, text: &str) -> Cvc5 {
    let path = folder.join("cvc5");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    Cvc5::find(Some(path.into()), None).unwrap()
}

fn with(second: Cvc5, budget: Budget) -> Means {
    Means { budget, second: Some(second) }
}

/// What reads a script from standard input as the command `cvc5` does.
const AS_A_COMMAND: &str = r#"
import sys, cvc5
solver = cvc5.Solver(cvc5.TermManager())
for option in sys.argv[1:]:
    if option.startswith("--tlimit="):
        solver.setOption("tlimit-per", option.split("=")[1])
    elif option == "--strings-exp":
        solver.setOption("strings-exp", "true")
parser = cvc5.InputParser(solver)
parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, sys.stdin.read(), "question")
symbols = parser.getSymbolManager()
while not (command := parser.nextCommand()).isNull():
    sys.stdout.write(command.invoke(solver, symbols))
"#;

#[test]
fn cvc5_agrees_and_answers_where_z3_does_not() {
    let Some(python) = python_with_cvc5(Path::new(env!("CARGO_TARGET_TMPDIR"))) else { return };
    let python = python.display();
    let python = if python.to_string().contains('/') {
        python.to_string()
    } else {
        format!("/usr/bin/env {python}")
    };
    let folder = tempfile::tempdir().unwrap();
    let cvc5 = command(folder.path(), &format!("#!{python}{AS_A_COMMAND}"));
    let policies = typed(SCHEMA, POLICIES).unwrap();
    let alone = analyze(&policies, &Means::default(), &|_| {});
    assert_eq!(alone.unknowns, []);
    let rules = |analysis: &provost_model::Analysis| -> Vec<_> {
        let findings = analysis.findings.iter();
        findings.map(|one| (one.policy.id.clone(), one.check.id.clone())).collect()
    };
    assert_eq!(
        rules(&alone),
        [("policy3", "policy-can-fail"), ("policy4", "policy-never-matches")]
            .map(|(policy, rule)| (policy.to_owned(), rule.to_owned()))
    );
    // One unit of resources is not enough for Z3: these are the answers of cvc5, models too.
    for budget in [Budget::default(), Budget { resources: 1, ..Budget::default() }] {
        let both = analyze(&policies, &with(cvc5.clone(), budget), &|_| {});
        assert_eq!(both.unknowns, []);
        assert_eq!(rules(&both), rules(&alone));
        assert!(matches!(both.kinds[0].1, Decided::Depends { .. }));
    }
    let starved = Budget { resources: 1, ..Budget::default() };
    let starved = Means { budget: starved, second: None };
    assert_ne!(analyze(&policies, &starved, &|_| {}).unknowns, []);
}

#[test]
fn a_contradiction_is_never_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let liar = command(folder.path(), "#!/bin/sh\ncat > /dev/null\necho unsat\n");
    let policies = typed(SCHEMA, POLICIES).unwrap();
    let means = with(liar, Budget::default());
    let analysis = analyze(&policies, &means, &|_| {});
    assert!(analysis.unknowns.iter().any(|one| one.reason.contains("Z3 and cvc5 DISAGREE")));
    assert!(
        matches!(&analysis.kinds[0].1, Decided::Unknown(reason) if reason.contains("DISAGREE"))
    );
    let open = failing(&policies, &means).unwrap_err();
    assert!(open[0].message.contains("DISAGREE"), "{open:?}");
    let none = typed(SCHEMA, "").unwrap();
    let relation = &compare(&none, &policies, &means, &|_| {}).kinds[0].1;
    let Relation::Unknown { reason, .. } = relation else { panic!("{relation:?}") };
    assert!(reason.contains("some request is like this, cvc5 says that no request is"), "{reason}");
}

#[test]
fn a_cvc5_that_gives_no_answer_leaves_that_of_z3() {
    let folder = tempfile::tempdir().unwrap();
    let policies = typed(SCHEMA, POLICIES).unwrap();
    let alone = analyze(&policies, &Means::default(), &|_| {});
    for text in ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho unknown\n", "#!/bin/sh\necho '(error'\n"] {
        let means = with(command(folder.path(), text), Budget::default());
        assert_eq!(analyze(&policies, &means, &|_| {}), alone, "{text}");
    }
    let missing = Cvc5::find(Some(folder.path().join("nowhere").into()), None).unwrap();
    assert_eq!(analyze(&policies, &with(missing, Budget::default()), &|_| {}), alone);
}
