//! What is done with a no: block, warn, or only write it down.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use provost_model::{
    Assessment, Change, Effect, Leniency, ObjectReference, PolicyReference, Problem,
};
use provost_policy::Evidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bundle::Bundle;
use crate::circumstances::Circumstances;
use crate::gate::Gate;

/// What is done with a no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It denies the change.
    #[default]
    Enforce,
    /// Whoever asked is told, and may go on.
    Warn,
    /// It is written down.
    Audit,
}

/// For which rules, namespaces and environments a mode holds. What is left out is every one.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EnforcementForm {
    /// What is done with a no.
    pub mode: Mode,
    /// Ids of rules, specifications or policies.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Namespaces; `team-*` is every one that begins so.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// Environments.
    #[serde(default)]
    pub environments: Vec<String>,
}

impl EnforcementForm {
    /// `namespace` is empty for what is in none.
    fn is_about(&self, rule: &str, namespace: &str, environment: Option<&str>) -> bool {
        let named = |names: &[String], fits: &dyn Fn(&str) -> bool| {
            names.is_empty() || names.iter().any(|name| fits(name))
        };
        named(&self.rules, &|id| id == rule)
            && named(&self.namespaces, &|name| match name.strip_suffix('*') {
                Some(start) => namespace.starts_with(start) && !namespace.is_empty(),
                None => name == namespace,
            })
            && named(&self.environments, &|name| environment == Some(name))
    }
}

impl Bundle {
    /// What is done with a no of a rule, specification or policy: the first entry of the gate
    /// file's `enforcement` that fits counts. `namespace` is empty for what is in none.
    pub fn mode(&self, rule: &str, namespace: &str, environment: Option<&str>) -> Mode {
        let fits = |entry: &&EnforcementForm| entry.is_about(rule, namespace, environment);
        self.enforcement.iter().find(fits).map_or(Mode::Enforce, |entry| entry.mode)
    }

    /// The inputs of the verdict that count: is a violation, a policy's no, something unknown
    /// enforced? Beside them, what was let pass, one line each.
    pub(crate) fn enforced(
        &self,
        change: &Change,
        assessment: &Assessment,
        now: Timestamp,
        under: &Circumstances,
    ) -> Enforced {
        let mode =
            |id: &str, namespace: &str| self.mode(id, namespace, change.environment.as_deref());
        let mut passed = Vec::new();
        let mut counts = |id: &str, namespace: &str, what: &str| match mode(id, namespace) {
            Mode::Enforce => true,
            Mode::Warn | Mode::Audit => {
                let line = format!("`{id}` is not enforced here: {what} does not count");
                if !passed.contains(&line) {
                    passed.push(line);
                }
                false
            }
        };
        let (mut violated, mut lenient) = (BTreeSet::new(), BTreeMap::new());
        for finding in assessment.findings() {
            if finding.check.severity >= self.blocking {
                let namespace = under.namespace(&finding.object);
                let id = &finding.check.id;
                if counts(id, namespace, "a violation of it") {
                    violated.insert(id.clone());
                } else {
                    let how = leniency(mode(id, namespace));
                    lenient.extend(how.map(|how| ((id.clone(), finding.object.clone()), how)));
                }
            }
        }
        let mut unknown = !assessment.problems.is_empty();
        for result in &assessment.results {
            for one in &result.unknowns {
                let namespace = one.object.as_ref().map_or("", |object| under.namespace(object));
                unknown |= counts(&result.check.id, namespace, "that it could not be judged");
            }
        }
        let decision = &assessment.decision;
        let mut effect = decision.effect;
        if effect == Effect::Deny && decision.errors.is_empty() && !decision.determining.is_empty()
        {
            let objects = change.documents.iter().chain(change.gone());
            let objects = objects.map(|document| &document.object);
            let spaces: Vec<&str> = objects.map(|object| under.namespace(object)).collect();
            let mut enforced = |id: &str| {
                let each = spaces.iter().map(|space| counts(id, space, "its no"));
                // Every one is asked, so that every line is there.
                each.fold(spaces.is_empty(), |any, one| any | one)
            };
            let left = decision.determining.iter().map(|policy| enforced(&policy.id));
            if !left.fold(false, |any, one| any | one) {
                effect = self.without(change, assessment, now, &decision.determining);
                if effect == Effect::Deny {
                    passed.push(UNPERMITTED.to_owned());
                }
            }
        }
        Enforced { violated, lenient, effect, unknown, passed }
    }

    /// What is decided without policies that forbid: those that permit were not asked for.
    fn without(
        &self,
        change: &Change,
        assessment: &Assessment,
        now: Timestamp,
        left_out: &[PolicyReference],
    ) -> Effect {
        let evidence = Evidence {
            change: assessment.change,
            results: &assessment.results,
            waivers: &assessment.waivers,
            blocking: assessment.blocking,
            now,
        };
        self.policies.decide_without(change, &evidence, left_out)
    }
}

fn leniency(mode: Mode) -> Option<Leniency> {
    match mode {
        Mode::Enforce => None,
        Mode::Warn => Some(Leniency::Warn),
        Mode::Audit => Some(Leniency::Audit),
    }
}

/// Not to enforce what forbids permits nothing.
const UNPERMITTED: &str = "without what is not enforced, no policy permits the change";

/// What counts.
pub(crate) struct Enforced {
    /// The checks of which a violation does.
    pub(crate) violated: BTreeSet<String>,
    /// Those that do not, by check and object.
    pub(crate) lenient: BTreeMap<(String, ObjectReference), Leniency>,
    pub(crate) effect: Effect,
    pub(crate) unknown: bool,
    /// What does not, one line each.
    pub(crate) passed: Vec<String>,
}

/// Ids in `enforcement` that nothing has: a misspelt one would leave its rule enforced, or
/// not, against what was meant.
pub(crate) fn unknown_ids(gate: &Gate, known: &[&str]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (place, entry) in gate.form.enforcement.iter().enumerate() {
        for (index, id) in entry.rules.iter().enumerate() {
            if known.contains(&id.as_str()) {
                continue;
            }
            let message = format!("there is no rule, specification or policy `{id}`");
            let mut problem = Problem::about("unknown-check", id, message);
            problem.location = gate.locate(&format!("/enforcement/{place}/rules/{index}"));
            let near = provost_syntax::suggest(id, known.iter().copied());
            problems.push(problem.help(near.map_or_else(
                || "`provost explain` lists every check".to_owned(),
                |near| format!("did you mean `{near}`?"),
            )));
        }
    }
    problems
}
