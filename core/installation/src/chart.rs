//! The same manifests as a Helm chart.
//!
//! What the namespace is and what an operator may choose later are values. The gate file and the
//! rules of the webhook are not: the rules are those of this gate.

use crate::{Authority, CERTIFICATE, CLUSTER, DEPLOYMENT, GATE, Installation, MONITOR, WEBHOOK};

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
            ("${egress}\n", &self.egress()),
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
             serviceMonitor: {}\n",
            self.image,
            self.replicas,
            self.failure_policy.name(),
            self.environment.as_deref().unwrap_or_default(),
            self.service_monitor,
        )
    }
}
