//! Runs that break a property, drawn one by one: a table for people, a picture, and two
//! formats for programs.

mod itf;
mod svg;

use provost_model::{Assessment, CheckInfo, Counterexample, ObjectReference, Proof};

use crate::{Style, human, json};

/// A run that breaks a property of an object.
#[derive(Clone, Copy, Debug)]
pub struct Trace<'a> {
    /// The specification.
    pub check: &'a CheckInfo,
    /// The object judged.
    pub object: &'a ObjectReference,
    /// The property that breaks.
    pub property: &'a str,
    /// The run.
    pub run: &'a Counterexample,
}

/// How runs are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceFormat {
    /// Text for people: a table of steps.
    Table,
    /// A timeline as SVG, one lane per variable. One run only.
    Svg,
    /// Apalache's Informal Trace Format, for viewers and model-based tests. One run only.
    Itf,
    /// The runs as the JSON report has them.
    Json,
}

impl TraceFormat {
    /// Does a text in this format hold exactly one run?
    pub fn is_of_one(self) -> bool {
        matches!(self, Self::Svg | Self::Itf)
    }
}

impl<'a> Trace<'a> {
    /// Every run of an assessment, in order of specification, object and property.
    pub fn all(assessment: &'a Assessment) -> Vec<Self> {
        let of_result = |result: &'a provost_model::CheckResult| {
            result.proofs.iter().filter_map(|record| match &record.proof {
                Proof::Refuted(run) => Some(Self {
                    check: &result.check,
                    object: &record.object,
                    property: &record.property,
                    run,
                }),
                Proof::Proved(_) | Proof::Unknown(_) => None,
            })
        };
        assessment.results.iter().flat_map(of_result).collect()
    }
}

/// The runs in one format, ending with a line feed. A format that holds one run
/// ([`TraceFormat::is_of_one`]) gets the first.
pub fn traces(traces: &[Trace<'_>], format: TraceFormat, style: &Style) -> String {
    match (format, traces.first()) {
        (TraceFormat::Table, _) => human::traces(traces, style),
        (TraceFormat::Json, _) => json::traces(traces),
        (TraceFormat::Svg, Some(one)) => svg::draw(one),
        (TraceFormat::Itf, Some(one)) => itf::write(one),
        (TraceFormat::Svg | TraceFormat::Itf, None) => String::new(),
    }
}
