//! The operator's port: alive, ready, and what is measured.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};

use crate::cluster::Report;
use crate::exchange::Answer;
use crate::state::State;

/// The text format of Prometheus 2 and later.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers a request of the operator's port.
pub(crate) fn answer<B>(state: &Arc<State>, request: &Request<B>) -> Answer {
    match request.uri().path() {
        "/healthz" => alive(state),
        "/readyz" => ready(state),
        "/metrics" => {
            let loaded = state.loaded();
            let bundle = loaded.as_ref().map(|loaded| &*loaded.bundle);
            let shelf = state.watched.as_ref().map(|watched| &*watched.shelf);
            let metrics = state.metrics.text(bundle, state.options.spans.as_deref(), shelf);
            let mut response = text(StatusCode::OK, metrics);
            let kind = HeaderValue::from_static(OPEN_METRICS);
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        _ => {
            text(StatusCode::NOT_FOUND, "the paths are /healthz, /readyz and /metrics\n".to_owned())
        }
    }
}

/// The process answers; whether it is ready is another question. Where decisions cannot be
/// recorded, or the cluster not be known, before it is started again, it asks for that.
fn alive(state: &State) -> Answer {
    let recorder = state.recorder.as_ref().and_then(|recorder| recorder.failed());
    let watch = || state.watched.as_ref()?.shelf.failed().map(str::to_owned);
    match recorder.or_else(watch) {
        None => text(StatusCode::OK, "ok\n".to_owned()),
        Some(why) => text(StatusCode::INTERNAL_SERVER_ERROR, format!("start it again: {why}\n")),
    }
}

/// Ready: all is loaded, the webhook's port is open, and the server does not stop.
fn ready(state: &State) -> Answer {
    let loaded = state.loaded();
    let watched = state.watched.as_ref();
    let mut checks = vec![
        ("bundle", loaded.is_some()),
        ("listening", state.is_serving()),
        ("running", !state.is_stopping()),
    ];
    checks.extend(watched.map(|watched| ("cluster", watched.shelf.was_settled())));
    let mut detail = String::new();
    for (name, works) in checks.iter().copied() {
        let _ = writeln!(detail, "[{}]{name}", if works { '+' } else { '-' });
    }
    if let Some(loaded) = &loaded {
        let _ = writeln!(detail, "bundle {}", loaded.bundle.digest());
    }
    let reports = watched.map(|watched| watched.shelf.reports()).unwrap_or_default();
    let mut kinds: BTreeMap<(bool, String), Vec<String>> = BTreeMap::new();
    for Report { kind, is_known, said, .. } in reports {
        if let Some(said) = said {
            kinds.entry((is_known, said)).or_default().push(kind);
        }
    }
    for ((is_known, said), kinds) in kinds {
        let not = if is_known { "" } else { "not " };
        let _ = writeln!(detail, "{not}known: {}: {said}", kinds.join(", "));
    }
    for (of, why) in state.stale() {
        let _ = writeln!(detail, "the last good {of} is in force; the files cannot be used: {why}");
    }
    let works = checks.iter().all(|(_, works)| *works);
    text(if works { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, detail)
}

fn text(status: StatusCode, body: String) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
