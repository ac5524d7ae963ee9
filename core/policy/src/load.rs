use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;

use cedar_policy::{
    Policy, PolicyId, PolicySet, PolicySetError, Schema, ValidationError, ValidationMode,
    ValidationWarning, Validator,
};
use provost_model::{Location, PolicyReference, Problem, Source, Span};

use crate::diagnostic::problem;
use crate::layout::{Place, places};

const SYNTAX: &str = "policy-syntax";
const TYPE: &str = "policy-type";
/// How Cedar's messages begin to name an action.
const ACTION: &str = "for Action::\"";

/// One policy with its place. Its Cedar id is its position among all policies, so
/// that Cedar's answers lead back here.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub policy: Policy,
    pub source: Arc<Source>,
    pub place: Place,
}

impl Loaded {
    /// The value of an annotation; nothing when it is missing or blank.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.policy.annotation(name).map(str::trim).filter(|value| !value.is_empty())
    }

    pub fn reference(&self) -> PolicyReference {
        let text = |name| self.annotation(name).unwrap_or_default().to_owned();
        let title = self.annotation("title").or_else(|| self.annotation("reason"));
        PolicyReference {
            id: text("id"),
            title: title.unwrap_or_default().to_owned(),
            remedy: text("remedy"),
            location: Some(self.location(self.place.name)),
        }
    }

    pub fn location(&self, span: Span) -> Location {
        Location::new(&self.source, span)
    }
}

/// A set of some of the policies.
///
/// # Errors
/// When two have the same Cedar id; positions never do.
pub(crate) fn set<'a>(
    policies: impl IntoIterator<Item = &'a Loaded>,
) -> Result<PolicySet, Box<PolicySetError>> {
    PolicySet::from_policies(policies.into_iter().map(|loaded| loaded.policy.clone()))
        .map_err(Box::new)
}

/// What a policy must be like to be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Well typed: it may lack an id, and may never apply.
    Types,
    /// What a gate takes: an id of its own, and some request that it can apply to.
    Gate,
}

