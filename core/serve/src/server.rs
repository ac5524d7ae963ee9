//! The server as a whole: started, asked to reload, stopped, waited for.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use provost_model::Problem;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::certificates::Certificates;
use crate::decision::Recorder;
use crate::listener::{Port, serve};
use crate::options::Options;
use crate::reload::watch as watch_files;
use crate::state::{Load, State};

/// Threads of connections: they encrypt and copy, the judges do the rest.
const CONNECTION_THREADS: usize = 2;

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything that was under way was answered.
    Drained,
    /// Something was not, in the time that there was.
    CutOff,
}

/// A server that runs.
pub struct Server {
    state: Arc<State>,
    certificates: Arc<Certificates>,
    runtime: Runtime,
    webhook: SocketAddr,
    operations: SocketAddr,
    stop_webhook: watch::Sender<bool>,
    stop_operations: watch::Sender<bool>,
    listening: [JoinHandle<()>; 2],
    reload: Sender<()>,
}

impl Server {
    /// Loads everything, then listens. The operator's port answers from the start: alive, not
    /// ready.
    ///
    /// # Errors
    /// Every problem of the gate, the certificates and the addresses.
    pub fn start(
        options: Options,
        load: Load,
        recorder: Option<Box<dyn Recorder>>,
    ) -> Result<Self, Vec<Problem>> {
        let one = |problem| vec![problem];
        let state = State::new(options, recorder);
        let state = state.map_err(|error| one(system(&error)))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(CONNECTION_THREADS)
            .thread_name("provost-connections")
            .enable_all()
            .build()
            .map_err(|error| one(system(&error)))?;
        let (stop_webhook, stopped_webhook) = watch::channel(false);
        let (stop_operations, stopped_operations) = watch::channel(false);

        let listener = listen(&runtime, state.options.operations, "--operations").map_err(one)?;
        let operations = listener.local_addr().map_err(|error| one(system(&error)))?;
        let serving = serve(Arc::clone(&state), listener, Port::Operations, stopped_operations);
        let operating = runtime.spawn(serving);

        let certificates = Arc::new(Certificates::load(&state.options).map_err(one)?);
        state.is_current("certificate");
        state.set_loaded(state.load(&load)?);
        if let (Some(watched), Some(options)) = (&state.watched, &state.options.cluster) {
            watched.start(&state, options).map_err(one)?;
        }
        state.lanes.start(state.options.judges).map_err(|error| one(system(&error)))?;

        let listener = listen(&runtime, state.options.listen, "--listen").map_err(one)?;
        let webhook = listener.local_addr().map_err(|error| one(system(&error)))?;
        let port = Port::Webhook(Arc::clone(&certificates));
        let serving = runtime.spawn(serve(Arc::clone(&state), listener, port, stopped_webhook));
        state.serve();

        let reload = watching(&state, &certificates, load).map_err(|error| one(system(&error)))?;
        tracing::info!(%webhook, %operations, "ready");
        let listening = [serving, operating];
        Ok(Self {
            state,
            certificates,
            runtime,
            webhook,
            operations,
            stop_webhook,
            stop_operations,
            listening,
            reload,
        })
    }

    /// Where API servers ask.
    pub fn webhook(&self) -> SocketAddr {
        self.webhook
    }

    /// Where operators ask.
    pub fn operations(&self) -> SocketAddr {
        self.operations
    }

    /// The certificate of the server's own authority, in PEM.
    pub fn authority(&self) -> Option<&str> {
        self.certificates.authority()
    }

    /// Reads all files again, now.
    pub fn reload(&self) {
        // The thread that reads them ends with this server.
        let _ = self.reload.send(());
    }

    /// Runs a future of the caller on the server's threads: waiting for signals.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Stops: not ready from now on, still there for those who have not heard of it, then
    /// finishing what is under way.
    pub fn stop(self) -> Ended {
        let options = self.state.options.clone();
        self.state.stop();
        if let Some(watched) = &self.state.watched {
            watched.stop();
        }
        let [webhook, operations] = self.listening;
        let (stop_webhook, stop_operations) = (self.stop_webhook, self.stop_operations);
        let ended = self.runtime.block_on(async move {
            tokio::time::sleep(options.linger).await;
            let _ = stop_webhook.send(true);
            let ended = webhook.await;
            let _ = stop_operations.send(true);
            let wait = tokio::time::timeout(std::time::Duration::from_secs(1), operations);
            let _ = wait.await;
            ended
        });
        self.state.lanes.stop();
        let drained = ended.is_ok() && self.state.is_drained();
        self.runtime.shutdown_background();
        tracing::info!(drained, "stopped");
        if drained { Ended::Drained } else { Ended::CutOff }
    }
}

fn watching(
    state: &Arc<State>,
    certificates: &Arc<Certificates>,
    load: Load,
) -> io::Result<Sender<()>> {
    let (reload, asked) = channel();
    let (state, certificates) = (Arc::clone(state), Arc::clone(certificates));
    thread::Builder::new()
        .name("provost-reload".to_owned())
        .spawn(move || watch_files(&state, &certificates, &load, &asked))?;
    Ok(reload)
}

fn listen(runtime: &Runtime, address: SocketAddr, option: &str) -> Result<TcpListener, Problem> {
    runtime.block_on(TcpListener::bind(address)).map_err(|error| {
        let problem = Problem::about("address", address.to_string(), error.to_string());
        problem.help(format!("name another with `{option}`"))
    })
}

fn system(error: &io::Error) -> Problem {
    Problem::about("system", "the server", error.to_string())
}
