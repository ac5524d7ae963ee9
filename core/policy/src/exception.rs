use cedar_policy::{ActionConstraint, Effect, PolicySet, PolicySetError, ResourceConstraint};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use provost_model::{ExceptionFault, PolicyReference};

use crate::load::{Loaded, set};
use crate::policies::Policies;
use crate::vocabulary::{Vocabulary, WAIVE};

/// A permit that names `Action::"waive"`, with what it says about itself.
#[derive(Debug)]
pub(crate) struct Exception {
    pub policy: PolicyReference,
    /// As written, or empty.
    pub owner: String,
    /// As written, or empty.
    pub reason: String,
    /// Until when it stands, or what it lacks.
    pub term: Result<Term, Vec<Flaw>>,
    /// What its scope says of the object.
    pub scope: ResourceConstraint,
    /// The exception and every guard: the forbids that take in `Action::"waive"`.
    pub set: PolicySet,
    /// The exception without its guards.
    pub alone: PolicySet,
}

/// The end of an exception that has an owner and a reason.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// The day it ends.
    pub expires: Date,
    /// The start of that day, UTC.
    pub end: Timestamp,
}

/// Why an exception may never be used.
#[derive(Clone, Debug)]
pub(crate) enum Flaw {
    Missing(&'static str),
    NotADay(String),
}

/// The exceptions among the policies, in order.
///
/// A permit for every action is not one: nobody waives a rule without saying so.
pub(crate) fn exceptions(
    vocabulary: &Vocabulary,
    loaded: &[Loaded],
) -> Result<Vec<Exception>, Box<PolicySetError>> {
    let covers = |one: &&Loaded| vocabulary.covers(&one.policy.action_constraint(), WAIVE);
    let permits = |one: &&Loaded| one.policy.effect() == Effect::Permit;
    let guards = || loaded.iter().filter(covers).filter(|one| !permits(one));
    loaded
        .iter()
        .filter(|one| is_exception(vocabulary, one))
        .map(|one| {
            Ok(Exception {
                policy: one.reference(),
                owner: one.annotation("owner").unwrap_or_default().to_owned(),
                reason: one.annotation("reason").unwrap_or_default().to_owned(),
                term: term(one),
                scope: one.policy.resource_constraint(),
                set: set(guards().chain([one]))?,
                alone: set([one])?,
            })
        })
        .collect()
}

/// Is it a permit that names `Action::"waive"`?
pub(crate) fn is_exception(vocabulary: &Vocabulary, one: &Loaded) -> bool {
    let scope = one.policy.action_constraint();
    one.policy.effect() == Effect::Permit
        && scope != ActionConstraint::Any
        && vocabulary.covers(&scope, WAIVE)
}

pub(crate) fn term(one: &Loaded) -> Result<Term, Vec<Flaw>> {
    let mut flaws: Vec<_> = ["owner", "reason"]
        .into_iter()
        .filter(|name| one.annotation(name).is_none())
        .map(Flaw::Missing)
        .collect();
    match one.annotation("expires") {
        None => flaws.push(Flaw::Missing("expires")),
        Some(text) => match day(text) {
            Some(term) if flaws.is_empty() => return Ok(term),
            Some(_) => {}
            None => flaws.push(Flaw::NotADay(text.to_owned())),
        },
    }
    Err(flaws)
}

/// A day as `YYYY-MM-DD` and nothing else, which is also how Cedar reads one.
fn day(text: &str) -> Option<Term> {
    let expires: Date = text.parse().ok()?;
    let end = expires.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp();
    (expires.to_string() == text && text.len() == 10).then_some(Term { expires, end })
}

impl Flaw {
    fn missing(&self) -> Option<String> {
        match self {
            Self::Missing(name) => Some(format!("`@{name}`")),
            Self::NotADay(_) => None,
        }
    }
}

impl Exception {
    /// It lacks something. `today` only serves the example of a day that would do.
    pub fn invalid(&self, flaws: &[Flaw], today: Date) -> ExceptionFault {
        let missing: Vec<_> = flaws.iter().filter_map(Flaw::missing).collect();
        let mut wrong = Vec::new();
        if !missing.is_empty() {
            wrong.push(format!("it has no {}", missing.join(", no ")));
        }
        wrong.extend(flaws.iter().filter_map(|flaw| match flaw {
            Flaw::Missing(_) => None,
            Flaw::NotADay(text) => Some(format!("`@expires(\"{text}\")` is not a day")),
        }));
        let day = today.checked_add(Span::new().days(90)).unwrap_or(today);
        let wanted: Vec<_> = flaws
            .iter()
            .map(|flaw| match flaw {
                Flaw::Missing("owner") => "`@owner(\"who answers for it\")`".to_owned(),
                Flaw::Missing("reason") => "`@reason(\"why it must stand\")`".to_owned(),
                Flaw::Missing(_) | Flaw::NotADay(_) => format!("`@expires(\"{day}\")`"),
            })
            .collect();
        let (wrong, wanted) = (wrong.join(" and "), wanted.join(" "));
        self.fault(format!("may not be used: {wrong}; write for instance {wanted}"))
    }

    /// Its time is over, and these guards would forbid it anyway.
    pub fn expired(&self, expires: Date, guards: &[PolicyReference]) -> ExceptionFault {
        let besides = if guards.is_empty() {
            String::new()
        } else {
            format!("; besides, {}", forbids(guards))
        };
        self.fault(format!(
            "ended on {expires} (owner: {}): renew it with a new date and reason, or mend the \
             finding{besides}",
            self.owner
        ))
    }

    /// Guards stand in its way.
    pub fn forbidden(&self, guards: &[PolicyReference]) -> ExceptionFault {
        self.fault(format!("does not stand: {}", forbids(guards)))
    }

    fn fault(&self, message: String) -> ExceptionFault {
        ExceptionFault { policy: self.policy.clone(), message }
    }
}

/// Which guards forbid, what they demand, and what would satisfy them.
fn forbids(guards: &[PolicyReference]) -> String {
    let guards = guards.iter().map(|guard| {
        let title = match guard.title.as_str() {
            "" => String::new(),
            title => format!(" ({title})"),
        };
        let remedy = match guard.remedy.as_str() {
            "" => String::new(),
            remedy => format!(": {remedy}"),
        };
        format!("`{}` forbids it{title}{remedy}", guard.id)
    });
    guards.collect::<Vec<_>>().join("; ")
}

impl Policies {
    /// Exceptions that may never be used, because they lack an owner, a reason or a
    /// valid day of expiry.
    ///
    /// One that has expired is not among them: it is reported by [`Policies::waive`]
    /// when it would have mattered.
    pub fn exception_faults(&self, today: Date) -> Vec<ExceptionFault> {
        let invalid = |exception: &Exception| {
            let flaws = exception.term.as_ref().err()?;
            Some(exception.invalid(flaws, today))
        };
        self.exceptions.iter().filter_map(invalid).collect()
    }
}
