//! A trace that somebody else began: the headers of W3C Trace Context.

use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Headers by name.
struct Headers<'h> {
    parent: &'h str,
    state: Option<&'h str>,
}

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        match name {
            "traceparent" => Some(self.parent),
            "tracestate" => self.state,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

/// Bytes of a `tracestate` that have to be passed on (W3C Trace Context, 3.3.1.5).
const STATE_BYTES: usize = 512;

/// Makes a span that was not entered yet part of the trace of these headers. One that cannot be
/// read begins a trace of its own, as if there were none.
pub fn continues(span: &Span, traceparent: &str, tracestate: Option<&str>) {
    if span.is_disabled() {
        return;
    }
    let state = tracestate.filter(|state| state.len() <= STATE_BYTES);
    let headers = Headers { parent: traceparent, state };
    let context = TraceContextPropagator::new().extract(&headers);
    if context.span().span_context().is_valid() {
        // Where nothing exports it there is nothing to continue.
        let _ = span.set_parent(context);
    }
}
