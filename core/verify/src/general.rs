//! What is proved once, for all values of all objects.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use provost_model::Digest;
use provost_spec::{Constant, Fact, Instance, Origin, Shape, System, Term};

use crate::domain;
use crate::found::{Grounds, Means, Proven};
use crate::induction::{Attempt, prove};
use crate::judge::lock;
use crate::longer::prove_harder;
use crate::obligation::Argument;
use crate::search::{Search, counterexample, is_reachable};
use crate::solver::{Answer, Purse, Session, from_purse};
use crate::store::{Lasting, NOT_AT_HAND};

/// Answers that are each found once.
type Once<K, A> = Mutex<HashMap<K, Arc<OnceLock<A>>>>;

/// A specification of a file.
type File = (Digest, String);

/// Proofs for all values; each is tried once.
#[derive(Debug, Default)]
pub(crate) struct General {
    /// By specification, shape of the object, and property.
    proofs: Once<(File, Shape, usize), Option<Arc<Proven>>>,
    /// By specification and shape of the object.
    idle: Once<(File, Shape), Option<String>>,
}

/// The specification of an instance; its places are those of a file.
pub(crate) fn file(instance: &Instance<'_, '_>) -> File {
    (instance.specification.digest, instance.specification.source.name().to_owned())
}

impl General {
    /// The proof of the property for all values under a condition that these values meet.
    pub(crate) fn proves(
        &self,
        means: &Means,
        instance: &Instance<'_, '_>,
        system: &System,
        property: usize,
    ) -> Option<Arc<Proven>> {
        let condition = system.holds_when.as_ref()?;
        if !is_met(means, system, condition) {
            return None;
        }
        let key = (file(instance), instance.shape(), property);
        let cell = Arc::clone(lock(&self.proofs).entry(key).or_default());
        if means.memory.is_at_hand() && cell.get().is_none() {
            // What is not known here may be found out elsewhere: it is not remembered.
            let found = proven(means, instance, property)?;
            return cell.get_or_init(|| found).clone();
        }
        cell.get_or_init(|| proven(means, instance, property).flatten()).clone()
    }

    /// A step of the machine that was never seen to happen, whatever the values: a sign that
    /// the machine does not say what its author means, so that proofs about it say nothing.
    pub(crate) fn idle_step(&self, means: &Means, instance: &Instance<'_, '_>) -> Option<String> {
        let key = (file(instance), instance.shape());
        let cell = Arc::clone(lock(&self.idle).entry(key).or_default());
        if means.memory.is_at_hand() && cell.get().is_none() {
            return match idle(means, instance) {
                Some(found) => cell.get_or_init(|| found).clone(),
                None => Some(NOT_AT_HAND.to_owned()),
            };
        }
        cell.get_or_init(|| idle(means, instance).flatten()).clone()
    }
}

/// The idle step, or that there is none; nothing where it is not known and not asked for.
fn idle(means: &Means, instance: &Instance<'_, '_>) -> Option<Option<String>> {
    // Where values are more than numbers, only the machines of objects can be seen,
    // and one object need not show every step.
    let (general, assumptions) = instance.parametric();
    let Ok(system) = general.system(NO_PROPERTY, assumptions) else { return Some(None) };
    let about = (instance.specification.digest, &system);
    means.memory.recall("idle", &about, || {
        let mut purse = Purse::new(means.limits.budget);
        let depth = means.limits.depth;
        let idle = from_purse(&mut purse, |session| idle_step(session, &system, depth));
        (idle, Lasting::unless_late(&purse))
    })
}

/// No property has this number: the machine alone.
const NO_PROPERTY: usize = usize::MAX;

/// Do all allowed values meet a condition?
pub(crate) fn is_met(means: &Means, system: &System, condition: &Term) -> bool {
    if let Some(constant) = condition.constant() {
        return constant == Constant::Bool(true);
    }
    domain::always(system, condition).unwrap_or_else(|| {
        let outside = Term::and([system.domain(), Term::negate(condition.clone())]);
        means.is_impossible(outside)
    })
}

/// The proof, or that there is none; nothing at all where it is not known and not asked for.
fn proven(
    means: &Means,
    instance: &Instance<'_, '_>,
    property: usize,
) -> Option<Option<Arc<Proven>>> {
    let about = (instance.specification.digest, instance.shape(), property);
    let found: Option<Result<Grounds, String>> = means.memory.recall("general", &about, || {
        let mut purse = Purse::new(means.limits.budget);
        let argument = prove_for_all_values(means, instance, property, &mut purse);
        let grounds = argument.map(|argument| Grounds {
            technique: "induction for all values".to_owned(),
            origins: argument.origins,
        });
        (grounds, Lasting::unless_late(&purse))
    });
    let proven = found?.and_then(|grounds| grounds.placed(instance, property, &[]));
    if let Err(reason) = &proven {
        let specification = &instance.specification.check.id;
        tracing::debug!(%specification, property, %reason, "not proved for all values");
    }
    Some(proven.ok().map(Arc::new))
}

/// The proof for all values.
///
/// # Errors
/// Why there is none.
pub(crate) fn prove_for_all_values(
    means: &Means,
    instance: &Instance<'_, '_>,
    property: usize,
    purse: &mut Purse,
) -> Result<Argument, String> {
    let (general, assumptions) = instance.parametric();
    let machine = general.system(NO_PROPERTY, assumptions.clone());
    let more = |_| "the machine depends on more than integers and truth values".to_owned();
    // A step that cannot happen under the condition may happen elsewhere.
    let machine = machine.map_err(more)?;
    let mut system = general.system(property, assumptions).map_err(more)?;
    let condition = system.holds_when.take().map(|term| Fact::new(term, Origin::HoldsWhen));
    system.assumptions.extend(condition);
    let depth = means.limits.depth;
    let attempt = from_purse(purse, |session| {
        match session.check(&[system.domain()]) {
            Answer::Satisfiable(_) => {}
            Answer::Unsatisfiable => return Err("no values meet the preconditions".to_owned()),
            Answer::Unknown(reason) => return Err(reason),
        }
        match idle_step(session, &machine, depth) {
            Some(idle) => Err(idle),
            None => Ok(prove(session, &system)),
        }
    })?;
    let reason = match attempt {
        Attempt::Proved(argument) => return Ok(argument),
        Attempt::Failed(reason) => reason,
    };
    let harder = from_purse(purse, |session| match counterexample(session, &system, depth) {
        Search::Found(_) => Attempt::Failed("it does not hold under the condition".to_owned()),
        Search::NoneWithin(clear) => prove_harder(session, &system, clear),
        Search::Unknown(reason) => Attempt::Failed(reason),
    });
    match harder {
        Attempt::Proved(argument) => Ok(argument),
        Attempt::Failed(further) => Err(format!("{reason}; {further}")),
    }
}

fn idle_step(session: &Session, system: &System, depth: usize) -> Option<String> {
    let idle =
        system.steps.iter().find(|step| !is_reachable(session, system, &step.enabled(), depth));
    idle.map(|step| format!("step `{}` was not seen to happen within {depth} steps", step.name))
}
