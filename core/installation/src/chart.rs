//! The same manifests as a Helm chart.
//!
//! What the namespace is and what an operator may choose later are values. The gate file and the
//! rules of the webhook are not: the rules are those of this gate.

use crate::{
    Authority, CERTIFICATE, CLUSTER, COLLECTOR, DEPLOYMENT, EGRESS, GATE, Installation, MONITOR,
    NO_EGRESS, WEBHOOK,
};

/// Where most collectors listen (OpenTelemetry Protocol specification, "OTLP/HTTP Default Port").
const OTLP_PORT: u16 = 4318;

const ANNOTATIONS: &str = "\
{{- if not .Values.caBundle }}
  annotations: { cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/provost }
{{- end }}
";

const CA_BUNDLE: &str = "\
{{- with .Values.caBundle }}
      caBundle: {{ . }}
{{- end }}
";

const ENVIRONMENT: &str = "\
{{- with .Values.environment }}
            - { name: PROVOST_ENVIRONMENT, value: {{ . | quote }} }
{{- end }}
";

const COLLECTOR_ENVIRONMENT: &str = "\
{{- with .Values.otlp.endpoint }}
            - { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }} }
{{- end }}
";

impl Installation {
    /// The files of a Helm chart, each with its path in the folder of the chart. The namespace
    /// of the release is not among them: Helm makes it, or finds it.
    pub fn chart(&self) -> Vec<(&'static str, String)> {
        let only = |condition: &str, text: &str| {
            format!("{{{{- if {condition} }}}}\n{}{{{{- end }}}}\n", self.template(text))
        };
        let mut files = vec![
            ("Chart.yaml", self.description()),
            ("values.yaml", self.values()),
            ("templates/gate.yaml", self.template(GATE)),
            ("templates/certificate.yaml", only("not .Values.caBundle", CERTIFICATE)),
            ("templates/deployment.yaml", self.template(DEPLOYMENT)),
            ("templates/monitor.yaml", only(".Values.serviceMonitor", MONITOR)),
            ("templates/webhook.yaml", self.template(WEBHOOK)),
        ];
        if self.watched.is_some() {
            files.push(("templates/cluster.yaml", self.template(CLUSTER)));
        }
        files
    }

    fn template(&self, text: &str) -> String {
        let image = "{{ required \"set `image` to the image of provost\" .Values.image }}";
        let values = [
            ("${annotations}\n", ANNOTATIONS),
            ("${caBundle}\n", CA_BUNDLE),
            ("${environment}\n", ENVIRONMENT),
            ("${collector}\n", COLLECTOR_ENVIRONMENT),
            ("${egress}\n", &self.egress_template()),
            ("${reading}\n", &self.reading()),
            ("${rules}\n", &self.rules()),
            ("${namespace}", "{{ .Release.Namespace }}"),
            ("${image}", image),
            ("${version}", "{{ .Chart.AppVersion }}"),
            ("${replicas}", "{{ .Values.replicas }}"),
            ("${failurePolicy}", "{{ .Values.failurePolicy }}"),
            // Braces of a gate file are not Helm's.
            ("${gate}\n", &self.gate().replace("{{", "{{ \"{{\" }}")),
        ];
        let parts = self.parts();
        let values = parts.iter().chain(&values);
        values.fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    /// Where the pods may go to, with the way to a collector where there is one.
    fn egress_template(&self) -> String {
        let collector = COLLECTOR.replace("${port}", "{{ .Values.otlp.port }}");
        let ways = self.ways_out();
        let otherwise =
            if ways.is_empty() { NO_EGRESS.to_owned() } else { format!("{EGRESS}{ways}") };
        format!(
            "{{{{- if .Values.otlp.endpoint }}}}\n{EGRESS}{ways}{collector}{{{{- else }}}}\n\
             {otherwise}{{{{- end }}}}\n"
        )
    }

    fn description(&self) -> String {
        let version = &self.version;
        format!(
            "apiVersion: v2\nname: provost\ndescription: The admission webhook of Provost.\n\
             version: {version}\nappVersion: \"{version}\"\n"
        )
    }

    fn values(&self) -> String {
        let bundle = match &self.authority {
            Authority::CertManager => "",
            Authority::Bundle(bundle) => bundle,
        };
        let (endpoint, port) = self
            .collector
            .as_ref()
            .map_or(("", OTLP_PORT), |collector| (collector.endpoint.as_str(), collector.port));
        format!(
            "# The image with `provost` as its entry point; name it by digest.\n\
             image: {}\n\
             # Pods of the webhook; two at least, so that one can go.\n\
             replicas: {}\n\
             # What an API server does while the webhook does not answer: Fail or Ignore.\n\
             failurePolicy: {}\n\
             # The environment that the cluster is, in place of the gate file's.\n\
             environment: {:?}\n\
             # The certificate of who signs that of the webhook, as PEM in base64, where the Secret\n\
             # `provost-tls` is made by somebody else; without it, cert-manager makes both.\n\
             caBundle: {bundle:?}\n\
             # A ServiceMonitor for the Prometheus operator.\n\
             serviceMonitor: {}\n\
             # A collector of traces, which takes OTLP over HTTP: its URL, and the port that its pods\n\
             # listen on, which the NetworkPolicy lets pods go to. Without the URL, none is sent.\n\
             otlp: {{ endpoint: {endpoint:?}, port: {port} }}\n",
            self.image,
            self.replicas,
            self.failure_policy.name(),
            self.environment.as_deref().unwrap_or_default(),
            self.service_monitor,
        )
    }
}
