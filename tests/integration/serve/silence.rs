//! Connections that ask nothing: they are closed, and as many as there are places for keep nobody
//! out for long.

use std::time::{Duration, Instant};

use provost_serve::{Ended, Server};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::{
    Http, block_on, loads, options, page, pod, request, review, start, tls, trust,
};

/// Long enough for a busy machine, and short beside what is never closed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the other side closes a connection on which nothing is said.
async fn is_closed(mut stream: impl AsyncRead + Unpin) -> bool {
    let mut said = [0; 1024];
    let all = async { while let Ok(1..) = stream.read(&mut said).await {} };
    timeout(PATIENCE, all).await.is_ok()
}

fn patient_for(header: Duration) -> Server {
    let mut options = options();
    options.header = header;
    start(options, loads(""))
}

#[test]
fn who_asks_nothing_is_not_served_for_ever() {
    let server = patient_for(Duration::from_millis(300));
    block_on(async {
        for http in [Http::One, Http::Two] {
            let stream = tls(server.webhook(), &trust(&server, http)).await;
            assert!(is_closed(stream).await, "{http:?}");
        }
        let stream = TcpStream::connect(server.operations()).await.unwrap();
        assert!(is_closed(stream).await, "of operators");
    });
    assert_eq!(server.stop(), Ended::Drained);
}

/// One review on a connection of its own; nothing where the server takes none.
async fn asked(server: &Server) -> Option<u16> {
    let body = review(&json!({ "object": pod(false) })).to_string();
    let stream = TcpStream::connect(server.webhook()).await.ok()?;
    let name = "localhost".try_into().ok()?;
    let connector = tokio_rustls::TlsConnector::from(trust(server, Http::One));
    let stream = timeout(PATIENCE, connector.connect(name, stream)).await.ok()?.ok()?;
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.ok()?;
    tokio::spawn(connection);
    let response = sender.send_request(request("/validate", body)).await.ok()?;
    Some(response.status().as_u16())
}

#[test]
fn as_many_silent_connections_as_there_are_places_keep_nobody_out() {
    let server = patient_for(Duration::from_secs(3));
    block_on(async {
        let trusted = trust(&server, Http::Two);
        let mut silent = Vec::new();
        for _ in 0..1024 {
            // The last ones find no place, where the first have theirs.
            let stream = TcpStream::connect(server.webhook()).await.unwrap();
            let name = "localhost".try_into().unwrap();
            let connector = tokio_rustls::TlsConnector::from(trusted.clone());
            silent.extend(connector.connect(name, stream).await);
        }
        assert!(silent.len() > 900, "{}", silent.len());
        let start = Instant::now();
        while asked(&server).await != Some(200) {
            assert!(start.elapsed() < PATIENCE, "silent connections keep everybody out");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        for stream in silent {
            assert!(is_closed(stream).await);
        }
        assert_eq!(page(server.operations(), "/readyz").await.0, 200);
    });
    assert_eq!(server.stop(), Ended::Drained);
}
