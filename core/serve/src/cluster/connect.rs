//! Where the API server is, and who asks it.

use kube_client::config::{KubeConfigOptions, Kubeconfig};
use kube_client::{Client, Config};
use provost_model::Problem;
use tokio::runtime::Runtime;

use super::WatchOptions;

/// Set by the kubelet in every pod.
const IN_CLUSTER: &str = "KUBERNETES_SERVICE_HOST";

/// A client of the API server; nothing is asked of it yet.
pub(super) fn client(runtime: &Runtime, options: &WatchOptions) -> Result<Client, Problem> {
    let config = runtime.block_on(config(options))?;
    Client::try_from(config).map_err(|error| {
        let named = options.kubeconfig.as_ref().map(|path| path.display().to_string());
        let named = named.unwrap_or_else(|| "the API server".to_owned());
        unusable(named, &error)
    })
}

async fn config(options: &WatchOptions) -> Result<Config, Problem> {
    let chosen = KubeConfigOptions { context: options.context.clone(), ..Default::default() };
    match &options.kubeconfig {
        Some(path) => {
            let named = path.display().to_string();
            let file = Kubeconfig::read_from(path).map_err(|error| unusable(&named, &error))?;
            let config = Config::from_custom_kubeconfig(file, &chosen).await;
            config.map_err(|error| unusable(&named, &error))
        }
        None if options.context.is_none() && std::env::var_os(IN_CLUSTER).is_some() => {
            let problem = |error| {
                let problem = Problem::about("cluster", "the service account", told(&error));
                problem.help(
                    "mount its token: `automountServiceAccountToken: true`, as `provost install \
                     --watch-cluster` writes it",
                )
            };
            Config::incluster().map_err(problem)
        }
        None => Config::from_kubeconfig(&chosen).await.map_err(|error| {
            let problem = Problem::about("cluster", "the kubeconfig", told(&error));
            problem
                .help("name one with `--kubeconfig`, or a snapshot of the cluster with `--cluster`")
        }),
    }
}

fn unusable(named: impl Into<String>, error: &dyn std::error::Error) -> Problem {
    let problem = Problem::about("cluster", named, told(error));
    problem.help("name a kubeconfig that `kubectl` can use")
}

/// An error with what caused it, each said once and in one line: what follows may quote a
/// kubeconfig, and that is secret.
pub(super) fn told(error: &dyn std::error::Error) -> String {
    let line = |error: &dyn std::error::Error| {
        let text = error.to_string();
        text.lines().next().unwrap_or_default().to_owned()
    };
    let mut text = line(error);
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = line(error);
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
