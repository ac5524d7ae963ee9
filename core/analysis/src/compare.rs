//! One set of policies compared with another.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::Policy;
use provost_model::{Comparison, Digest, Relation, Witness};
use provost_policy::TypedPolicies;
use rayon::prelude::*;

use crate::beyond::allowed_beyond;
use crate::questions::{Means, Questions};
use crate::waived::waived;
use crate::witness::{Case, witness};

/// What the new policies allow and the old ones do not, and the other way round, for each kind
/// of request. `done` is told how many more kinds of requests were compared.
pub fn compare(
    old: &TypedPolicies,
    new: &TypedPolicies,
    means: &Means,
    done: &(dyn Fn(usize) + Sync),
) -> Comparison {
    let questions = Questions::all(means, &new.schema);
    let asked_before = Questions::all(means, &old.schema);
    let asked_before: BTreeMap<_, _> =
        asked_before.iter().map(|before| (&before.kind, before)).collect();
    let kinds = questions.par_iter().map(|questions| {
        let before = asked_before.get(&questions.kind);
        let relation = match before {
            // What could not be asked was not allowed.
            None => between(Ok(Vec::new()), in_force(new, questions), questions),
            // Policies that name a group of actions speak of other actions then.
            Some(before) if !questions.has_the_groups_of(before) => Relation::Unknown {
                reason: "the schemas put its action into different groups".to_owned(),
                gained: None,
                lost: None,
            },
            Some(_) => between(in_force(old, questions), in_force(new, questions), questions),
        };
        done(1);
        (questions.kind.clone(), relation)
    });
    Comparison {
        digest: Digest::of_parts(
            ["policy difference", &old.digest.to_string(), &new.digest.to_string()]
                .map(str::as_bytes),
        ),
        policies: (old.policies.len(), new.policies.len()),
        place: new.policies.first().and_then(|one| one.reference.location.clone()),
        kinds: kinds.collect(),
        approved_by: Vec::new(),
        notes: notes(old, new, means),
    }
}

/// What a reader should know of schemas that differ.
fn notes(old: &TypedPolicies, new: &TypedPolicies, means: &Means) -> Vec<String> {
    let kinds = |schema| -> BTreeSet<_> {
        Questions::all(means, schema).into_iter().map(|questions| questions.kind).collect()
    };
    let (before, after) = (kinds(&old.schema), kinds(&new.schema));
    if old.vocabulary == new.vocabulary {
        return Vec::new();
    }
    let mut notes = vec!["the schemas differ; requests are those of the new one".to_owned()];
    for gone in before.difference(&after) {
        notes.push(format!("{gone} cannot be asked any more"));
    }
    for added in after.difference(&before) {
        notes.push(format!("{added} could not be asked before"));
    }
    notes
}

fn between(
    old: Result<Vec<Policy>, String>,
    new: Result<Vec<Policy>, String>,
    questions: &Questions<'_>,
) -> Relation {
    let (old, new) = match old.and_then(|old| Ok((old, new?))) {
        Ok(sets) => sets,
        Err(reason) => return Relation::Unknown { reason, gained: None, lost: None },
    };
    let gained = beyond(&new, &old, questions, "allowed by the new policies, denied by the old");
    let lost = beyond(&old, &new, questions, "allowed by the old policies, denied by the new");
    match (gained, lost) {
        (Ok(None), Ok(None)) => Relation::Equivalent,
        (Ok(Some(gained)), Ok(None)) => Relation::Looser(gained),
        (Ok(None), Ok(Some(lost))) => Relation::Tighter(lost),
        (Ok(Some(gained)), Ok(Some(lost))) => Relation::Incomparable { gained, lost },
        (gained, lost) => {
            let reasons: BTreeSet<_> =
                [gained.as_ref().err(), lost.as_ref().err()].into_iter().flatten().collect();
            let reasons: Vec<_> = reasons.into_iter().map(String::as_str).collect();
            Relation::Unknown {
                reason: reasons.join("; "),
                gained: gained.ok().flatten(),
                lost: lost.ok().flatten(),
            }
        }
    }
}

/// The policies that have a say, as the gate asks them.
fn in_force(policies: &TypedPolicies, questions: &Questions<'_>) -> Result<Vec<Policy>, String> {
    let counting = policies.policies.iter();
    let counting = counting.filter(|one| policies.counts(one, questions.env.action()));
    if policies.waive.as_ref() == Some(questions.env.action()) {
        return waived(counting);
    }
    Ok(counting.map(|one| one.policy.clone()).collect())
}

/// A request that one set allows and the other does not.
fn beyond(
    one: &[Policy],
    other: &[Policy],
    questions: &Questions<'_>,
    outcome: &str,
) -> Result<Option<Box<Witness>>, String> {
    let Some(env) = allowed_beyond(one, other, questions)? else { return Ok(None) };
    let differs = |case: &Case| case.is_allowed(one) && !case.is_allowed(other);
    let found = witness(questions.schema, &env, &differs, |_| outcome.to_owned())?;
    Ok(Some(Box::new(found)))
}
