//! Facts of a case, written as JSON, as the nouns of the model.

use std::sync::Arc;

use provost_model::{
    AccessGrant, Approval, Backup, BreakGlass, Change, CheckInfo, CheckResult, Document,
    ErrorBudget, Facts, Finding, Inconclusive, Location, Node, ObjectReference, Operation, Origin,
    PolicyReference, Principal, Problem, Proof, ProofRecord, Proved, Scope, Session, Severity,
    Source, Span, Waiver, Window,
};
use serde_json::Value;

fn text<'a>(facts: &'a Value, key: &str, otherwise: &'a str) -> &'a str {
    facts[key].as_str().unwrap_or(otherwise)
}

fn texts(facts: &Value) -> Vec<String> {
    let items = facts.as_array().into_iter().flatten();
    items.map(|item| item.as_str().expect("text").to_owned()).collect()
}

pub fn now(facts: &Value) -> jiff::Timestamp {
    text(facts, "now", "2026-01-15T12:00:00Z").parse().expect("a moment")
}

pub fn severity(facts: &Value, key: &str) -> Severity {
    text(facts, key, "high").parse().expect("a severity")
}

fn here() -> Location {
    Location::new(&Source::new("change.yaml", "kind: Pod\n"), Span::new(0, 4))
}

/// `Kind/name`, `Kind/namespace/name`, or the address of a Terraform resource.
fn reference(path: &str, api_version: &str) -> ObjectReference {
    if api_version.starts_with("terraform.io/") {
        let kind = path.rsplit('.').nth(1).expect("a type").to_owned();
        let (api_version, name) = (api_version.to_owned(), path.to_owned());
        return ObjectReference { api_version, kind, namespace: None, name };
    }
    let parts: Vec<_> = path.split('/').collect();
    let (kind, namespace, name) = match parts.as_slice() {
        [kind, name] => (kind, None, name),
        [kind, namespace, name] => (kind, Some((*namespace).to_owned()), name),
        _ => panic!("{path} is not an object"),
    };
    ObjectReference {
        api_version: api_version.to_owned(),
        kind: (*kind).to_owned(),
        namespace,
        name: (*name).to_owned(),
    }
}

fn document(json: &Value) -> Arc<Document> {
    let at = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    Arc::new(Document {
        object: ObjectReference {
            api_version: at("/apiVersion").unwrap_or_else(|| "v1".to_owned()),
            kind: at("/kind").expect("a kind"),
            namespace: at("/metadata/namespace"),
            name: at("/metadata/name").or_else(|| at("/address")).unwrap_or_else(|| "x".to_owned()),
        },
        root: Node::from_json(json),
        source: Source::new("change.yaml", ""),
        index: 0,
    })
}

pub fn change(facts: &Value) -> Change {
    let documents = |key: &str| facts[key].as_array().into_iter().flatten().map(document).collect();
    let problems = facts["unread"].as_u64().unwrap_or(0);
    let mut change = Change {
        documents: documents("documents"),
        before: documents("before"),
        deleted: documents("deleted"),
        operation: {
            let name = text(facts, "operation", "apply");
            let mut known = Operation::ALL.into_iter();
            known.find(|one| one.name() == name).unwrap_or_else(|| panic!("no operation {name}"))
        },
        principal: Principal {
            groups: texts(&facts["groups"]),
            authenticated: facts["authenticated"] == true,
            ..Principal::named(text(facts, "principal", "alice"))
        },
        environment: facts["environment"].as_str().map(str::to_owned),
        problems: (0..problems).map(|_| Problem::about("yaml-syntax", "x", "no")).collect(),
        ..Change::default()
    };
    change.facts = world(&facts["facts"]);
    let digest = change.digest().to_string();
    let approval = |facts: &Value| Approval {
        by: text(facts, "by", "").to_owned(),
        groups: texts(&facts["groups"]),
        change: text(facts, "of", &digest).to_owned(),
        purpose: facts["purpose"].as_str().map(str::to_owned),
        at: facts["at"].as_str().map(|at| at.parse().expect("a moment")),
    };
    change.approvals = facts["approvals"].as_array().into_iter().flatten().map(approval).collect();
    change
}

fn check(facts: &Value) -> Arc<CheckInfo> {
    let (id, origin) = match (facts["specification"].as_str(), facts["rule"].as_str()) {
        (Some(id), None) => (id, Origin::Specification),
        (None, Some(id)) => (id, Origin::Plugin("plugin".to_owned())),
        _ => panic!("a result is of one specification or one rule: {facts}"),
    };
    Arc::new(CheckInfo {
        id: id.to_owned(),
        title: String::new(),
        severity: severity(facts, "severity"),
        rationale: String::new(),
        remedy: String::new(),
        controls: texts(&facts["controls"]),
        origin,
    })
}

