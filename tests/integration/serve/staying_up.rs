//! Overload, slow clients, panics, limits and the signal to stop: never an allow, never an
//! outage of more than what went wrong.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use provost_serve::{Decision, Ended, Recorder, Server};
use provost_tests::provost;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::client::{
    Client, Http, block_on, loads, metric, options, page, pod, request, review, tls, trust,
    trusting,
};

/// A recorder that holds every review back until it is opened.
#[derive(Clone, Default)]
struct Gatekeeper(Arc<(Mutex<bool>, Condvar)>);

impl Gatekeeper {
    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

impl Recorder for Gatekeeper {
    fn record(&self, _: &Decision) -> std::io::Result<()> {
        let open = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(open, |open| !*open).unwrap());
        Ok(())
    }
}

fn started(options: provost_serve::Options, recorder: impl Recorder + 'static) -> Server {
    Server::start(options, loads(""), Some(Box::new(recorder)))
        .map_err(|problems| format!("{problems:?}"))
        .unwrap()
}

#[test]
fn what_does_not_fit_in_the_queue_is_refused_at_once() {
    let mut options = options().with_judges(1);
    options.queue = 3;
    let keeper = Gatekeeper::default();
    let server = started(options, keeper.clone());
    block_on(async {
        let body = review(&json!({ "object": pod(false) })).to_string();
        let clients = (0..8).map(|_| async {
            let mut client = Client::connect(&server, Http::Two).await;
            client.post("/validate", body.clone()).await
        });
        let clients: Vec<_> = clients.collect();
        let opener = async {
            // One is judged, three wait, and the others have been refused.
            while metric(server.operations(), "provost_shed_total{lane=\"review\"}").await < 4.0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            keeper.open();
        };
        let (answers, ()) = tokio::join!(join_all(clients), opener);
        let decided = answers.iter().filter(|answer| answer.status == 200).count();
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
        assert_eq!((decided, refused.len()), (4, 4));
        for answer in refused {
            assert_eq!(answer.headers["retry-after"], "1");
            assert!(answer.json["response"].is_null());
        }
    });
    assert_eq!(server.stop(), Ended::Drained);
}

async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut outputs = Vec::new();
    std::future::poll_fn(|context| {
        let mut index = 0;
        while index < futures.len() {
            match futures[index].as_mut().poll(context) {
                std::task::Poll::Ready(output) => {
                    outputs.push(output);
                    drop(futures.swap_remove(index));
                }
                std::task::Poll::Pending => index += 1,
            }
        }
        if futures.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    outputs
}

/// A recorder that goes wrong in its own ways.
struct Faulty(AtomicUsize);

impl Recorder for Faulty {
    fn record(&self, _: &Decision) -> std::io::Result<()> {
        match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("a bug in a recorder"),
            1 => Err(std::io::Error::other("the disk is full")),
            _ => Ok(()),
        }
    }
}

#[test]
fn a_panic_is_the_error_of_one_review_and_what_is_not_written_down_is_not_answered() {
    let server = started(options().with_judges(1), Faulty(AtomicUsize::new(0)));
    block_on(async {
        let body = review(&json!({ "object": pod(false) })).to_string();
        let mut client = Client::connect(&server, Http::One).await;
        let panicked = client.post("/validate", body.clone()).await;
        assert_eq!(panicked.status, 500);
        assert_eq!(metric(server.operations(), "provost_panics_total").await, 1.0);
        let unwritten = client.post("/validate", body.clone()).await;
        assert_eq!(unwritten.status, 500);
        assert!(unwritten.json["message"].as_str().unwrap().contains("disk is full"));
        assert!(client.post("/validate", body).await.is_allowed());
    });
    server.stop();
}

#[test]
fn a_review_that_is_not_decided_in_time_is_an_error() {
    let keeper = Gatekeeper::default();
    let server = started(options().with_judges(1), keeper.clone());
    block_on(async {
        let body = review(&json!({ "object": pod(false) })).to_string();
        let start = Instant::now();
        let mut client = Client::connect(&server, Http::Two).await;
        let late = client.post("/validate?timeout=300ms", body.clone()).await;
        assert_eq!(late.status, 504);
        assert!(start.elapsed() < Duration::from_secs(5));
        // The one behind it waited for as long as it could, and is not judged for nobody.
        let waited = client.post("/validate?timeout=300ms", body.clone()).await;
        assert_eq!(waited.status, 504);
        keeper.open();
        assert!(client.post("/validate", body).await.is_allowed());
        assert!(metric(server.operations(), "provost_expired_total").await >= 1.0);
    });
    server.stop();
}

