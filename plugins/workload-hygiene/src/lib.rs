//! Whether workloads are fit to run: probes, resources, images, replicas and API
//! versions, as a Provost plugin.
//!
//! Each rule looks at one object, and a few at those beside it (`neighbours.rs`). A field of a wrong type is *inconclusive*
//! for the rules that read it, never silently fine.
//!
//! Read on in [`Rule`] (what a rule is), then in any file of `rules/`; what is
//! judged is a [`Subject`].

mod api_version;
mod image;
mod neighbours;
mod quantity;
mod resource;
mod rule;
mod rules;
mod selector;
mod settings;
mod subject;

use provost_sdk::workload::{self, Identity};
use provost_sdk::{Description, Document, Mismatch, Plugin, Report};

pub use api_version::{API_VERSIONS, ApiVersion};
pub use image::Image;
pub use provost_sdk::KubernetesVersion as Version;
pub use quantity::quantity;
pub use rule::{Rule, Scope};
pub use rules::ALL;
pub use settings::Settings;
pub use subject::Subject;

/// The plugin.
pub struct WorkloadHygiene;

impl Plugin for WorkloadHygiene {
    type Settings = Settings;

    fn description() -> Description {
        let mut kinds: Vec<_> = workload::kinds().chain(api_version::kinds()).collect();
        kinds.sort();
        kinds.dedup();
        ALL.iter().fold(
            Description::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
                .settings_schema(include_str!("settings.schema.json"))
                .kinds(kinds)
                .lookup(),
            |description, rule| description.rule(rule.describe()),
        )
    }

    fn check(
        document: &dyn Document,
        settings: &Settings,
        report: &mut Report,
    ) -> Result<(), Mismatch> {
        let Some(identity) = Identity::of(document) else { return Ok(()) };
        let tree = match identity.pod() {
            Some(_) => document.tree(""),
            // Only what it says it is matters, and the rest may be long.
            None => document.tree_without("", |key| !matches!(key, "apiVersion" | "kind")),
        };
        let tree = tree?;
        let object = tree.root();
        let template = identity.pod().map(|pod| object.at(pod));
        let spec = template.as_ref().map(|template| template.at("/spec"));
        let mut subject = Subject::new(&identity, document, &object, settings);
        if let (Some(template), Some(spec)) = (&template, &spec) {
            subject.has_pod(template, spec);
        }
        for rule in ALL {
            if rule.scope == Scope::Object || template.is_some() {
                rule.judge(&subject, report);
            }
        }
        Ok(())
    }
}

provost_sdk::export!(WorkloadHygiene);
