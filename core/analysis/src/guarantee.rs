//! Guarantees: what must hold of the policies for every request, written down and proved.

use std::sync::Arc;

use cedar_policy::{Effect, Policy, PolicySet, ValidationMode, Validator};
use provost_model::{GuaranteeRecord, Guaranteed, Location, Node, Problem, Source, Witness};
use provost_policy::TypedPolicies;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::beyond::{allowed, allowed_beyond};
use crate::exceptions::in_force;
use crate::questions::{Means, Questions, also};
use crate::witness::{Case, witness};

/// A file of guarantees.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GuaranteesForm {
    /// `provost.dev/v1`
    #[serde(rename = "apiVersion")]
    _api_version: ApiVersion,
    /// `PolicyGuarantees`
    #[serde(rename = "kind")]
    _kind: Kind,
    /// Each holds for every request, or the policies are not what they should be.
    #[schemars(length(min = 1))]
    guarantees: Vec<GuaranteeForm>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
enum ApiVersion {
    #[serde(rename = "provost.dev/v1")]
    V1,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
enum Kind {
    PolicyGuarantees,
}

/// One guarantee. It says either what the decision is, or what every allowed request is like.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GuaranteeForm {
    /// Its name, lower-case words joined by hyphens.
    #[schemars(regex(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    id: String,
    /// What it says, in one sentence.
    #[schemars(length(min = 1))]
    title: String,
    /// The actions or groups of actions that it is about, as `apply` or `Action::"apply"`;
    /// without them, every one.
    #[serde(default)]
    actions: Vec<String>,
    /// The requests of those that it is about: a Cedar expression over `principal`, `action`,
    /// `resource` and `context`. Without it, all of them.
    #[serde(default)]
    when: Option<String>,
    /// What the decision about every such request is.
    #[serde(default)]
    decision: Option<DecisionForm>,
    /// What holds of every such request that is allowed: a Cedar expression.
    #[serde(default)]
    requires: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum DecisionForm {
    /// Every such request is allowed.
    Allow,
    /// Every such request is denied.
    Deny,
}

/// The guarantees of one file.
#[derive(Clone, Debug)]
pub struct Guarantees {
    source: Arc<Source>,
    root: Node,
    form: GuaranteesForm,
}

/// JSON Schema of a file of guarantees.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(GuaranteesForm).into()
}

const CODE: &str = "guarantee";

impl Guarantees {
    /// Reads a file.
    ///
    /// # Errors
    /// Every problem of its text, each at its line.
    pub fn read(source: &Arc<Source>) -> Result<Self, Vec<Problem>> {
        let root = provost_syntax::only_document(source, "PolicyGuarantees")?;
        let form: GuaranteesForm = provost_syntax::decode(source, &root)?;
        let file = Self { source: Arc::clone(source), root, form };
        let problems: Vec<_> =
            (0..file.form.guarantees.len()).filter_map(|at| file.flaw(at)).collect();
        if problems.is_empty() { Ok(file) } else { Err(problems) }
    }

    /// The ids, each with its place.
    pub fn ids(&self) -> impl Iterator<Item = (&str, Location)> {
        let all = self.form.guarantees.iter().enumerate();
        all.map(|(at, form)| (form.id.as_str(), self.locate(&format!("/guarantees/{at}/id"))))
    }

    fn flaw(&self, at: usize) -> Option<Problem> {
        let form = self.form.guarantees.get(at)?;
        let message = match (form.decision.is_some(), form.requires.is_some()) {
            (true, false) | (false, true) => {
                let earlier = self.form.guarantees.iter().take(at);
                let twice = earlier.clone().any(|other| other.id == form.id);
                return twice.then(|| {
                    let place = self.locate(&format!("/guarantees/{at}/id"));
                    Problem::at(CODE, place, format!("`{}` is guaranteed twice", form.id))
                        .help("give one of them another id")
                });
            }
            (true, true) => "the guarantee says both `decision` and `requires`",
            (false, false) => "the guarantee says neither `decision` nor `requires`",
        };
        let place = self.locate(&format!("/guarantees/{at}"));
        Some(Problem::at(CODE, place, message).help(
            "write `decision: deny` for what is never allowed, or `requires:` for what holds of \
             everything that is",
        ))
    }

    fn locate(&self, pointer: &str) -> Location {
        let mut location = Location::new(&self.source, self.root.locate(pointer).0);
        pointer.clone_into(&mut location.pointer);
        location
    }
}

