//! Connections: accepted, bounded, served, and let finish.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{Duration, timeout};
use tokio_rustls::TlsAcceptor;

use crate::certificates::Certificates;
use crate::state::State;
use crate::{exchange, operations};

/// Which port.
#[derive(Clone)]
pub(crate) enum Port {
    /// Of API servers.
    Webhook(Arc<Certificates>),
    /// Of operators.
    Operations,
}

/// Requests that one connection of HTTP/2 may have at once.
const STREAMS: u32 = 250;
/// Bytes of a body that a client may send ahead: a large object in one go.
const WINDOW: u32 = 1 << 20;
/// Bytes of the headers of one request.
const HEADERS: u32 = 16 << 10;
/// How often a silent connection of HTTP/2 is asked whether it is there.
const PING: Duration = Duration::from_secs(20);

/// Accepts connections until `stop` is true, then lets those that are open finish.
pub(crate) async fn serve(
    state: Arc<State>,
    listener: TcpListener,
    port: Port,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(state.options.connections));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // No file descriptor is left, or the peer has gone: others may come.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!("too many connections: one is closed");
            continue;
        };
        let (state, port, watcher) = (Arc::clone(&state), port.clone(), graceful.watcher());
        tokio::spawn(async move {
            state.metrics.connected();
            connection(&state, stream, &port, watcher).await;
            state.metrics.disconnected();
            drop(place);
        });
    }
    drop(listener);
    if timeout(state.options.drain, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not finish in time");
    }
}

async fn connection(state: &Arc<State>, stream: TcpStream, port: &Port, watcher: Watcher) {
    // Answers are small and awaited.
    let _ = stream.set_nodelay(true);
    match port {
        Port::Operations => {
            http(state, stream, watcher, |state, request| async move {
                operations::answer(&state, &request)
            })
            .await
        }
        Port::Webhook(certificates) => {
            let acceptor = TlsAcceptor::from(certificates.current());
            match timeout(state.options.handshake, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => http(state, stream, watcher, exchange::answer).await,
                Ok(Err(error)) => tracing::debug!(%error, "no TLS connection"),
                Err(_) => tracing::debug!("no TLS connection in time"),
            }
        }
    }
}

async fn http<S, A, F>(state: &Arc<State>, stream: S, watcher: Watcher, answer: A)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Fn(Arc<State>, Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let asked = Arc::new(Notify::new());
    let service = {
        let (state, asked) = (Arc::clone(state), Arc::clone(&asked));
        service_fn(move |request| {
            asked.notify_one();
            let answered = answer(Arc::clone(&state), request);
            async move { Ok::<_, Infallible>(answered.await) }
        })
    };
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(state.options.header)
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW * 4)
        .max_header_list_size(HEADERS)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    tokio::select! {
        ended = watcher.watch(connection) => if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        },
        () = silence(&asked, state.options.header) => tracing::debug!("nothing was asked in time"),
    }
}

/// Returns when nothing was asked in this time, and else never.
///
/// Which HTTP is spoken is known after its first bytes only, and until then nothing else bounds
/// how long they take: connections that stay silent would use up the places of all.
async fn silence(asked: &Notify, within: Duration) {
    if timeout(within, asked.notified()).await.is_ok() {
        std::future::pending().await
    }
}
