use provost_model as model;
use schemars::JsonSchema;
use serde::Serialize;

use super::Severity;
use super::place::{Location, Object};
use super::proof::ProofRecord;
use crate::unknown::{self, unknowns};
use crate::violation::{Spared, Violation, of_result};

/// What one check saw over the whole change.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckResult<'a> {
    /// The check.
    check: Check<'a>,
    /// Violated, else unknown, else holds.
    outcome: Outcome,
    /// How many objects it judged. With none it did not apply.
    subjects: usize,
    /// Its violations.
    findings: Vec<Finding<'a>>,
    /// What it could not judge.
    unknowns: Vec<Unknown<'a>>,
    /// One record for each property and object, for specifications.
    proofs: Vec<ProofRecord<'a>>,
}

/// A plugin's rule or a specification.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Check<'a> {
    /// Stable, kebab-case.
    id: &'a str,
    /// One line.
    title: &'a str,
    /// How bad a violation is.
    severity: Severity,
    /// Why anyone should care.
    rationale: &'a str,
    /// What to do about a violation.
    remedy: &'a str,
    /// Control identifiers, as `framework:id`.
    controls: &'a [String],
    /// Who answers it.
    origin: Origin<'a>,
}

/// Who answers a check.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Origin<'a> {
    kind: OriginKind,
    /// The plugin's name, for a plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    plugin: Option<&'a str>,
}

/// What answers a check.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum OriginKind {
    Plugin,
    Specification,
}

/// The three values of a check.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Outcome {
    Holds,
    Violated,
    Unknown,
}

/// One violation in one place.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding<'a> {
    /// The id of the check.
    check: &'a str,
    /// How bad it is.
    severity: Severity,
    /// What is wrong here, in one sentence.
    message: &'a str,
    /// The object judged.
    object: Object<'a>,
    /// The place to blame; may be in another object.
    location: Location<'a>,
    /// What to do here, where more is known than the check's own remedy.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'a str>,
    /// A suggested RFC 6902 patch of the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<&'a serde_json::Value>,
    /// The property refuted, for specifications: its record is in `proofs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    property: Option<&'a str>,
    /// Is it covered by an exception?
    waived: bool,
    /// Does it block the change: severe enough, enforced, and not waived?
    blocking: bool,
    /// What is done with it, where it is severe enough and not enforced.
    #[serde(skip_serializing_if = "Option::is_none")]
    enforcement: Option<Leniency>,
}

/// What is done with a violation that does not count.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Leniency {
    /// Whoever asked is told, and may go on.
    Warn,
    /// It is written down.
    Audit,
}

/// Something a check could not judge.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Unknown<'a> {
    /// The object, when one object is concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<Object<'a>>,
    /// Where, when there is a line to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
    /// Why, and what to do next.
    reason: &'a str,
}

impl<'a> CheckResult<'a> {
    pub(super) fn of(
        result: &'a model::CheckResult,
        spared: &Spared<'a>,
        blocking: model::Severity,
    ) -> Self {
        let violations = of_result(result, spared);
        Self {
            check: Check::of(&result.check),
            outcome: match result.outcome() {
                model::Outcome::Holds => Outcome::Holds,
                model::Outcome::Violated => Outcome::Violated,
                model::Outcome::Unknown => Outcome::Unknown,
            },
            subjects: result.subjects,
            findings: violations.iter().map(|found| Finding::of(found, blocking)).collect(),
            unknowns: unknowns(result).iter().map(Unknown::of).collect(),
            proofs: result.proofs.iter().map(ProofRecord::of).collect(),
        }
    }
}

impl<'a> Check<'a> {
    fn of(check: &'a model::CheckInfo) -> Self {
        let origin = match &check.origin {
            model::Origin::Plugin(name) => Origin { kind: OriginKind::Plugin, plugin: Some(name) },
            model::Origin::Specification => {
                Origin { kind: OriginKind::Specification, plugin: None }
            }
        };
        Self {
            id: &check.id,
            title: &check.title,
            severity: check.severity.into(),
            rationale: &check.rationale,
            remedy: &check.remedy,
            controls: &check.controls,
            origin,
        }
    }
}

impl<'a> Finding<'a> {
    pub(super) fn of(violation: &Violation<'a>, blocking: model::Severity) -> Self {
        let Violation { finding, refutation, waiver, leniency } = *violation;
        Self {
            check: &finding.check.id,
            severity: finding.check.severity.into(),
            message: &finding.message,
            object: Object::of(&finding.object),
            location: Location::of(&finding.location),
            remedy: finding.remedy.as_deref(),
            patch: finding.patch.as_ref(),
            property: refutation.map(|refutation| refutation.property),
            waived: waiver.is_some(),
            blocking: violation.blocks(blocking),
            enforcement: leniency.filter(|_| waiver.is_none()).map(|how| match how {
                model::Leniency::Warn => Leniency::Warn,
                model::Leniency::Audit => Leniency::Audit,
            }),
        }
    }
}

impl<'a> Unknown<'a> {
    fn of(unknown: &unknown::Unknown<'a>) -> Self {
        Self {
            object: unknown.object.map(Object::of),
            location: unknown.location.map(Location::of),
            reason: unknown.reason,
        }
    }
}
