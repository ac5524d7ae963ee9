//! The only crate that knows outgoing formats: [`Assessment`] in, text out.
//!
//! It judges nothing, reads no file and asks no terminal: the doors say how wide
//! and how colourful in [`Style`]. Start with [`render`]; each format has a
//! module of its own (`human`, `json`, `sarif`), over the same few views of an
//! assessment (`violation`, `unknown`, `tally`, `place`).

mod audit;
mod format;
mod human;
mod json;
mod openreports;
mod place;
mod policies;
mod policy_tests;
mod sarif;
mod tally;
mod trace;
mod unknown;
mod violation;

use provost_model::{Assessment, CheckInfo, PolicyReference, Problem};

pub use audit::Audited;
pub use format::{Format, UnknownFormat};
pub use human::{ComparedExample, ExampleState};
pub use policies::{analysis, comparison};
pub use policy_tests::{TestedCase, TestedPolicies};
pub use trace::{Trace, TraceFormat, traces};

/// How text for people looks. Machine formats ignore it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Colour with ANSI escape codes. Nothing is said by colour alone.
    pub color: bool,
    /// Columns to stay within; less than 40 counts as 40.
    pub width: usize,
    /// Show everything: no limits, every proof, every skipped file.
    pub verbose: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 100, verbose: false }
    }
}

/// The whole answer in one format, ending with a line feed.
pub fn render(assessment: &Assessment, format: Format, style: &Style) -> String {
    match format {
        Format::Human => human::assessment(assessment, style),
        Format::Json => json::render(assessment),
        Format::Sarif => sarif::render(assessment),
    }
}

/// JSON Schema (draft 2020-12) of [`Format::Json`].
pub fn json_schema() -> serde_json::Value {
    json::schema()
}

/// JSON Schema (draft 2020-12) of what [`analysis`] writes as JSON.
pub fn analysis_schema() -> serde_json::Value {
    json::analysis_schema()
}

/// JSON Schema (draft 2020-12) of what [`comparison`] writes as JSON.
pub fn comparison_schema() -> serde_json::Value {
    json::comparison_schema()
}

/// One problem for standard error, ending with a line feed.
pub fn problem(problem: &Problem, style: &Style) -> String {
    human::problem(problem, style)
}

/// What `provost explain ID` shows, ending with a line feed.
pub fn page(check: &CheckInfo, style: &Style) -> String {
    human::page(check, style)
}

/// What `provost explain ID` shows of a policy with its text, ending with a line feed.
pub fn policy(policy: &PolicyReference, text: &str, style: &Style) -> String {
    human::policy(policy, text, style)
}

/// What `provost policy test` shows, ending with a line feed.
pub fn policy_tests(tested: &TestedPolicies<'_>, style: &Style) -> String {
    human::policy_tests(tested, style)
}

/// What `provost policy test --format json` prints, ending with a line feed.
pub fn policy_tests_json(tested: &TestedPolicies<'_>) -> String {
    policy_tests::json(tested)
}

/// What `provost spec test` shows of one example, ending with a line feed.
pub fn example(example: &ComparedExample<'_>, style: &Style) -> String {
    human::example(example, style)
}

/// What `provost prove` shows, ending with a line feed: every property of every object, and
/// where `explain` says so, what each proof rests on. Machine formats are those of [`render`].
pub fn proving(assessment: &Assessment, format: Format, explain: bool, style: &Style) -> String {
    match format {
        Format::Human => human::proving(assessment, explain, style),
        Format::Json | Format::Sarif => render(assessment, format, style),
    }
}

/// What `provost plugin run` shows, ending with a line feed; the plugin asked for `subjects`
/// of the objects. Machine formats are those of [`render`].
pub fn observing(
    assessment: &Assessment,
    subjects: usize,
    format: Format,
    style: &Style,
) -> String {
    match format {
        Format::Human => human::observing(assessment, subjects, style),
        Format::Json | Format::Sarif => render(assessment, format, style),
    }
}

/// What `provost audit` shows for people, ending with a line feed.
pub fn audit(assessment: &Assessment, audited: &[Audited<'_>], style: &Style) -> String {
    human::audit(assessment, audited, style)
}

/// An audit as a `List` of OpenReports (`openreports.io/v1alpha1`), one for each object, in
/// JSON that `kubectl apply -f -` takes; `seconds` since the epoch are the time of the audit.
pub fn open_reports(assessment: &Assessment, audited: &[Audited<'_>], seconds: i64) -> String {
    openreports::render(assessment, audited, seconds)
}
