//! What changes under way: the gate, what it names, and certificates.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use provost_builtins::PLUGINS;
use provost_engine::Gate;
use provost_model::Problem;
use provost_registry::PrivateKey;
use provost_registry::signature::{Bundle, Subject};
use provost_serve::{Load, Loaded, Server};
use serde_json::json;

use super::client::{Client, Http, block_on, cache, metric, options, page, pod, review, start};

fn write_gate(folder: &Path, rest: &str) {
    // As Kubernetes changes a mounted ConfigMap: another file in its place, at once.
    let new = folder.join("new");
    fs::write(&new, format!("apiVersion: provost.dev/v1\nkind: Gate\n{rest}")).unwrap();
    fs::rename(new, folder.join("provost.yaml")).unwrap();
}

fn loads_file(folder: &Path) -> Load {
    let path = folder.join("provost.yaml");
    Box::new(move || Loaded::new(&Gate::read(&path)?, Some(cache())))
}

pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Requests without end on a kept connection, until told to stop; each must be decided.
async fn load(server: &Server, http: Http, stop: &AtomicBool, sent: &AtomicUsize) {
    let body = review(&json!({ "object": pod(true) })).to_string();
    let mut client = Client::connect(server, http).await;
    while !stop.load(Ordering::SeqCst) {
        let answer = client.post("/validate", body.clone()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        sent.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_changed_gate_is_in_force_soon_and_no_request_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    write_gate(folder.path(), "");
    let mut options = options();
    options.reload = Duration::from_millis(50);
    let server = start(options, loads_file(folder.path()));
    let (stop, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    block_on(async {
        let operations = server.operations();
        let changes = async {
            let body = review(&json!({ "object": pod(true) })).to_string();
            let mut client = Client::connect(&server, Http::Two).await;
            assert!(!client.post("/validate", body.clone()).await.is_allowed());

            write_gate(folder.path(), "disabled: [pss-privileged-containers]\n");
            until("the new gate is in force", async || {
                client.post("/validate", body.clone()).await.is_allowed()
            })
            .await;

            // One that cannot be used: the last good one stays, and that is said.
            write_gate(folder.path(), "disabeld: []\n");
            until("that it cannot be used is said", async || {
                page(operations, "/readyz").await.1.contains("the last good bundle is in force")
            })
            .await;
            let (status, detail) = page(operations, "/readyz").await;
            assert_eq!(status, 200, "{detail}");
            assert!(detail.contains("disabeld"), "{detail}");
            assert_eq!(metric(operations, "provost_reload_current{of=\"bundle\"}").await, 0.0);
            assert!(client.post("/validate", body.clone()).await.is_allowed());

            write_gate(folder.path(), "");
            until("the mended gate is in force", async || {
                !client.post("/validate", body.clone()).await.is_allowed()
            })
            .await;
            // What is in force is replaced before it is said.
            until("that it is mended is said", async || {
                !page(operations, "/readyz").await.1.contains("last good")
                    && metric(operations, "provost_reload_current{of=\"bundle\"}").await == 1.0
            })
            .await;
            stop.store(true, Ordering::SeqCst);
        };
        tokio::join!(
            load(&server, Http::One, &stop, &sent),
            load(&server, Http::Two, &stop, &sent),
            changes,
        );
    });
    println!("{} requests under way were decided", sent.load(Ordering::SeqCst));
    assert!(sent.load(Ordering::SeqCst) > 50);
    server.stop();
}

#[test]
fn what_only_the_new_gate_names_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    write_gate(folder.path(), "");
    let mut options = options();
    options.reload = Duration::from_millis(50);
    let server = start(options, loads_file(folder.path()));
    block_on(async {
        let body = review(&json!({ "object": pod(true) })).to_string();
        let mut client = Client::connect(&server, Http::Two).await;
        let off = "disabled: [pss-privileged-containers]\npolicies: [own.cedar]\n";
        write_gate(folder.path(), off);
        until("that a file is missing is said", async || {
            page(server.operations(), "/readyz").await.1.contains("own.cedar")
        })
        .await;
        assert!(!client.post("/validate", body.clone()).await.is_allowed());
        let own = "@id(\"own\") @title(\"Own\") permit (principal, action in Action::\"change\", resource);";
        fs::write(folder.path().join("own.cedar"), own).unwrap();
        until("the mended gate is in force", async || {
            client.post("/validate", body.clone()).await.is_allowed()
        })
        .await;
    });
    server.stop();
}

/// The gate is another one while it is loaded for the first time: at the moment that `change` is
/// called.
fn is_noticed(
    load: impl Fn(&Path, &dyn Fn()) -> Result<Loaded, Vec<Problem>> + Send + Sync + 'static,
) {
    let folder = tempfile::tempdir().unwrap();
    write_gate(folder.path(), "");
    let mut options = options();
    options.reload = Duration::from_millis(50);
    let (place, changed) = (folder.path().to_owned(), AtomicBool::new(false));
    let load: Load = Box::new(move || {
        let change = || {
            if !changed.swap(true, Ordering::SeqCst) {
                write_gate(&place, "disabled: [pss-privileged-containers]\n");
            }
        };
        load(&place.join("provost.yaml"), &change)
    });
    let server = start(options, load);
    block_on(async {
        let body = review(&json!({ "object": pod(true) })).to_string();
        let mut client = Client::connect(&server, Http::Two).await;
        until("the change is noticed", async || {
            client.post("/validate", body.clone()).await.is_allowed()
        })
        .await;
    });
    server.stop();
}

#[test]
fn a_change_during_the_first_load_is_not_lost() {
    is_noticed(|file, change| {
        let gate = Gate::read(file)?;
        change();
        Loaded::new(&gate, Some(cache()))
    });
    is_noticed(|file, change| {
        let loaded = Loaded::new(&Gate::read(file)?, Some(cache()));
        change();
        loaded
    });
}

#[test]
fn keys_and_signatures_of_plugins_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let component = PLUGINS.iter().find(|(name, _)| *name == "workload-hygiene").unwrap().1;
    let (key, other) = (PrivateKey::generate().unwrap(), PrivateKey::generate().unwrap());
    let signed = Bundle::sign(&Subject::file("hygiene.wasm", component), &key).to_json();
    write("hygiene.wasm", component);
    write("hygiene.wasm.sigstore.json", signed.as_bytes());
    write("release.pub", key.public().to_pem().as_bytes());
    write_gate(
        folder.path(),
        "trust: { localPaths: signed, signedBy: [{ name: release, keyPath: release.pub }] }\n\
         plugins: { hygiene: { path: hygiene.wasm, grants: [lookup] }, workload-hygiene: { enabled: false } }\n",
    );
    let mut options = options();
    options.reload = Duration::from_millis(50);
    let server = start(options, loads_file(folder.path()));
    block_on(async {
        let becomes = async |what: &str, current: f64| {
            let line = "provost_reload_current{of=\"bundle\"}";
            let is_so = async || metric(server.operations(), line).await == current;
            until(what, is_so).await;
        };
        write("hygiene.wasm.sigstore.json", b"{}");
        becomes("a signature that counts no more", 0.0).await;
        write("hygiene.wasm.sigstore.json", signed.as_bytes());
        becomes("the signature again", 1.0).await;
        write("release.pub", other.public().to_pem().as_bytes());
        becomes("the key of somebody else", 0.0).await;
        write("release.pub", key.public().to_pem().as_bytes());
        becomes("the key again", 1.0).await;
    });
    server.stop();
}

/// The certificate that a server shows.
async fn shown(server: &Server, trusted: &Arc<tokio_rustls::rustls::ClientConfig>) -> Vec<u8> {
    let stream = super::client::tls(server.webhook(), trusted).await;
    let certificates = stream.get_ref().1.peer_certificates().unwrap();
    certificates[0].to_vec()
}

#[test]
fn certificates_are_renewed_while_connections_go_on() {
    let server = start(options(), super::client::loads(""));
    block_on(async {
        let trusted = super::client::trust(&server, Http::Two);
        let body = review(&json!({ "object": pod(false) })).to_string();
        let mut client = Client::connect(&server, Http::Two).await;
        let first = shown(&server, &trusted).await;
        assert_eq!(first, shown(&server, &trusted).await);
        server.reload();
        until("another certificate of the same authority", async || {
            shown(&server, &trusted).await != first
        })
        .await;
        assert!(client.post("/validate", body).await.is_allowed());
    });
    server.stop();
}
