//! The Kubernetes Pod Security Standards as a Provost plugin.
//!
//! Every control of the levels `baseline` and `restricted`, at every version of
//! the standards, as the API server's own admission judges them, with one
//! difference: a field of a wrong type is *inconclusive*, never silently fine.
//! `cis-k8s` control ids are those of the CIS Kubernetes Benchmark 1.7 to 1.11.
//!
//! Read on in [`Rule`] (what a rule is), then in any file of `rules/`; what is
//! judged is a [`Subject`].

mod rule;
mod rules;
mod settings;
mod subject;

use provost_sdk::workload::{self, Identity};
use provost_sdk::{Description, Document, Mismatch, Plugin, Report};

pub use provost_sdk::KubernetesVersion as Version;
pub use provost_sdk::Seen;
pub use provost_sdk::page::{Page, UnusablePage};
pub use provost_sdk::workload::Container;
pub use rule::Rule;
pub use rules::ALL;
pub use settings::{Level, Settings};
use subject::Parts;
pub use subject::Subject;

/// The plugin.
pub struct PodSecurity;

impl Plugin for PodSecurity {
    type Settings = Settings;

    fn description() -> Description {
        ALL.iter().fold(
            Description::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
                .settings_schema(include_str!("settings.schema.json"))
                .kinds(workload::kinds()),
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
        let Some(pod) = Identity::of(document).and_then(|object| object.pod()) else {
            return Ok(());
        };
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

provost_sdk::export!(PodSecurity);
