//! A stand-in for an API server, on the loopback: discovery, lists by pages and watches of the Kubernetes API over
//! TLS, and what may go wrong with them.

mod answers;
mod world;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto};

use crate::TestAuthority;
pub use world::{Trouble, World};

/// The token that is asked for.
const TOKEN: &str = "a-token-of-a-test";

/// What connections share.
struct Shared {
    world: Mutex<World>,
    /// Counts what happened, for watches that wait.
    happened: watch::Sender<u64>,
    /// Counts how often all connections were cut.
    cut: watch::Sender<u64>,
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stand-in for an API server; it ends when it is dropped.
pub struct SimulatedApiServer {
    address: SocketAddr,
    authority: TestAuthority,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

impl SimulatedApiServer {
    /// A server of the built-in kinds that tests use, without objects.
    ///
    /// # Panics
    /// When there is no port.
    #[expect(clippy::expect_used, reason = "a test that cannot be set up")]
    pub fn start() -> Self {
        let authority = TestAuthority::new();
        let (certificate, key) = authority.issue(&["localhost", "127.0.0.1"]);
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).expect("a key");
        let provider = Arc::new(crypto::ring::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.expect("TLS").with_no_client_auth().with_single_cert(chain, key);
        let acceptor = TlsAcceptor::from(Arc::new(config.expect("a certificate")));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("threads");
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).expect("a port");
        let address = listener.local_addr().expect("a port");
        let shared = Arc::new(Shared {
            world: Mutex::new(World::new()),
            happened: watch::channel(0).0,
            cut: watch::channel(0).0,
        });
        runtime.spawn(accept(listener, acceptor, Arc::clone(&shared)));
        Self { address, authority, shared, runtime: Some(runtime) }
    }

    /// What `kubectl` would connect with.
    pub fn kubeconfig(&self) -> String {
        let authority = STANDARD.encode(self.authority.pem());
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
             clusters:\n  - name: here\n    cluster: {{ server: \"https://127.0.0.1:{}\", \
             certificate-authority-data: {authority} }}\n\
             users:\n  - name: somebody\n    user: {{ token: {TOKEN} }}\n\
             contexts:\n  - name: test\n    context: {{ cluster: here, user: somebody }}\n",
            self.address.port()
        )
    }

    /// Changes what is there, and tells every watch.
    pub fn change<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        let result = change(&mut self.shared.world());
        self.shared.happened.send_modify(|count| *count += 1);
        result
    }

    /// Writes an object, as `kubectl apply` does.
    pub fn apply(&self, object: Value) {
        self.change(|world| world.apply(object));
    }

    /// Deletes an object.
    pub fn delete(&self, kind: &str, namespace: &str, name: &str) {
        self.change(|world| world.delete(kind, namespace, name));
    }

    /// What goes wrong with a kind from now on.
    pub fn trouble(&self, kind: &str, trouble: Option<Trouble>) {
        self.change(|world| world.trouble(kind, trouble));
    }

    /// Ends every connection in the middle of whatever it says.
    pub fn cut(&self) {
        self.shared.cut.send_modify(|count| *count += 1);
    }

    /// How often something was asked, by the beginning of `list pods`, `watch pods`, …
    pub fn asked(&self, what: &str) -> usize {
        let world = self.shared.world();
        world.asked.iter().filter(|one| one.starts_with(what)).count()
    }
}

impl Drop for SimulatedApiServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_millis(10));
        }
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        let mut cut = shared.cut.subscribe();
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let service = service_fn(move |request| {
                let answer = answers::answer(Arc::clone(&shared), request);
                async move { Ok::<_, Infallible>(answer) }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::select! {
                _ = connection => {}
                _ = cut.changed() => {}
            }
        });
    }
}
