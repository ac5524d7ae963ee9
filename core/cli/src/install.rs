//! `provost install`: the manifests of the webhook.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use provost_engine::{Bundle, Gate};
use provost_installation::{Authority, Collector, FailurePolicy, Installation, Kind};
use provost_model::Problem;

use crate::arguments::Arguments;
use crate::check::cache_folder;
use crate::config::gate;
use crate::exit::Exit;
use crate::terminal::{print, say};

/// Arguments of `install`.
#[derive(Debug, Args)]
pub struct Install {
    /// Print the manifests, for `kubectl apply -f -`; nothing else is done.
    #[arg(long, required_unless_present = "chart")]
    pub dry_run: bool,
    /// Write a Helm chart into this folder, which must not be there; the options become its
    /// values.
    #[arg(long, value_name = "FOLDER", conflicts_with = "dry_run")]
    pub chart: Option<PathBuf>,
    /// The image with `provost` as its entry point; name it by digest.
    #[arg(long, value_name = "IMAGE")]
    #[arg(value_parser = image)]
    pub image: String,
    /// The namespace, which is made.
    #[arg(long, value_name = "NAME", default_value = "provost-system", value_parser = label)]
    pub namespace: String,
    /// Pods of the webhook.
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    #[arg(value_parser = clap::value_parser!(u16).range(2..=100))]
    pub replicas: u16,
    /// What an API server does while the webhook does not answer.
    #[arg(long, value_enum, default_value_t = Policy::Ignore)]
    pub failure_policy: Policy,
    /// The certificate in PEM of who signs that of the webhook, which is in the Secret
    /// `provost-tls`; without it, cert-manager makes both.
    #[arg(long, value_name = "FILE")]
    pub ca_bundle: Option<PathBuf>,
    /// The webhook watches the cluster: with the role to list and watch what the gate looks at,
    /// and nothing else.
    #[arg(long)]
    pub watch_cluster: bool,
    /// A collector of traces, which takes OTLP over HTTP, as `http://collector.observability:4318`:
    /// reviews are sent to it, and pods may go to its port.
    #[arg(long, value_name = "URL", value_parser = collector)]
    pub otlp_endpoint: Option<Collector>,
    /// With a `ServiceMonitor` for the Prometheus operator.
    #[arg(long)]
    pub service_monitor: bool,
}

/// What an API server does while the webhook does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Policy {
    /// It refuses what the webhook would be asked about.
    Fail,
    /// It lets that pass.
    Ignore,
}

/// Print the manifests, or write the chart.
pub fn run(arguments: &Arguments, install: &Install) -> Result<Exit, Vec<Problem>> {
    let gate = gate(arguments)?;
    let bundle = Bundle::load(&gate, cache_folder())?;
    let kinds = bundle
        .kinds()
        .map(|kinds| kinds.into_iter().map(|(group, name)| Kind { group, name }).collect());
    if kinds.is_none() {
        say(
            "a plugin wants to see every kind: the webhook is asked about all that is in a namespace",
        );
    }
    if names_files(&gate) {
        say(
            "the gate file names other files: put them into the image, where it will be, /etc/provost",
        );
    }
    if gate.form.decision_log.is_some() {
        say(
            "the gate file records decisions: a pod does so in its volume `decisions`, which goes \
             with it; put one that stays in its place",
        );
    }
    let watched: Option<BTreeSet<Kind>> = install.watch_cluster.then(|| {
        let kinds = bundle.kinds_around().into_iter();
        kinds.map(|(group, name)| Kind { group: Some(group), name }).collect()
    });
    if watched.iter().flatten().any(|kind| kind.name == "Secret") {
        say("the gate looks at Secrets: the webhook may list them all, and keeps nothing of what \
             is in them");
    }
    let authority = match &install.ca_bundle {
        None => Authority::CertManager,
        Some(file) => Authority::Bundle(bundle_of(file).map_err(|problem| vec![problem])?),
    };
    let installation = Installation {
        namespace: install.namespace.clone(),
        image: install.image.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        replicas: install.replicas,
        kinds,
        watched,
        gate: gate.text().unwrap_or("apiVersion: provost.dev/v1\nkind: Gate\n").to_owned(),
        records: gate.form.decision_log.is_some(),
        pulls: gate.form.plugins.values().any(|plugin| plugin.oci.is_some()),
        environment: gate.form.environment.clone(),
        authority,
        failure_policy: match install.failure_policy {
            Policy::Fail => FailurePolicy::Fail,
            Policy::Ignore => FailurePolicy::Ignore,
        },
        service_monitor: install.service_monitor,
        collector: install.otlp_endpoint.clone(),
    };
    match &install.chart {
        None => Ok(print(&installation.manifests(), Exit::Allowed)),
        Some(folder) => write_chart(&installation, folder).map_err(|problem| vec![problem]),
    }
}

fn write_chart(installation: &Installation, folder: &Path) -> Result<Exit, Problem> {
    let name = folder.display().to_string();
    let unwritten = |error: std::io::Error| {
        Problem::about("chart", &name, format!("the chart cannot be written: {error}"))
            .help("name a folder that is not there yet")
    };
    std::fs::create_dir(folder).map_err(unwritten)?;
    std::fs::create_dir(folder.join("templates")).map_err(unwritten)?;
    for (path, text) in installation.chart() {
        std::fs::write(folder.join(path), text).map_err(unwritten)?;
    }
    say(&format!(
        "wrote the chart `{name}`; next: helm install provost {name} --namespace {} --create-namespace",
        installation.namespace
    ));
    Ok(Exit::Allowed)
}

/// Does the gate file name files beside it?
fn names_files(gate: &Gate) -> bool {
    let form = &gate.form;
    !form.specifications.is_empty()
        || !form.policies.is_empty()
        || form.approvals.is_some()
        || form.entities.is_some()
        || form.facts.is_some()
        || form.trust.signed_by.iter().any(|key| key.key_path.is_some())
        || form.plugins.values().any(|plugin| plugin.path.is_some())
}

/// A certificate as a webhook's configuration has it: the PEM in base64.
fn bundle_of(file: &Path) -> Result<String, Problem> {
    let name = file.display().to_string();
    let unusable = |message: String| {
        Problem::about("ca-bundle", &name, message).help("name a file of certificates in PEM")
    };
    let pem =
        std::fs::read(file).map_err(|error| unusable(format!("it cannot be read: {error}")))?;
    let text = String::from_utf8_lossy(&pem);
    if !text.contains("-----BEGIN CERTIFICATE-----") {
        return Err(unusable("it holds no certificate in PEM".to_owned()));
    }
    if text.contains("PRIVATE KEY") {
        return Err(unusable("it holds a private key, and would be for all to read".to_owned()));
    }
    Ok(STANDARD.encode(&pem))
}

/// The name of a namespace (RFC 1123).
fn label(text: &str) -> Result<String, String> {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = (1..=63).contains(&text.len())
        && text.bytes().all(is_inner)
        && !text.starts_with('-')
        && !text.ends_with('-');
    if is_label {
        Ok(text.to_owned())
    } else {
        Err("use up to 63 lower-case letters, digits and hyphens".to_owned())
    }
}

/// Where spans are sent to.
fn collector(text: &str) -> Result<Collector, String> {
    let port = provost_telemetry::port(text)?;
    Ok(Collector { endpoint: text.to_owned(), port })
}

/// The name of an image: nothing that could end a line of a manifest, or begin a comment.
fn image(text: &str) -> Result<String, String> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@+".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_part) {
        Ok(text.to_owned())
    } else {
        Err("write it as `registry.example/provost@sha256:…`".to_owned())
    }
}
