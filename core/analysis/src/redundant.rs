//! Policies without which every request is decided as before, and why.

use cedar_policy::{Effect, Policy};
use provost_model::{PolicyFinding, PolicyReference, PolicyUnknown};
use provost_policy::{TypedPolicies, TypedPolicy};
use rayon::prelude::*;

use crate::beyond::{allowed, allowed_beyond};
use crate::kinds::{Kind, Live};
use crate::rules::Rule;
use crate::witness::{Case, replayed};

/// What is found, with the position of its policy, and what could not be answered.
type Found = (Vec<(usize, PolicyFinding)>, Vec<PolicyUnknown>);

/// Policies that could all be removed together. The last is looked at first: of two that say the
/// same, the later one is reported.
pub(crate) fn redundant(
    policies: &TypedPolicies,
    kinds: &[Kind<'_>],
    done: &(dyn Fn(usize) + Sync),
) -> Found {
    let mut kept: Vec<bool> = policies.policies.iter().map(|_| true).collect();
    let (mut findings, mut unknowns) = (Vec::new(), Vec::new());
    for (position, one) in policies.policies.iter().enumerate().rev() {
        let rest = Rest { policies, kept: &kept, position, one };
        match rest.makes_no_difference(kinds) {
            Ok(true) => {
                let finding = rest.explained(kinds);
                findings.push((position, finding));
                if let Some(kept) = kept.get_mut(position) {
                    *kept = false;
                }
            }
            Ok(false) => {}
            Err(reason) => unknowns.push(PolicyUnknown {
                question: format!("does `{}` make a difference?", one.reference.id),
                location: one.reference.location.clone(),
                reason,
            }),
        }
        done(1);
    }
    (findings, unknowns)
}

/// One policy and what would be left without it.
struct Rest<'a> {
    policies: &'a TypedPolicies,
    kept: &'a [bool],
    position: usize,
    one: &'a TypedPolicy,
}

impl<'a> Rest<'a> {
    /// Others of one kind of request that are still there.
    fn others(&self, kind: &'a Kind<'a>) -> impl Iterator<Item = &'a Live<'a>> + Clone {
        kind.live.iter().filter(|live| {
            live.position != self.position
                && self.kept.get(live.position) == Some(&true)
                && !self.ends_earlier(live.one)
        })
    }

    /// An exception that ends before this one cannot stand in for it.
    fn ends_earlier(&self, other: &TypedPolicy) -> bool {
        let end = |one: &TypedPolicy| Some(one.exception.as_ref()?.term?.end);
        matches!((end(self.one), end(other)), (Some(own), Some(other)) if other < own)
    }

    fn permits(&self) -> bool {
        self.one.policy.effect() == Effect::Permit
    }

