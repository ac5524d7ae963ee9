//! Spans of a review, for who exports them: what it was about, how it came out, and where its
//! time went. No name, no user and nothing of the object is in them.

use hyper::HeaderMap;
use provost_engine::SPANS;
use provost_telemetry::continues;
use tracing::Span;
use tracing::field::Empty;

use crate::decision::Decision;
use crate::message::cut;

/// Bytes of a value that a request decides.
const VALUE_BYTES: usize = 128;

/// The span of a request, in the trace of the API server where that says which.
pub(crate) fn review(headers: &HeaderMap) -> Span {
    let span = tracing::info_span!(
        target: SPANS, "review",
        otel.kind = "server",
        otel.status_code = Empty,
        http.response.status_code = Empty,
        k8s.namespace.name = Empty,
        provost.endpoint = Empty,
        provost.uid = Empty,
        provost.operation = Empty,
        provost.kind = Empty,
        provost.dry_run = Empty,
        provost.decision = Empty,
        provost.verdict = Empty,
        provost.allowed = Empty,
        provost.violations = Empty,
        provost.unknown = Empty,
        provost.bundle = Empty,
    );
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(parent) = text("traceparent") {
        continues(&span, parent, text("tracestate"));
    }
    span
}

/// The span of judging, in that of a review.
pub(crate) fn judging(review: &Span) -> Span {
    tracing::info_span!(target: SPANS, parent: review, "judge")
}

/// The span of waiting until a decision is on record, in that of the request.
pub(crate) fn recording() -> Span {
    tracing::info_span!(target: SPANS, "record")
}

/// What was decided, in the span of the request.
pub(crate) fn decided(decision: &Decision) {
    let span = Span::current();
    if span.is_disabled() {
        return;
    }
    let violations: usize = decision.violations.iter().map(|one| one.count).sum();
    let kind = format!("{}/{}", decision.api_version, decision.kind);
    span.record("k8s.namespace.name", cut(&decision.namespace, VALUE_BYTES));
    span.record("provost.endpoint", decision.endpoint);
    span.record("provost.uid", cut(&decision.uid, VALUE_BYTES));
    span.record("provost.operation", decision.operation);
    span.record("provost.kind", cut(&kind, VALUE_BYTES));
    span.record("provost.dry_run", decision.dry_run);
    span.record("provost.decision", decision.id.as_str());
    span.record("provost.verdict", decision.outcome.name());
    span.record("provost.allowed", decision.allowed);
    span.record("provost.violations", count(violations));
    span.record("provost.unknown", count(decision.unknown.len()));
    span.record("provost.bundle", decision.bundle.as_str());
}

/// As OTLP has numbers.
fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How the request was answered, in its span. That a change is denied is no error.
pub(crate) fn answered(code: u16) {
    let span = Span::current();
    span.record("http.response.status_code", i64::from(code));
    if code >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}
