//! An etcd and an API server, with certificates and keys of their own, and plain HTTPS to ask it.
//!
//! Arguments are those of `envtest` in sigs.k8s.io/controller-runtime: what a control plane
//! without kubelets needs.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use provost_tests::TestAuthority;
use rcgen::KeyPair;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::rustls::ClientConfig;

use crate::serve::client::{Client, Http, trusting};

/// A user of the group that may do everything.
const TOKEN: &str = "a-token-of-this-test";

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Both processes; they end with it.
pub struct Cluster {
    processes: Vec<Child>,
    address: SocketAddr,
    trusted: Arc<ClientConfig>,
    /// The certificate, in PEM, of who signed its own.
    authority: String,
    log: std::path::PathBuf,
}

/// What the API server answered.
#[derive(Debug)]
pub struct Said {
    pub code: u16,
    /// Its `Warning` headers.
    pub warnings: Vec<String>,
    pub json: Value,
}

impl Said {
    pub fn is(&self, code: u16) {
        assert_eq!(self.code, code, "{}", self.json);
    }

    /// What `kubectl` prints of an error.
    pub fn message(&self) -> &str {
        self.json["message"].as_str().unwrap_or_default()
    }
}

impl Cluster {
    pub fn start(folder: &Path, apiserver: &str, etcd: &str) -> Self {
        let keys = folder.join("cluster");
        fs::create_dir(&keys).unwrap();
        let authority = write_keys(&keys);
        fs::write(keys.join("tokens.csv"), format!("{TOKEN},admin,1,system:masters\n")).unwrap();
        let (client, peer, port) = (free_port(), free_port(), free_port());
        let at = |port: u16| format!("http://127.0.0.1:{port}");
        let mut store = Command::new(etcd);
        store
            .arg(format!("--data-dir={}", keys.join("etcd").display()))
            .arg(format!("--listen-client-urls={}", at(client)))
            .arg(format!("--advertise-client-urls={}", at(client)))
            .arg(format!("--listen-peer-urls={}", at(peer)))
            .arg("--unsafe-no-fsync");
        let file = |name: &str| keys.join(name).display().to_string();
        let mut server = Command::new(apiserver);
        server
            .arg(format!("--etcd-servers={}", at(client)))
            .arg(format!("--secure-port={port}"))
            .args(["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1"])
            .args(["--service-cluster-ip-range=10.0.0.0/24", "--allow-privileged=true"])
            .args(["--authorization-mode=RBAC", "--disable-admission-plugins=ServiceAccount"])
            .arg(format!("--tls-cert-file={}", file("server.crt")))
            .arg(format!("--tls-private-key-file={}", file("server.key")))
            .arg(format!("--token-auth-file={}", file("tokens.csv")))
            .arg("--service-account-issuer=https://localhost")
            .arg(format!("--service-account-key-file={}", file("accounts.pub")))
            .arg(format!("--service-account-signing-key-file={}", file("accounts.key")));
        let run = |command: &mut Command, name: &str| {
            let log = File::create(keys.join(name)).unwrap();
            command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
            command.spawn().unwrap()
        };
        let processes = vec![run(&mut store, "etcd.log"), run(&mut server, "apiserver.log")];
        Self {
            processes,
            address: ([127, 0, 0, 1], port).into(),
            trusted: trusting(&authority, Http::One),
            authority,
            log: keys.join("apiserver.log"),
        }
    }

    /// A kubeconfig of somebody with this token; of the user that may do everything without one.
    pub fn kubeconfig(&self, token: Option<&str>) -> Value {
        let server = format!("https://localhost:{}", self.address.port());
        json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{ "name": "here", "cluster": {
                "server": server, "certificate-authority-data": STANDARD.encode(&self.authority),
            } }],
            "users": [{ "name": "somebody", "user": { "token": token.unwrap_or(TOKEN) } }],
            "contexts": [{ "name": "test", "context": { "cluster": "here", "user": "somebody" } }],
        })
    }

    /// Waits until it answers, and has made the namespaces of its own.
    pub async fn is_ready(&self) {
        let start = Instant::now();
        loop {
            if TcpStream::connect(self.address).await.is_ok()
                && self.get("/readyz").await.code == 200
                && self.get("/api/v1/namespaces/kube-system").await.code == 200
            {
                return;
            }
            let log = || fs::read_to_string(&self.log).unwrap_or_default();
            assert!(start.elapsed() < Duration::from_secs(120), "not ready: {}", log());
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    pub async fn get(&self, path: &str) -> Said {
        self.send("GET", path, "application/json", None).await
    }

    pub async fn create(&self, path: &str, object: &Value) -> Said {
        self.send("POST", path, "application/json", Some(object)).await
    }

    pub async fn delete(&self, path: &str) -> Said {
        self.send("DELETE", path, "application/json", None).await
    }

    /// A merge patch (RFC 7386).
    pub async fn merge(&self, path: &str, patch: &Value) -> Said {
        self.send("PATCH", path, "application/merge-patch+json", Some(patch)).await
    }

    /// A patch that knows which lists are maps.
    pub async fn strategic(&self, path: &str, patch: &Value) -> Said {
        self.send("PATCH", path, "application/strategic-merge-patch+json", Some(patch)).await
    }

    async fn send(&self, method: &str, path: &str, kind: &str, object: Option<&Value>) -> Said {
        let body = object.map(Value::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", kind)
            .header("accept", "application/json")
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let mut client = Client::to(self.address, &self.trusted, Http::One).await;
        let answer = client.send(request).await.unwrap();
        let warnings = answer.headers.get_all("warning").iter();
        let warnings = warnings.map(|one| String::from_utf8_lossy(one.as_bytes()).into_owned());
        Said { code: answer.status.as_u16(), warnings: warnings.collect(), json: answer.json }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The API server first: it would complain that its etcd is away.
        for process in self.processes.iter_mut().rev() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// The certificate of the server, and keys that sign the tokens of service accounts; the
/// authority in PEM.
fn write_keys(folder: &Path) -> String {
    let write = |name: &str, text: String| fs::write(folder.join(name), text).unwrap();
    let authority = TestAuthority::new();
    let (certificate, key) = authority.issue(&["localhost", "127.0.0.1"]);
    write("server.crt", certificate.pem());
    write("server.key", key.serialize_pem());
    let accounts = KeyPair::generate().unwrap();
    write("accounts.pub", accounts.public_key_pem());
    write("accounts.key", accounts.serialize_pem());
    authority.pem().to_owned()
}
