//! Overload, slow clients, panics, limits and the signal to stop: never an allow, never an
//! outage of more than what went wrong.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use provost_model::Problem;
use provost_serve::{Ended, Judged, Recorder, Recording, Server};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::client::{
    Client, Http, block_on, loads, metric, options, page, pod, recorded, request, review, tls,
    trust,
};
#[cfg(unix)]
use super::process::{Process, serve};

/// A recorder that holds every review back until it is opened.
#[derive(Clone, Default)]
struct Gatekeeper(Arc<(Mutex<Gate>, Condvar)>);

#[derive(Default)]
struct Gate {
    open: bool,
    came: usize,
}

impl Gatekeeper {
    fn open(&self) {
        self.0.0.lock().unwrap().open = true;
        self.0.1.notify_all();
    }

    async fn holds_one(&self) {
        while self.0.0.lock().unwrap().came == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Recorder for Gatekeeper {
    fn record(&self, _: &Judged) -> Result<Recording, Problem> {
        let mut gate = self.0.0.lock().unwrap();
        gate.came += 1;
        drop(self.0.1.wait_while(gate, |gate| !gate.open).unwrap());
        Ok(recorded())
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
        let ask = async || {
            let mut client = Client::connect(&server, Http::Two).await;
            client.post("/validate", body.clone()).await
        };
        let others = async {
            // The one that is judged is not in the queue.
            keeper.holds_one().await;
            join_all((0..7).map(|_| ask()).collect()).await
        };
        let opener = async {
            // One is judged, three wait, and the others have been refused.
            while metric(server.operations(), "provost_shed_total{lane=\"review\"}").await < 4.0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            keeper.open();
        };
        let (first, mut answers, ()) = tokio::join!(ask(), others, opener);
        answers.push(first);
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

pub async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
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

/// A recorder that goes wrong once, and works again.
struct Faulty(AtomicUsize);

impl Recorder for Faulty {
    fn record(&self, _: &Judged) -> Result<Recording, Problem> {
        match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("a bug in a recorder"),
            _ => Ok(recorded()),
        }
    }
}

#[test]
fn a_panic_is_the_error_of_one_review() {
    let server = started(options().with_judges(1), Faulty(AtomicUsize::new(0)));
    block_on(async {
        let body = review(&json!({ "object": pod(false) })).to_string();
        let mut client = Client::connect(&server, Http::One).await;
        let panicked = client.post("/validate", body.clone()).await;
        assert_eq!(panicked.status, 500);
        // The client may hear of it first.
        while metric(server.operations(), "provost_panics_total").await < 1.0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
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
    options.handshake = Duration::from_secs(2);
    options.header = Duration::from_secs(2);
    options.body = Duration::from_secs(2);
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

/// Requests of one connection until it is closed, counted when they were decided. Whatever was
/// not, was not sent: a client may ask another server.
#[cfg(unix)]
async fn until_closed(
    server: &Process,
    folder: &std::path::Path,
    body: &str,
    decided: &AtomicUsize,
) {
    let mut client = server.client(folder).await;
    loop {
        match client.send(request("/validate", body.to_owned())).await {
            Ok(answer) => {
                assert_eq!(answer.status, 200, "{answer:?}");
                assert_eq!(answer.response()["allowed"], false);
                decided.fetch_add(1, Ordering::SeqCst);
            }
            Err(error) => {
                assert!(
                    error.is_canceled() || error.is_closed(),
                    "a request was dropped: {error:?}"
                );
                return;
            }
        }
    }
}

/// Ready only when all is loaded; after SIGTERM everybody is answered, and new connections are
/// still accepted for a while.
#[cfg(unix)]
#[test]
fn after_sigterm_under_load_no_request_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(serve(folder.path()).args(["--log", "decisions"]));
    let body = review(&json!({ "object": pod(true) })).to_string();
    let decided: [AtomicUsize; 8] = Default::default();
    block_on(async {
        assert_eq!(page(server.operations, "/readyz").await.0, 200);
        let clients = decided.iter().map(|mine| until_closed(&server, folder.path(), &body, mine));
        let signal = async {
            while decided.iter().any(|decided| decided.load(Ordering::SeqCst) < 3) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            server.terminate();
            // Not ready, and still there for who has not heard of it.
            while page(server.operations, "/readyz").await.0 != 503 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let mut late = server.client(folder.path()).await;
            assert!(!late.post("/validate", body.clone()).await.is_allowed());
        };
        tokio::join!(join_all(clients.collect()), signal);
    });
    let (code, last) = server.wait();
    assert_eq!(code, Some(0), "{last:?}");
    let decided: usize = decided.into_iter().map(AtomicUsize::into_inner).sum();
    println!("{decided} reviews were decided before the last connection closed");
}
