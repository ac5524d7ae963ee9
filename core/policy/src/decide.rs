use cedar_policy::{
    AuthorizationError, Authorizer, Context, Decision as Answer, Entities, EntityUid, PolicySet,
    Request, Response,
};
use provost_model::{Advice, Change, Decision, Digest, Effect, GlassBroken, PolicyReference};

use crate::context::{Pairs, evidence as facts, flag, moment, pair, span, text};
use crate::entities::new;
use crate::known::Known;
use crate::vocabulary::{BREAK_GLASS, GRANT};
use crate::{Evidence, Policies};

/// What Cedar answers, with the policies by name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ruling {
    pub effect: Effect,
    pub determining: Vec<PolicyReference>,
    pub errors: Vec<String>,
}

impl Policies {
    /// May this change proceed on this evidence?
    ///
    /// Never fails: what cannot be asked, and a policy that fails on the way, is a
    /// denial with its errors. A policy that failed might have been the one to forbid.
    pub fn decide(&self, change: &Change, evidence: &Evidence<'_>) -> Decision {
        let known = Known::of(change, *evidence);
        let Ruling { effect, determining, errors } = self.rule(&known);
        Decision {
            effect,
            action: change.operation.to_string(),
            principal: change.principal.full_name(),
            environment: change.environment.clone().unwrap_or_default(),
            advice: Advice::default(),
            determining,
            errors,
        }
    }

    /// The effect that the same question has when some policies are left out, which are of this
    /// set. As with [`Policies::decide`], what cannot be asked and what fails is a denial.
    pub fn decide_without(
        &self,
        change: &Change,
        evidence: &Evidence<'_>,
        left_out: &[PolicyReference],
    ) -> Effect {
        let known = Known::of(change, *evidence);
        let action = known.operation.name();
        let asked = || {
            let mut policies = self.set_of(action)?.clone();
            for id in self.ids_of(left_out) {
                policies.remove_static(id).map_err(|error| error.to_string())?;
            }
            let context = facts(&known, &self.consent(&known)?)?;
            self.ask_of(&policies, &known, action, context)
        };
        asked().map_or_else(Ruling::unasked, |response| self.ruling(&response)).effect
    }

    /// May whoever asks let an emergency pass? Asked only where they have a record of one
    /// that is in force. Each such record is asked about, and the first that is accepted
    /// counts; where none is, the second is why not the last of them.
    pub fn break_glass(
        &self,
        change: &Change,
        evidence: &Evidence<'_>,
    ) -> Option<Result<GlassBroken, Ruled>> {
        if change.facts.break_glass.is_empty() {
            return None;
        }
        self.emergency(&Known::of(change, *evidence))
    }

    pub(crate) fn emergency(&self, known: &Known<'_>) -> Option<Result<GlassBroken, Ruled>> {
        let mut refused = None;
        for record in known.emergencies() {
            match self.accept(known, record) {
                Ok(glass) => return Some(Ok(glass)),
                Err(ruled) => refused = Some(Err(ruled)),
            }
        }
        refused
    }

    fn accept(
        &self,
        known: &Known<'_>,
        record: &provost_model::BreakGlass,
    ) -> Result<GlassBroken, Ruled> {
        let ruling = self
            .put_emergency(known, record)
            .map_or_else(Ruling::unasked, |response| self.ruling(&response));
        match ruling.effect {
            Effect::Allow => Ok(GlassBroken {
                by: record.principal.full_name(),
                incident: record.incident.clone(),
                reason: record.reason.clone(),
                until: record.until.to_string(),
                policies: ruling.determining,
            }),
            Effect::Deny => Err(Ruled { determining: ruling.determining, errors: ruling.errors }),
        }
    }

    fn put_emergency(
        &self,
        known: &Known<'_>,
        record: &provost_model::BreakGlass,
    ) -> Result<Response, String> {
        let mut context = vec![
            pair("action", text(known.operation.name())),
            pair("incident", text(&record.incident)),
            pair("reason", text(&record.reason)),
            pair("term", span(record.until.duration_since(record.from))),
            pair("now", moment(known.now)),
        ];
        context.extend(known.session()?.map(|session| pair("session", session)));
        self.ask_about(known, BREAK_GLASS, context)
    }

