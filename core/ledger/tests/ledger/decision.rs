use std::sync::Arc;

use provost_ledger::{Decision, Occasion, Record, canonical};
use provost_model::{
    Approval, Assessment, Change, CheckInfo, CheckResult, Digest, Document, ExceptionFault,
    Finding, Inconclusive, Location, Node, ObjectReference, Origin, PolicyReference, Principal,
    Problem, Proof, ProofRecord, Proved, Scope, Severity, Source, Span, Waiver,
};
use serde_json::{Value, json};

use crate::{now, occasion, record};

const SECRET: &str = "correct-horse-battery";

fn document(name: &str, root: &Value) -> Arc<Document> {
    let object = ObjectReference {
        api_version: "v1".to_owned(),
        kind: "Secret".to_owned(),
        namespace: Some("shop".to_owned()),
        name: name.to_owned(),
    };
    let source = Source::new("secret.yaml", SECRET);
    Arc::new(Document { object, root: Node::from_json(root), source, index: 0 })
}

fn policy(id: &str) -> PolicyReference {
    PolicyReference {
        id: id.to_owned(),
        title: SECRET.to_owned(),
        remedy: SECRET.to_owned(),
        location: None,
    }
}

/// An assessment in which every text that may quote the change does.
fn assessment(document: &Document) -> Assessment {
    let check = Arc::new(CheckInfo {
        id: "no-secrets".to_owned(),
        title: String::new(),
        severity: Severity::High,
        rationale: String::new(),
        remedy: String::new(),
        controls: Vec::new(),
        origin: Origin::Specification,
    });
    let location = Location {
        source: document.source.clone(),
        span: Span::default(),
        pointer: "/data/a".to_owned(),
    };
    let finding = Finding {
        check: check.clone(),
        message: format!("the value is `{SECRET}`"),
        object: document.object.clone(),
        location: location.clone(),
        remedy: Some(SECRET.to_owned()),
        patch: Some(json!([{"op": "replace", "value": SECRET}])),
    };
    let unknown = Inconclusive {
        object: Some(document.object.clone()),
        location: None,
        reason: format!("`{SECRET}` is not a number"),
    };
    let proof = |proof| ProofRecord {
        object: document.object.clone(),
        location: location.clone(),
        property: "safe".to_owned(),
        proof,
    };
    let proved = Proved {
        technique: "evaluation".to_owned(),
        scope: Scope::Values,
        rests_on: Vec::new(),
        obligations: Vec::new(),
    };
    let result = CheckResult {
        check,
        subjects: 1,
        findings: vec![finding.clone()],
        unknowns: vec![unknown],
        proofs: vec![proof(Proof::Proved(proved)), proof(Proof::Unknown(SECRET.to_owned()))],
        late: 0,
        unseen: false,
    };
    let waiver = Waiver {
        finding,
        policy: policy("exception"),
        owner: "team-shop".to_owned(),
        reason: "a migration".to_owned(),
        expires: "2026-12-31".to_owned(),
    };
    let Record::Decision(_) = record("x") else { unreachable!() };
    Assessment {
        verdict: provost_model::Verdict::Deny,
        documents: 1,
        change: Digest::of(b"change"),
        bundle: Digest::of(b"bundle"),
        blocking: Severity::Medium,
        results: vec![result],
        waivers: vec![waiver],
        lenient: std::collections::BTreeMap::new(),
        exception_faults: vec![ExceptionFault {
            policy: policy("expired"),
            message: SECRET.to_owned(),
        }],
        decision: provost_model::Decision {
            effect: provost_model::Effect::Deny,
            action: "apply".to_owned(),
            principal: "alice".to_owned(),
            environment: "production".to_owned(),
            determining: vec![policy("production-needs-approval")],
            errors: vec![SECRET.to_owned()],
            advice: Default::default(),
        },
        glass: None,
        problems: vec![Problem::about("yaml-syntax", "x.yaml", SECRET)],
        skipped: Vec::new(),
        unjudged: std::collections::BTreeMap::new(),
        notes: vec![SECRET.to_owned()],
    }
}

fn change(documents: Vec<Arc<Document>>) -> Change {
    Change {
        documents,
        principal: Principal { groups: vec!["shop".to_owned()], ..Principal::named("alice") },
        approvals: vec![Approval {
            by: "bob".to_owned(),
            groups: Vec::new(),
            change: "sha256:00".to_owned(),
            at: None,
            purpose: None,
        }],
        ..Change::default()
    }
}

