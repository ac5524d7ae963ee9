//! Reviews over TLS, beside a server that looks at nothing.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use provost_engine::Gate;
use provost_model::{Problem, Source};
use provost_serve::{Identity, Load, Loaded, Options, Server, WatchOptions};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName,
};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::recorded::Running;

/// How long each line is measured.
pub(crate) const TIME: Duration = Duration::from_secs(2);
/// Reviews after which memory is read again, where `PROVOST_BENCH_REVIEWS` says no other number.
const MANY: usize = 20_000;
/// How often memory is read on the way.
const READINGS: usize = 5;

/// Prints a table of its own: rates and three percentiles. The log is written below the folder
/// that `PROVOST_BENCH_LOG` names, or else where temporary files are.
pub fn webhook(binary: &Path) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("\nAdmission reviews over HTTP/2 and TLS 1.3, connections kept; client and server in");
    println!("one process on {cores} cores of a machine that may be shared; {TIME:?} a line.\n");
    println!("{:44}  {:>9}  {:>8}  {:>8}  {:>8}", "what", "per s", "p50", "p99", "p99.9");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let server = started("");
    let idle = memory();
    let (baseline, trusted) = runtime.block_on(nothing());
    let provost = (server.webhook(), trust(server.authority().expect("an authority")));
    for (size, bytes) in [("3 KB", 3_000), ("60 KB", 60_000)] {
        let body = Bytes::from(review(bytes).to_string());
        for connections in [1, 8, 64] {
            for (name, to) in [("provost", &provost), ("no check", &(baseline, trusted.clone()))] {
                let times = runtime.block_on(run(to, connections, &body, Until::Time(TIME)));
                row(&format!("Pod of {size}, {connections} connections: {name}"), times, TIME);
            }
        }
    }
    let body = Bytes::from(review(3_000).to_string());
    let more = started("plugins: { workload-hygiene: {} }\n");
    let to = (more.webhook(), trust(more.authority().expect("an authority")));
    for connections in [1, 8] {
        let times = runtime.block_on(run(&to, connections, &body, Until::Time(TIME)));
        row(&format!("3 KB, {connections} connections: and another plugin"), times, TIME);
    }
    more.stop();
    let place = std::env::var_os("PROVOST_BENCH_LOG").map(PathBuf::from);
    let place = place.unwrap_or_else(std::env::temp_dir);
    for (name, records) in [("a process", false), ("and a decision log", true)] {
        let process = Running::start(binary, &place, records);
        let to = (process.webhook, trust(&process.authority));
        for connections in [1, 8, 64] {
            let times = runtime.block_on(run(&to, connections, &body, Until::Time(TIME)));
            row(&format!("3 KB, {connections} connections: {name}"), times, TIME);
        }
    }
    println!("\nmemory of the process, client included: {idle} MiB idle, {} MiB now", memory());
    let many = std::env::var("PROVOST_BENCH_REVIEWS").map(|many| many.parse().expect("a number"));
    let part = many.unwrap_or(MANY) / READINGS;
    let body = Bytes::from(review(3_000).to_string());
    for reading in 1..=READINGS {
        runtime.block_on(run(&provost, 8, &body, Until::Count(part)));
        println!("  {} MiB after {} more reviews", memory(), reading * part);
    }
    server.stop();
}

/// A server in this process, with a gate file of these lines.
fn started(gate: &'static str) -> Server {
    started_with(gate, None)
}

/// The same, which may watch a cluster.
pub(crate) fn started_with(gate: &'static str, cluster: Option<WatchOptions>) -> Server {
    started_on(Box::new(move || loaded(gate)), cluster)
}

/// A server that judges by what is loaded.
pub(crate) fn started_by(load: Load) -> Server {
    started_on(load, None)
}

/// A gate file of these lines, loaded.
pub(crate) fn loaded(gate: &str) -> Result<Loaded, Vec<Problem>> {
    let text = format!("apiVersion: provost.dev/v1\nkind: Gate\n{gate}");
    Loaded::new(&Gate::parse(&Source::new("provost.yaml", text), PathBuf::new())?, None::<PathBuf>)
}

fn started_on(load: Load, cluster: Option<WatchOptions>) -> Server {
    let identity = Identity::SelfSigned { names: vec!["localhost".to_owned()], folder: None };
    let mut options = Options::new(local(), local(), identity);
    options.linger = Duration::ZERO;
    options.cluster = cluster;
    Server::start(options, load, None).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// A page of the operator's port.
pub(crate) fn page(runtime: &tokio::runtime::Runtime, address: SocketAddr, path: &str) -> String {
    runtime.block_on(async {
        let stream = TcpStream::connect(address).await.expect("a connection");
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.expect("HTTP");
        tokio::spawn(connection);
        let request = Request::get(path).header("host", "localhost");
        let request = request.body(Full::<Bytes>::default()).expect("a request");
        let response = sender.send_request(request).await.expect("an answer");
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        String::from_utf8_lossy(&body).into_owned()
    })
}

fn local() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

/// Resident memory, in MiB.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    (pages.unwrap_or(0) * 4096) >> 20
}

