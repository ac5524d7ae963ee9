//! Exceptions: that each keeps to its subject, that together they cover no more than that, and
//! that policies end them.

use std::collections::BTreeMap;

use cedar_policy::{Effect, Policy, ResourceConstraint};
use provost_model::{Analysis, GuaranteeRecord, Guaranteed, PolicyFinding, Witness};
use provost_policy::{ExceptionTerms, TypedPolicies, TypedPolicy};
use serde_json::Value;

use crate::beyond::{allowed, allowed_beyond};
use crate::cedar_text::expression;
use crate::kinds::{Kind, Live};
use crate::questions::{also, without_conditions};
use crate::rules::Rule;
use crate::witness::{Case, witness};

/// Adds what is known of exceptions to an analysis; nothing where there are none.
pub(crate) fn exceptions(
    policies: &TypedPolicies,
    kinds: &[Kind<'_>],
    analysis: &mut Analysis,
    found: &mut Vec<(usize, PolicyFinding)>,
) {
    let waive = policies.waive.as_ref();
    let kinds: Vec<_> = kinds
        .iter()
        .filter(|kind| Some(kind.questions.env.action()) == waive)
        .filter(|kind| kind.live.iter().any(|live| live.one.exception.is_some()))
        .collect();
    if kinds.is_empty() {
        return;
    }
    analysis.guarantees.push(record(
        "exceptions-expire",
        "an exception waives nothing from the start of the day it names, because a policy says so",
        &kinds,
        expires,
    ));
    analysis.guarantees.push(record(
        "exceptions-keep-to-their-subjects",
        "all exceptions together waive nothing but the rules and objects that one of them names",
        &kinds,
        keep_to_subjects,
    ));
    // An exception is one, whoever may ask for it.
    let live: BTreeMap<_, _> =
        kinds.iter().flat_map(|kind| &kind.live).map(|live| (live.position, live.one)).collect();
    for (position, one) in live {
        let finding = one.exception.as_ref().and_then(|terms| unlimited(one, terms));
        found.extend(finding.map(|finding| (position, finding)));
    }
}

fn record(
    id: &str,
    title: &str,
    kinds: &[&Kind<'_>],
    broken: impl Fn(&Kind<'_>) -> Result<Option<Witness>, String>,
) -> GuaranteeRecord {
    let mut outcome = Guaranteed::Proved;
    for kind in kinds {
        match broken(kind) {
            Ok(None) => {}
            Ok(Some(witness)) => {
                outcome = Guaranteed::Broken(Box::new(witness));
                break;
            }
            Err(reason) => outcome = Guaranteed::Unknown(reason),
        }
    }
    GuaranteeRecord {
        id: id.to_owned(),
        title: title.to_owned(),
        location: None,
        kinds: kinds.len(),
        outcome,
    }
}

/// What policies see of an exception: only itself, with what it says of itself.
fn pinned(policy: &Policy, terms: &ExceptionTerms) -> Result<Policy, String> {
    let term = terms.term.ok_or("an exception without an end")?;
    let text = |text: &str| expression(&Value::from(text));
    also(
        policy,
        &format!(
            "context.owner == {} && context.reason == {} && context.expires == datetime(\"{}\")",
            text(&terms.owner),
            text(&terms.reason),
            term.expires
        ),
    )
}

/// The policies as the gate asks them: an exception with its own terms, and only until it ends.
pub(crate) fn in_force(one: &TypedPolicy) -> Result<Policy, String> {
    match &one.exception {
        None => Ok(one.policy.clone()),
        Some(terms) => also(&pinned(&one.policy, terms)?, "context.now < context.expires"),
    }
}

fn guards<'k>(kind: &'k Kind<'_>) -> impl Iterator<Item = &'k Policy> {
    let guards = kind.live.iter().filter(|live| live.one.policy.effect() == Effect::Forbid);
    guards.map(|live| &live.one.policy)
}

fn waivers<'k>(kind: &'k Kind<'_>) -> impl Iterator<Item = (&'k Live<'k>, &'k ExceptionTerms)> {
    kind.live.iter().filter_map(|live| Some((live, live.one.exception.as_ref()?)))
}

/// A request that an exception covers although its time is over.
fn expires(kind: &Kind<'_>) -> Result<Option<Witness>, String> {
    for (live, terms) in waivers(kind) {
        let late = also(&pinned(&live.one.policy, terms)?, "context.now >= context.expires")?;
        let policies: Vec<_> = guards(kind).chain([&late]).collect();
        let found = allowed(policies.iter().copied(), &kind.questions)?;
        let Some(env) = found else { continue };
        let covered = |case: &Case| case.is_allowed(policies.iter().copied());
        let outcome = format!("`{}` has ended, and no policy says so", live.one.reference.id);
        return witness(kind.schema(), &env, &covered, |_| outcome).map(Some);
    }
    Ok(None)
}

/// A request that all exceptions together cover and that is the subject of none.
fn keep_to_subjects(kind: &Kind<'_>) -> Result<Option<Witness>, String> {
    let pinned = waivers(kind).map(|(live, terms)| pinned(&live.one.policy, terms));
    let pinned: Vec<_> = pinned.collect::<Result<_, _>>()?;
    let together: Vec<_> = pinned.iter().chain(guards(kind)).collect();
    let subjects = waivers(kind).map(|(live, terms)| subject(live.one, terms));
    let subjects: Vec<_> = subjects.collect::<Result<_, _>>()?;
    let found = allowed_beyond(together.iter().copied(), &subjects, &kind.questions)?;
    let Some(env) = found else { return Ok(None) };
    let beyond =
        |case: &Case| case.is_allowed(together.iter().copied()) && !case.is_allowed(&subjects);
    let outcome = "waived, and no exception names it".to_owned();
    witness(kind.schema(), &env, &beyond, |_| outcome).map(Some)
}

/// What an exception is about: its scope, and the rules that it names.
fn subject(one: &TypedPolicy, terms: &ExceptionTerms) -> Result<Policy, String> {
    let scope = without_conditions(&one.policy).unwrap_or_else(|| one.policy.clone());
    if terms.rules.is_empty() {
        return Ok(scope);
    }
    let rules = Value::from_iter(terms.rules.iter().map(String::as_str));
    also(&scope, &format!("{}.contains(context.rule)", expression(&rules)))
}

/// An exception that names no object or no rule.
fn unlimited(one: &TypedPolicy, terms: &ExceptionTerms) -> Option<PolicyFinding> {
    let scope = one.policy.resource_constraint();
    let anywhere = matches!(scope, ResourceConstraint::Any | ResourceConstraint::Is(_))
        && !speaks_of(&one.policy, "resource")
        && !speaks_of(&one.policy, "context.environment");
    let any_rule = terms.rules.is_empty() && !speaks_of(&one.policy, "context.controls");
    let what = match (anywhere, any_rule) {
        (true, true) => "every rule and every object",
        (true, false) => "every object",
        (false, true) => "every rule",
        (false, false) => return None,
    };
    Some(PolicyFinding {
        check: Rule::ExceptionWithoutSubject.info(),
        policy: one.reference.clone(),
        message: format!("the exception `{}` covers {what}", one.reference.id),
        related: Vec::new(),
        witness: None,
    })
}

/// Do the conditions of a policy speak of the resource, or of a field of the context?
fn speaks_of(policy: &Policy, what: &str) -> bool {
    let json = policy.to_json().ok();
    let conditions = json.as_ref().and_then(|json| json.get("conditions"));
    let text = conditions.map(Value::to_string).unwrap_or_default();
    match what.strip_prefix("context.") {
        Some(field) => text.contains(&format!("\"attr\":\"{field}\"")),
        None => text.contains(&format!("\"Var\":\"{what}\"")),
    }
}
