//! What a proof comes to for a component.

use std::collections::BTreeMap;
use std::sync::Arc;

use provost_engine::{ComponentOutcome, VerificationStatus};
use provost_model::{
    CheckInfo, CheckResult, Document, Location, ObjectReference, Origin, Proof, ProofRecord,
    Proved, Scope, Severity, Source, Span,
};

use super::{asked, component, folder, write};

/// What a specification says of an object.
pub(super) fn said(id: &str, answers: &[(&Document, Proof)]) -> CheckResult {
    let mut result = CheckResult::new(Arc::new(CheckInfo {
        id: id.to_owned(),
        title: String::new(),
        severity: Severity::High,
        rationale: String::new(),
        remedy: String::new(),
        controls: Vec::new(),
        origin: Origin::Specification,
    }));
    result.proofs = answers
        .iter()
        .map(|(document, proof)| ProofRecord {
            object: document.object.clone(),
            location: document.locate(""),
            property: "p".to_owned(),
            proof: proof.clone(),
        })
        .collect();
    result
}

pub(super) fn proved() -> Proof {
    let technique = "evaluation".to_owned();
    Proof::Proved(Proved {
        technique,
        scope: Scope::Values,
        rests_on: Vec::new(),
        obligations: Vec::new(),
    })
}

fn refuted() -> Proof {
    let source = Source::new("a", "");
    Proof::Refuted(Box::new(provost_model::Counterexample {
        message: String::new(),
        parameters: BTreeMap::new(),
        variables: Vec::new(),
        steps: Vec::new(),
        back_to: None,
        fails_when: None,
        blame: Location::new(&source, Span::default()),
        remedies: Vec::new(),
    }))
}

fn unknown(reason: &str) -> Proof {
    Proof::Unknown(reason.to_owned())
}

const SPENT: &str = "the solver did not answer within 5 s (`limits.solverSeconds`)";

#[test]
fn a_component_is_verified_when_each_specification_is_proved_about_it() {
    use VerificationStatus::{Failed, NotVerified, Timeout, Verified};
    let pod = |name: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{ name: {name} }}\n");
    let base = folder(&[("a/pod.yaml", &pod("mine")), ("b/pod.yaml", &pod("other"))]);
    let text = "phase: Testing, sources: [pod.yaml], specifications: [s, t]";
    write(base.path(), "a/c.yaml", &component("a", text));
    let (change, development) = asked(base.path(), &["."]);
    let one = |name: &str| change.documents.iter().find(|one| one.object.name == name).unwrap();
    let (mine, other, itself) = (one("mine"), one("other"), one("a"));
    let object = ObjectReference {
        api_version: "provost.dev/v1".to_owned(),
        kind: "Change".to_owned(),
        namespace: None,
        name: "all".to_owned(),
    };
    let whole = Document { object, ..Document::clone(other) };
    let s_holds = || said("s", &[(mine, proved())]);
    let cases: Vec<(&str, Vec<CheckResult>, Option<VerificationStatus>)> = vec![
        ("both", vec![s_holds(), said("t", &[(mine, proved())])], Some(Verified)),
        ("itself", vec![s_holds(), said("t", &[(itself, proved())])], Some(Verified)),
        ("the whole", vec![s_holds(), said("t", &[(&whole, proved())])], Some(Verified)),
        ("one not asked", vec![s_holds()], None),
        ("asked about others", vec![s_holds(), said("t", &[(other, proved())])], None),
        (
            "others refuted",
            vec![s_holds(), said("t", &[(mine, proved()), (other, refuted())])],
            Some(Verified),
        ),
        ("refuted", vec![s_holds(), said("t", &[(mine, refuted())])], Some(Failed)),
        ("refuted, and one not asked", vec![said("t", &[(mine, refuted())])], Some(Failed)),
        ("spent", vec![s_holds(), said("t", &[(mine, unknown(SPENT))])], Some(Timeout)),
        ("unknown", vec![s_holds(), said("t", &[(mine, unknown("why"))])], Some(NotVerified)),
        (
            "spent and unknown",
            vec![said("s", &[(mine, unknown("why"))]), said("t", &[(mine, unknown(SPENT))])],
            Some(NotVerified),
        ),
        (
            "spent, then refuted, then proved",
            vec![
                said("s", &[(mine, unknown(SPENT)), (mine, refuted())]),
                said("t", &[(mine, proved())]),
            ],
            Some(Failed),
        ),
        ("nothing", vec![], None),
    ];
    for (case, results, expected) in cases {
        let outcomes = development.outcomes(&results);
        let found = match outcomes.get("a") {
            Some(ComponentOutcome::Found(status)) => Some(*status),
            _ => None,
        };
        assert_eq!(found, expected, "{case}: {outcomes:?}");
    }
}

#[test]
fn a_component_without_specifications_or_digest_is_verified_by_nobody() {
    let base = folder(&[]);
    let text = component("free", "phase: Testing, sources: []")
        + &component("lost", "phase: Testing, sources: [x], specifications: [s]");
    write(base.path(), "c.yaml", &text);
    let (change, development) = asked(base.path(), &["c.yaml"]);
    let answers: Vec<_> = change.documents.iter().map(|one| (one.as_ref(), proved())).collect();
    let outcomes = development.outcomes(&[said("s", &answers)]);
    let left = |reason: &str| Some(ComponentOutcome::Left(reason.to_owned()));
    assert_eq!(outcomes.get("free").cloned(), left("it names no specification"));
    assert_eq!(outcomes.get("lost").cloned(), left("no file is at `x`"));
}
