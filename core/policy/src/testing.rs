//! Tests of policies as data: questions with the answers that they should have.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use provost_model::{
    Effect, Location, Node, PolicyReference, Principal, PrincipalKind, Problem, Source,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Policies;
use crate::directory::ApiVersion;
use crate::written::{Answered, Written};

/// A file of tests.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct TestsForm {
    /// `provost.dev/v1`
    #[serde(rename = "apiVersion")]
    _api_version: ApiVersion,
    /// `PolicyTests`
    #[serde(rename = "kind")]
    _kind: Kind,
    /// Built-in packs that are asked.
    #[serde(default)]
    packs: Vec<String>,
    /// Files or folders of policies that are asked, relative to this file.
    #[serde(default)]
    policies: Vec<PathBuf>,
    /// A file of entities, relative to this file.
    #[serde(default)]
    entities: Option<PathBuf>,
    /// Cedar policies that are asked too and are not what is tested: an exception for the
    /// guards over it, a permit for what is forbidden.
    #[serde(default)]
    given: String,
    /// Questions with their answers.
    #[schemars(length(min = 1))]
    cases: Vec<CaseForm>,
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Kind {
    PolicyTests,
}

/// A question with its answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CaseForm {
    /// What it shows, as a sentence.
    #[schemars(length(min = 1))]
    name: String,
    /// Who asks; a plugin for the action `grant`.
    #[serde(default = "alice")]
    principal: String,
    /// What sort of actor, where the name does not say so.
    #[serde(default)]
    principal_kind: Option<PrincipalKindForm>,
    /// Groups of whoever asks.
    #[serde(default)]
    groups: Vec<String>,
    /// The action.
    #[serde(default = "apply")]
    action: String,
    /// An environment; for `waive` an object, `Kind/namespace/name`; for `grant` a capability.
    #[serde(default = "production")]
    resource: String,
    /// Labels of the object, for `waive`.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// Attributes of the context that differ from an uneventful change: one Deployment,
    /// nothing wrong with it, nothing proved, nobody has approved.
    #[serde(default)]
    context: Map<String, Value>,
    /// The decision.
    decision: DecisionForm,
    /// Ids of exactly the policies that determine it, in any order.
    by: Vec<String>,
}

fn alice() -> String {
    "alice".to_owned()
}

fn apply() -> String {
    "apply".to_owned()
}

fn production() -> String {
    "production".to_owned()
}

/// What sort of actor asks.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
enum PrincipalKindForm {
    User,
    ServiceAccount,
    Pipeline,
    Healer,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum DecisionForm {
    Allow,
    Deny,
}

/// A file of tests that was read.
#[derive(Debug)]
pub struct PolicyTests {
    source: Arc<Source>,
    root: Node,
    form: TestsForm,
}

/// What came of one case.
#[derive(Clone, Debug)]
pub struct Tested {
    /// What it shows.
    pub name: String,
    /// Where it stands.
    pub location: Location,
    /// How the answer differs from what should come; empty when it passed.
    pub differences: Vec<String>,
    /// The policies that determined the answer.
    pub determining: Vec<PolicyReference>,
}

/// The JSON Schema of a file of tests, for editors.
pub fn tests_schema() -> Value {
    provost_syntax::Schema::of::<TestsForm>().json().clone()
}

impl PolicyTests {
    /// # Errors
    /// Every problem of the text, each at its line.
    pub fn read(source: &Arc<Source>) -> Result<Self, Vec<Problem>> {
        let root = provost_syntax::only_document(source, "PolicyTests")?;
        let form = provost_syntax::decode(source, &root)?;
        Ok(Self { source: Arc::clone(source), root, form })
    }

    /// The text that it was read from.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Names of the built-in packs that are asked.
    pub fn packs(&self) -> &[String] {
        &self.form.packs
    }

    /// Files and folders of policies that are asked, relative to the file.
    pub fn policies(&self) -> &[PathBuf] {
        &self.form.policies
    }

    /// The file of entities, relative to the file.
    pub fn entities(&self) -> Option<&PathBuf> {
        self.form.entities.as_ref()
    }

    /// Policies that are asked too and are not what is tested.
    pub fn given(&self) -> Arc<Source> {
        let name = format!("`given` of {}", self.source.name());
        Source::new(name, self.form.given.as_str())
    }

    /// A place in the file.
    pub fn locate(&self, pointer: &str) -> Location {
        let span = self.root.locate(pointer).0;
        Location { source: Arc::clone(&self.source), span, pointer: pointer.to_owned() }
    }

