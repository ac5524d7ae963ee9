//! Spans of reviews, as a collector gets them: over real HTTP, decoded from OTLP's protobuf. And
//! collectors that are slow, or away: they cost spans, and no answer.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Attribute;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use provost_tests::{TestAuthority, provost};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto};

use super::client::{block_on, metric, pod, request, review};
use super::process::{Process, serve};
use super::reload::until;

/// What a collector was sent.
#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<(hyper::http::request::Parts, ExportTraceServiceRequest)>>>);

impl Collected {
    fn spans(&self) -> Vec<Span> {
        let requests = self.0.lock().unwrap();
        let resources = requests.iter().flat_map(|(_, request)| &request.resource_spans);
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    fn named(&self, name: &str) -> Vec<Span> {
        self.spans().into_iter().filter(|span| span.name == name).collect()
    }

    /// An attribute of who sends.
    fn resource(&self, name: &str) -> Value {
        let requests = self.0.lock().unwrap();
        let resource = requests[0].1.resource_spans[0].resource.clone().unwrap();
        value(&resource.attributes, name)
    }
}

fn value(attributes: &[KeyValue], name: &str) -> Value {
    let found = attributes.iter().find(|one| one.key == name).and_then(|one| one.value.as_ref());
    match found {
        Some(AnyValue { value: Some(Attribute::StringValue(text)) }) => json!(text),
        Some(AnyValue { value: Some(Attribute::IntValue(number)) }) => json!(number),
        Some(AnyValue { value: Some(Attribute::BoolValue(flag)) }) => json!(flag),
        _ => Value::Null,
    }
}

/// Takes everything that comes on a connection.
async fn take(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, into: Collected) {
    let take = move |request: Request<Incoming>| {
        let into = into.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let spans = ExportTraceServiceRequest::decode(body).unwrap();
            into.0.lock().unwrap().push((head, spans));
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }
    };
    let connection = hyper::server::conn::http1::Builder::new();
    // It may be closed at any time.
    let _ = connection.serve_connection(TokioIo::new(stream), service_fn(take)).await;
}

/// A collector on this machine.
async fn collector() -> (SocketAddr, Collected) {
    listening(None).await
}

/// The same, over TLS where it has a certificate.
async fn listening(tls: Option<TlsAcceptor>) -> (SocketAddr, Collected) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let collected = Collected::default();
    let into = collected.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (into, tls) = (into.clone(), tls.clone());
            tokio::spawn(async move {
                match tls {
                    None => take(stream, into).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            take(stream, into).await;
                        }
                    }
                }
            });
        }
    });
    (address, collected)
}

