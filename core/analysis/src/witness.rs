//! Requests that the solver found: put to Cedar itself, made as plain as they can be, written
//! down.

mod draft;
mod simplify;

use cedar_policy::{AuthorizationError, Authorizer, Decision, Entities, Policy, Request, Schema};
use cedar_policy_symcc::Env;
use provost_model::Witness;
use serde_json::Value;

use crate::questions::numbered;
use draft::Draft;

/// One request and the entities it is about.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) request: Request,
    pub(crate) entities: Entities,
}

impl Case {
    /// Do these policies allow it, as Cedar has it: policies that fail do not count?
    pub(crate) fn is_allowed<'p>(&self, policies: impl IntoIterator<Item = &'p Policy>) -> bool {
        numbered(policies).is_ok_and(|set| {
            let response = Authorizer::new().is_authorized(&self.request, &set, &self.entities);
            response.decision() == Decision::Allow
        })
    }

    /// Does the policy match it, whatever its effect?
    pub(crate) fn is_matched(&self, policy: &Policy) -> bool {
        self.put(policy).is_ok_and(|matched| matched)
    }

    /// Does the policy match it, or why does it fail?
    pub(crate) fn put(&self, policy: &Policy) -> Result<bool, String> {
        let set = numbered([policy])?;
        let response = Authorizer::new().is_authorized(&self.request, &set, &self.entities);
        if let Some(AuthorizationError::PolicyEvaluationError(error)) =
            response.diagnostics().errors().next()
        {
            return Err(error.inner().to_string());
        }
        Ok(response.diagnostics().reason().next().is_some())
    }
}

/// What must be so of a request for it to show what is claimed.
pub(crate) type Claim<'c> = &'c dyn Fn(&Case) -> bool;

/// The request that the solver found, after Cedar agreed that it is as claimed.
///
/// # Errors
/// That it is not: then nobody may rely on what the solver said.
pub(crate) fn replayed(schema: &Schema, env: &Env, claim: Claim<'_>) -> Result<Case, String> {
    let draft = Draft::of(env)?;
    let case =
        draft.case(schema).ok_or("the request that the solver found is not of the schema")?;
    if claim(&case) {
        return Ok(case);
    }
    Err("the request that the solver found does not do this when Cedar decides it".to_owned())
}

/// The same as plain as it can be, as text and in Cedar's JSON form.
///
/// # Errors
/// See [`replayed`].
pub(crate) fn witness(
    schema: &Schema,
    env: &Env,
    claim: Claim<'_>,
    outcome: impl FnOnce(&Case) -> String,
) -> Result<Witness, String> {
    replayed(schema, env, claim)?;
    let mut draft = Draft::of(env)?;
    draft.simplify(&|draft| draft.case(schema).is_some_and(|case| claim(&case)));
    let case = draft.case(schema).ok_or("the request cannot be written down")?;
    Ok(Witness {
        text: draft.text(schema),
        request: draft.request(),
        entities: Value::Array(draft.entities.clone()),
        outcome: outcome(&case),
    })
}
