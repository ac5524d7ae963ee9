//! Every policy under every kind of request: what each does there by itself.

use cedar_policy::{Effect, Schema};
use cedar_policy_symcc::CompiledPolicy;
use provost_model::{Decided, PolicyUnknown, RequestKind, Witness};
use provost_policy::{TypedPolicies, TypedPolicy};
use rayon::prelude::*;

use crate::beyond::{allowed, allowed_beyond};
use crate::questions::{Means, Questions, everything};
use crate::witness::{Case, replayed, witness};

/// What is known of one kind of request.
pub(crate) struct Kind<'a> {
    pub(crate) questions: Questions<'a>,
    /// Policies that match such a request, or may.
    pub(crate) live: Vec<Live<'a>>,
    /// Policies that fail on one, with it.
    pub(crate) failing: Vec<(usize, Witness)>,
    /// What could not be answered, by position of the policy.
    pub(crate) unknowns: Vec<(usize, PolicyUnknown)>,
}

/// A policy that matches some request of a kind, or that may.
pub(crate) struct Live<'a> {
    pub(crate) position: usize,
    pub(crate) one: &'a TypedPolicy,
    pub(crate) compiled: CompiledPolicy,
    /// A request that it matches.
    pub(crate) case: Option<Case>,
}

impl Live<'_> {
    pub(crate) fn permits(&self) -> bool {
        self.one.policy.effect() == Effect::Permit
    }
}

/// Every kind of request of the schema. `done` is told of every policy looked at.
pub(crate) fn kinds<'a>(
    policies: &'a TypedPolicies,
    means: &'a Means,
    done: &(dyn Fn(usize) + Sync),
) -> Vec<Kind<'a>> {
    let questions = Questions::all(means, &policies.schema);
    questions.into_par_iter().map(|questions| kind(policies, questions, done)).collect()
}

fn kind<'a>(
    policies: &'a TypedPolicies,
    questions: Questions<'a>,
    done: &(dyn Fn(usize) + Sync),
) -> Kind<'a> {
    let looked: Vec<_> = policies
        .policies
        .par_iter()
        .enumerate()
        .filter(|(_, one)| policies.counts(one, questions.env.action()))
        .map(|(position, one)| {
            let looked = look(&questions, position, one);
            done(1);
            looked
        })
        .collect();
    let mut kind = Kind { questions, live: Vec::new(), failing: Vec::new(), unknowns: Vec::new() };
    for (live, failing, unknowns) in looked {
        kind.live.extend(live);
        kind.failing.extend(failing);
        kind.unknowns.extend(unknowns);
    }
    kind
}

type Looked<'a> = (Option<Live<'a>>, Option<(usize, Witness)>, Vec<(usize, PolicyUnknown)>);

fn look<'a>(questions: &Questions<'_>, position: usize, one: &'a TypedPolicy) -> Looked<'a> {
    let mut unknowns = Vec::new();
    let mut unknown = |question: &str, reason: String| {
        let question = format!("does `{}` {question} {}?", one.reference.id, questions.kind);
        let location = one.reference.location.clone();
        unknowns.push((position, PolicyUnknown { question, location, reason }));
    };
    let compiled = match questions.compile(&one.policy) {
        Ok(compiled) => compiled,
        Err(reason) => {
            unknown("match", reason);
            return (None, None, unknowns);
        }
    };
    let failing = fails(questions, one, &compiled).unwrap_or_else(|reason| {
        unknown("fail on", reason);
        None
    });
    let found = questions.matches(&compiled).and_then(|found| {
        let Some(env) = found else { return Ok(None) };
        replayed(questions.schema, &env, &|case| case.is_matched(&one.policy)).map(Some)
    });
    let case = match found {
        Ok(None) => return (None, failing.map(|witness| (position, witness)), unknowns),
        Ok(Some(case)) => Some(case),
        Err(reason) => {
            unknown("match", reason);
            None
        }
    };
    let live = Live { position, one, compiled, case };
    (Some(live), failing.map(|witness| (position, witness)), unknowns)
}

/// A request on which the policy fails.
pub(crate) fn fails(
    questions: &Questions<'_>,
    one: &TypedPolicy,
    compiled: &CompiledPolicy,
) -> Result<Option<Witness>, String> {
    let Some(env) = questions.fails(compiled)? else { return Ok(None) };
    let message = |case: &Case| match case.put(&one.policy) {
        Err(message) => format!("the policy fails: {message}"),
        Ok(_) => String::new(),
    };
    witness(questions.schema, &env, &|case| case.put(&one.policy).is_err(), message).map(Some)
}

impl Kind<'_> {
    /// The name of it.
    pub(crate) fn name(&self) -> &RequestKind {
        &self.questions.kind
    }

    pub(crate) fn schema(&self) -> &Schema {
        self.questions.schema
    }

    /// The policy at this position, if it matches any such request.
    pub(crate) fn at(&self, position: usize) -> Option<&Live<'_>> {
        self.live.iter().find(|live| live.position == position)
    }

    /// What all policies together decide.
    pub(crate) fn decided(&self) -> Decided {
        if !self.live.iter().any(Live::permits) {
            return Decided::AlwaysDenied { permits: false };
        }
        self.asked().unwrap_or_else(Decided::Unknown)
    }

    fn asked(&self) -> Result<Decided, String> {
        let policies = || self.live.iter().map(|live| &live.one.policy);
        let Some(env) = allowed(policies(), &self.questions)? else {
            return Ok(Decided::AlwaysDenied { permits: true });
        };
        let is_allowed = |case: &Case| case.is_allowed(policies());
        let said = |word: &str| word.to_owned();
        let allowed = witness(self.schema(), &env, &is_allowed, |_| said("allowed"))?;
        let every = everything()?;
        let Some(env) = allowed_beyond([&every], policies(), &self.questions)? else {
            return Ok(Decided::AlwaysAllowed);
        };
        let is_denied = |case: &Case| !is_allowed(case);
        let denied = witness(self.schema(), &env, &is_denied, |_| said("denied"))?;
        Ok(Decided::Depends { allowed: Box::new(allowed), denied: Box::new(denied) })
    }
}
