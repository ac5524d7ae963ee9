//! The answer: `AdmissionResponse` of `admission.k8s.io/v1`, and HTTP errors as `Status`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::decision::{Decision, RecordState};
use crate::review::API_VERSION;

/// What is answered besides the decision.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The message of a denial.
    pub(crate) denial: Option<String>,
    /// Warnings.
    pub(crate) warnings: Vec<String>,
    /// A patch of RFC 6902; only where one was asked for.
    pub(crate) patch: Option<Vec<Value>>,
}

/// The body of the answer to a decided review.
pub(crate) fn body(decision: &Decision, said: &Said) -> Vec<u8> {
    let mut response = Map::new();
    response.insert("uid".to_owned(), json!(decision.uid));
    response.insert("allowed".to_owned(), json!(decision.allowed));
    if let Some(message) = &said.denial {
        let status = json!({
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": "Forbidden",
            "code": 403,
        });
        response.insert("status".to_owned(), status);
    }
    if !said.warnings.is_empty() {
        response.insert("warnings".to_owned(), json!(said.warnings));
    }
    if let Some(patch) = said.patch.as_ref().filter(|patch| !patch.is_empty()) {
        let text = json!(patch).to_string();
        response.insert("patchType".to_owned(), json!("JSONPatch"));
        response.insert("patch".to_owned(), json!(STANDARD.encode(text)));
    }
    response.insert("auditAnnotations".to_owned(), json!(annotations(decision)));
    let review = json!({
        "apiVersion": API_VERSION,
        "kind": "AdmissionReview",
        "response": response,
    });
    review.to_string().into_bytes()
}

/// What the audit log of the API server keeps of a decision; empty values are left out.
fn annotations(decision: &Decision) -> Map<String, Value> {
    let rules: Vec<_> = decision
        .violations
        .iter()
        .map(|one| format!("{}={} ({})", one.rule, one.count, one.mode))
        .collect();
    let record = match &decision.record {
        RecordState::Off => String::new(),
        RecordState::As(entry) => entry.clone(),
        RecordState::Failed => "failed".to_owned(),
    };
    let pairs = [
        ("decision", decision.id.clone()),
        ("bundle", decision.bundle.clone()),
        ("verdict", decision.outcome.name().to_owned()),
        ("policy", decision.policies.join(",")),
        ("waiver", decision.waivers.join(",")),
        ("emergency", decision.emergency.clone().unwrap_or_default()),
        ("violations", rules.join(", ")),
        ("unknown", decision.unknown.join(",")),
        ("not-judged", decision.not_judged.join(",")),
        ("not-enforced", decision.not_enforced.map_or("", |why| why.name()).to_owned()),
        ("record", record),
    ];
    let said = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    said.map(|(key, value)| (key.to_owned(), json!(value))).collect()
}

/// A certificate in PEM as `caBundle` of a webhook's configuration has it.
pub fn ca_bundle(pem: &str) -> String {
    STANDARD.encode(pem)
}

/// The body of an HTTP error: a `Status` of Kubernetes.
pub(crate) fn error(code: u16, message: &str) -> Vec<u8> {
    let reason = match code {
        400 | 413 | 415 => "BadRequest",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        408 | 504 => "Timeout",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        _ => "InternalError",
    };
    let status = json!({
        "apiVersion": "v1",
        "kind": "Status",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    });
    status.to_string().into_bytes()
}