/// What came of every guarantee, in order. `done` is told how many more were looked at.
///
/// # Errors
/// What is wrong with their expressions and names, under the schema of the policies.
pub fn guaranteed(
    policies: &TypedPolicies,
    files: &[Guarantees],
    means: &Means,
    done: &(dyn Fn(usize) + Sync),
) -> Result<Vec<GuaranteeRecord>, Vec<Problem>> {
    let kinds = Questions::all(means, &policies.schema);
    let mut problems = Vec::new();
    let mut asked = Vec::new();
    for file in files {
        for (at, form) in file.form.guarantees.iter().enumerate() {
            match Asked::new(policies, &kinds, file, at, form) {
                Ok(one) => asked.push(one),
                Err(found) => problems.extend(found),
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let record = |asked: &Asked<'_>| {
        let record = asked.record();
        done(1);
        record
    };
    Ok(asked.par_iter().map(record).collect())
}

/// One guarantee with the kinds of requests that it is about.
struct Asked<'a> {
    policies: &'a TypedPolicies,
    form: &'a GuaranteeForm,
    location: Location,
    kinds: Vec<&'a Questions<'a>>,
    /// Every request that it is about.
    premise: Policy,
    /// What it requires of those that are allowed.
    required: Option<Policy>,
}

impl<'a> Asked<'a> {
    fn new(
        policies: &'a TypedPolicies,
        kinds: &'a [Questions<'a>],
        file: &'a Guarantees,
        at: usize,
        form: &'a GuaranteeForm,
    ) -> Result<Self, Vec<Problem>> {
        let place = |field: &str| file.locate(&format!("/guarantees/{at}/{field}"));
        let mut problems =
            unknown_actions(kinds, form, &|action| place(&format!("actions/{action}")));
        let is_about = |questions: &&Questions<'_>| {
            form.actions.is_empty() || form.actions.iter().any(|name| is_action(questions, name))
        };
        let kinds: Vec<_> = kinds.iter().filter(is_about).collect();
        let mut parse = |field: &'static str, text: Option<&String>| {
            let text = text.map_or("true", String::as_str);
            let parsed = expression(text)
                .and_then(|policy| typed(policies, &kinds, &policy).map(|()| policy));
            parsed.map_err(|message| problems.push(misread(place(field), &message))).ok()
        };
        let premise = parse("when", form.when.as_ref());
        let required = form.requires.as_ref().and_then(|text| parse("requires", Some(text)));
        match premise {
            Some(premise) if problems.is_empty() => {
                Ok(Self { policies, form, location: place("id"), kinds, premise, required })
            }
            _ => Err(problems),
        }
    }

    fn record(&self) -> GuaranteeRecord {
        GuaranteeRecord {
            id: self.form.id.clone(),
            title: self.form.title.clone(),
            location: Some(self.location.clone()),
            kinds: self.kinds.len(),
            outcome: self.outcome().unwrap_or_else(Guaranteed::Unknown),
        }
    }

    fn outcome(&self) -> Result<Guaranteed, String> {
        let mut met = false;
        let mut open = None;
        for questions in &self.kinds {
            match self.broken(questions) {
                Ok(Some(witness)) => return Ok(Guaranteed::Broken(Box::new(witness))),
                Ok(None) => met |= self.is_met(questions)?,
                Err(reason) => open = Some(reason),
            }
        }
        match open {
            Some(reason) => Err(reason),
            None if met => Ok(Guaranteed::Proved),
            None => Ok(Guaranteed::Vacuous(self.vacuous()?)),
        }
    }

    /// The policies that have a say, as the gate asks them.
    fn in_force(&self, questions: &Questions<'_>) -> Result<Vec<Policy>, String> {
        let counting = self.policies.policies.iter();
        let counting = counting.filter(|one| self.policies.counts(one, questions.env.action()));
        counting.map(in_force).collect()
    }

    /// The same, and only for requests that the guarantee is about.
    fn narrowed(&self, policies: &[Policy]) -> Result<Vec<Policy>, String> {
        let premise = self.form.when.as_deref().unwrap_or("true");
        let narrow = |policy: &Policy| match policy.effect() {
            Effect::Permit => also(policy, premise),
            Effect::Forbid => Ok(policy.clone()),
        };
        policies.iter().map(narrow).collect()
    }

    /// A request that breaks it.
    fn broken(&self, questions: &Questions<'_>) -> Result<Option<Witness>, String> {
        let policies = self.in_force(questions)?;
        let premise = |case: &Case| case.is_matched(&self.premise);
        if self.form.decision == Some(DecisionForm::Allow) {
            self.nothing_fails(questions)?;
            let found = allowed_beyond([&self.premise], &policies, questions)?;
            let Some(env) = found else { return Ok(None) };
            let denied = |case: &Case| premise(case) && !case.is_allowed(&policies);
            return witness(questions.schema, &env, &denied, |_| "denied".to_owned()).map(Some);
        }
        let found = allowed_beyond(&self.narrowed(&policies)?, &self.required, questions)?;
        let Some(env) = found else { return Ok(None) };
        let breaks = |case: &Case| {
            premise(case)
                && case.is_allowed(&policies)
                && self.required.as_ref().is_none_or(|required| !case.is_matched(required))
        };
        witness(questions.schema, &env, &breaks, |_| "allowed".to_owned()).map(Some)
    }

    /// A gate denies what a policy fails on, whatever the others allow.
    fn nothing_fails(&self, questions: &Questions<'_>) -> Result<(), String> {
        for one in &self.policies.policies {
            let compiled = questions.compile(&one.policy)?;
            if questions.fails(&compiled)?.is_some() {
                return Err(format!("`{}` can fail, which denies", one.reference.id));
            }
        }
        Ok(())
    }

    /// Is there a request of this kind that it says something about?
    fn is_met(&self, questions: &Questions<'_>) -> Result<bool, String> {
        let found = if self.required.is_some() {
            allowed(&self.narrowed(&self.in_force(questions)?)?, questions)?
        } else {
            questions.matches(&questions.compile(&self.premise)?)?
        };
        Ok(found.is_some())
    }

    /// Why it says nothing.
    fn vacuous(&self) -> Result<String, String> {
        for questions in &self.kinds {
            if questions.matches(&questions.compile(&self.premise)?)?.is_some() {
                return Ok("no such request is ever allowed; if that is meant, write \
                           `decision: deny`"
                    .to_owned());
            }
        }
        Ok("no request is as its `when` says".to_owned())
    }
}

