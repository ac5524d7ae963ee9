use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::report::without_position;
use crate::{Description, Document, Mismatch, Report};

/// What a plugin does. Export it with [`export!`](crate::export).
pub trait Plugin {
    /// What a gate file may set; [`NoSettings`] if nothing.
    ///
    /// `deny_unknown_fields` and `default` are good attributes.
    type Settings: DeserializeOwned + Default;

    /// What this plugin is.
    fn description() -> Description;

    /// Refuses settings that neither the type nor the schema can refuse.
    ///
    /// # Errors
    /// What is wrong with the settings and what to do, in one sentence.
    fn validate(_settings: &Self::Settings) -> Result<(), String> {
        Ok(())
    }

    /// Judges one document.
    ///
    /// # Errors
    /// A [`Mismatch`] that keeps the plugin from judging this document: every
    /// rule is then inconclusive about it. Where only one rule is concerned, use
    /// [`Report::inconclusive`].
    fn check(
        document: &dyn Document,
        settings: &Self::Settings,
        report: &mut Report,
    ) -> Result<(), Mismatch>;
}

/// The settings of a plugin that has none.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// What the host does when it loads a plugin: settings are JSON text, `""` or
/// `"{}"` for the defaults.
///
/// # Errors
/// What is wrong with the settings.
pub fn validate<P: Plugin>(settings: &str) -> Result<(), String> {
    P::validate(&parse::<P>(settings)?)
}

/// What the host does for a change: judges documents under settings that are
/// JSON text.
///
/// # Errors
/// What is wrong with the settings.
pub fn check<P: Plugin>(documents: &[&dyn Document], settings: &str) -> Result<Report, String> {
    let settings = parse::<P>(settings)?;
    let mut report = Report::default();
    for (document, index) in documents.iter().zip(0..) {
        report.document = index;
        if let Err(mismatch) = P::check(*document, &settings, &mut report) {
            for rule in P::description().rules {
                report.inconclusive(rule.id, mismatch.clone());
            }
        }
    }
    Ok(report)
}

/// [`check`] in a unit test, with other objects that [`lookup`](crate::lookup) finds, as if
/// they were a snapshot of the cluster.
///
/// # Errors
/// What is wrong with the settings.
#[cfg(not(target_arch = "wasm32"))]
pub fn check_among<P: Plugin>(
    documents: &[&dyn Document],
    settings: &str,
    others: &[crate::MemoryDocument],
) -> Result<Report, String> {
    crate::surroundings::among(others, || check::<P>(documents, settings))
}

fn parse<P: Plugin>(settings: &str) -> Result<P::Settings, String> {
    match settings.trim() {
        "" | "{}" => Ok(P::Settings::default()),
        settings => serde_json::from_str(settings).map_err(|error| without_position(&error)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;
    use crate::{Finding, MemoryDocument, Rule};

    struct Replicas;

    #[derive(Deserialize)]
    struct Spec {
        replicas: u32,
    }

    #[derive(Deserialize, Default)]
    #[serde(default, deny_unknown_fields)]
    struct Settings {
        minimum: u32,
    }

    impl Plugin for Replicas {
        type Settings = Settings;

        fn description() -> Description {
            Description::new("replicas", "1.0.0")
                .rule(Rule::new("enough-replicas", "There are enough replicas"))
                .rule(Rule::new("another", "Another"))
        }

        fn validate(settings: &Settings) -> Result<(), String> {
            if settings.minimum > 99 { Err("`minimum` is above 99".to_owned()) } else { Ok(()) }
        }

        fn check(
            document: &dyn Document,
            settings: &Settings,
            report: &mut Report,
        ) -> Result<(), Mismatch> {
            let Some(spec) = document.read::<Spec>("/spec")? else { return Ok(()) };
            if spec.replicas < settings.minimum {
                let message = format!("{} replicas are too few", spec.replicas);
                report.push(Finding::new("enough-replicas", "/spec/replicas", message));
            }
            Ok(())
        }
    }

    #[test]
    fn findings_carry_the_index_of_their_document() {
        let document = |replicas| MemoryDocument::from(json!({"spec": {"replicas": replicas}}));
        let (many, few) = (document(3), document(1));
        let report = check::<Replicas>(&[&many, &few], r#"{"minimum": 2}"#).unwrap();
        let found: Vec<_> = report.findings.iter().map(|f| (f.document, &*f.message)).collect();
        assert_eq!(found, [(1, "1 replicas are too few")]);
    }

    #[test]
    fn a_document_that_cannot_be_read_is_inconclusive_for_every_rule() {
        let document = MemoryDocument::from(json!({"spec": {"replicas": "two"}}));
        let report = check::<Replicas>(&[&document], "").unwrap();
        let seen: Vec<_> =
            report.inconclusive.iter().map(|i| (&*i.rule, &*i.mismatch.pointer)).collect();
        assert_eq!(seen, [("enough-replicas", "/spec/replicas"), ("another", "/spec/replicas")]);
        let reason = report.inconclusive.first().map(|i| i.mismatch.reason.as_str());
        assert_eq!(reason, Some("invalid type: string \"two\", expected u32"));
    }

    #[test]
    fn settings_are_refused_with_their_reason() {
        assert_eq!(validate::<Replicas>("{}"), Ok(()));
        assert_eq!(
            validate::<Replicas>(r#"{"minimum": 100}"#),
            Err("`minimum` is above 99".into())
        );
        assert_eq!(
            validate::<Replicas>(r#"{"minimun": 1}"#),
            Err("unknown field `minimun`, expected `minimum`".into())
        );
        assert!(serde_json::from_str::<NoSettings>("{}").is_ok());
        assert!(serde_json::from_str::<NoSettings>(r#"{"a":1}"#).is_err());
    }
}
