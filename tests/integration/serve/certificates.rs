//! Who may ask: clients that show a certificate of the authority that is named, and nobody else.
//! And who is asked: an authority that was made elsewhere vouches for it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use provost_serve::{Identity, Options, Server};
use provost_tests::TestAuthority;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName,
};

use super::client::{
    Client, Http, block_on, loads, options, pod, review, showing, start, trust, trusting,
};

/// An authority, as PEM, and a certificate that it signed with its key.
struct Signed {
    authority: String,
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

fn signed() -> Signed {
    let authority = TestAuthority::new();
    let (certificate, key) = authority.issue(&["kube-apiserver"]);
    let certificate = certificate.der().clone();
    Signed { authority: authority.pem().to_owned(), certificate, key: key.serialize_der() }
}

fn shows(server: &Server, client: &Signed) -> Arc<ClientConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(client.key.clone()));
    showing(server.authority().unwrap(), Http::Two, (vec![client.certificate.clone()], key))
}

/// Is whoever connects so refused? With TLS 1.3 a client learns it with the first answer.
async fn is_refused(server: &Server, config: &Arc<ClientConfig>) -> bool {
    let stream = TcpStream::connect(server.webhook()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connected = TlsConnector::from(Arc::clone(config)).connect(name, stream).await;
    let Ok(mut stream) = connected else { return true };
    // How HTTP/2 begins: who is served gets the server's settings (RFC 9113, 3.4).
    let begin = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    if stream.write_all(begin).await.is_err() || stream.flush().await.is_err() {
        return true;
    }
    let mut first = [0; 1];
    let read = stream.read(&mut first);
    let read = tokio::time::timeout(Duration::from_secs(10), read).await.unwrap();
    !matches!(read, Ok(1))
}

#[test]
fn only_who_shows_a_certificate_of_the_authority_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let (known, unknown) = (signed(), signed());
    let file = folder.path().join("clients.pem");
    std::fs::write(&file, &known.authority).unwrap();
    let mut options = options();
    options.client_ca = Some(file.clone());
    options.reload = Duration::from_millis(50);
    let server = start(options, loads(""));
    block_on(async {
        let body = review(&json!({ "object": pod(false) })).to_string();
        let mut client = Client::to(server.webhook(), &shows(&server, &known), Http::Two).await;
        assert!(client.post("/validate", body.clone()).await.is_allowed());
        assert!(!is_refused(&server, &shows(&server, &known)).await);
        assert!(is_refused(&server, &trust(&server, Http::Two)).await, "none");
        assert!(is_refused(&server, &shows(&server, &unknown)).await, "of another authority");
        // Another authority is known as soon as the file says so.
        std::fs::write(&file, &unknown.authority).unwrap();
        let start = std::time::Instant::now();
        while is_refused(&server, &shows(&server, &unknown)).await {
            assert!(start.elapsed() < Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(is_refused(&server, &shows(&server, &known)).await, "not known any more");
        // What is open stays open.
        assert!(client.post("/validate", body).await.is_allowed());
    });
    server.stop();
}

/// Signed by the authority in a folder.
fn signed_by(folder: &Path) -> Options {
    let names = vec!["localhost".to_owned()];
    let identity = Identity::SelfSigned { names, folder: Some(folder.to_owned()) };
    Options { identity, ..options() }
}

#[test]
fn an_authority_made_elsewhere_vouches_for_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let authority = TestAuthority::new();
    std::fs::write(folder.path().join("ca.crt"), authority.pem()).unwrap();
    std::fs::write(folder.path().join("ca.key"), authority.key_pem()).unwrap();
    let server = start(signed_by(folder.path()), loads(""));
    assert_eq!(server.authority(), Some(authority.pem()));
    block_on(async {
        // A client that knows what was in the folder before the server was there.
        let trusted = trusting(authority.pem(), Http::Two);
        let body = review(&json!({ "object": pod(false) })).to_string();
        let mut client = Client::to(server.webhook(), &trusted, Http::Two).await;
        assert!(client.post("/validate", body).await.is_allowed());
    });
    server.stop();
}

#[test]
fn a_key_that_is_not_the_authority_s_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.crt"), TestAuthority::new().pem()).unwrap();
    std::fs::write(folder.path().join("ca.key"), TestAuthority::new().key_pem()).unwrap();
    let Err(problems) = Server::start(signed_by(folder.path()), loads(""), None) else {
        panic!("it serves what nobody verifies");
    };
    let said = format!("{problems:?}");
    assert!(said.contains("`ca.key` is not its key"), "{said}");
    assert!(said.contains("remove `ca.crt` and `ca.key` together"), "{said}");
}
