//! Version `provost.dev/v1` of the JSON report.
//!
//! Fields may be added within a version, never removed, renamed or given another
//! meaning. Text is UTF-8; lines and columns count from 1, columns in characters;
//! bytes count from 0. The documentation here is the schema's.

mod check;
mod decision;
mod place;
mod policies;
mod proof;

use std::collections::BTreeMap;

use provost_model as model;
use provost_model::Severity as Level;
use schemars::JsonSchema;
use serde::Serialize;

use crate::tally::Tally;
use crate::violation::{Spared, violations};
use check::CheckResult;
use decision::{BreakGlass, Decision, ExceptionFault, Waiver};
use place::{Problem, Skipped, Unjudged};
pub(super) use policies::{PolicyAnalysis, PolicyComparison};

/// The answer to a change, with everything it rests on.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Assessment<'a> {
    api_version: ApiVersion,
    kind: Kind,
    /// May the change proceed?
    verdict: Verdict,
    /// How many documents were judged.
    documents: usize,
    /// Digest of what the change does, as `sha256:<hex>`: an approval names it.
    change_digest: String,
    /// Digest of plugins, specifications, policies and settings, as `sha256:<hex>`.
    bundle_digest: String,
    /// Violations at or above this severity block.
    blocking_severity: Severity,
    /// Counts of everything below.
    summary: Summary,
    /// What every check saw, ordered by check.
    results: Vec<CheckResult<'a>>,
    /// The violations that an exception covers, each with its exception; they
    /// stand in `results` too.
    waivers: Vec<Waiver<'a>>,
    /// Exceptions that may not be used.
    exception_faults: Vec<ExceptionFault<'a>>,
    /// The policies' answer.
    decision: Decision<'a>,
    /// The emergency by which alone the change passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    break_glass: Option<BreakGlass<'a>>,
    /// What could not be read.
    problems: Vec<Problem<'a>>,
    /// What was left out on purpose.
    skipped: Vec<Skipped<'a>>,
    /// Objects that no rule or specification is about, counted by kind.
    unjudged: Vec<Unjudged<'a>>,
    /// What a reader of the verdict should know besides.
    notes: &'a [String],
}

/// Runs that break properties.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Traces<'a> {
    api_version: ApiVersion,
    kind: TracesKind,
    /// In order of specification, object and property.
    traces: Vec<proof::Trace<'a>>,
}

#[derive(Debug, Serialize)]
enum TracesKind {
    Traces,
}

impl<'a> Traces<'a> {
    pub(crate) fn of(traces: &[crate::trace::Trace<'a>]) -> Self {
        Self {
            api_version: ApiVersion::V1,
            kind: TracesKind::Traces,
            traces: traces.iter().map(proof::Trace::of).collect(),
        }
    }
}

/// The version of this report.
#[derive(Debug, Serialize, JsonSchema)]
enum ApiVersion {
    #[serde(rename = "provost.dev/v1")]
    V1,
}

/// What this report is.
#[derive(Debug, Serialize, JsonSchema)]
enum Kind {
    Assessment,
}

/// May the change proceed? `unknown`: not everything could be judged, and the
/// gate does not accept that.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Allow,
    Deny,
    Unknown,
}

/// How bad a violation is.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Info => Self::Info,
            Level::Low => Self::Low,
            Level::Medium => Self::Medium,
            Level::High => Self::High,
            Level::Critical => Self::Critical,
        }
    }
}

/// Counts of everything in the report.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    /// Violations that no exception covers.
    violations: SeverityCounts,
    /// Violations that no exception covers and that block.
    blocking: usize,
    /// Violations that an exception covers.
    waived: usize,
    /// What could not be judged.
    unknown: usize,
    /// Properties proved, one for each property and object.
    proved: usize,
    /// Properties refuted, one for each property and object.
    refuted: usize,
    /// What could not be read.
    problems: usize,
    /// What was left out on purpose.
    skipped: usize,
}

/// A count for each severity.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SeverityCounts {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

impl<'a> Assessment<'a> {
    pub(crate) fn of(assessment: &'a model::Assessment) -> Self {
        let spared = Spared::of(assessment);
        Self {
            api_version: ApiVersion::V1,
            kind: Kind::Assessment,
            verdict: match assessment.verdict {
                model::Verdict::Allow => Verdict::Allow,
                model::Verdict::Deny => Verdict::Deny,
                model::Verdict::Unknown => Verdict::Unknown,
            },
            documents: assessment.documents,
            change_digest: assessment.change.to_string(),
            bundle_digest: assessment.bundle.to_string(),
            blocking_severity: assessment.blocking.into(),
            summary: Summary::of(&Tally::of(assessment)),
            results: assessment
                .results
                .iter()
                .map(|result| CheckResult::of(result, &spared, assessment.blocking))
                .collect(),
            waivers: waived(assessment),
            exception_faults: assessment.exception_faults.iter().map(ExceptionFault::of).collect(),
            decision: Decision::of(&assessment.decision),
            break_glass: assessment.glass.as_ref().map(BreakGlass::of),
            problems: assessment.problems.iter().map(Problem::of).collect(),
            skipped: assessment.skipped.iter().map(Skipped::of).collect(),
            unjudged: assessment.unjudged.iter().map(Unjudged::of).collect(),
            notes: &assessment.notes,
        }
    }
}

fn waived<'a>(assessment: &'a model::Assessment) -> Vec<Waiver<'a>> {
    let violations = violations(assessment);
    let violations: BTreeMap<_, _> =
        violations.iter().map(|violation| (violation.finding.identity(), violation)).collect();
    let waiver = |waiver: &'a model::Waiver| {
        Some(Waiver::of(violations.get(&waiver.finding.identity())?, waiver))
    };
    assessment.waivers.iter().filter_map(waiver).collect()
}

impl Summary {
    fn of(tally: &Tally) -> Self {
        Self {
            violations: SeverityCounts {
                critical: tally.violations(Level::Critical),
                high: tally.violations(Level::High),
                medium: tally.violations(Level::Medium),
                low: tally.violations(Level::Low),
                info: tally.violations(Level::Info),
            },
            blocking: tally.blocking - tally.lenient,
            waived: tally.waived,
            unknown: tally.unknown,
            proved: tally.proved,
            refuted: tally.refuted,
            problems: tally.problems,
            skipped: tally.skipped,
        }
    }
}