/// A policy that matches what an expression holds of.
fn expression(text: &str) -> Result<Policy, String> {
    // What is one expression cannot end the condition and begin another.
    text.parse::<cedar_policy::Expression>().map_err(|error| error.to_string())?;
    let policy = format!("permit (principal, action, resource) when {{ {text}\n}};");
    Policy::parse(None, policy).map_err(|error| error.to_string())
}

/// # Errors
/// Cedar's words, when it is not well typed for these kinds of requests.
fn typed(
    policies: &TypedPolicies,
    kinds: &[&Questions<'_>],
    policy: &Policy,
) -> Result<(), String> {
    let validator = Validator::new(policies.schema.clone());
    for questions in kinds {
        let scoped = scoped(policy, questions)?;
        let set = PolicySet::from_policies([scoped]).map_err(|error| error.to_string())?;
        let found = validator.validate(&set, ValidationMode::Strict);
        if let Some(error) = found.validation_errors().next() {
            let error = error.to_string();
            let message = error.split_once(", ").map_or(error.as_str(), |(_, rest)| rest);
            return Err(format!("{message} (for {})", questions.kind));
        }
    }
    Ok(())
}

/// The policy for one kind of request alone.
fn scoped(policy: &Policy, questions: &Questions<'_>) -> Result<Policy, String> {
    let kind = &questions.kind;
    let scope = format!(
        "permit (principal is {}, action == {}, resource is {});",
        kind.principal, kind.action, kind.resource
    );
    let scope = Policy::parse(None, scope).map_err(|error| error.to_string())?;
    let mut whole = scope.to_json().map_err(|error| error.to_string())?;
    let asked = policy.to_json().map_err(|error| error.to_string())?;
    if let (Some(target), Some(conditions)) = (whole.as_object_mut(), asked.get("conditions")) {
        target.insert("conditions".to_owned(), conditions.clone());
    }
    Policy::from_json(None, whole).map_err(|error| error.to_string())
}

fn misread(location: Location, message: &str) -> Problem {
    Problem::at(CODE, location, message.to_owned())
        .help("write a Cedar expression that fits every action it is about; `actions` narrows them")
}

fn is_action(questions: &Questions<'_>, name: &str) -> bool {
    questions.actions().any(|action| action.id().unescaped() == name || action.to_string() == name)
}

fn unknown_actions(
    kinds: &[Questions<'_>],
    form: &GuaranteeForm,
    place: &dyn Fn(usize) -> Location,
) -> Vec<Problem> {
    let known = || kinds.iter().flat_map(Questions::actions).map(|action| action.id().unescaped());
    let unknown = form.actions.iter().enumerate();
    let unknown =
        unknown.filter(|(_, name)| !kinds.iter().any(|questions| is_action(questions, name)));
    unknown
        .map(|(at, name)| {
            let message = format!("the schema knows no request for the action `{name}`");
            let problem = Problem::at(CODE, place(at), message);
            match provost_syntax::suggest(name, known()) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            }
        })
        .collect()
}
