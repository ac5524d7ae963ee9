//! What is proved once, for all values of all objects.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use provost_model::Digest;
use provost_spec::{Constant, Instance, Shape, System, Term};

use crate::domain;
use crate::induction::{Attempt, prove};
use crate::judge::{Limits, lock};
use crate::search::is_reachable;
use crate::solver::{Answer, Session, in_fresh_context};

/// Answers that are each found once.
type Once<K, A> = Mutex<HashMap<K, Arc<OnceLock<A>>>>;

/// Proofs for all values; each is tried once.
#[derive(Debug, Default)]
pub(crate) struct General {
    /// By specification, shape of the object, and property.
    proofs: Once<(Digest, Shape, usize), Result<(), String>>,
    /// By specification and shape of the object.
    idle: Once<(Digest, Shape), Option<String>>,
}

impl General {
    /// Was the property proved for all values under a condition that these values meet?
    pub(crate) fn proves(
        &self,
        limits: &Limits,
        instance: &Instance<'_, '_>,
        system: &System,
        property: usize,
    ) -> bool {
        let Some(condition) = &system.holds_when else { return false };
        if !is_met(limits, system, condition) {
            return false;
        }
        let key = (instance.specification.digest, instance.shape(), property);
        let cell = Arc::clone(lock(&self.proofs).entry(key).or_default());
        let proof = cell.get_or_init(|| prove_for_all_values(limits, instance, property));
        if let Err(reason) = proof {
            let specification = &instance.specification.check.id;
            tracing::debug!(%specification, property, %reason, "not proved for all values");
        }
        proof.is_ok()
    }

    /// A step of the machine that was never seen to happen, whatever the values: a sign that
    /// the machine does not say what its author means, so that proofs about it say nothing.
    pub(crate) fn idle_step(&self, limits: &Limits, instance: &Instance<'_, '_>) -> Option<String> {
        let key = (instance.specification.digest, instance.shape());
        let cell = Arc::clone(lock(&self.idle).entry(key).or_default());
        let idle = cell.get_or_init(|| {
            // Where values are more than numbers, only the machines of objects can be seen,
            // and one object need not show every step.
            let (general, assumptions) = instance.parametric();
            let system = general.system(NO_PROPERTY, assumptions).ok()?;
            in_fresh_context(limits.budget, |session| idle_step(session, &system, limits.depth))
        });
        idle.clone()
    }
}

/// No property has this number: the machine alone.
const NO_PROPERTY: usize = usize::MAX;

/// Do all allowed values meet a condition?
fn is_met(limits: &Limits, system: &System, condition: &Term) -> bool {
    if let Some(constant) = condition.constant() {
        return constant == Constant::Bool(true);
    }
    domain::always(system, condition).unwrap_or_else(|| {
        let outside = Term::and([system.domain(), Term::negate(condition.clone())]);
        let answer = in_fresh_context(limits.budget, |session| session.check(&[outside]));
        matches!(answer, Answer::Unsatisfiable)
    })
}

fn prove_for_all_values(
    limits: &Limits,
    instance: &Instance<'_, '_>,
    property: usize,
) -> Result<(), String> {
    let (general, assumptions) = instance.parametric();
    let machine = general.system(NO_PROPERTY, assumptions.clone());
    let more = |_| "the machine depends on more than integers and truth values".to_owned();
    let mut machine = machine.map_err(more)?;
    let mut system = general.system(property, assumptions).map_err(more)?;
    let condition = system.holds_when.take();
    system.assumptions.extend(condition.clone());
    machine.assumptions.extend(condition);
    in_fresh_context(limits.budget, |session| {
        match session.check(&[system.domain()]) {
            Answer::Satisfiable(_) => {}
            Answer::Unsatisfiable => return Err("no values meet the preconditions".to_owned()),
            Answer::Unknown(reason) => return Err(reason),
        }
        if let Some(idle) = idle_step(session, &machine, limits.depth) {
            return Err(idle);
        }
        match prove(session, &system) {
            Attempt::Proved(_) => Ok(()),
            Attempt::Failed(reason) => Err(reason),
        }
    })
}

fn idle_step(session: &Session, system: &System, depth: usize) -> Option<String> {
    let idle =
        system.steps.iter().find(|step| !is_reachable(session, system, &step.enabled(), depth));
    idle.map(|step| format!("step `{}` was not seen to happen within {depth} steps", step.name))
}
