//! Arguments of `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};
use provost_serve::WatchOptions;

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("identity").args(["certificate", "self_signed"]).required(true))]
pub struct Serve {
    /// Where API servers ask: `/validate` and `/mutate`, over TLS.
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8443")]
    pub listen: SocketAddr,
    /// Where `/healthz`, `/readyz` and `/metrics` are, without TLS.
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8080")]
    pub operations: SocketAddr,
    /// The certificate in PEM, with those that lead to its authority; read again when it changes.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub certificate: Option<PathBuf>,
    /// The private key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub key: Option<PathBuf>,
    /// Certificates of who signs those of API servers, in PEM; whoever shows none is refused.
    #[arg(long, value_name = "FILE")]
    pub client_ca: Option<PathBuf>,
    /// Sign certificates for this name or address with an authority of its own, and print its
    /// `caBundle`.
    #[arg(long, value_name = "NAME")]
    pub self_signed: Vec<String>,
    /// Keep the authority of `--self-signed` in this folder; without it, it ends with the process.
    #[arg(long, value_name = "FOLDER", requires = "self_signed")]
    pub certificates: Option<PathBuf>,
    /// A snapshot of the cluster (as `kubectl get -A -o yaml` writes it), which requests are put
    /// over: specifications and plugins see it. Read again when it changes.
    #[arg(long, value_name = "PATH")]
    pub cluster: Vec<PathBuf>,
    #[command(flatten)]
    pub watch: WatchCluster,
    /// Record each decision in this folder before it is answered, in place of the gate file's
    /// `decisionLog`; each replica needs a folder of its own.
    #[arg(long, value_name = "FOLDER")]
    pub log: Option<PathBuf>,
    /// Threads that judge; one for each processor by default.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub judges: Option<u16>,
    /// Reviews that may wait; more are refused with 429, which `failurePolicy` decides. 64 for
    /// each judge by default.
    #[arg(long, value_name = "COUNT")]
    pub queue: Option<usize>,
    /// Bytes of one request.
    #[arg(long, value_name = "BYTES", default_value_t = 7 << 20)]
    pub body_bytes: usize,
    /// The longest that a review may take, where the API server's `timeout` is not shorter.
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration)]
    pub deadline: Duration,
    /// How long connections are still accepted after a signal to stop.
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    pub linger: Duration,
    /// How long what is under way may take then.
    #[arg(long, value_name = "DURATION", default_value = "20s", value_parser = duration)]
    pub drain: Duration,
}

/// How the cluster is watched.
#[derive(Debug, Args)]
pub struct WatchCluster {
    /// Watch the cluster through its API server, in place of a snapshot: what the gate's
    /// specifications and plugins look at is listed and kept current. In a pod by its service
    /// account, elsewhere as `kubectl` finds it.
    #[arg(long, conflicts_with = "cluster")]
    pub watch_cluster: bool,
    /// Watch the cluster of this kubeconfig.
    #[arg(long, value_name = "FILE", requires = "watch_cluster")]
    pub kubeconfig: Option<PathBuf>,
    /// Watch the cluster of this context of the kubeconfig.
    #[arg(long, value_name = "NAME", requires = "watch_cluster")]
    pub context: Option<String>,
    /// Trust a kind of the cluster no longer than this after its watch last said something: then
    /// what needs it is not judged.
    #[arg(long, value_name = "DURATION", requires = "watch_cluster", default_value = "3m")]
    #[arg(value_parser = age)]
    pub cluster_age: Duration,
    /// Keep no more objects of the cluster: where there are more, the kind that takes most is
    /// not known.
    #[arg(long, value_name = "COUNT", requires = "watch_cluster", default_value_t = 100_000)]
    pub cluster_objects: usize,
    /// Keep no more bytes of the cluster in memory.
    #[arg(long, value_name = "BYTES", requires = "watch_cluster", default_value_t = 256 << 20)]
    pub cluster_bytes: usize,
}

impl WatchCluster {
    /// The options, where it is watched.
    pub fn options(&self) -> Option<WatchOptions> {
        self.watch_cluster.then(|| WatchOptions {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            age: self.cluster_age,
            objects: self.cluster_objects,
            bytes: self.cluster_bytes,
            ..WatchOptions::default()
        })
    }
}

/// A duration of a second or more: less is more often than a watch says something.
fn age(text: &str) -> Result<Duration, String> {
    let age = duration(text)?;
    if age >= Duration::from_secs(1) { Ok(age) } else { Err("write `1s` or more".to_owned()) }
}

/// `250ms`, `10s`, `2m`.
fn duration(text: &str) -> Result<Duration, String> {
    provost_serve::duration(text)
        .ok_or_else(|| "write a duration such as `500ms` or `10s`".to_owned())
}