/// # Errors
/// The problems, if there are any.
pub(crate) fn none(problems: Vec<Problem>) -> Result<(), Vec<Problem>> {
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Every policy of every file, in order.
///
/// # Errors
/// Every problem of every file, in order of file and line.
pub(crate) fn load(
    schema: &Schema,
    files: &[Arc<Source>],
    strictness: Strictness,
) -> Result<Vec<Loaded>, Vec<Problem>> {
    let mut loaded = Vec::new();
    let mut problems = Vec::new();
    for file in files {
        match parse(file) {
            Ok(policies) => loaded.extend(policies),
            Err(found) => problems.extend(found),
        }
    }
    for (position, one) in loaded.iter_mut().enumerate() {
        one.policy = one.policy.new_id(PolicyId::new(position.to_string()));
    }
    if strictness == Strictness::Gate {
        problems.extend(misnamed(&loaded));
    }
    match set(&loaded) {
        Ok(all) => problems.extend(invalid(schema, &loaded, &all, strictness)),
        Err(error) => problems.push(Problem::about(SYNTAX, "policies", error.to_string())),
    }
    if problems.is_empty() {
        return Ok(loaded);
    }
    let order = |problem: &Problem| {
        let location = problem.location.as_ref();
        let name = location.map(|location| location.source.name());
        let file = files.iter().position(|file| Some(file.name()) == name);
        (file, location.map(|location| location.span), problem.message.clone())
    };
    problems.sort_by_cached_key(order);
    Err(problems)
}

/// The policies of one file.
fn parse(file: &Arc<Source>) -> Result<Vec<Loaded>, Vec<Problem>> {
    let policies = PolicySet::from_str(file.text()).map_err(|errors| {
        errors
            .iter()
            .map(|error| problem(SYNTAX, file, None, &error.to_string(), error))
            .collect::<Vec<_>>()
    })?;
    let places = places(file.text());
    // Cedar calls the policies of one text `policy0`, `policy1`, … in order.
    let number = |id: &PolicyId| id.to_string().strip_prefix("policy")?.parse::<usize>().ok();
    let place = |id: &PolicyId| {
        number(id).and_then(|number| places.get(number)).copied().unwrap_or_default()
    };
    let templates: Vec<_> = policies
        .templates()
        .map(|template| {
            let location = Location::new(file, place(template.id()).name);
            let message = "a template applies to nothing until it is linked, and nothing links it";
            Problem::at("policy-template", location, message)
                .help("write the entity in place of `?principal` or `?resource`")
        })
        .collect();
    if !templates.is_empty() {
        return Err(templates);
    }
    let mut loaded: Vec<_> = policies
        .policies()
        .map(|policy| {
            let place = place(policy.id());
            (
                number(policy.id()),
                Loaded { policy: policy.clone(), source: Arc::clone(file), place },
            )
        })
        .collect();
    loaded.sort_by_key(|(number, _)| *number);
    Ok(loaded.into_iter().map(|(_, loaded)| loaded).collect())
}

/// Policies without an id, and ids given twice: a decision names policies by id.
fn misnamed(loaded: &[Loaded]) -> Vec<Problem> {
    let mut first: BTreeMap<&str, &Loaded> = BTreeMap::new();
    let mut problems = Vec::new();
    for one in loaded {
        let location = one.location(one.place.name);
        let Some(id) = one.annotation("id") else {
            let message = "this policy has no `@id`, so no decision could name it";
            problems.push(
                Problem::at("policy-without-id", location, message)
                    .help("write `@id(\"what-it-demands\")` before it"),
            );
            continue;
        };
        match first.get(id) {
            None => {
                first.insert(id, one);
            }
            Some(other) => {
                let message = format!(
                    "the id `{id}` is taken by the policy at {}",
                    other.location(other.place.name)
                );
                problems.push(
                    Problem::at("policy-duplicate-id", location, message)
                        .help("give one of them another `@id`"),
                );
            }
        }
    }
    problems
}

/// What Cedar's strict validation finds. Its warnings count: a policy that can never
/// apply, or that reads differently than it is parsed, is a mistake or a trick.
fn invalid(
    schema: &Schema,
    loaded: &[Loaded],
    all: &PolicySet,
    strictness: Strictness,
) -> Vec<Problem> {
    let validator = Validator::new(schema.clone());
    let found = validator.validate(all, ValidationMode::Strict);
    let subject = |id: &PolicyId| loaded.get(id.to_string().parse::<usize>().ok()?);
    let mut problems: Vec<Problem> = Vec::new();
    // Of each problem the messages that differ in their action only.
    let mut more: Vec<BTreeSet<String>> = Vec::new();
    let mut mistaken = BTreeSet::new();
    for error in found.validation_errors() {
        mistaken.insert(error.policy_id());
        let problem = mistake(subject(error.policy_id()), error.policy_id(), error);
        // Cedar checks a policy once for every kind of request that it may meet, and
        // reports the same mistake each time, perhaps with another action.
        let same = problems.iter().position(|other| is_same(other, &problem));
        match same.and_then(|same| more.get_mut(same)) {
            Some(actions) => {
                actions.insert(problem.message);
            }
            None => {
                more.push(BTreeSet::from([problem.message.clone()]));
                problems.push(problem);
            }
        }
    }
    for (problem, messages) in problems.iter_mut().zip(&more).filter(|(_, all)| all.len() > 1) {
        let first = messages.first().map_or("", String::as_str);
        let others = messages.len() - 1;
        let actions = if others == 1 { "action" } else { "actions" };
        problem.message = format!("{first} and {others} more {actions}");
    }
    for warning in found.validation_warnings() {
        if strictness == Strictness::Types && is_idle(warning) {
            continue;
        }
        // One reason is enough: the others follow from it.
        if mistaken.insert(warning.policy_id()) {
            problems.push(doubt(subject(warning.policy_id()), warning));
        }
    }
    problems
}

/// Does it only say that a policy can never apply?
fn is_idle(warning: &ValidationWarning) -> bool {
    matches!(
        warning,
        ValidationWarning::ImpossiblePolicy(_) | ValidationWarning::InvalidActionApplication(_)
    )
}

/// One mistake at one place, whatever action it is reported for.
fn is_same(one: &Problem, other: &Problem) -> bool {
    let without = |problem: &Problem| {
        let message = problem.message.clone();
        message.split_once(ACTION).map_or(message.clone(), |(before, after)| {
            format!("{before}{}", after.split_once('"').map_or("", |(_, rest)| rest))
        })
    };
    one.location == other.location && without(one) == without(other)
}

fn mistake(subject: Option<&Loaded>, id: &PolicyId, error: &ValidationError) -> Problem {
    let Some(one) = subject else {
        return Problem::about(TYPE, "policies", error.to_string());
    };
    // Cedar names the policy by its position, which says nothing to anybody; the place
    // is shown anyway.
    let own = |text: &str| text.replace(&format!("for policy `{id}`, "), "");
    let message = own(&error.to_string());
    let mut problem = problem(TYPE, &one.source, Some(one.place.effect), &message, error);
    problem.help = problem.help.as_deref().map(own);
    problem
}

fn doubt(subject: Option<&Loaded>, warning: &ValidationWarning) -> Problem {
    let Some(one) = subject else {
        return Problem::about(TYPE, "policies", warning.to_string());
    };
    let (message, help) = match warning {
        ValidationWarning::ImpossiblePolicy(_) => (
            "this policy can never apply: its conditions contradict each other or the schema",
            "correct the condition, or remove the policy",
        ),
        ValidationWarning::InvalidActionApplication(_) => (
            "this policy can never apply: its action has no such principal or resource",
            "see what the action `appliesTo` in the schema",
        ),
        _ => (
            "this policy holds characters that make it read differently than it is parsed",
            "write each name in the letters of one script, without invisible characters",
        ),
    };
    Problem::at(TYPE, one.location(one.place.name), message).help(help)
}
