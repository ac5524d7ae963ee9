//! A registry on the loopback: the OCI distribution specification 1.1 as far as plugins
//! need it, and what may go wrong with one.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::Future as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, combinators::BoxBody};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use provost_model::Digest;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Content has a byte changed.
    Altered,
    /// The connection ends in the middle of content.
    Truncated,
    /// Content never ends, and its length is not said.
    Endless,
    /// Nothing is answered.
    Silent,
    /// Content comes one byte at a time.
    Trickling,
    /// Every answer has this status.
    Status(u16),
    /// Every answer leads back to where it came from.
    Circular,
    /// Every answer leads to a registry that is not there.
    Elsewhere,
    /// Answers are not JSON.
    Garbage,
}

/// How one signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// With `user` and `password` in every request.
    Basic,
    /// With a token that is given out for `user` and `password`.
    Token,
    /// With a token that anybody is given, to read.
    Anonymous,
}

#[derive(Default)]
struct State {
    /// By repository and digest.
    blobs: BTreeMap<(String, String), Vec<u8>>,
    /// By repository and tag or digest: media type and bytes.
    manifests: BTreeMap<(String, String), (String, Vec<u8>)>,
    /// The digest of the plugin that was pushed last.
    plugin: Option<Digest>,
    requests: Vec<String>,
    fault: Option<Fault>,
    sign_in: Option<SignIn>,
    no_referrers: bool,
}

/// A registry; it ends when it is dropped.
pub struct TestRegistry {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    _stop: oneshot::Sender<Infallible>,
}

type Answer = Response<BoxBody<Bytes, io::Error>>;

impl TestRegistry {
    /// A registry on a port of its own.
    ///
    /// # Panics
    /// When there is no port.
    #[expect(clippy::expect_used, reason = "a test that cannot be set up")]
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State::default()));
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&state);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let listener = TcpListener::from_std(listener).expect("a listener");
                tokio::select! {
                    () = serve(listener, served, address) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, state, _stop: stop }
    }

    /// Its name: `127.0.0.1:40123`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Lets something go wrong from now on, or nothing.
    pub fn set_fault(&self, fault: Option<Fault>) {
        lock(&self.state).fault = fault;
    }

    /// Wants to know from now on who asks.
    pub fn set_sign_in(&self, sign_in: SignIn) {
        lock(&self.state).sign_in = Some(sign_in);
    }

    /// Is a registry of version 1.0 from now on: it lists nothing that refers to something.
    pub fn forget_referrers(&self) {
        lock(&self.state).no_referrers = true;
    }

    /// Every request since this was asked last, as `GET /v2/…`.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.state).requests)
    }

    /// The digest of the plugin that was pushed last.
    pub fn plugin(&self) -> Option<Digest> {
        lock(&self.state).plugin
    }

    /// Copies all of a repository to another one, as a mirror does.
    pub fn copy(&self, from: &str, to: &str) {
        fn copy<T: Clone>(map: &mut BTreeMap<(String, String), T>, from: &str, to: &str) {
            let of = map.iter().filter(|((name, _), _)| name == from);
            let copies: Vec<_> =
                of.map(|((_, key), it)| ((to.to_owned(), key.clone()), it.clone())).collect();
            map.extend(copies);
        }
        let mut state = lock(&self.state);
        copy(&mut state.blobs, from, to);
        copy(&mut state.manifests, from, to);
    }

    /// The text of a manifest.
    pub fn manifest(&self, repository: &str, name: &str) -> Option<Value> {
        let state = lock(&self.state);
        let (_, bytes) = state.manifests.get(&(repository.to_owned(), name.to_owned()))?;
        serde_json::from_slice(bytes).ok()
    }

    /// Puts a manifest, as anybody who may push can, and returns its digest.
    pub fn put_manifest(&self, repository: &str, manifest: &Value) -> Digest {
        let bytes = manifest.to_string().into_bytes();
        let kind = manifest["mediaType"].as_str().unwrap_or_default().to_owned();
        lock(&self.state).put(repository, None, kind, bytes)
    }

    /// Puts a blob, as anybody who may push can, and returns its digest.
    pub fn put_blob(&self, repository: &str, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        let key = (repository.to_owned(), digest.to_string());
        lock(&self.state).blobs.insert(key, bytes.to_vec());
        digest
    }
}

