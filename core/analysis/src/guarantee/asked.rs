//! Guarantees, asked of policies.

use cedar_policy::{Effect, Policy, PolicySet, ValidationMode, Validator};
use provost_model::{GuaranteeRecord, Guaranteed, Location, Problem, Witness};
use provost_policy::TypedPolicies;
use rayon::prelude::*;

use super::{CODE, DecisionForm, GuaranteeForm, Guarantees};
use crate::beyond::{allowed, allowed_beyond};
use crate::exceptions::in_force;
use crate::questions::{Means, Questions, also};
use crate::witness::{Case, witness};

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
