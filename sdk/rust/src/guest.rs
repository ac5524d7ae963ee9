//! The plugin as the host sees it: the SDK's types turned into those of the bindings.

use std::marker::PhantomData;

use crate::bindings::exports::provost::plugin::checks::Guest;
use crate::bindings::provost::plugin::{documents, lookup, types};
use crate::{Description, Document, Finding, Inconclusive, Plugin, Report, Rule, Scalar};

/// Answers the host for the plugin `P`.
pub struct Exported<P>(PhantomData<P>);

impl<P: Plugin> Guest for Exported<P> {
    fn describe() -> types::Description {
        log_panics();
        description(P::description())
    }

    fn validate(settings: String) -> Result<(), String> {
        log_panics();
        crate::validate::<P>(&settings)
    }

    fn check(
        documents: Vec<documents::Document>,
        settings: String,
    ) -> Result<types::Report, String> {
        log_panics();
        let documents: Vec<_> = documents.iter().map(|it| it as &dyn Document).collect();
        crate::check::<P>(&documents, &settings).map(report)
    }
}

/// A trap tells the host nothing but where; the words of the panic go to the log.
fn log_panics() {
    #[cfg(feature = "log")]
    std::panic::set_hook(Box::new(|panic| log(crate::Level::Error, &panic.to_string())));
}

#[cfg(feature = "log")]
pub(crate) fn log(level: crate::Level, message: &str) {
    use crate::Level;
    use crate::bindings::provost::plugin::logging;
    let level = match level {
        Level::Debug => logging::Level::Debug,
        Level::Info => logging::Level::Info,
        Level::Warning => logging::Level::Warning,
        Level::Error => logging::Level::Error,
    };
    logging::log(level, message);
}

impl Document for documents::Document {
    fn get(&self, pointer: &str) -> Option<Scalar> {
        self.get(pointer).map(scalar)
    }

    fn select(&self, pattern: &str) -> Vec<(String, Option<Scalar>)> {
        let places = self.select(pattern).into_iter();
        places.map(|(pointer, leaf)| (pointer, leaf.map(scalar))).collect()
    }

    fn length(&self, pointer: &str) -> Option<u32> {
        self.length(pointer)
    }

    fn keys(&self, pointer: &str) -> Vec<String> {
        self.keys(pointer)
    }

    fn to_json(&self, pointer: &str) -> Option<String> {
        self.to_json(pointer)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

pub(crate) fn find(near: &dyn Document, kind: &str, name: Option<&str>) -> Vec<Box<dyn Document>> {
    let Some(near) = near.as_any().downcast_ref::<documents::Document>() else {
        #[expect(clippy::panic, reason = "no answer would be true: the rules become unknown")]
        {
            panic!("`lookup::find` was given a document that is not the host's");
        }
    };
    let found = lookup::find(near, kind, name).into_iter();
    found.map(|document| Box::new(document) as Box<dyn Document>).collect()
}

pub(crate) fn knows_cluster() -> bool {
    lookup::knows_cluster()
}

fn scalar(scalar: documents::Scalar) -> Scalar {
    match scalar {
        documents::Scalar::Null => Scalar::Null,
        documents::Scalar::Boolean(value) => Scalar::Boolean(value),
        documents::Scalar::Integer(value) => Scalar::Integer(value),
        documents::Scalar::Number(value) => Scalar::Number(value),
        documents::Scalar::Text(value) => Scalar::Text(value),
    }
}

fn description(description: Description) -> types::Description {
    let Description { name, version, rules, settings_schema, kinds, mut capabilities } =
        description;
    if cfg!(feature = "log") {
        capabilities.push("log".to_owned());
    }
    types::Description {
        name,
        version,
        rules: rules.into_iter().map(rule).collect(),
        settings_schema,
        kinds,
        capabilities,
    }
}

fn rule(rule: Rule) -> types::Rule {
    use crate::Severity;
    let Rule { id, title, severity, rationale, remedy, controls } = rule;
    let severity = match severity {
        Severity::Info => types::Severity::Info,
        Severity::Low => types::Severity::Low,
        Severity::Medium => types::Severity::Medium,
        Severity::High => types::Severity::High,
        Severity::Critical => types::Severity::Critical,
    };
    types::Rule { id, title, severity, rationale, remedy, controls }
}

fn report(report: Report) -> types::Report {
    types::Report {
        findings: report.findings.into_iter().map(finding).collect(),
        inconclusive: report.inconclusive.into_iter().map(inconclusive).collect(),
    }
}

fn finding(finding: Finding) -> types::Finding {
    let Finding { rule, document, pointer, message, remedy, patch } = finding;
    let patch = patch.map(|patch| patch.to_string());
    types::Finding { rule, document, pointer, message, remedy, patch }
}

fn inconclusive(inconclusive: Inconclusive) -> types::Inconclusive {
    let Inconclusive { rule, document, mismatch } = inconclusive;
    types::Inconclusive { rule, document, pointer: mismatch.pointer, reason: mismatch.reason }
}
