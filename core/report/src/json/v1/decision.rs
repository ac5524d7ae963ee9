use provost_model as model;
use schemars::JsonSchema;
use serde::Serialize;

use super::check::Finding;
use super::place::Location;
use crate::violation::Violation;

/// The policies' answer, with those that determined it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Decision<'a> {
    effect: Effect,
    /// The action asked about: `apply`, `delete`.
    action: &'a str,
    /// Who asked.
    principal: &'a str,
    /// The environment asked about, or empty.
    environment: &'a str,
    /// The policies that determined it; none when nothing permits.
    determining: Vec<Policy<'a>>,
    /// Policies that failed to evaluate; any makes the effect a denial.
    errors: &'a [String],
    /// What each policy that denies lacks; not every one lacks what can be supplied.
    missing: Vec<Missing<'a>>,
    /// The smallest additional evidence that would turn a denial into its opposite; each
    /// was decided again with it.
    suggestions: Vec<Suggestion<'a>>,
}

/// Additional evidence that would allow what is denied: all of it together.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Suggestion<'a> {
    needs: Vec<Need<'a>>,
}

/// One piece of evidence that somebody can supply.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Need<'a> {
    /// `approval`, `proof`, `time`, …; more may come.
    kind: &'a str,
    /// What, for people.
    text: &'a str,
}

/// What one policy lacks: all of it together.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Missing<'a> {
    /// The id of the policy.
    policy: &'a str,
    needs: Vec<Need<'a>>,
}

/// An emergency by which alone the change passes.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BreakGlass<'a> {
    /// Who declared it.
    by: &'a str,
    /// The incident.
    incident: &'a str,
    /// Why.
    reason: &'a str,
    /// When it ends, RFC 3339.
    until: &'a str,
    /// The policies that permit it.
    policies: Vec<Policy<'a>>,
}

impl<'a> BreakGlass<'a> {
    pub(super) fn of(glass: &'a model::GlassBroken) -> Self {
        Self {
            by: &glass.by,
            incident: &glass.incident,
            reason: &glass.reason,
            until: &glass.until,
            policies: glass.policies.iter().map(Policy::of).collect(),
        }
    }
}

impl<'a> Suggestion<'a> {
    fn of(suggestion: &'a model::Suggestion) -> Self {
        Self { needs: suggestion.needs.iter().map(Need::of).collect() }
    }
}

impl<'a> Need<'a> {
    fn of(need: &'a model::Need) -> Self {
        Self { kind: need.kind, text: &need.text }
    }
}

impl<'a> Missing<'a> {
    fn of(missing: &'a model::Missing) -> Self {
        Self { policy: &missing.policy, needs: missing.needs.iter().map(Need::of).collect() }
    }
}

/// What the policies answer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Effect {
    Allow,
    Deny,
}

/// One policy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Policy<'a> {
    /// Its id.
    id: &'a str,
    /// Its title, or empty.
    title: &'a str,
    /// What would satisfy it, or empty.
    remedy: &'a str,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
}

/// A violation and the exception that covers it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Waiver<'a> {
    /// The violation.
    finding: Finding<'a>,
    /// The exception.
    policy: Policy<'a>,
    /// Who answers for it.
    owner: &'a str,
    /// Why it was granted.
    reason: &'a str,
    /// The day it ends, `YYYY-MM-DD`.
    expires: &'a str,
}

/// An exception that may not be used.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExceptionFault<'a> {
    /// The exception.
    policy: Policy<'a>,
    /// What is wrong with it, and what to do next.
    message: &'a str,
}

impl<'a> Decision<'a> {
    pub(super) fn of(decision: &'a model::Decision) -> Self {
        Self {
            effect: match decision.effect {
                model::Effect::Allow => Effect::Allow,
                model::Effect::Deny => Effect::Deny,
            },
            action: &decision.action,
            principal: &decision.principal,
            environment: &decision.environment,
            determining: decision.determining.iter().map(Policy::of).collect(),
            errors: &decision.errors,
            missing: decision.advice.missing.iter().map(Missing::of).collect(),
            suggestions: decision.advice.suggestions.iter().map(Suggestion::of).collect(),
        }
    }
}

impl<'a> Policy<'a> {
    pub(super) fn of(policy: &'a model::PolicyReference) -> Self {
        Self {
            id: &policy.id,
            title: &policy.title,
            remedy: &policy.remedy,
            location: policy.location.as_ref().map(Location::of),
        }
    }
}

impl<'a> Waiver<'a> {
    pub(super) fn of(violation: &Violation<'a>, waiver: &'a model::Waiver) -> Self {
        Self {
            // Waived, so no threshold makes it block.
            finding: Finding::of(violation, model::Severity::Info),
            policy: Policy::of(&waiver.policy),
            owner: &waiver.owner,
            reason: &waiver.reason,
            expires: &waiver.expires,
        }
    }
}

impl<'a> ExceptionFault<'a> {
    pub(super) fn of(fault: &'a model::ExceptionFault) -> Self {
        Self { policy: Policy::of(&fault.policy), message: &fault.message }
    }
}
