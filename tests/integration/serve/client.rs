//! A server in this process and a client over TLS, as an API server is one.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use provost_engine::{Gate, is_not_at_hand};
use provost_model::{Problem, Source};
use provost_serve::{
    Decision, Identity, Judged, Load, Loaded, Options, Recorder, Recording, Server,
};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// Compiled plugins are kept from one test to the next.
pub fn cache() -> PathBuf {
    std::env::current_exe().unwrap().with_file_name("serve-cache")
}

/// A gate file's text below its first two lines.
pub fn gate(text: &str) -> Gate {
    let text = format!("apiVersion: provost.dev/v1\nkind: Gate\n{text}");
    Gate::parse(&Source::new("provost.yaml", text), PathBuf::new()).unwrap()
}

pub fn loads(text: &'static str) -> Load {
    Box::new(move || Loaded::new(&gate(text), Some(cache())))
}

/// On free ports of this machine, signed by an authority of its own, stopping at once.
pub fn options() -> Options {
    let here: SocketAddr = ([127, 0, 0, 1], 0).into();
    let identity = Identity::SelfSigned { names: vec!["localhost".to_owned()], folder: None };
    let mut options = Options::new(here, here, identity).with_judges(2);
    options.linger = Duration::ZERO;
    options
}

/// Keeps what is decided, for tests to look at.
#[derive(Clone, Default)]
pub struct Kept(pub Arc<Mutex<Vec<Decision>>>);

impl Recorder for Kept {
    fn record(&self, judged: &Judged) -> Result<Recording, Problem> {
        self.0.lock().unwrap().push(judged.decision.clone());
        Ok(recorded())
    }
}

/// On record at once.
pub fn recorded() -> Recording {
    Box::pin(std::future::ready(Ok("an entry".to_owned())))
}

pub fn start(options: Options, load: Load) -> Server {
    Server::start(options, load, Some(Box::new(Kept::default())))
        .map_err(|problems| format!("{problems:?}"))
        .unwrap()
}

/// Which HTTP.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Http {
    One,
    Two,
}

/// Runs a test that waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(future)
}

/// What clients of a server trust.
pub fn trust(server: &Server, http: Http) -> Arc<ClientConfig> {
    trusting(server.authority().unwrap(), http)
}

pub fn trusting(authority: &str, http: Http) -> Arc<ClientConfig> {
    configured(authority, http, None)
}

/// A chain of certificates, and the key of the first.
pub type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The same, showing a certificate of its own.
pub fn showing(authority: &str, http: Http, own: Shown) -> Arc<ClientConfig> {
    configured(authority, http, Some(own))
}

fn configured(authority: &str, http: Http, own: Option<Shown>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
    };
    config.alpn_protocols = vec![match http {
        Http::One => b"http/1.1".to_vec(),
        Http::Two => b"h2".to_vec(),
    }];
    Arc::new(config)
}

pub async fn tls(address: SocketAddr, config: &Arc<ClientConfig>) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::clone(config)).connect(name, stream).await.unwrap()
}

/// One connection that is kept.
pub struct Client {
    sender: Sender,
}

enum Sender {
    One(hyper::client::conn::http1::SendRequest<Full<Bytes>>),
    Two(hyper::client::conn::http2::SendRequest<Full<Bytes>>),
}

impl Client {
    pub async fn connect(server: &Server, http: Http) -> Self {
        Self::to(server.webhook(), &trust(server, http), http).await
    }

    pub async fn to(address: SocketAddr, config: &Arc<ClientConfig>, http: Http) -> Self {
        let io = TokioIo::new(tls(address, config).await);
        let sender = match http {
            Http::One => {
                let (sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
                tokio::spawn(connection);
                Sender::One(sender)
            }
            Http::Two => {
                let executor = TokioExecutor::new();
                let handshake = hyper::client::conn::http2::handshake(executor, io);
                let (sender, connection) = handshake.await.unwrap();
                tokio::spawn(connection);
                Sender::Two(sender)
            }
        };
        Self { sender }
    }

    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Answer> {
        let response = match &mut self.sender {
            Sender::One(sender) => {
                sender.ready().await?;
                sender.send_request(request).await?
            }
            Sender::Two(sender) => {
                sender.ready().await?;
                sender.send_request(request).await?
            }
        };
        let status = response.status();
        let headers = response.headers().clone();
        let body = response.into_body().collect().await?.to_bytes();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Ok(Answer { status, headers, json })
    }

    /// Posts a body to a path.
    pub async fn post(&mut self, path: &str, body: impl Into<Bytes>) -> Answer {
        self.send(request(path, body)).await.unwrap()
    }
}

pub fn request(path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::post(format!("https://localhost{path}"))
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(Full::new(body.into()))
        .unwrap()
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: hyper::HeaderMap,
    pub json: Value,
}

impl Answer {
    pub fn response(&self) -> &Value {
        &self.json["response"]
    }

    pub fn is_allowed(&self) -> bool {
        assert_eq!(self.status, 200, "{}", self.json);
        self.response()["allowed"].as_bool().unwrap()
    }
}

/// A page of the operator's port: status and text.
pub async fn page(address: SocketAddr, path: &str) -> (u16, String) {
    let stream = TcpStream::connect(address).await.unwrap();
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    let request = Request::get(path).header("host", "localhost");
    let request = request.body(Full::<Bytes>::default()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// One value of `/metrics`, by the beginning of its line.
pub async fn metric(address: SocketAddr, line: &str) -> f64 {
    let (_, text) = page(address, "/metrics").await;
    let found = text.lines().find_map(|one| one.strip_prefix(line)?.rsplit(' ').next());
    found.map_or(0.0, |value| value.parse().unwrap())
}

/// A review as an API server sends it; `fields` are put into the request as they are.
pub fn review(fields: &Value) -> Value {
    let any = if fields["object"].is_null() { &fields["oldObject"] } else { &fields["object"] };
    let api_version = any["apiVersion"].as_str().unwrap_or("v1");
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let kind = json!({ "group": group, "version": version, "kind": any["kind"] });
    let mut request = json!({
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": kind,
        "resource": { "group": group, "version": version, "resource": "things" },
        "requestKind": kind,
        "name": any["metadata"]["name"].as_str().unwrap_or_default(),
        "namespace": any["metadata"]["namespace"].as_str().unwrap_or("shop"),
        "operation": "CREATE",
        "userInfo": { "username": "alice", "groups": ["developers", "system:authenticated"] },
        "object": null,
        "oldObject": null,
        "dryRun": false,
        "options": { "apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions" },
    });
    for (key, value) in fields.as_object().unwrap() {
        request[key] = value.clone();
    }
    json!({ "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request })
}

/// A Deployment of two pods.
pub fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "web", "namespace": "shop" },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" } },
                "spec": { "containers": [{ "name": "web", "image": "registry.example/web:1" }] },
            },
        },
    })
}

pub fn pod(privileged: bool) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": "web", "namespace": "shop" },
        "spec": { "containers": [{
            "name": "web",
            "image": "registry.example/web:1.2.3",
            "securityContext": { "privileged": privileged },
        }] },
    })
}

/// What is said once nothing has to be proved first.
pub async fn said(client: &mut Client, review: &Value) -> Answer {
    let mut answer = client.post("/validate?timeout=30s", review.to_string()).await;
    for _ in 0..1000 {
        if !is_not_at_hand(&answer.json.to_string()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        answer = client.post("/validate?timeout=30s", review.to_string()).await;
    }
    answer
}
