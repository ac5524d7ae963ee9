//! The only crate that knows how Provost itself is installed: the manifests of its webhook.
//!
//! They are texts in `manifests/`, with `${…}` for what differs. That the webhook they
//! describe cannot stand in the way of its own return is no promise of this crate: the
//! specification `webhook-cannot-deadlock` is proved about what comes out.

mod chart;
mod resource;

use std::collections::BTreeSet;

pub use resource::{Kind, Rule, resources, rules};

/// What differs from one installation to another.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The namespace, which is made.
    pub namespace: String,
    /// The image with `provost` as its entry point.
    pub image: String,
    /// The version of Provost, for labels.
    pub version: String,
    /// Pods of the webhook; two at least, so that one can go.
    pub replicas: u16,
    /// The kinds to ask about; `None` for all.
    pub kinds: Option<BTreeSet<Kind>>,
    /// The kinds that it watches in the cluster, where it does.
    pub watched: Option<BTreeSet<Kind>>,
    /// The text of the gate file.
    pub gate: String,
    /// Does the gate file record decisions?
    pub records: bool,
    /// Does the gate file name plugins in registries, which a pod pulls?
    pub pulls: bool,
    /// The environment that the cluster is, in place of the gate file's.
    pub environment: Option<String>,
    /// Who vouches for the webhook's certificate.
    pub authority: Authority,
    /// What an API server does while the webhook does not answer.
    pub failure_policy: FailurePolicy,
    /// With a `ServiceMonitor` for the Prometheus operator?
    pub service_monitor: bool,
    /// Where spans are sent to.
    pub collector: Option<Collector>,
}

/// A collector of traces, which takes OTLP over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector {
    /// Its URL: the value of `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub endpoint: String,
    /// The port that the URL says.
    pub port: u16,
}

/// Who vouches for the webhook's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// An authority that cert-manager makes.
    CertManager,
    /// This one: its certificate as PEM in base64. The Secret `provost-tls` is somebody else's to make.
    Bundle(String),
}

/// What an API server does while the webhook does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailurePolicy {
    /// It refuses the request.
    Fail,
    /// It lets the request pass.
    Ignore,
}

const NAMESPACE: &str = include_str!("manifests/namespace.yaml");
const GATE: &str = include_str!("manifests/gate.yaml");
const CERTIFICATE: &str = include_str!("manifests/certificate.yaml");
const DEPLOYMENT: &str = include_str!("manifests/deployment.yaml");
const MONITOR: &str = include_str!("manifests/monitor.yaml");
const CLUSTER: &str = include_str!("manifests/cluster.yaml");
const WEBHOOK: &str = include_str!("manifests/webhook.yaml");

/// The gate file is read-only in a pod, and so is what lies beside it.
const LOG_ARGUMENT: &str = "            - --log=/var/lib/provost/decisions\n";
const LOG_MOUNT: &str =
    "            - { name: decisions, mountPath: /var/lib/provost/decisions }\n";
const LOG_VOLUME: &str = concat!(
    "        # A log for each pod, which goes with it. To keep it, put a volume in its place that stays,\n",
    "        # and that no two pods share.\n",
    "        - name: decisions\n",
    "          emptyDir: { sizeLimit: 2Gi }\n",
);

const NO_EGRESS: &str = "  egress: []\n";
const EGRESS: &str = "  egress:\n";
const REGISTRIES: &str = concat!(
    "    # Names, and registries of plugins: where these are no policy of Kubernetes can say by name.\n",
    "    - ports: [ { protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }, { port: 443 } ]\n",
);
const API_SERVER: &str = concat!(
    "    # The API server, which is watched: it is no pod, and behind its Service it listens on one of these.\n",
    "    - ports: [ { port: 443 }, { port: 6443 } ]\n",
);

/// What a chart fills in, or [`Installation::manifests`].
const COLLECTOR: &str = concat!(
    "    # Names, and the collector of traces: where it is no policy of Kubernetes can say by name.\n",
    "    - ports: [ { protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }, { port: ${port} } ]\n",
);

