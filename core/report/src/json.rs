//! JSON reports. The wire types live in a module named for their version, so a
//! change that breaks readers becomes a new module beside the old one.

mod v1;

use provost_model::Assessment;

use crate::trace::Trace;

/// The report as indented JSON, ending with a line feed.
pub(crate) fn render(assessment: &Assessment) -> String {
    let report = v1::Assessment::of(assessment);
    // Only a map with keys that are not text can fail, and there is none.
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

/// Runs alone, as the report has them, ending with a line feed.
pub(crate) fn traces(traces: &[Trace<'_>]) -> String {
    let mut text = serde_json::to_string_pretty(&v1::Traces::of(traces)).unwrap_or_default();
    text.push('\n');
    text
}

/// The JSON Schema of what [`render`] writes.
pub(crate) fn schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<v1::Assessment<'_>>().into()
}