fn exporting(folder: &Path, collector: SocketAddr) -> std::process::Command {
    let mut command = serve(folder);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{collector}"));
    command
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_review_is_a_span_with_its_decision() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let (address, collected) = collector().await;
        // So long that nothing is sent before the server stops.
        let server = Process::start(
            exporting(folder.path(), address)
                .args(["--log", "decisions"])
                .env("OTEL_BSP_SCHEDULE_DELAY", "600000")
                .env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20key")
                .env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=lab"),
        );
        let mut client = server.client(folder.path()).await;
        let body = review(&json!({ "object": pod(true) })).to_string();
        let mut asked = request("/validate", body);
        let parent = format!("00-{TRACE}-{PARENT}-01");
        asked.headers_mut().insert("traceparent", parent.parse().unwrap());
        let answer = client.send(asked).await.unwrap();
        assert!(!answer.is_allowed());
        let decision = answer.response()["auditAnnotations"]["decision"].clone();
        // A request without a decision, and one that its caller does not trace.
        let broken = client.post("/validate", "{").await;
        assert_eq!(broken.status, 400);
        let mut untraced =
            request("/validate", review(&json!({ "object": pod(true) })).to_string());
        let parent = format!("00-{}-{PARENT}-00", TRACE.replace('4', "5"));
        untraced.headers_mut().insert("traceparent", parent.parse().unwrap());
        client.send(untraced).await.unwrap();
        drop(client);
        server.terminate();
        let (code, log) = server.wait_for_log();
        assert_eq!(code, Some(0), "{log:#?}");

        let reviews = collected.named("review");
        assert_eq!(reviews.len(), 2, "what is not sampled is not sent: {reviews:#?}");
        let (decided, others): (Vec<_>, Vec<_>) =
            reviews.into_iter().partition(|span| hex(&span.trace_id) == TRACE);
        let span = &decided[0];
        assert_eq!(hex(&span.parent_span_id), PARENT);
        assert_eq!(span.kind, 2, "SPAN_KIND_SERVER");
        assert_eq!(span.status.as_ref().map_or(0, |status| status.code), 0, "a denial is no error");
        assert!(span.end_time_unix_nano > span.start_time_unix_nano);
        let of = |name: &str| value(&span.attributes, name);
        assert_eq!(of("provost.decision"), decision);
        assert_eq!(of("provost.verdict"), "deny");
        assert_eq!(of("provost.allowed"), false);
        assert_eq!(of("provost.uid"), "705ab4f5-6393-11e8-b7cc-42010a800002");
        assert_eq!(of("provost.kind"), "v1/Pod");
        assert_eq!(of("provost.operation"), "CREATE");
        assert_eq!(of("k8s.namespace.name"), "shop");
        assert_eq!(of("http.response.status_code"), 200);
        assert_eq!(of("provost.violations"), 1);
        let others: Vec<_> = others.iter().map(|one| one.attributes.as_slice()).collect();
        assert_eq!(value(others[0], "http.response.status_code"), 400);
        assert_eq!(value(others[0], "provost.decision"), Value::Null);

        // Where its time went: each part in the one that it is a part of.
        let part = |name: &str, of: &Span| {
            let mut parts = collected.named(name);
            parts.retain(|part| part.parent_span_id == of.span_id);
            assert_eq!(parts.len(), 1, "{name}: {parts:#?}");
            parts.remove(0)
        };
        let judged = part("judge", span);
        let plugin = part("plugin", &judged);
        assert_eq!(value(&plugin.attributes, "provost.plugin"), "pod-security");
        assert_eq!(value(&plugin.attributes, "provost.failures"), 0);
        part("specifications", &judged);
        part("policies", &judged);
        part("record", span);
        // Nobody's name, and nothing of the object.
        let all = format!("{:?}", collected.spans());
        for secret in ["alice", "registry.example", "web"] {
            assert!(!all.contains(secret), "{secret}");
        }

        assert_eq!(collected.resource("service.name"), "provost");
        assert_eq!(collected.resource("deployment.environment.name"), "lab");
        let requests = collected.0.lock().unwrap();
        let (head, _) = &requests[0];
        assert_eq!((head.method.as_str(), head.uri.path()), ("POST", "/v1/traces"));
        assert_eq!(head.headers["content-type"], "application/x-protobuf");
        assert_eq!(head.headers["authorization"], "Bearer key");

        // The log names the same decision, and is not longer for the spans.
        let lines = log.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let lines: Vec<_> = lines.filter(|line| line["target"] == "provost::decision").collect();
        assert_eq!(lines.len(), 2, "{log:#?}");
        assert_eq!(lines[0]["decision"], decision);
        let record: Value = serde_json::from_str(lines[0]["record"].as_str().unwrap()).unwrap();
        assert_eq!(record["id"], decision);
        assert!(lines[0]["spans"].is_null() && lines[0]["span"].is_null(), "{}", lines[0]);
    });
}

/// Asks so often on one connection; the longest that an answer took.
async fn asks(server: &Process, folder: &Path, times: usize) -> Duration {
    let mut client = server.client(folder).await;
    let body = review(&json!({ "object": pod(true) })).to_string();
    let mut longest = Duration::ZERO;
    for _ in 0..times {
        let start = Instant::now();
        assert!(!client.post("/validate", body.clone()).await.is_allowed());
        longest = longest.max(start.elapsed());
    }
    longest
}

async fn spans(server: &Process, outcome: &str) -> f64 {
    metric(server.operations, &format!("provost_spans_total{{outcome=\"{outcome}\"}}")).await
}

