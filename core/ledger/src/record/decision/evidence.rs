//! On what a decision rests.

use std::collections::BTreeMap;

use provost_model::{self as model, Assessment, FindingIdentity, Proof};
use schemars::JsonSchema;
use serde::Serialize;

use super::{LISTED, short};

/// One violation in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The id of the rule or specification.
    pub check: String,
    /// How bad it is.
    pub severity: String,
    /// The object, as `Kind/namespace/name`.
    pub object: String,
    /// RFC 6901 pointer of the field.
    pub pointer: String,
    /// Does an exception cover it?
    pub waived: bool,
}

/// Something that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unknown {
    /// The id of the rule or specification.
    pub check: String,
    /// The object, as `Kind/namespace/name`, or empty.
    pub object: String,
}

/// One property of a specification, over all objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Proofs {
    /// The id of the specification.
    pub specification: String,
    /// The property.
    pub property: String,
    /// For how many objects it was proved.
    pub proved: usize,
    /// For how many it was refuted.
    pub refuted: usize,
    /// For how many it is neither.
    pub unknown: usize,
    /// The objects for which it was refuted, or is unknown: the first of them.
    pub objects: Vec<String>,
}

/// A violation that an exception covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Waiver {
    /// The id of the exception.
    pub policy: String,
    /// The id of the rule or specification.
    pub check: String,
    /// The object, as `Kind/namespace/name`.
    pub object: String,
    /// Who answers for it.
    pub owner: String,
    /// Why it was granted.
    pub reason: String,
    /// The day it ends, `YYYY-MM-DD`.
    pub expires: String,
}

/// An emergency that let pass what all the rest refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Emergency {
    /// Who declared it.
    pub by: String,
    /// The incident.
    pub incident: String,
    /// Why.
    pub reason: String,
    /// When it ends, as RFC 3339.
    pub until: String,
    /// Ids of the policies that permit it.
    pub policies: Vec<String>,
}

impl Emergency {
    pub(super) fn of(glass: &model::GlassBroken) -> Self {
        Self {
            by: short(&glass.by),
            incident: short(&glass.incident),
            reason: short(&glass.reason),
            until: glass.until.clone(),
            policies: glass.policies.iter().map(|policy| short(&policy.id)).collect(),
        }
    }
}

impl Waiver {
    pub(super) fn of(waiver: &model::Waiver) -> Self {
        Self {
            policy: short(&waiver.policy.id),
            check: short(&waiver.finding.check.id),
            object: short(&waiver.finding.object),
            owner: short(&waiver.owner),
            reason: short(&waiver.reason),
            expires: waiver.expires.clone(),
        }
    }
}

/// Every violation, in order of check.
pub(super) fn findings(assessment: &Assessment) -> impl Iterator<Item = Finding> {
    let waived: std::collections::BTreeSet<FindingIdentity<'_>> =
        assessment.waivers.iter().map(|waiver| waiver.finding.identity()).collect();
    let findings = assessment.results.iter().flat_map(|result| &result.findings);
    findings.map(move |finding| Finding {
        check: short(&finding.check.id),
        severity: finding.check.severity.to_string(),
        object: short(&finding.object),
        pointer: short(&finding.location.pointer),
        waived: waived.contains(&finding.identity()),
    })
}

/// What could not be judged, in order of check.
pub(super) fn unknowns(assessment: &Assessment) -> impl Iterator<Item = Unknown> {
    let results = assessment.results.iter();
    results.flat_map(|result| {
        result.unknowns.iter().map(|unknown| Unknown {
            check: short(&result.check.id),
            object: unknown.object.as_ref().map(short).unwrap_or_default(),
        })
    })
}

/// Every property of every specification that was asked, in order.
pub(super) fn proofs(assessment: &Assessment) -> Vec<Proofs> {
    let mut properties: BTreeMap<(&str, &str), Proofs> = BTreeMap::new();
    for result in &assessment.results {
        for record in &result.proofs {
            let key = (result.check.id.as_str(), record.property.as_str());
            let proofs = properties.entry(key).or_insert_with(|| Proofs {
                specification: short(key.0),
                property: short(key.1),
                proved: 0,
                refuted: 0,
                unknown: 0,
                objects: Vec::new(),
            });
            match record.proof {
                Proof::Proved(_) => proofs.proved += 1,
                Proof::Refuted(_) => proofs.refuted += 1,
                Proof::Unknown(_) => proofs.unknown += 1,
            }
            let is_proved = matches!(record.proof, Proof::Proved(_));
            if !is_proved && proofs.objects.len() < LISTED {
                proofs.objects.push(short(&record.object));
            }
        }
    }
    properties.into_values().collect()
}