fn finding_of(check: &Arc<CheckInfo>, object: ObjectReference) -> Finding {
    Finding {
        check: Arc::clone(check),
        message: "wrong".to_owned(),
        object,
        location: here(),
        remedy: None,
        patch: None,
    }
}

/// `proved`, `unknown`, `violated`, `waived`: on how many objects each.
pub fn result(facts: &Value) -> (CheckResult, Vec<Waiver>) {
    let check = check(facts);
    let count = |key: &str| facts[key].as_u64().unwrap_or(0);
    let object = |kind: &str, n: u64| reference(&format!("{kind}/shop/{n}"), "v1");
    let mut result = CheckResult::new(Arc::clone(&check));
    for n in 0..count("proved") {
        result.proofs.push(ProofRecord {
            object: object("Proved", n),
            location: here(),
            property: "safe".to_owned(),
            proof: Proof::Proved(Proved {
                technique: "evaluation".to_owned(),
                scope: Scope::Values,
                rests_on: Vec::new(),
                obligations: Vec::new(),
            }),
        });
    }
    let reason = || "gave up".to_owned();
    let unknown = |_| Inconclusive { object: None, location: None, reason: reason() };
    result.unknowns = (0..count("unknown")).map(unknown).collect();
    let violated = (0..count("violated")).map(|n| finding_of(&check, object("Violated", n)));
    let waived: Vec<_> =
        (0..count("waived")).map(|n| finding_of(&check, object("Waived", n))).collect();
    result.findings = violated.chain(waived.clone()).collect();
    result.subjects = usize::try_from(count("subjects")).expect("a count")
        + result.proofs.len()
        + result.findings.len();
    (result, waived.into_iter().map(waiver).collect())
}

fn waiver(finding: Finding) -> Waiver {
    let policy = PolicyReference {
        id: "exception".to_owned(),
        title: String::new(),
        remedy: String::new(),
        location: None,
    };
    let [owner, reason, expires] = ["o", "r", "2026-12-31"].map(str::to_owned);
    Waiver { finding, policy, owner, reason, expires }
}

pub fn finding(facts: &Value) -> Finding {
    let object = reference(text(facts, "object", ""), text(facts, "apiVersion", "v1"));
    finding_of(&check(facts), object)
}

/// What is known of the world. Moments are as `now` has them.
fn world(facts: &Value) -> Facts {
    let each = |key: &str| facts[key].as_array().into_iter().flatten();
    let at = |one: &Value, key: &str| text(one, key, "2026-01-15T11:00:00Z").parse().expect(key);
    let window = |one: &Value| Window {
        name: text(one, "name", "w").to_owned(),
        environments: texts(&one["environments"]),
        from: at(one, "from"),
        until: at(one, "until"),
    };
    Facts {
        freezes: each("freezes").map(window).collect(),
        maintenance: each("maintenance").map(window).collect(),
        error_budgets: each("errorBudgets")
            .map(|one| ErrorBudget {
                objective: "o".to_owned(),
                environments: texts(&one["environments"]),
                remaining_percent: one["remaining"].as_i64().expect("a number"),
                at: at(one, "at"),
            })
            .collect(),
        sessions: each("sessions")
            .map(|one| Session {
                principal: Principal::named(text(one, "principal", "alice")),
                mfa: one["mfa"] == true,
                compliant_device: one["compliant"] == true,
                at: at(one, "at"),
            })
            .collect(),
        access: each("access")
            .map(|one| AccessGrant {
                principal: Principal::named(text(one, "principal", "alice")),
                role: text(one, "role", "shell").to_owned(),
                environment: text(one, "environment", "production").to_owned(),
                granted_by: text(one, "by", "bob").to_owned(),
                from: at(one, "from"),
                until: at(one, "until"),
            })
            .collect(),
        break_glass: each("breakGlass")
            .map(|one| BreakGlass {
                principal: Principal::named(text(one, "principal", "alice")),
                environment: text(one, "environment", "production").to_owned(),
                incident: "INC-1".to_owned(),
                reason: "down".to_owned(),
                from: at(one, "from"),
                until: at(one, "until"),
            })
            .collect(),
        backups: each("backups")
            .map(|one| Backup { object: text(one, "object", "").to_owned(), at: at(one, "at") })
            .collect(),
    }
}