#[test]
fn a_collector_that_hangs_delays_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    // It takes connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    block_on(async {
        let server = Process::start(
            exporting(folder.path(), silent.local_addr().unwrap())
                .env("OTEL_EXPORTER_OTLP_TIMEOUT", "60000")
                .env("OTEL_BSP_SCHEDULE_DELAY", "50")
                .env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "16")
                .env("OTEL_BSP_MAX_QUEUE_SIZE", "64"),
        );
        let longest = asks(&server, folder.path(), 300).await;
        println!("an answer took {longest:?} at most");
        assert!(longest < Duration::from_secs(5), "{longest:?}");
        // Five of each review and more came, and 64 have a place.
        assert!(spans(&server, "queue-full").await > 1000.0);
        assert_eq!(spans(&server, "exported").await, 0.0);
        server.terminate();
        let start = Instant::now();
        let (code, log) = server.wait_for_log();
        // `--linger` is 300 ms here.
        assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
        assert_eq!(code, Some(0));
        assert!(log.iter().any(|line| line.contains("not exported in time")), "{log:#?}");
    });
}

#[test]
fn a_collector_that_is_away_costs_spans_only() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    block_on(async {
        let server = Process::start(
            exporting(folder.path(), nobody)
                .env("OTEL_EXPORTER_OTLP_TIMEOUT", "500")
                .env("OTEL_BSP_SCHEDULE_DELAY", "50"),
        );
        let longest = asks(&server, folder.path(), 20).await;
        assert!(longest < Duration::from_secs(5), "{longest:?}");
        until("lost spans are counted", async || spans(&server, "not-taken").await >= 100.0).await;
        server.terminate();
        let (code, log) = server.wait_for_log();
        assert_eq!(code, Some(0));
        let said = log.iter().filter(|line| line.contains("spans are not exported")).count();
        assert_eq!(said, 1, "once, not for each batch: {log:#?}");
    });
}

#[test]
fn what_cannot_be_exported_keeps_nobody_from_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let (address, collected) = collector().await;
        let server = Process::start(
            exporting(folder.path(), address).env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        );
        asks(&server, folder.path(), 1).await;
        server.terminate();
        let (code, log) = server.wait_for_log();
        assert_eq!(code, Some(0));
        let said = "no spans are exported: `OTEL_EXPORTER_OTLP_PROTOCOL` is `grpc`";
        assert!(log.iter().any(|line| line.contains(said)), "{log:#?}");
        assert!(collected.spans().is_empty());
    });
}

/// Runs `provost check` on a pod that is denied, and waits.
async fn checked(folder: &Path, environment: &[(&str, String)]) {
    std::fs::write(folder.join("pod.yaml"), pod(true).to_string()).unwrap();
    let mut command = provost(folder);
    command.args(["check", "pod.yaml"]);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn only_a_collector_whose_certificate_is_trusted_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, other) = (TestAuthority::new(), TestAuthority::new());
    std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    std::fs::write(folder.path().join("other.pem"), other.pem()).unwrap();
    let (certificate, key) = authority.issue(&["localhost"]);
    let provider = Arc::new(crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let config = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
    block_on(async {
        let (address, collected) = listening(Some(TlsAcceptor::from(Arc::new(config)))).await;
        let endpoint = format!("https://localhost:{}", address.port());
        let told = async |trusted: &str| {
            let variables = [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.clone()),
                ("OTEL_EXPORTER_OTLP_CERTIFICATE", trusted.to_owned()),
            ];
            checked(folder.path(), &variables).await;
            collected.named("check").len()
        };
        assert_eq!(told("other.pem").await, 0);
        assert_eq!(told("missing.pem").await, 0);
        assert_eq!(told("ca.pem").await, 1);
    });
}

#[test]
fn a_check_is_a_span_too() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let (address, collected) = collector().await;
        let endpoint = format!("http://{address}");
        checked(folder.path(), &[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]).await;
        let checks = collected.named("check");
        assert_eq!(value(&checks[0].attributes, "provost.verdict"), "deny");
        for name in ["plugin", "specifications", "policies"] {
            let parts = collected.named(name);
            assert!(!parts.is_empty(), "{name}");
            assert!(parts.iter().all(|one| one.parent_span_id == checks[0].span_id), "{name}");
        }
    });
}
