//! The Kubernetes Pod Security Standards as a Provost plugin.
//!
//! Every control of the levels `baseline` and `restricted`, at every version of
//! the standards, as the API server's own admission judges them, with one
//! difference: a field of a wrong type is *inconclusive*, never silently fine.
//! `cis-k8s` control ids are those of the CIS Kubernetes Benchmark 1.7 to 1.11.
//!
//! Read on in [`Rule`] (what a rule is), then in any file of `rules/`; what is
//! judged is a [`Subject`].

#[macro_use]
mod page;
mod rule;
mod rules;
mod settings;
mod subject;
mod version;

use provost_sdk::{Description, Document, Mismatch, Plugin, Report, Scalar};

pub use page::{Page, UnusablePage};
pub use rule::{Rule, Seen};
pub use rules::ALL;
pub use settings::{Level, Settings};
use subject::Parts;
pub use subject::{Container, Subject};
pub use version::Version;

/// Group, kind, and where the pod stands in an object of that kind.
const KINDS: [(&str, &str, &str); 9] = [
    ("", "Pod", ""),
    ("", "PodTemplate", "/template"),
    ("", "ReplicationController", "/spec/template"),
    ("apps", "Deployment", "/spec/template"),
    ("apps", "StatefulSet", "/spec/template"),
    ("apps", "DaemonSet", "/spec/template"),
    ("apps", "ReplicaSet", "/spec/template"),
    ("batch", "Job", "/spec/template"),
    ("batch", "CronJob", "/spec/jobTemplate/spec/template"),
];

/// The plugin.
pub struct PodSecurity;

impl Plugin for PodSecurity {
    type Settings = Settings;

    fn description() -> Description {
        let kinds = KINDS.map(|(group, kind, _)| match group {
            "" => kind.to_owned(),
            group => format!("{group}/{kind}"),
        });
        ALL.iter().fold(
            Description::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
                .settings_schema(include_str!("settings.schema.json"))
                .kinds(kinds),
            |description, rule| description.rule(rule.describe()),
        )
    }

    fn validate(settings: &Settings) -> Result<(), String> {
        settings.validate()
    }

    fn check(
        document: &dyn Document,
        settings: &Settings,
        report: &mut Report,
    ) -> Result<(), Mismatch> {
        let Some(pod) = pod_of(document) else { return Ok(()) };
        let asked: Vec<_> = ALL.iter().filter(|rule| rule.is_asked(settings)).collect();
        if let Err(mismatch) = judge(document, pod, settings.version, &asked, report) {
            for rule in asked {
                report.inconclusive(rule.id, mismatch.clone());
            }
        }
        Ok(())
    }
}

/// Applies rules to the pod at a pointer.
fn judge(
    document: &dyn Document,
    pod: &str,
    version: Version,
    rules: &[&Rule],
    report: &mut Report,
) -> Result<(), Mismatch> {
    let parts = Parts::read(document, pod)?;
    let (spec, annotations) = parts.roots();
    // Once, here, rather than by every rule.
    spec.has_mapping()?;
    let subject = Subject::new(&spec, &annotations, version);
    for rule in rules {
        rule.judge(&subject, report);
    }
    Ok(())
}

/// Where the pod stands in this document, if its kind has one.
fn pod_of(document: &dyn Document) -> Option<&'static str> {
    // One crossing for both fields.
    let fields = document.select("/*");
    let text = |pointer| {
        fields.iter().find_map(|(place, value)| match value {
            Some(Scalar::Text(text)) if place == pointer => Some(text.as_str()),
            _ => None,
        })
    };
    let group = text("/apiVersion")?.split_once('/').map_or("", |(group, _)| group);
    let kind = text("/kind")?;
    KINDS.iter().find(|entry| (entry.0, entry.1) == (group, kind)).map(|entry| entry.2)
}

provost_sdk::export!(PodSecurity);