    /// What comes of every case.
    ///
    /// # Errors
    /// Cases that cannot be asked: an unknown action, attribute or policy.
    pub fn run(&self, policies: &Policies) -> Result<Vec<Tested>, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut tested = Vec::new();
        for (index, case) in self.form.cases.iter().enumerate() {
            let mistakes = self.mistakes(index, case, policies);
            if !mistakes.is_empty() {
                problems.extend(mistakes);
                continue;
            }
            match policies.answer_written(&written(case)) {
                Ok(answered) => tested.push(self.tested(index, case, answered)),
                Err(error) => {
                    let pointer = format!("/cases/{index}/context");
                    let pointer = self
                        .root
                        .at(&pointer)
                        .map_or_else(|| format!("/cases/{index}/name"), |_| pointer);
                    let message = format!("this cannot be asked: {error}");
                    problems.push(
                        Problem::at("policy-tests", self.locate(&pointer), message)
                            .help("`policies/schema.cedarschema` has the types of attributes"),
                    );
                }
            }
        }
        if problems.is_empty() { Ok(tested) } else { Err(problems) }
    }

    fn tested(&self, index: usize, case: &CaseForm, answered: Answered) -> Tested {
        let Answered { effect, determining, errors } = answered;
        let wanted = match case.decision {
            DecisionForm::Allow => Effect::Allow,
            DecisionForm::Deny => Effect::Deny,
        };
        let mut differences = Vec::new();
        if wanted != effect {
            differences.push(format!("expected {}, it is {}", word(wanted), word(effect)));
        }
        let is_expected = |policy: &&PolicyReference| case.by.contains(&policy.id);
        for id in &case.by {
            if !determining.iter().any(|policy| policy.id == *id) {
                differences.push(format!("`{id}` does not determine it"));
            }
        }
        for policy in determining.iter().filter(|policy| !is_expected(policy)) {
            let place = policy.location.as_ref().map(|place| format!(" ({place})"));
            let place = place.unwrap_or_default();
            differences.push(format!("`{}`{place} determines it", policy.id));
        }
        differences.extend(errors);
        Tested {
            name: case.name.clone(),
            location: self.locate(&format!("/cases/{index}/name")),
            differences,
            determining,
        }
    }

    /// Names in a case that mean nothing.
    fn mistakes(&self, index: usize, case: &CaseForm, policies: &Policies) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut unknown = |pointer: String, what: &str, name: &str, known: Vec<&str>| {
            let help = match provost_syntax::suggest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.len() > 12 => format!("there are {}", known.len()),
                None => format!("known are `{}`", known.join("`, `")),
            };
            let message = format!("there is no {what} `{name}`");
            problems.push(Problem::at("policy-tests", self.locate(&pointer), message).help(help));
        };
        // Groups of actions are nothing that can be asked.
        let actions = policies.vocabulary.asked_actions();
        if !actions.contains(&case.action.as_str()) {
            unknown(format!("/cases/{index}/action"), "action", &case.action, actions);
            return problems;
        }
        let ids: Vec<_> = policies.policies().map(|policy| policy.id).collect();
        for (number, id) in case.by.iter().enumerate() {
            if !ids.contains(id) {
                let known = ids.iter().map(String::as_str).collect();
                unknown(format!("/cases/{index}/by/{number}"), "policy", id, known);
            }
        }
        let place = format!("/cases/{index}/context");
        if let Some(context) = self.root.at(&place) {
            for one in policies.unknown_attributes(&case.action, context) {
                let known = one.known.iter().map(String::as_str).collect();
                unknown(format!("{place}{}", one.pointer), "attribute", &one.name, known);
            }
        }
        problems
    }
}

fn written(case: &CaseForm) -> Written {
    let named = Principal::named(case.principal.as_str());
    let kind = match case.principal_kind {
        None => named.kind,
        Some(PrincipalKindForm::User) => PrincipalKind::User,
        Some(PrincipalKindForm::ServiceAccount) => PrincipalKind::ServiceAccount,
        Some(PrincipalKindForm::Pipeline) => PrincipalKind::Pipeline,
        Some(PrincipalKindForm::Healer) => PrincipalKind::Healer,
    };
    let labels = case.labels.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
    Written {
        principal: Principal { kind, groups: case.groups.clone(), ..named },
        action: case.action.clone(),
        resource: case.resource.clone(),
        labels: labels.collect(),
        context: case.context.clone(),
    }
}

fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allow",
        Effect::Deny => "deny",
    }
}