#[test]
fn slow_and_broken_clients_cost_nobody_else_anything() {
    let mut options = options();
    options.handshake = Duration::from_millis(300);
    options.header = Duration::from_millis(300);
    options.body = Duration::from_millis(300);
    let server = started(options, super::client::Kept::default());
    block_on(async {
        let trusted = trust(&server, Http::One);
        // No TLS at all, half a header, half a body, and a body that stops.
        let mut silent = tokio::net::TcpStream::connect(server.webhook()).await.unwrap();
        let mut half_header = tls(server.webhook(), &trusted).await;
        half_header.write_all(b"POST /validate HTTP/1.1\r\nhost: x\r\n").await.unwrap();
        let mut half_body = tls(server.webhook(), &trusted).await;
        let head = "POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
        let text = format!("{head}content-length: 5000\r\n\r\n{{");
        half_body.write_all(text.as_bytes()).await.unwrap();
        let mut gone = tls(server.webhook(), &trusted).await;
        gone.write_all(text.as_bytes()).await.unwrap();
        drop(gone);

        let body = review(&json!({ "object": pod(false) })).to_string();
        let mut client = Client::connect(&server, Http::Two).await;
        assert!(client.post("/validate", body).await.is_allowed());

        let mut said = Vec::new();
        let _ = half_body.read_to_end(&mut said).await;
        assert!(String::from_utf8_lossy(&said).starts_with("HTTP/1.1 408"), "{said:?}");
        for stream in [&mut half_header] {
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
        }
        let mut rest = Vec::new();
        let _ = silent.read_to_end(&mut rest).await;
        assert!(rest.is_empty());
    });
    assert_eq!(server.stop(), Ended::Drained);
}

#[test]
fn bodies_that_are_under_way_are_bounded_together() {
    let mut options = options();
    options.bodies_bytes = 256 << 10;
    let server = started(options, super::client::Kept::default());
    block_on(async {
        let mut large = pod(false);
        large["metadata"]["annotations"] = json!({ "note": "x".repeat(300 << 10) });
        let body = review(&json!({ "object": large })).to_string();
        let mut client = Client::connect(&server, Http::Two).await;
        assert_eq!(client.send(request("/validate", body)).await.unwrap().status, 429);
        let body = review(&json!({ "object": pod(false) })).to_string();
        assert!(client.post("/validate", body).await.is_allowed());
    });
    assert_eq!(server.stop(), Ended::Drained);
}

/// The binary as it is run: ready only when all is loaded, and after SIGTERM what is under way
/// is answered.
#[cfg(unix)]
#[test]
fn after_sigterm_what_is_under_way_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = provost(folder.path())
        .args(["serve", "--listen", "127.0.0.1:0", "--operations", "127.0.0.1:0"])
        .args(["--self-signed", "localhost", "--certificates", "ca", "--linger", "300ms"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let said = lines.by_ref().map(Result::unwrap).find(|line| line.contains("webhook on")).unwrap();
    let addresses: Vec<std::net::SocketAddr> =
        said.split([' ', ',']).filter_map(|word| word.parse().ok()).collect();
    let [webhook, operations] = addresses[..] else { panic!("{said}") };
    // Its log must not fill the pipe: then it would wait for a reader.
    let rest = std::thread::spawn(move || lines.map_while(Result::ok).last());
    let authority = std::fs::read_to_string(folder.path().join("ca/ca.crt")).unwrap();
    let body = review(&json!({ "object": pod(true) })).to_string();
    let decided = block_on(async {
        assert_eq!(page(operations, "/readyz").await.0, 200);
        let trusted = trusting(&authority, Http::Two);
        let mut client = Client::to(webhook, &trusted, Http::Two).await;
        assert!(!client.post("/validate", body.clone()).await.is_allowed());
        let status =
            std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(status.unwrap().success());
        let mut decided = 0;
        let mut unready = false;
        // Until the server says that it goes, every request is decided.
        while let Ok(answer) = client.send(request("/validate", body.clone())).await {
            assert!([200, 503].contains(&answer.status.as_u16()), "{answer:?}");
            decided += usize::from(answer.status == 200);
            if !unready && decided % 10 == 0 {
                unready = page(operations, "/readyz").await.0 == 503;
            }
        }
        assert!(unready, "it says that it is not ready any more");
        decided
    });
    println!("{decided} reviews were decided after the signal");
    assert!(decided > 0);
    let last = rest.join().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{last:?}");
}
