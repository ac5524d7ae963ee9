//! What an author should know of a set of policies.

use std::collections::BTreeSet;

use provost_model::{Analysis, PolicyFinding};
use provost_policy::TypedPolicies;
use rayon::prelude::*;

use crate::exceptions::exceptions;
use crate::kinds::{Kind, kinds};
use crate::questions::{Means, without_conditions};
use crate::redundant::redundant;
use crate::rules::Rule;

/// Everything that is worth saying about these policies, for all requests of the schema.
///
/// `done` is told how many more steps are done: one for each policy and kind of request, and
/// one more for each policy.
pub fn analyze(policies: &TypedPolicies, means: &Means, done: &(dyn Fn(usize) + Sync)) -> Analysis {
    let kinds = kinds(policies, means, done);
    let mut analysis = Analysis {
        digest: policies.digest,
        policies: policies.policies.len(),
        kinds: kinds.par_iter().map(|kind| (kind.name().clone(), kind.decided())).collect(),
        findings: Vec::new(),
        guarantees: Vec::new(),
        unknowns: Vec::new(),
    };
    let mut unknowns: Vec<_> = kinds.iter().flat_map(|kind| kind.unknowns.clone()).collect();
    unknowns.sort_by_key(|(position, _)| *position);
    analysis.unknowns.extend(unknowns.into_iter().map(|(_, unknown)| unknown));
    let mut found: Vec<(usize, PolicyFinding)> = Vec::new();
    for position in 0..policies.policies.len() {
        found.extend(alone(policies, &kinds, position).map(|finding| (position, finding)));
    }
    let (more, open) = redundant(policies, &kinds, done);
    found.extend(more);
    analysis.unknowns.extend(open);
    exceptions(policies, &kinds, &mut analysis, &mut found);
    found.sort_by_key(|(position, _)| *position);
    analysis.findings = found.into_iter().map(|(_, finding)| finding).collect();
    analysis
}

/// What there is to say of one policy by itself.
fn alone<'a>(
    policies: &'a TypedPolicies,
    kinds: &'a [Kind<'a>],
    position: usize,
) -> impl Iterator<Item = PolicyFinding> + 'a {
    let failing = failing(policies, kinds, position);
    let idle = never_matches(policies, kinds, position);
    let vain = idle.is_none().then(|| always_hold(policies, kinds, position)).flatten();
    failing.into_iter().chain(idle).chain(vain)
}

fn failing(policies: &TypedPolicies, kinds: &[Kind<'_>], position: usize) -> Option<PolicyFinding> {
    let one = policies.policies.get(position)?;
    let failing: Vec<_> = kinds
        .iter()
        .filter_map(|kind| {
            Some((kind.name(), kind.failing.iter().find(|(at, _)| *at == position)?))
        })
        .collect();
    let (_, (_, witness)) = failing.first()?;
    let actions: BTreeSet<_> = failing.iter().map(|(kind, _)| kind.action.as_str()).collect();
    let actions: Vec<_> = actions.into_iter().collect();
    Some(PolicyFinding {
        check: Rule::Fails.info(),
        policy: one.reference.clone(),
        message: format!("`{}` can fail on {}", one.reference.id, actions.join(", ")),
        related: Vec::new(),
        witness: Some(witness.clone()),
    })
}

fn never_matches(
    policies: &TypedPolicies,
    kinds: &[Kind<'_>],
    position: usize,
) -> Option<PolicyFinding> {
    let one = policies.policies.get(position)?;
    let matches = |kind: &Kind<'_>| {
        kind.at(position).is_some() || kind.unknowns.iter().any(|(at, _)| *at == position)
    };
    if kinds.iter().any(matches) {
        return None;
    }
    Some(PolicyFinding {
        check: Rule::NeverMatches.info(),
        policy: one.reference.clone(),
        message: format!("`{}` matches no request", one.reference.id),
        related: Vec::new(),
        witness: None,
    })
}

/// Does the scope alone match as much? Where that is not known, nothing is said.
fn always_hold(
    policies: &TypedPolicies,
    kinds: &[Kind<'_>],
    position: usize,
) -> Option<PolicyFinding> {
    let one = policies.policies.get(position)?;
    let scope = without_conditions(&one.policy)?;
    let mut live = false;
    for kind in kinds {
        let Some(here) = kind.at(position) else {
            // Where only the scope matches, the conditions make a difference.
            let scope = kind.questions.compile(&scope).ok()?;
            kind.questions.matches(&scope).ok().filter(Option::is_none)?;
            continue;
        };
        live = true;
        let scope = kind.questions.compile(&scope).ok()?;
        kind.questions.matches_without(&scope, &here.compiled).ok().filter(Option::is_none)?;
    }
    live.then(|| PolicyFinding {
        check: Rule::ConditionsAlwaysHold.info(),
        policy: one.reference.clone(),
        message: format!("the conditions of `{}` hold for every request", one.reference.id),
        related: Vec::new(),
        witness: None,
    })
}