impl State {
    fn put(&mut self, repository: &str, tag: Option<&str>, kind: String, bytes: Vec<u8>) -> Digest {
        let digest = Digest::of(&bytes);
        let is_plugin = String::from_utf8_lossy(&bytes).contains("vnd.wasm.config");
        if is_plugin {
            self.plugin = Some(digest);
        }
        let names = [Some(digest.to_string()), tag.map(str::to_owned)];
        for name in names.into_iter().flatten() {
            self.manifests.insert((repository.to_owned(), name), (kind.clone(), bytes.clone()));
        }
        digest
    }

    /// What refers to a digest.
    fn referrers(&self, repository: &str, digest: &str) -> Value {
        let of = self
            .manifests
            .iter()
            .filter(|((name, key), _)| name == repository && key.starts_with("sha256:"));
        let entries = of.filter_map(|((_, key), (kind, bytes))| {
            let manifest: Value = serde_json::from_slice(bytes).ok()?;
            (manifest["subject"]["digest"] == *digest).then(|| {
                json!({
                    "mediaType": kind, "digest": key, "size": bytes.len(),
                    "artifactType": manifest["artifactType"], "annotations": manifest["annotations"],
                })
            })
        });
        json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": entries.collect::<Vec<_>>(),
        })
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>, address: SocketAddr) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        let service = service_fn(move |request| {
            let state = Arc::clone(&state);
            async move { Ok::<_, Infallible>(answer(request, &state, address).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new();
        tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>, state: &Mutex<State>, address: SocketAddr) -> Answer {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|it| it.to_bytes()).unwrap_or_default();
    let (fault, sign_in) = {
        let mut state = lock(state);
        state.requests.push(format!("{} {}", head.method, head.uri));
        (state.fault, state.sign_in)
    };
    match fault {
        Some(Fault::Silent) => tokio::time::sleep(Duration::from_secs(60)).await,
        Some(Fault::Status(status)) => return plain(status, b"{}".to_vec()),
        Some(Fault::Circular) => return moved(&head.uri.to_string()),
        Some(Fault::Elsewhere) => return moved("http://127.0.0.1:1/"),
        Some(Fault::Garbage) => return plain(200, b"<html>hello</html>".to_vec()),
        _ => {}
    }
    let authorization = head.headers.get("authorization").and_then(|it| it.to_str().ok());
    if head.uri.path() == "/token" {
        return token(authorization, sign_in, head.uri.query().unwrap_or_default());
    }
    if let Some(refusal) =
        sign_in.and_then(|how| refusal(how, authorization, &head.method, address))
    {
        return refusal;
    }
    distribution(&head, &body, &mut lock(state), fault)
}

/// Who may not in.
fn refusal(
    how: SignIn,
    authorization: Option<&str>,
    method: &Method,
    address: SocketAddr,
) -> Option<Answer> {
    let (wanted, challenge) = match how {
        SignIn::Basic => (basic(), "Basic realm=\"test\"".to_owned()),
        SignIn::Token | SignIn::Anonymous => (
            if *method == Method::GET { "Bearer read" } else { "Bearer write" }.to_owned(),
            format!("Bearer realm=\"http://{address}/token\",service=\"test\""),
        ),
    };
    // Who may write may read.
    if authorization == Some(wanted.as_str()) || authorization == Some("Bearer write") {
        return None;
    }
    let mut answer = plain(401, b"{}".to_vec());
    answer.headers_mut().insert("www-authenticate", challenge.parse().ok()?);
    Some(answer)
}

fn token(authorization: Option<&str>, how: Option<SignIn>, query: &str) -> Answer {
    let is_user = authorization == Some(&basic());
    let wants_push = query.contains("push");
    match how {
        Some(SignIn::Token) if is_user && wants_push => {
            plain(200, br#"{"token":"write"}"#.to_vec())
        }
        Some(SignIn::Token) if is_user => plain(200, br#"{"access_token":"read"}"#.to_vec()),
        Some(SignIn::Anonymous) if !wants_push => plain(200, br#"{"token":"read"}"#.to_vec()),
        _ => plain(401, b"{}".to_vec()),
    }
}

fn basic() -> String {
    format!("Basic {}", STANDARD.encode("user:password"))
}

fn distribution(
    head: &hyper::http::request::Parts,
    body: &Bytes,
    state: &mut State,
    fault: Option<Fault>,
) -> Answer {
    let path = head.uri.path().trim_start_matches("/v2/");
    let of = |kind: &str| {
        let (repository, name) = path.rsplit_once(kind)?;
        Some((repository.to_owned(), name.to_owned()))
    };
    if let Some((repository, _)) = of("/blobs/uploads/") {
        return upload(head, &repository, body, state);
    }
    if let Some(key) = of("/blobs/") {
        let found = state.blobs.get(&key);
        return found.map_or_else(missing, |bytes| content(&head.method, None, bytes, fault));
    }
    if let Some((repository, digest)) = of("/referrers/") {
        if state.no_referrers {
            return missing();
        }
        let list = state.referrers(&repository, &digest).to_string().into_bytes();
        return content(&head.method, None, &list, fault);
    }
    let Some((repository, name)) = of("/manifests/") else { return missing() };
    if head.method != Method::PUT {
        let found = state.manifests.get(&(repository, name));
        return found
            .map_or_else(missing, |(kind, bytes)| content(&head.method, Some(kind), bytes, fault));
    }
    let kind = head.headers.get("content-type").and_then(|it| it.to_str().ok());
    let tag = (!name.starts_with("sha256:")).then_some(name.as_str());
    let digest = state.put(&repository, tag, kind.unwrap_or_default().to_owned(), body.to_vec());
    if tag.is_none() && name != digest.to_string() {
        return plain(400, Vec::new());
    }
    let mut answer = plain(201, Vec::new());
    let has_subject =
        serde_json::from_slice::<Value>(body).is_ok_and(|it| it["subject"].is_object());
    if has_subject && !state.no_referrers {
        let value = digest.to_string().parse();
        answer.headers_mut().extend(
            value.ok().map(|it| (hyper::header::HeaderName::from_static("oci-subject"), it)),
        );
    }
    answer
}

fn upload(
    head: &hyper::http::request::Parts,
    repository: &str,
    body: &Bytes,
    state: &mut State,
) -> Answer {
    if head.method == Method::POST {
        let mut answer = plain(202, Vec::new());
        let location = format!("/v2/{repository}/blobs/uploads/1?state=x");
        answer.headers_mut().extend(location.parse().ok().map(|it| (hyper::header::LOCATION, it)));
        return answer;
    }
    let digest = Digest::of(body).to_string();
    let named = head.uri.query().is_some_and(|query| query.ends_with(&format!("digest={digest}")));
    if !named {
        return plain(400, Vec::new());
    }
    state.blobs.insert((repository.to_owned(), digest), body.to_vec());
    plain(201, Vec::new())
}

fn missing() -> Answer {
    plain(404, b"{}".to_vec())
}

fn moved(to: &str) -> Answer {
    let mut answer = plain(307, Vec::new());
    answer.headers_mut().extend(to.parse().ok().map(|it| (hyper::header::LOCATION, it)));
    answer
}

fn plain(status: u16, bytes: Vec<u8>) -> Answer {
    made(
        status,
        None,
        Content { length: Some(bytes.len()), bytes, fault: None, sent: 0, pause: None },
    )
}

fn content(method: &Method, kind: Option<&str>, bytes: &[u8], fault: Option<Fault>) -> Answer {
    let mut bytes = bytes.to_vec();
    let mut length = Some(bytes.len());
    match fault {
        Some(Fault::Altered) => {
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
        }
        Some(Fault::Endless) => length = None,
        _ => {}
    }
    if method == Method::HEAD {
        bytes.clear();
        length = Some(0);
    }
    made(200, kind, Content { length, bytes, fault, sent: 0, pause: None })
}

#[expect(clippy::expect_used, reason = "a test that cannot be set up")]
fn made(status: u16, kind: Option<&str>, content: Content) -> Answer {
    let mut answer = Response::builder().status(status);
    if let Some(length) = content.length {
        answer = answer.header("content-length", length);
    }
    let kind = kind.unwrap_or("application/octet-stream");
    answer.header("content-type", kind).body(BoxBody::new(content)).expect("an answer")
}

/// Content, and what goes wrong while it is sent.
struct Content {
    length: Option<usize>,
    bytes: Vec<u8>,
    fault: Option<Fault>,
    sent: usize,
    pause: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Body for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let whole = self.bytes.len();
        if let Some(pause) = &mut self.pause {
            std::task::ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        let size = match self.fault {
            Some(Fault::Truncated) if self.sent > 0 => {
                return Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into())));
            }
            Some(Fault::Truncated) => whole / 2,
            Some(Fault::Endless) => {
                return Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![b' '; 64 << 10])))));
            }
            Some(Fault::Trickling) => {
                self.pause = Some(Box::pin(tokio::time::sleep(Duration::from_millis(20))));
                1
            }
            _ => whole,
        };
        let end = (self.sent + size).min(whole);
        let next = Bytes::copy_from_slice(self.bytes.get(self.sent..end).unwrap_or_default());
        self.sent = end;
        if next.is_empty() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Ok(Frame::data(next))))
    }
}
