//! JSON reports. The wire types live in a module named for their version, so a
//! change that breaks readers becomes a new module beside the old one.

mod v1;

use provost_model::{Analysis, Assessment, Comparison};

use crate::trace::Trace;

/// The report as indented JSON, ending with a line feed.
pub(crate) fn render(assessment: &Assessment) -> String {
    text(&v1::Assessment::of(assessment))
}

/// Runs alone, as the report has them, ending with a line feed.
pub(crate) fn traces(traces: &[Trace<'_>]) -> String {
    text(&v1::Traces::of(traces))
}

/// The JSON Schema of what [`render`] writes.
pub(crate) fn schema() -> serde_json::Value {
    schema_of::<v1::Assessment<'_>>()
}

/// An analysis of policies, ending with a line feed.
pub(crate) fn analysis(analysis: &Analysis) -> String {
    text(&v1::PolicyAnalysis::of(analysis))
}

/// A comparison of policies, ending with a line feed.
pub(crate) fn comparison(comparison: &Comparison) -> String {
    text(&v1::PolicyComparison::of(comparison))
}

/// The JSON Schema of what [`analysis`] writes.
pub(crate) fn analysis_schema() -> serde_json::Value {
    schema_of::<v1::PolicyAnalysis<'_>>()
}

/// The JSON Schema of what [`comparison`] writes.
pub(crate) fn comparison_schema() -> serde_json::Value {
    schema_of::<v1::PolicyComparison<'_>>()
}

fn text(report: &impl serde::Serialize) -> String {
    // Only a map with keys that are not text can fail, and there is none.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

fn schema_of<T: schemars::JsonSchema>() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>().into()
}
