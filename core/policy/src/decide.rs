use cedar_policy::{
    AuthorizationError, Authorizer, Context, Decision as Answer, Entities, EntityUid, PolicySet,
    Request, Response,
};
use provost_model::{Change, Decision, Effect};

use crate::context::{Pairs, evidence as facts};
use crate::entities::environment;
use crate::{Evidence, Policies};

impl Policies {
    /// May this change proceed on this evidence?
    ///
    /// Never fails: what cannot be asked, and a policy that fails on the way, is a
    /// denial with its errors. A policy that failed might have been the one to forbid.
    pub fn decide(&self, change: &Change, evidence: &Evidence<'_>) -> Decision {
        let mut decision = Decision {
            effect: Effect::Deny,
            action: change.operation.to_string(),
            principal: change.principal.name.clone(),
            environment: change.environment.clone().unwrap_or_default(),
            determining: Vec::new(),
            errors: Vec::new(),
        };
        let response = match self.ask_about(change, *evidence, &decision.action) {
            Ok(response) => response,
            Err(error) => {
                decision.errors.push(format!("the change could not be put to Cedar: {error}"));
                return decision;
            }
        };
        decision.errors = self.failures(&response);
        match (response.decision(), decision.errors.is_empty()) {
            // The permits did not determine this denial, the failure did.
            (Answer::Allow, false) => {}
            (answer, _) => {
                decision.determining = self.named(response.diagnostics().reason());
                if answer == Answer::Allow {
                    decision.effect = Effect::Allow;
                }
            }
        }
        decision
    }

    fn ask_about(
        &self,
        change: &Change,
        evidence: Evidence<'_>,
        action: &str,
    ) -> Result<Response, String> {
        let policies = self
            .by_action
            .get(action)
            .ok_or_else(|| format!("the schema declares no `Action::\"{action}\"`"))?;
        let principal = self.vocabulary.user(&change.principal.name);
        let resource = self.vocabulary.environment(environment(change));
        let entities = self.vocabulary.about_change(change)?;
        self.ask(policies, principal, action, resource, facts(change, evidence)?, &entities)
    }

    /// One question to Cedar, checked against the schema first.
    pub(crate) fn ask(
        &self,
        policies: &PolicySet,
        principal: EntityUid,
        action: &str,
        resource: EntityUid,
        context: Pairs,
        entities: &Entities,
    ) -> Result<Response, String> {
        let context = Context::from_pairs(context).map_err(|error| error.to_string())?;
        let action = self.vocabulary.action(action);
        let schema = Some(&self.vocabulary.schema);
        let request = Request::new(principal, action, resource, context, schema)
            .map_err(|error| error.to_string())?;
        Ok(Authorizer::new().is_authorized(&request, policies, entities))
    }

    /// Policies that failed to evaluate, in order of file and line.
    pub(crate) fn failures(&self, response: &Response) -> Vec<String> {
        let mut failures: Vec<_> = response.diagnostics().errors().collect();
        failures.sort_by_key(|AuthorizationError::PolicyEvaluationError(error)| {
            error.policy_id().to_string().parse::<usize>().ok()
        });
        let describe = |AuthorizationError::PolicyEvaluationError(error): &AuthorizationError| {
            let named = self.named(std::iter::once(error.policy_id()));
            let policy = named.first().map(|policy| match &policy.location {
                Some(location) => format!("`{}` at {location}", policy.id),
                None => format!("`{}`", policy.id),
            });
            let policy = policy.unwrap_or_else(|| error.policy_id().to_string());
            format!("policy {policy} failed: {}", error.inner())
        };
        failures.into_iter().map(describe).collect()
    }
}