    /// May a plugin have this ability? The policies that forbid it, or that none permits it.
    ///
    /// # Errors
    /// Why not.
    pub fn grant(
        &self,
        plugin: &str,
        capability: &str,
        built_in: bool,
        digest: Digest,
    ) -> Result<(), Ruled> {
        let asked = || -> Result<Response, String> {
            let plugin = self.vocabulary.entity("Plugin", plugin)?;
            let capability = self.vocabulary.entity("PluginCapability", capability)?;
            let context =
                vec![pair("builtIn", flag(built_in)), pair("digest", text(&digest.to_string()))];
            let entities = [plugin.clone(), capability.clone()]
                .map(|uid| new(uid, Vec::new(), [], Vec::new()));
            let entities = entities.into_iter().collect::<Result<Vec<_>, _>>()?;
            let entities = self.vocabulary.close(entities)?;
            self.ask(self.set_of(GRANT)?, plugin, GRANT, capability, context, &entities)
        };
        let ruling = asked().map_or_else(Ruling::unasked, |response| self.ruling(&response));
        match ruling.effect {
            Effect::Allow => Ok(()),
            Effect::Deny => Err(Ruled { determining: ruling.determining, errors: ruling.errors }),
        }
    }

    pub(crate) fn rule(&self, known: &Known<'_>) -> Ruling {
        let asked = || {
            let context = facts(known, &self.consent(known)?)?;
            self.ask_about(known, known.operation.name(), context)
        };
        asked().map_or_else(Ruling::unasked, |response| self.ruling(&response))
    }

    fn ask_about(
        &self,
        known: &Known<'_>,
        action: &str,
        context: Pairs,
    ) -> Result<Response, String> {
        self.ask_of(self.set_of(action)?, known, action, context)
    }

    fn ask_of(
        &self,
        policies: &PolicySet,
        known: &Known<'_>,
        action: &str,
        context: Pairs,
    ) -> Result<Response, String> {
        let principal = self.uid_of(&known.principal)?;
        let resource = self.vocabulary.entity("Environment", known.environment)?;
        let entities = self.asking(&known.principal, known.environment)?;
        self.ask(policies, principal, action, resource, context, &entities)
    }

    fn set_of(&self, action: &str) -> Result<&PolicySet, String> {
        let set = self.by_action.get(action);
        set.ok_or_else(|| format!("the schema declares no `Action::\"{action}\"`"))
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
        let action = self.vocabulary.entity("Action", action)?;
        let schema = Some(&self.vocabulary.schema);
        let request = Request::new(principal, action, resource, context, schema)
            .map_err(|error| error.to_string())?;
        Ok(Authorizer::new().is_authorized(&request, policies, entities))
    }

    pub(crate) fn ruling(&self, response: &Response) -> Ruling {
        let errors = self.failures(response);
        match (response.decision(), errors.is_empty()) {
            // The permits did not determine this denial, the failure did.
            (Answer::Allow, false) => {
                Ruling { effect: Effect::Deny, determining: Vec::new(), errors }
            }
            (answer, _) => Ruling {
                effect: if answer == Answer::Allow { Effect::Allow } else { Effect::Deny },
                determining: self.named(response.diagnostics().reason()),
                errors,
            },
        }
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

/// Why something is not permitted: the policies that forbid it, and those that failed. When
/// there is neither, nothing permits it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruled {
    /// Those that forbid it.
    pub determining: Vec<PolicyReference>,
    /// Those that failed to evaluate.
    pub errors: Vec<String>,
}

impl std::fmt::Display for Ruled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let forbids = self.determining.iter().map(|policy| {
            let title = if policy.title.is_empty() { "" } else { ": " };
            format!("`{}` forbids it{title}{}", policy.id, policy.title)
        });
        let reasons: Vec<_> = forbids.chain(self.errors.iter().cloned()).collect();
        match reasons.as_slice() {
            [] => f.write_str("no policy permits it"),
            reasons => f.write_str(&reasons.join("; ")),
        }
    }
}

impl Ruling {
    /// What cannot be asked is denied.
    fn unasked(error: String) -> Self {
        let error = format!("the change could not be put to Cedar: {error}");
        Self { effect: Effect::Deny, determining: Vec::new(), errors: vec![error] }
    }
}