    /// Kinds of requests that it matches.
    fn live(
        &self,
        kinds: &'a [Kind<'a>],
    ) -> impl ParallelIterator<Item = (&'a Kind<'a>, &'a Live<'a>)> {
        let position = self.position;
        kinds.par_iter().filter_map(move |kind| Some((kind, kind.at(position)?)))
    }

    fn makes_no_difference(&self, kinds: &'a [Kind<'a>]) -> Result<bool, String> {
        let is_live = |kind: &Kind<'_>| kind.at(self.position).is_some();
        if !kinds.iter().any(is_live) {
            // It matches nothing, which is said by itself.
            return Ok(false);
        }
        // A guard stands where nothing is permitted yet.
        let is_guard = |kind: &Kind<'_>| is_live(kind) && !kind.live.iter().any(Live::permits);
        if kinds.iter().any(is_guard) {
            return Ok(false);
        }
        let unknown_elsewhere =
            kinds.iter().any(|kind| kind.unknowns.iter().any(|(at, _)| *at == self.position));
        let answers: Vec<_> =
            self.live(kinds).map(|(kind, live)| self.differs(kind, live)).collect();
        if answers.contains(&Ok(true)) {
            return Ok(false);
        }
        answers.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(!unknown_elsewhere)
    }

    /// Is any request of a kind decided otherwise without it?
    fn differs(&self, kind: &'a Kind<'a>, live: &'a Live<'a>) -> Result<bool, String> {
        let rest: Vec<&Policy> = self.others(kind).map(|live| &live.one.policy).collect();
        let whole: Vec<&Policy> = rest.iter().copied().chain([&live.one.policy]).collect();
        let differs = |case: &Case| {
            case.is_allowed(rest.iter().copied()) != case.is_allowed(whole.iter().copied())
        };
        // Most policies matter to a request that is at hand, which costs no question.
        if live.case.as_ref().is_some_and(differs) {
            return Ok(true);
        }
        let questions = &kind.questions;
        // A permit only adds to what is allowed, a forbid only takes away.
        let (more, less) = if self.permits() { (&whole, &rest) } else { (&rest, &whole) };
        let found = allowed_beyond(more.iter().copied(), less.iter().copied(), questions)?;
        let Some(env) = found else { return Ok(false) };
        replayed(questions.schema, &env, &differs)?;
        Ok(true)
    }

    /// Why it makes no difference, the most telling reason first. A reason that cannot be
    /// established is passed over.
    fn explained(&self, kinds: &'a [Kind<'a>]) -> PolicyFinding {
        let id = &self.one.reference.id;
        let found = |rule: Rule, message: String, related: Vec<PolicyReference>| PolicyFinding {
            check: rule.info(),
            policy: self.one.reference.clone(),
            message,
            related,
            witness: None,
        };
        let opposite = self.covering(kinds, !self.permits());
        if let Some(forbid) = opposite.filter(|_| self.permits()) {
            let message = format!(
                "everything that `{id}` permits, `{}` forbids: the permit grants nothing",
                forbid.id
            );
            return found(Rule::Conflict, message, vec![forbid.clone()]);
        }
        if self.permits() && self.is_shadowed(kinds) {
            let message = format!(
                "whatever `{id}` permits is forbidden by one policy or another: the permit grants \
                 nothing"
            );
            return found(Rule::Shadowed, message, Vec::new());
        }
        if !self.permits() && self.forbids_nothing(kinds) {
            let message = format!("nothing permits what `{id}` forbids");
            return found(Rule::ForbidsNothing, message, Vec::new());
        }
        if let Some(other) = self.covering(kinds, self.permits()) {
            let verb = if self.permits() { "permits" } else { "forbids" };
            let message = format!("`{}` {verb} everything that `{id}` does", other.id);
            return found(Rule::Redundant, message, vec![other.clone()]);
        }
        let message = format!("the other policies together decide every request as with `{id}`");
        found(Rule::Redundant, message, Vec::new())
    }

    /// One other policy, a permit or a forbid, that matches whatever this one matches.
    fn covering(&self, kinds: &'a [Kind<'a>], permits: bool) -> Option<&'a PolicyReference> {
        let policies = self.policies.policies.iter().enumerate();
        let covers = |position: usize| {
            self.live(kinds).all(|(kind, live)| {
                let other = self.others(kind).find(|other| other.position == position);
                other.is_some_and(|other| {
                    other.permits() == permits
                        // A request at hand is quicker than a proof.
                        && live.case.as_ref().is_none_or(|case| case.is_matched(&other.one.policy))
                        && kind.questions.matches_without(&live.compiled, &other.compiled)
                            .is_ok_and(|found| found.is_none())
                })
            })
        };
        policies.filter(|(position, _)| covers(*position)).map(|(_, one)| &one.reference).next()
    }

    /// Do the forbids together take in all of this permit?
    fn is_shadowed(&self, kinds: &'a [Kind<'a>]) -> bool {
        self.live(kinds).all(|(kind, live)| {
            let forbids = self.others(kind).filter(|other| !other.permits());
            let policies = forbids.map(|other| &other.one.policy).chain([&live.one.policy]);
            allowed(policies, &kind.questions).is_ok_and(|found| found.is_none())
        })
    }

    /// Does no permit match what this forbid matches?
    fn forbids_nothing(&self, kinds: &'a [Kind<'a>]) -> bool {
        self.live(kinds).all(|(kind, live)| {
            let permits = || self.others(kind).filter(|other| other.permits());
            let permits = || permits().map(|other| &other.one.policy);
            let with = permits().chain([&live.one.policy]);
            allowed_beyond(permits(), with, &kind.questions).is_ok_and(|found| found.is_none())
        })
    }
}
