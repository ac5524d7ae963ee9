//! What cases are made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use provost_model::{
    Advice, Assessment, CheckInfo, CheckResult, Counterexample, Decision, Digest, Edit, Effect,
    Finding, Location, ObjectReference, Origin, PolicyReference, Proof, ProofRecord, Proved,
    Remedy, Scalar, Scope, Severity, Source, Span, Step, Verdict,
};

pub(crate) const CART: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
  namespace: shop
spec:
  replicas: 3
  strategy:
    rollingUpdate:
      maxUnavailable: 2
  template:
    spec:
      containers:
        - name: web
          image: cart:1.4
          securityContext:
            privileged: true
        - name: proxy
          image: proxy:latest
          securityContext:
            privileged: true
        - name: log
          image: log:2
          securityContext:
            privileged: true
";

pub(crate) const POLICIES: &str = "\
@id(\"production-needs-approval\")
@title(\"A change to production needs an approval by somebody else\")
forbid (principal, action == Action::\"apply\", resource in Environment::\"production\")
unless { context.approved };

@id(\"legacy-cart\")
@owner(\"team-shop\")
permit (principal, action == Action::\"waive\", resource == Deployment::\"shop/cart\");
";

pub(crate) fn cart() -> Arc<Source> {
    Source::new("deploy/cart.yaml", CART)
}

pub(crate) fn policies() -> Arc<Source> {
    Source::new("policies/production.cedar", POLICIES)
}

/// The `nth` place, from 0, where `words` stand in `source`.
pub(crate) fn place(source: &Arc<Source>, words: &str, nth: usize, pointer: &str) -> Location {
    let (start, _) = source.text().match_indices(words).nth(nth).expect("the words are there");
    let span = Span::new(start, start + words.len());
    Location { source: Arc::clone(source), span, pointer: pointer.to_owned() }
}

pub(crate) fn object(kind: &str, name: &str) -> ObjectReference {
    let api_version = if kind == "Deployment" { "apps/v1" } else { "v1" };
    ObjectReference {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: Some("shop".to_owned()),
        name: name.to_owned(),
    }
}

pub(crate) fn rule(id: &str, severity: Severity, title: &str) -> Arc<CheckInfo> {
    Arc::new(CheckInfo {
        id: id.to_owned(),
        title: title.to_owned(),
        severity,
        rationale: "Whoever breaks out of such a container owns the node.".to_owned(),
        remedy: "remove the field, or set it to what the restricted profile allows".to_owned(),
        controls: vec!["pss:baseline".to_owned(), "cis:5.2.2".to_owned()],
        origin: Origin::Plugin("pod-security".to_owned()),
    })
}

pub(crate) fn specification() -> Arc<CheckInfo> {
    Arc::new(CheckInfo {
        id: "rollout-keeps-minimum".to_owned(),
        title: "A rolling update never drops below the available minimum".to_owned(),
        severity: Severity::High,
        rationale: "A budget does not stop a rolling update: only its own numbers do.\n\nSo:\n- \
                    surge before you stop,\n- or keep enough replicas."
            .to_owned(),
        remedy: "lower `maxUnavailable` or raise `replicas`".to_owned(),
        controls: vec!["nsa:availability".to_owned()],
        origin: Origin::Specification,
    })
}

pub(crate) fn finding(check: &Arc<CheckInfo>, location: Location, message: &str) -> Finding {
    Finding {
        check: Arc::clone(check),
        message: message.to_owned(),
        object: object("Deployment", "cart"),
        location,
        remedy: None,
        patch: None,
    }
}

pub(crate) fn result(check: &Arc<CheckInfo>, findings: Vec<Finding>) -> CheckResult {
    CheckResult { subjects: 1, findings, ..CheckResult::new(Arc::clone(check)) }
}

pub(crate) fn proved(
    name: &str,
    source: &Arc<Source>,
    property: &str,
    scope: Scope,
) -> ProofRecord {
    ProofRecord {
        object: object("Deployment", name),
        location: place(source, "apiVersion", 0, ""),
        property: property.to_owned(),
        proof: Proof::Proved(Proved {
            technique: "1-induction".to_owned(),
            scope,
            rests_on: Vec::new(),
            obligations: Vec::new(),
        }),
    }
}

/// A rollout that stops two of three pods, and the two ways to mend it.
pub(crate) fn counterexample(source: &Arc<Source>) -> Counterexample {
    let blame = place(source, "2\n", 0, "/spec/strategy/rollingUpdate/maxUnavailable");
    let blame = Location { span: Span { end: blame.span.end - 1, ..blame.span }, ..blame };
    let replicas = place(source, "3\n", 0, "/spec/replicas");
    let replicas =
        Location { span: Span { end: replicas.span.end - 1, ..replicas.span }, ..replicas };
    let step = |action: &str, old, new, ready, done| Step {
        action: action.to_owned(),
        state: vec![
            Scalar::Integer(old),
            Scalar::Integer(new),
            Scalar::Integer(ready),
            Scalar::Bool(done),
        ],
    };
    let edit = |location: &Location, value: i64| Edit {
        object: object("Deployment", "cart"),
        location: location.clone(),
        pointer: location.pointer.clone(),
        value: value.into(),
    };
    Counterexample {
        message: "`Deployment/shop/cart` can drop to 1 ready pod while 2 are required".to_owned(),
        parameters: BTreeMap::from([
            ("minimum".to_owned(), Scalar::Integer(2)),
            ("replicas".to_owned(), Scalar::Integer(3)),
        ]),
        variables: ["old", "new", "ready", "done"].map(str::to_owned).to_vec(),
        steps: vec![
            step("start", 3, 0, 3, false),
            step("the controller stops an old pod", 2, 0, 2, false),
            step("the controller stops an old pod", 1, 0, 1, false),
        ],
        back_to: None,
        fails_when: None,
        remedies: vec![
            Remedy { edits: vec![edit(&blame, 1)] },
            Remedy { edits: vec![edit(&blame, 1), edit(&replicas, 4)] },
        ],
        blame,
    }
}

/// The finding and the record of a refuted specification.
pub(crate) fn refuted(check: &Arc<CheckInfo>, run: Counterexample) -> (Finding, ProofRecord) {
    let finding = finding(check, run.blame.clone(), &run.message);
    let record = ProofRecord {
        object: finding.object.clone(),
        location: Location::new(&run.blame.source, Span::new(0, 10)),
        property: "minimum-available".to_owned(),
        proof: Proof::Refuted(Box::new(run)),
    };
    (finding, record)
}

pub(crate) fn policy(id: &str) -> PolicyReference {
    PolicyReference {
        id: id.to_owned(),
        title: String::new(),
        remedy: String::new(),
        location: Some(place(&policies(), &format!("@id(\"{id}\")"), 0, "")),
    }
}

/// An assessment of these results: allowed by the policies, denied where something
/// of severity `high` is violated, unknown where something is unknown.
pub(crate) fn assessment(documents: usize, results: Vec<CheckResult>) -> Assessment {
    let permit = PolicyReference {
        id: "default-permit".to_owned(),
        title: "What passes the checks may be applied".to_owned(),
        remedy: String::new(),
        location: None,
    };
    let mut assessment = Assessment {
        verdict: Verdict::Allow,
        documents,
        change: Digest::of(b"change"),
        bundle: Digest::of(b"bundle"),
        blocking: Severity::High,
        results,
        waivers: Vec::new(),
        lenient: std::collections::BTreeMap::new(),
        exception_faults: Vec::new(),
        decision: Decision {
            effect: Effect::Allow,
            action: "apply".to_owned(),
            principal: "ci".to_owned(),
            environment: "staging".to_owned(),
            determining: vec![permit],
            errors: Vec::new(),
            advice: Advice::default(),
        },
        glass: None,
        problems: Vec::new(),
        skipped: Vec::new(),
        unjudged: BTreeMap::new(),
        notes: Vec::new(),
    };
    settle(&mut assessment);
    assessment
}

/// The verdict that follows from the rest.
pub(crate) fn settle(assessment: &mut Assessment) {
    let blocking = |finding: &&Finding| finding.check.severity >= assessment.blocking;
    let violated = assessment.findings().iter().any(blocking);
    let unknown = assessment.is_incomplete();
    assessment.verdict =
        provost_model::verdict(violated, assessment.decision.effect, unknown, false);
}