const WATCH_ARGUMENT: &str = "            - --watch-cluster\n";
const TOKEN: &str = "      # To watch the cluster.\n      automountServiceAccountToken: true\n";
const NO_TOKEN: &str = "      automountServiceAccountToken: false\n";
const MEMORY: &str = "            requests: { cpu: 200m, memory: 256Mi }
            limits: { cpu: \"2\", memory: 512Mi }
";
/// Beside itself 256 MiB of objects (`--cluster-bytes`), and two of their snapshots.
const WATCHING_MEMORY: &str = "            requests: { cpu: 200m, memory: 512Mi }
            limits: { cpu: \"2\", memory: 1Gi }
";
const ACCOUNT: &str = "# It may list and watch what the gate looks at: see the ClusterRole.\n";
const NO_ACCOUNT: &str =
    "# No role: the webhook asks the API server for nothing, and has no token to ask with.\n";

impl Installation {
    /// The manifests as one YAML text: what others need comes first, the webhook last.
    pub fn manifests(&self) -> String {
        let mut parts = vec![NAMESPACE, GATE];
        if self.authority == Authority::CertManager {
            parts.push(CERTIFICATE);
        }
        if self.watched.is_some() {
            parts.push(CLUSTER);
        }
        parts.push(DEPLOYMENT);
        if self.service_monitor {
            parts.push(MONITOR);
        }
        parts.push(WEBHOOK);
        self.fill(&parts.join("---\n"))
    }

    fn fill(&self, text: &str) -> String {
        let environment = self.environment.as_ref().map(|name| {
            // A Rust literal of printable text is one of YAML.
            format!("            - {{ name: PROVOST_ENVIRONMENT, value: {name:?} }}\n")
        });
        let collector = self.collector.as_ref().map(|collector| {
            let endpoint = &collector.endpoint;
            format!("            - {{ name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {endpoint:?} }}\n")
        });
        let (annotations, bundle) = match &self.authority {
            Authority::CertManager => (
                format!(
                    "  annotations: {{ cert-manager.io/inject-ca-from: {}/provost }}\n",
                    self.namespace
                ),
                String::new(),
            ),
            Authority::Bundle(bundle) => (String::new(), format!("      caBundle: {bundle}\n")),
        };
        let values = [
            ("${annotations}\n", annotations.as_str()),
            ("${caBundle}\n", &bundle),
            ("${environment}\n", environment.as_deref().unwrap_or_default()),
            ("${rules}\n", &self.rules()),
            ("${egress}\n", &self.egress()),
            ("${reading}\n", &self.reading()),
            ("${image}", &self.image),
            ("${version}", &self.version),
            ("${replicas}", &self.replicas.to_string()),
            ("${failurePolicy}", self.failure_policy.name()),
        ];
        let parts = self.parts();
        let last = [
            ("${namespace}", self.namespace.as_str()),
            ("${collector}\n", collector.as_deref().unwrap_or_default()),
            // Last: whatever it says is not filled in again.
            ("${gate}\n", &self.gate()),
        ];
        let values = parts.iter().chain(&values).chain(&last);
        values.fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    /// What is there or not, whoever fills in the rest.
    fn parts(&self) -> [(&'static str, &'static str); 7] {
        let watched = |there, otherwise| if self.watched.is_some() { there } else { otherwise };
        [
            ("${logArgument}\n", self.log(LOG_ARGUMENT)),
            ("${logMount}\n", self.log(LOG_MOUNT)),
            ("${logVolume}\n", self.log(LOG_VOLUME)),
            ("${watchArgument}\n", watched(WATCH_ARGUMENT, "")),
            ("${token}\n", watched(TOKEN, NO_TOKEN)),
            ("${memory}\n", watched(WATCHING_MEMORY, MEMORY)),
            ("${account}\n", watched(ACCOUNT, NO_ACCOUNT)),
        ]
    }

    /// A part of the Deployment that is there where decisions are recorded.
    fn log(&self, part: &'static str) -> &'static str {
        if self.records { part } else { "" }
    }

    /// Where the pods may go to.
    fn egress(&self) -> String {
        let collector = self.collector.as_ref();
        let collector =
            collector.map(|collector| COLLECTOR.replace("${port}", &collector.port.to_string()));
        match self.ways_out() + &collector.unwrap_or_default() {
            none if none.is_empty() => NO_EGRESS.to_owned(),
            ways => format!("{EGRESS}{ways}"),
        }
    }

    /// Where the pods may go to for what the gate names.
    fn ways_out(&self) -> String {
        let registries = if self.pulls { REGISTRIES } else { "" };
        let api_server = if self.watched.is_some() { API_SERVER } else { "" };
        format!("{registries}{api_server}")
    }

    /// The rules of the webhook, as they stand in its configuration. Where the cluster is watched
    /// it is asked about what the gate looks at too: a budget that is new may make a Deployment
    /// worse.
    fn rules(&self) -> String {
        let watched = self.watched.iter().flatten();
        let kinds: Option<BTreeSet<Kind>> =
            self.kinds.as_ref().map(|kinds| kinds.iter().chain(watched).cloned().collect());
        rules(kinds.as_ref()).iter().map(written).collect()
    }

    /// What the webhook may list and watch, as it stands in its role.
    fn reading(&self) -> String {
        let none = BTreeSet::new();
        let groups = resources(self.watched.as_ref().unwrap_or(&none));
        let rule = |(group, resources): (&String, &BTreeSet<String>)| {
            let resources: Vec<_> = resources.iter().map(|one| format!("\"{one}\"")).collect();
            format!(
                "  - apiGroups: [\"{group}\"]\n    resources: [{}]\n    verbs: [list, watch]\n",
                resources.join(", ")
            )
        };
        groups.iter().map(rule).collect()
    }

    /// The gate file, as it stands in its `ConfigMap`.
    fn gate(&self) -> String {
        let line = |line: &str| {
            if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }
        };
        self.gate.lines().map(line).collect()
    }
}

impl FailurePolicy {
    fn name(self) -> &'static str {
        match self {
            Self::Fail => "Fail",
            Self::Ignore => "Ignore",
        }
    }
}

fn written(rule: &Rule) -> String {
    let list = |items: &[String]| {
        let items: Vec<_> = items.iter().map(|item| format!("\"{item}\"")).collect();
        items.join(", ")
    };
    format!(
        "      - apiGroups: [{}]\n        apiVersions: [\"*\"]\n        operations: [CREATE, UPDATE, \
         DELETE]\n        resources: [{}]\n        scope: \"{}\"\n",
        list(&rule.groups),
        list(&rule.resources),
        rule.scope,
    )
}
