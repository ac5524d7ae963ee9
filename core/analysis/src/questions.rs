//! What is asked of the symbolic compiler about one kind of request.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{EntityUid, Policy, PolicyId, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet, Env};
use provost_model::RequestKind;
use provost_verify::Budget;

use crate::cvc5::Cvc5;
use crate::solver::{Portfolio, now};

/// What answers questions, and what each may cost.
#[derive(Clone, Debug, Default)]
pub struct Means {
    /// For one question, and again for a second attempt at it.
    pub budget: Budget,
    /// Asked beside Z3.
    pub second: Option<Cvc5>,
}

/// No request is like that, or this one is; or why nobody knows.
pub(crate) type Answer = Result<Option<Env>, String>;

/// Questions about one kind of request.
pub(crate) struct Questions<'a> {
    means: &'a Means,
    pub(crate) schema: &'a Schema,
    pub(crate) env: RequestEnv,
    pub(crate) kind: RequestKind,
    /// Groups that the action belongs to.
    groups: Vec<EntityUid>,
}

impl<'a> Questions<'a> {
    /// One for each kind of request of a schema, in order of action, principal and resource.
    pub(crate) fn all(means: &'a Means, schema: &'a Schema) -> Vec<Self> {
        let envs = schema.request_envs().map(|env| {
            let kind = RequestKind {
                principal: env.principal().to_string(),
                action: env.action().to_string(),
                resource: env.resource().to_string(),
            };
            ((kind.action.clone(), kind.principal.clone(), kind.resource.clone()), (env, kind))
        });
        let envs: BTreeMap<_, _> = envs.collect();
        let actions = schema.action_entities().ok();
        let groups = |action: &EntityUid| -> Vec<EntityUid> {
            let groups = actions.as_ref().and_then(|actions| actions.ancestors(action));
            groups.into_iter().flatten().cloned().collect()
        };
        let one = |(env, kind): (RequestEnv, RequestKind)| Self {
            means,
            schema,
            groups: groups(env.action()),
            env,
            kind,
        };
        envs.into_values().map(one).collect()
    }

    /// The action and its groups.
    pub(crate) fn actions(&self) -> impl Iterator<Item = &EntityUid> {
        std::iter::once(self.env.action()).chain(&self.groups)
    }

    /// Does the action belong to the same groups there?
    pub(crate) fn has_the_groups_of(&self, other: &Self) -> bool {
        let groups = |one: &Self| one.groups.iter().cloned().collect::<BTreeSet<_>>();
        groups(self) == groups(other)
    }

    pub(crate) fn compile(&self, policy: &Policy) -> Result<CompiledPolicy, String> {
        CompiledPolicy::compile(policy, &self.env, self.schema).map_err(|error| explain(&error))
    }

    pub(crate) fn compile_set<'p>(
        &self,
        policies: impl IntoIterator<Item = &'p Policy>,
    ) -> Result<CompiledPolicySet, String> {
        let set = numbered(policies)?;
        CompiledPolicySet::compile(&set, &self.env, self.schema).map_err(|error| explain(&error))
    }

    fn ask(
        &self,
        question: impl AsyncFnOnce(
            &mut CedarSymCompiler<Portfolio>,
        ) -> Result<Option<Env>, cedar_policy_symcc::err::Error>,
    ) -> Answer {
        let solver = Portfolio::new(self.means.budget, self.means.second.clone());
        let mut compiler = CedarSymCompiler::new(solver).map_err(|error| explain(&error))?;
        now(question(&mut compiler))?.map_err(|error| explain(&error))
    }

    /// A request on which the policy fails.
    pub(crate) fn fails(&self, policy: &CompiledPolicy) -> Answer {
        self.ask(async |compiler| compiler.check_never_errors_with_counterexample_opt(policy).await)
    }

    /// A request that the policy matches.
    pub(crate) fn matches(&self, policy: &CompiledPolicy) -> Answer {
        self.ask(async |compiler| {
            compiler.check_never_matches_with_counterexample_opt(policy).await
        })
    }

    /// A request that the first policy matches and the second does not.
    pub(crate) fn matches_without(&self, one: &CompiledPolicy, other: &CompiledPolicy) -> Answer {
        self.ask(async |compiler| {
            compiler.check_matches_implies_with_counterexample_opt(one, other).await
        })
    }

    /// A request that the first set allows and the second does not.
    pub(crate) fn allows_without(
        &self,
        one: &CompiledPolicySet,
        other: &CompiledPolicySet,
    ) -> Answer {
        self.ask(async |compiler| compiler.check_implies_with_counterexample_opt(one, other).await)
    }
}

/// A set of policies from several files, where two may have the same Cedar id.
pub(crate) fn numbered<'p>(
    policies: impl IntoIterator<Item = &'p Policy>,
) -> Result<PolicySet, String> {
    let policies = policies.into_iter().enumerate();
    let policies = policies.map(|(place, one)| one.new_id(PolicyId::new(place.to_string())));
    PolicySet::from_policies(policies).map_err(|error| error.to_string())
}

/// A policy that permits every request.
pub(crate) fn everything() -> Result<Policy, String> {
    Policy::parse(None, "permit (principal, action, resource);").map_err(|error| error.to_string())
}

/// The policy, which now also asks for this.
///
/// # Errors
/// Cedar's words, when it is not an expression.
pub(crate) fn also(policy: &Policy, condition: &str) -> Result<Policy, String> {
    let asked = Policy::parse(
        None,
        format!("permit (principal, action, resource) when {{ {condition}\n}};"),
    )
    .map_err(|error| error.to_string())?;
    let conditions = |policy: &Policy| -> Result<serde_json::Value, String> {
        policy.to_json().map_err(|error| error.to_string())
    };
    let asked = conditions(&asked)?;
    let mut whole = conditions(policy)?;
    if let Some(list) = whole.get_mut("conditions").and_then(serde_json::Value::as_array_mut) {
        list.extend(
            asked.get("conditions").and_then(|c| c.as_array()).into_iter().flatten().cloned(),
        );
    }
    Policy::from_json(Some(policy.id().clone()), whole).map_err(|error| error.to_string())
}

/// An error with what caused it.
fn explain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(cause) = inner {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(&format!(": {cause_text}"));
        }
        inner = cause.source();
    }
    text
}

/// The scope of a policy alone; nothing when it has no conditions.
pub(crate) fn without_conditions(policy: &Policy) -> Option<Policy> {
    let mut whole = policy.to_json().ok()?;
    let conditions = whole.get_mut("conditions")?.as_array_mut()?;
    if conditions.is_empty() {
        return None;
    }
    conditions.clear();
    Policy::from_json(Some(policy.id().clone()), whole).ok()
}
