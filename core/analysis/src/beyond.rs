//! Whether one set of policies allows what another denies, asked with few policies at a time.
//!
//! What a question costs grows faster than the policies in it, and most of them have nothing to
//! do with the answer. So the solver is asked about one permit at a time, and first without the
//! forbids of its set and the permits of the other. Of these, the ones that match the request
//! that it finds are added, and it is asked again (counterexample-guided abstraction refinement,
//! Clarke et al., CAV 2000). That no request is found with fewer of them is a proof for all of
//! them; a request that is found counts only once Cedar decided it with all policies of both
//! sets.

use std::collections::HashSet;

use cedar_policy::{Effect, Policy};

use crate::questions::{Answer, Questions};
use crate::witness::{Case, replayed};

/// A request that the policies allow.
pub(crate) fn allowed<'p>(
    policies: impl IntoIterator<Item = &'p Policy>,
    questions: &Questions<'_>,
) -> Answer {
    allowed_beyond(policies, [], questions)
}

/// A request that the first policies allow and the others deny.
pub(crate) fn allowed_beyond<'p>(
    one: impl IntoIterator<Item = &'p Policy>,
    other: impl IntoIterator<Item = &'p Policy>,
    questions: &Questions<'_>,
) -> Answer {
    let search = Search { questions, one: Sides::of(one)?, other: Sides::of(other)? };
    let (one, other) = (&search.one, &search.other);
    // What the one set allows, no forbid of both matches.
    let (_, forbids) = divided(&other.forbids, &one.forbids);
    let (shared, own) = divided(&one.permits, &other.permits);
    let mut open = None;
    let mut ask = |permit: &Said<'p>, denying: &[&Said<'p>], more: &[Said<'p>]| {
        search.refined(permit, denying, more).unwrap_or_else(|reason| {
            open = Some(reason);
            None
        })
    };
    for permit in own {
        if let Some(found) = ask(permit, &forbids, &other.permits) {
            return Ok(Some(found));
        }
    }
    // What both permit, the other set denies only with a forbid of its own.
    for permit in shared.into_iter().take_while(|_| !forbids.is_empty()) {
        let denying: Vec<_> = forbids.iter().copied().chain([permit]).collect();
        if let Some(found) = ask(permit, &denying, &[]) {
            return Ok(Some(found));
        }
    }
    open.map_or(Ok(None), Err)
}

/// A policy, and what it says whatever its name and annotations.
struct Said<'p> {
    policy: &'p Policy,
    text: String,
}

/// A set of policies by effect.
struct Sides<'p> {
    permits: Vec<Said<'p>>,
    forbids: Vec<Said<'p>>,
}

impl<'p> Sides<'p> {
    fn of(policies: impl IntoIterator<Item = &'p Policy>) -> Result<Self, String> {
        let mut sides = Self { permits: Vec::new(), forbids: Vec::new() };
        for policy in policies {
            let mut whole = policy.to_json().map_err(|error| error.to_string())?;
            if let Some(members) = whole.as_object_mut() {
                members.remove("annotations");
            }
            let said = Said { policy, text: whole.to_string() };
            match policy.effect() {
                Effect::Permit => sides.permits.push(said),
                Effect::Forbid => sides.forbids.push(said),
            }
        }
        Ok(sides)
    }

    fn allow(&self, case: &Case) -> bool {
        case.is_allowed(self.permits.iter().chain(&self.forbids).map(|said| said.policy))
    }
}

/// The policies that are also among the others, and those that are not.
fn divided<'s, 'p>(
    policies: &'s [Said<'p>],
    others: &[Said<'_>],
) -> (Vec<&'s Said<'p>>, Vec<&'s Said<'p>>) {
    let others: HashSet<_> = others.iter().map(|said| said.text.as_str()).collect();
    policies.iter().partition(|said| others.contains(said.text.as_str()))
}

/// Two sets of policies and how to ask about them.
struct Search<'a, 'p> {
    questions: &'a Questions<'a>,
    one: Sides<'p>,
    other: Sides<'p>,
}

impl<'p> Search<'_, 'p> {
    /// A request that this permit allows, where the other set is what denies in it, and more
    /// permits as they matter.
    fn refined(&self, permit: &Said<'p>, denying: &[&Said<'p>], more: &[Said<'p>]) -> Answer {
        let mut one = vec![permit.policy];
        let mut other: Vec<_> = denying.iter().map(|said| said.policy).collect();
        let mut forbids: Vec<_> = self.one.forbids.iter().map(|said| said.policy).collect();
        let mut permits: Vec<_> = more.iter().map(|said| said.policy).collect();
        loop {
            let sets = (
                self.questions.compile_set(one.clone())?,
                self.questions.compile_set(other.clone())?,
            );
            let Some(env) = self.questions.allows_without(&sets.0, &sets.1)? else {
                return Ok(None);
            };
            let schema = self.questions.schema;
            let case = replayed(schema, &env, &|_| true)?;
            // One that fails on the request looks at entities that the question did not know.
            let matters = |policy: &mut &Policy| case.put(policy) != Ok(false);
            let before = one.len() + other.len();
            one.extend(forbids.extract_if(.., matters));
            other.extend(permits.extract_if(.., matters));
            if before == one.len() + other.len() {
                let differs = |case: &Case| self.one.allow(case) && !self.other.allow(case);
                return replayed(schema, &env, &differs).map(|_| Some(env));
            }
        }
    }
}