fn json(decision: Decision) -> Value {
    serde_json::to_value(Record::Decision(Box::new(decision))).unwrap()
}

#[test]
fn a_decision_is_recorded_by_identifiers_and_quotes_nothing() {
    let secret = document("db", &json!({"kind": "Secret", "data": {"a": SECRET}}));
    let decision = Decision::of(&assessment(&secret), &change(vec![secret]), occasion("d-1"));
    let record = json(decision);
    assert!(!record.to_string().contains(SECRET), "{record:#}");
    assert_eq!(
        record,
        json!({
            "kind": "Decision",
            "id": "d-1",
            "time": "2026-03-31T12:00:00Z",
            "version": env!("CARGO_PKG_VERSION"),
            "door": "command-line",
            "verdict": "deny",
            "action": "apply",
            "principal": "alice",
            "groups": ["shop"],
            "environment": "production",
            "change": Digest::of(b"change").to_string(),
            "bundle": Digest::of(b"bundle").to_string(),
            "objects": ["Secret/shop/db"],
            "namespaces": ["shop"],
            "effect": "deny",
            "determining": ["production-needs-approval"],
            "policyErrors": 1,
            "blockingSeverity": "medium",
            "findings": [{
                "check": "no-secrets", "severity": "high", "object": "Secret/shop/db",
                "pointer": "/data/a", "waived": true,
            }],
            "unknowns": [{"check": "no-secrets", "object": "Secret/shop/db"}],
            "proofs": [{
                "specification": "no-secrets", "property": "safe",
                "proved": 1, "refuted": 0, "unknown": 1, "objects": ["Secret/shop/db"],
            }],
            "waivers": [{
                "policy": "exception", "check": "no-secrets", "object": "Secret/shop/db",
                "owner": "team-shop", "reason": "a migration", "expires": "2026-12-31",
            }],
            "exceptionFaults": ["expired"],
            "problems": ["yaml-syntax"],
            "approvals": ["bob of sha256:00"],
        })
    );
}

#[test]
fn objects_are_recorded_on_request_and_without_their_secrets() {
    let secret =
        document("db", &json!({"kind": "Secret", "type": "Opaque", "data": {"a": SECRET}}));
    let with = Occasion { contents: true, ..occasion("d-1") };
    let record = json(Decision::of(&assessment(&secret), &change(vec![secret]), with));
    assert!(!record.to_string().contains(SECRET), "{record:#}");
    assert_eq!(
        record["contents"],
        json!([{"kind": "Secret", "type": "Opaque", "data": {"a": "[redacted]"}}])
    );
}

#[test]
fn long_lists_and_names_are_cut_and_counted() {
    let name = "n".repeat(100_000);
    let many: Vec<_> = (0..3000)
        .map(|number| document(&format!("{number:04}{name}"), &json!({"a": "b".repeat(4000)})))
        .collect();
    let with = Occasion { contents: true, ..occasion("d-1") };
    let first = many[0].clone();
    let record = json(Decision::of(&assessment(&first), &change(many), with));
    assert_eq!(record["objects"].as_array().unwrap().len(), 1000);
    assert_eq!(record["objects"][0].as_str().unwrap().chars().count(), 513);
    assert_eq!(record["omitted"]["objects"], 2000);
    let kept = record["contents"].as_array().unwrap().len();
    assert_eq!(record["omitted"]["contents"], 3000 - kept);
    assert!(canonical::write(&record).unwrap().len() < provost_ledger::LINE_BYTES);
}

#[test]
fn without_a_name_a_decision_is_named_for_what_was_asked_and_when() {
    let secret = document("db", &json!({}));
    let id = |principal: &str, time: &str| {
        let mut change = change(vec![secret.clone()]);
        change.principal.name = principal.to_owned();
        let occasion = Occasion { id: None, time: time.parse().unwrap(), ..occasion("") };
        Decision::of(&assessment(&secret), &change, occasion).id
    };
    let time = now().to_string();
    assert_eq!(id("alice", &time), id("alice", &time));
    assert_ne!(id("alice", &time), id("bob", &time));
    assert_ne!(id("alice", &time), id("alice", "2026-03-31T12:00:01Z"));
    assert_eq!(id("alice", &time).len(), 32);
}
