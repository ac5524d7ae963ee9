//! How the server is run.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::cluster::WatchOptions;
use provost_telemetry::SpanCounts;

/// How the server is run. Every bound has a name and a default.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where API servers ask, over TLS.
    pub listen: SocketAddr,
    /// Where `/healthz`, `/readyz` and `/metrics` are, in the clear.
    pub operations: SocketAddr,
    /// Who the server is.
    pub identity: Identity,
    /// Certificates of who may sign those of clients; without it clients show none.
    pub client_ca: Option<PathBuf>,
    /// Threads that judge; by default one for each processor.
    pub judges: usize,
    /// Reviews that wait for a judge; more are refused with 429.
    pub queue: usize,
    /// Reviews that wait and are dry runs; judged when nothing else waits.
    pub dry_run_queue: usize,
    /// Bytes of one body: two objects of 3 MiB, which is what an API server accepts, and some.
    pub body_bytes: usize,
    /// Bytes of all bodies that are being read or judged.
    pub bodies_bytes: usize,
    /// Connections at once.
    pub connections: usize,
    /// The longest that a review may take, where the API server gives more or says nothing.
    pub deadline: Duration,
    /// For the TLS handshake.
    pub handshake: Duration,
    /// For the header of a request, and between two on one connection of HTTP/1.1. A connection
    /// that asks nothing in this time is closed.
    pub header: Duration,
    /// For the body of a request.
    pub body: Duration,
    /// From the signal to stop until no connection is accepted any more: so long others may
    /// still think that this server is there.
    pub linger: Duration,
    /// For what is under way when the server stops.
    pub drain: Duration,
    /// How often files are looked at; a signal `SIGHUP` asks at once.
    pub reload: Duration,
    /// What came of spans, where they are exported.
    pub spans: Option<Arc<SpanCounts>>,
    /// The cluster, where it is watched.
    pub cluster: Option<WatchOptions>,
}

/// Who the server is.
#[derive(Clone, Debug)]
pub enum Identity {
    /// PEM files of a certificate chain and its key.
    Files {
        /// The certificate, then those that lead to its authority.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// A certificate authority of its own.
    SelfSigned {
        /// Names and addresses that clients ask for: `provost.provost-system.svc`.
        names: Vec<String>,
        /// Where the authority is kept from one run to the next; without it, it lasts as long
        /// as the process.
        folder: Option<PathBuf>,
    },
}

impl Options {
    /// The defaults, on these addresses.
    pub fn new(listen: SocketAddr, operations: SocketAddr, identity: Identity) -> Self {
        let judges = std::thread::available_parallelism().map_or(1, usize::from);
        let options = Self {
            listen,
            operations,
            identity,
            client_ca: None,
            judges,
            queue: 0,
            dry_run_queue: 0,
            body_bytes: 7 << 20,
            bodies_bytes: 64 << 20,
            connections: 1024,
            deadline: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(30),
            body: Duration::from_secs(10),
            linger: Duration::from_secs(5),
            drain: Duration::from_secs(20),
            reload: Duration::from_secs(2),
            spans: None,
            cluster: None,
        };
        options.with_judges(judges)
    }

    /// So many judging threads, with queues that are as long as they are quick.
    #[must_use]
    pub fn with_judges(self, judges: usize) -> Self {
        Self { judges, queue: 64 * judges, dry_run_queue: 16 * judges, ..self }
    }
}