pub(crate) fn row(name: &str, mut times: Vec<Duration>, over: Duration) {
    times.sort();
    let at = |share: f64| {
        let index = ((times.len() as f64) * share) as usize;
        times.get(index.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    let shown = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    let rate = times.len() as f64 / over.as_secs_f64();
    let (p50, p99, p999) = (shown(at(0.5)), shown(at(0.99)), shown(at(0.999)));
    println!("{name:44}  {rate:>9.0}  {p50:>8}  {p99:>8}  {p999:>8}");
}

/// A Pod that is in order, of about so many bytes.
pub(crate) fn review(bytes: usize) -> Value {
    let container = |number: usize| {
        json!({
            "name": format!("c{number}"),
            "image": "registry.example/web:1.2.3",
            "env": [{ "name": "A", "value": "some value" }, { "name": "B", "value": "another" }],
            "resources": { "requests": { "cpu": "100m", "memory": "64Mi" } },
            "securityContext": { "allowPrivilegeEscalation": false },
            "volumeMounts": [{ "name": "data", "mountPath": "/data" }],
        })
    };
    let one = container(0).to_string().len();
    let containers: Vec<_> = (0..(bytes - 900).div_ceil(one)).map(container).collect();
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": { "group": "", "version": "v1", "kind": "Pod" },
            "resource": { "group": "", "version": "v1", "resource": "pods" },
            "name": "web",
            "namespace": "shop",
            "operation": "CREATE",
            "userInfo": { "username": "alice", "groups": ["system:authenticated"] },
            "object": {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": { "name": "web", "namespace": "shop", "labels": { "app": "web" } },
                "spec": { "containers": containers, "volumes": [{ "name": "data", "emptyDir": {} }] },
            },
            "oldObject": null,
            "dryRun": false,
        },
    })
}

pub(crate) fn trust(authority: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(authority.as_bytes()).expect("PEM");
    roots.add(certificate).expect("an authority");
    let provider = Arc::new(crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().expect("versions");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(config)
}

/// A server that reads the body and allows: what TLS, HTTP and loopback cost.
async fn nothing() -> (SocketAddr, Arc<ClientConfig>) {
    let key = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a key");
    let certificate = key.cert.der().clone();
    let private = PrivatePkcs8KeyDer::from(key.signing_key.serialize_der());
    let provider = Arc::new(crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().expect("versions");
    let chain = vec![certificate];
    let config =
        builder.with_no_client_auth().with_single_cert(chain, PrivateKeyDer::Pkcs8(private));
    let mut config = config.expect("a configuration");
    config.alpn_protocols = vec![b"h2".to_vec()];
    let listener = TcpListener::bind(local()).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let _ = stream.set_nodelay(true);
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let service = service_fn(|request: Request<Incoming>| async {
                    let _ = request.into_body().collect().await;
                    let answer = r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"705ab4f5-6393-11e8-b7cc-42010a800002","allowed":true}}"#;
                    Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::from(answer))))
                });
                let builder = Builder::new(TokioExecutor::new());
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (address, trust(&key.cert.pem()))
}

#[derive(Clone, Copy)]
pub(crate) enum Until {
    Time(Duration),
    Count(usize),
}

/// One request after the other on each connection.
pub(crate) async fn run(
    (address, trusted): &(SocketAddr, Arc<ClientConfig>),
    connections: usize,
    body: &Bytes,
    until: Until,
) -> Vec<Duration> {
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            tokio::spawn(connection(
                *address,
                Arc::clone(trusted),
                body.clone(),
                until,
                connections,
            ))
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("every request is answered"));
    }
    times
}

async fn connection(
    address: SocketAddr,
    trusted: Arc<ClientConfig>,
    body: Bytes,
    until: Until,
    connections: usize,
) -> Vec<Duration> {
    let stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let name = ServerName::try_from("localhost").expect("a name");
    let stream = TlsConnector::from(trusted).connect(name, stream).await.expect("TLS");
    let executor = TokioExecutor::new();
    let handshake = hyper::client::conn::http2::handshake(executor, TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.expect("HTTP/2");
    tokio::spawn(connection);
    let start = Instant::now();
    let mut times = Vec::new();
    loop {
        let over = match until {
            Until::Time(time) => start.elapsed() >= time,
            Until::Count(count) => times.len() >= count / connections,
        };
        if over {
            return times;
        }
        let request = Request::post("https://localhost/validate?timeout=10s")
            .header("content-type", "application/json")
            .body(Full::new(body.clone()))
            .expect("a request");
        let sent = Instant::now();
        sender.ready().await.expect("a connection");
        let response = sender.send_request(request).await.expect("an answer");
        let status = response.status();
        let answer = response.into_body().collect().await.expect("a body").to_bytes();
        times.push(sent.elapsed());
        assert_eq!(status, 200, "{answer:?}");
    }
}
