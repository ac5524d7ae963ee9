//! `provost serve`: the admission webhook.

mod arguments;
mod record;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use provost_engine::Gate;
use provost_intake::Input;
use provost_model::Problem;
use provost_serve::{Ended, Identity, Load, Loaded, Options, Server};
use provost_telemetry::Traces;
use tokio::signal;

pub use arguments::Serve;

use crate::arguments::Arguments;
use crate::check::{cache_folder, limits};
use crate::config::gate_at;
use crate::exit::Exit;
use crate::terminal::{print, say};

/// How long a server that has answered everybody waits for a collector, if `--drain` leaves so
/// much.
const FINISH: Duration = Duration::from_secs(5);

/// Serve until a signal says stop.
pub fn run(
    arguments: &Arguments,
    serve: &Serve,
    traces: Option<&Traces>,
) -> Result<Exit, Vec<Problem>> {
    let (config, environment) = (arguments.config.clone(), arguments.environment.clone());
    let origin = arguments.environment_origin;
    let read = move || gate_at(config.as_deref(), environment.as_deref(), origin);
    let recorder = record::recorder(&read()?, serve.log.as_deref()).map_err(|one| vec![one])?;
    let cluster = serve.cluster.clone();
    let load: Load = Box::new(move || loaded(&read()?, &cluster));
    let options = Options { spans: traces.map(Traces::counts), ..options(serve) };
    let server = Server::start(options, load, recorder)?;
    if let Some(authority) = server.authority() {
        // Data for a webhook's configuration, and nothing else, on standard output.
        print(&format!("caBundle: {}\n", provost_serve::ca_bundle(authority)), Exit::Allowed);
    }
    say(&format!("webhook on {}, operations on {}", server.webhook(), server.operations()));
    server
        .block_on(until_stopped(&server))
        .map_err(|error| vec![Problem::about("signals", "the server", error.to_string())])?;
    say("stopping: not ready any more, finishing what is under way");
    let until = Instant::now() + serve.linger + serve.drain;
    let ended = server.stop();
    if let Some(traces) = traces {
        traces.finish(until.saturating_duration_since(Instant::now()).min(FINISH));
    }
    match ended {
        Ended::Drained => Ok(Exit::Allowed),
        Ended::CutOff => Ok(Exit::Incomplete),
    }
}

/// What is judged by: the gate, and a snapshot of the cluster where one is named.
fn loaded(gate: &Gate, cluster: &[PathBuf]) -> Result<Loaded, Vec<Problem>> {
    let loaded = Loaded::new(gate, cache_folder())?;
    if cluster.is_empty() {
        return Ok(loaded);
    }
    let inputs: Vec<_> = cluster.iter().cloned().map(Input::Path).collect();
    let limits = limits(gate);
    let read = move || {
        let snapshot = provost_intake::read(&inputs, &mut std::io::empty(), &limits, &|_, _| {});
        if snapshot.problems.is_empty() { Ok(snapshot.documents) } else { Err(snapshot.problems) }
    };
    loaded.with_cluster(cluster.to_vec(), Arc::new(read))
}

fn options(serve: &Serve) -> Options {
    let identity = match (&serve.certificate, &serve.key) {
        (Some(certificate), Some(key)) => {
            Identity::Files { certificate: certificate.clone(), key: key.clone() }
        }
        _ => Identity::SelfSigned {
            names: serve.self_signed.clone(),
            folder: serve.certificates.clone(),
        },
    };
    let mut options = Options::new(serve.listen, serve.operations, identity);
    options.client_ca.clone_from(&serve.client_ca);
    options.cluster = serve.watch.options();
    if let Some(judges) = serve.judges {
        options = options.with_judges(usize::from(judges));
    }
    options.queue = serve.queue.unwrap_or(options.queue);
    options.body_bytes = serve.body_bytes;
    options.deadline = serve.deadline;
    options.linger = serve.linger;
    options.drain = serve.drain;
    options
}

/// Waits for `SIGTERM` or Ctrl-C; `SIGHUP` reads all files again.
#[cfg(unix)]
async fn until_stopped(server: &Server) -> std::io::Result<()> {
    use signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            interrupted = signal::ctrl_c() => return interrupted,
            _ = hang_up.recv() => server.reload(),
        }
    }
}

#[cfg(not(unix))]
async fn until_stopped(_: &Server) -> std::io::Result<()> {
    signal::ctrl_c().await
}
