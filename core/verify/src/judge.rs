//! One specification and one object: the portfolio, cheapest first.
//!
//! 1. Evaluate. 2. Apply what was proved once for all values. 3. Induction on this
//! instance. 4. Search for a shortest run that breaks the property, and replay it.
//! 5. Visit every state of a small instance. What none of them answers is unknown.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use provost_model::{
    Counterexample, Digest, Document, Proof, ProofRecord, Proved, Scalar, Scope, Step,
};
use provost_spec::{
    Applies, Cluster, Constant, Instance, InstanceFault, Specification, State, System, Term,
};

use crate::explore::{Exploration, explore};
use crate::induction::{Attempt, prove};
use crate::remedy::remedies;
use crate::search::{Candidate, Search, counterexample, shortest};
use crate::solver::{Answer, Budget, Session, in_fresh_context};

/// What proving may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// One question to the solver.
    pub budget: Budget,
    /// Longest run looked for, in steps.
    pub depth: usize,
    /// Most states visited one by one.
    pub states: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { budget: Budget::default(), depth: 8, states: 20_000 }
    }
}

/// What the solver says about one property of one system; the same for every object
/// with the same numbers.
#[derive(Clone, Debug)]
enum Answered {
    Proved(&'static str),
    Refuted(Candidate),
    Open(String),
}

type Cell = Arc<OnceLock<Answered>>;

/// Proves specifications; remembers what it proved.
#[derive(Debug, Default)]
pub struct Verifier {
    limits: Limits,
    general: Mutex<HashMap<(Digest, usize), Cell>>,
    special: Mutex<HashMap<(Digest, usize, System), Cell>>,
}

/// What is known of one specification and one object.
#[derive(Clone, Debug)]
pub enum Judgement {
    /// It does not apply to the object.
    NotApplicable,
    /// One record per property.
    Judged(Vec<ProofRecord>),
}

impl Verifier {
    /// A verifier with these limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Ask a specification about an object.
    pub fn judge(
        &self,
        specification: &Specification,
        cluster: &Cluster<'_>,
        subject: &Document,
    ) -> Judgement {
        let instance = Instance::new(specification, cluster, subject, BTreeMap::new());
        let proofs = match self.proofs(&instance) {
            Ok(None) => return Judgement::NotApplicable,
            Ok(Some(proofs)) => proofs,
            Err(fault) => {
                let reason = describe(&fault);
                specification.properties.iter().map(|_| Proof::Unknown(reason.clone())).collect()
            }
        };
        let named = specification.properties.iter().zip(proofs);
        Judgement::Judged(
            named
                .map(|(property, proof)| ProofRecord {
                    object: subject.object.clone(),
                    location: subject.locate(""),
                    property: property.name.clone(),
                    proof: self.with_remedies(proof, &instance, cluster),
                })
                .collect(),
        )
    }

    /// One proof per property, without remedies; `None` when it does not apply.
    pub(crate) fn proofs(
        &self,
        instance: &Instance<'_, '_>,
    ) -> Result<Option<Vec<Proof>>, InstanceFault> {
        let Applies::Yes(conditions) = instance.applies()? else { return Ok(None) };
        let system = instance.system(conditions)?;
        if !system.assumptions.is_empty() && !self.is_satisfiable(&system.domain()) {
            return Ok(None);
        }
        let proofs = (0..system.properties.len()).map(|property| {
            match self.answer(instance, &system, property) {
                Answered::Proved(technique) => {
                    Proof::Proved(Proved { technique: technique.to_owned(), scope: scope(&system) })
                }
                Answered::Open(reason) => Proof::Unknown(reason),
                Answered::Refuted(candidate) => match replay(instance, property, &candidate) {
                    Ok(Some(counterexample)) => Proof::Refuted(Box::new(counterexample)),
                    Ok(None) => Proof::Unknown(
                        "the solver describes a run that the evaluator cannot follow; \
                         please report this"
                            .to_owned(),
                    ),
                    Err(fault) => Proof::Unknown(describe(&fault)),
                },
            }
        });
        Ok(Some(proofs.collect()))
    }

    fn is_satisfiable(&self, term: &Term) -> bool {
        match term.constant() {
            Some(constant) => constant == Constant::Bool(true),
            // Unknown counts as satisfiable: the properties are then asked for real.
            None => {
                !matches!(self.ask(|session| session.check(&[term.clone()])), Answer::Unsatisfiable)
            }
        }
    }

    fn ask<T: Send + Sync>(&self, question: impl FnOnce(&Session) -> T + Send + Sync) -> T {
        in_fresh_context(self.limits.budget, question)
    }

    fn answer(&self, instance: &Instance<'_, '_>, system: &System, property: usize) -> Answered {
        if self.holds_for_all_values(instance, system, property) {
            return Answered::Proved("induction for all values");
        }
        let key = (instance.specification.digest, property, system.clone());
        let cell = Arc::clone(lock(&self.special).entry(key).or_default());
        cell.get_or_init(|| self.solve(instance, system, property)).clone()
    }

    /// Was the property proved once for all values under a condition that these meet?
    fn holds_for_all_values(
        &self,
        instance: &Instance<'_, '_>,
        system: &System,
        property: usize,
    ) -> bool {
        let Some(condition) = system.properties.get(property).and_then(|p| p.holds_when.clone())
        else {
            return false;
        };
        let outside = Term::and([system.domain(), Term::negate(condition)]);
        let met = match outside.constant() {
            Some(constant) => constant == Constant::Bool(false),
            None => matches!(self.ask(|s| s.check(&[outside])), Answer::Unsatisfiable),
        };
        if !met {
            return false;
        }
        let key = (instance.specification.digest, property);
        let cell = Arc::clone(lock(&self.general).entry(key).or_default());
        let answer = cell.get_or_init(|| self.prove_for_all_values(instance, property));
        if let Answered::Open(reason) = answer {
            tracing::debug!(specification = %instance.specification.check.id, %reason, "no general proof");
        }
        matches!(answer, Answered::Proved(_))
    }

    fn prove_for_all_values(&self, instance: &Instance<'_, '_>, property: usize) -> Answered {
        let open = |reason: &str| Answered::Open(reason.to_owned());
        let Some(mut system) = instance.parametric() else {
            return open("the machine depends on more than integers and truth values");
        };
        let Some(claimed) = system.properties.get(property).cloned() else {
            return open("there is no such property");
        };
        system.assumptions.extend(claimed.holds_when);
        self.ask(|session| {
            if let Some(vacuous) = vacuity(session, &system, self.limits.depth) {
                return Answered::Open(vacuous);
            }
            match prove(session, &system, &claimed.claim) {
                Attempt::Proved(technique) => Answered::Proved(technique),
                Attempt::Failed(reason) => Answered::Open(reason),
            }
        })
    }

    fn solve(&self, instance: &Instance<'_, '_>, system: &System, property: usize) -> Answered {
        let Some(claimed) = system.properties.get(property) else {
            return Answered::Open("there is no such property".to_owned());
        };
        let (attempt, search) = self.ask(|session| {
            let attempt = prove(session, system, &claimed.claim);
            if matches!(attempt, Attempt::Proved(_)) {
                return (attempt, Search::NoneWithin(0));
            }
            (attempt, counterexample(session, system, &claimed.claim, self.limits.depth))
        });
        let reason = match (attempt, search) {
            (Attempt::Proved(technique), _) => return Answered::Proved(technique),
            (_, Search::Found(candidate)) => return Answered::Refuted(candidate),
            (_, Search::Unknown(reason)) => reason,
            (Attempt::Failed(reason), Search::NoneWithin(depth)) => {
                format!("not proved ({reason}), and no counterexample within {depth} steps")
            }
        };
        if system.unknowns.is_empty()
            && let Ok(Exploration::Holds { .. }) = explore(instance, property, self.limits.states)
        {
            return Answered::Proved("every state visited");
        }
        Answered::Open(reason)
    }

    fn with_remedies(
        &self,
        proof: Proof,
        instance: &Instance<'_, '_>,
        cluster: &Cluster<'_>,
    ) -> Proof {
        match proof {
            Proof::Refuted(mut counterexample) => {
                counterexample.remedies = remedies(self, instance, cluster, &counterexample);
                Proof::Refuted(counterexample)
            }
            other => other,
        }
    }
}

fn lock<K, V>(map: &Mutex<HashMap<K, V>>) -> std::sync::MutexGuard<'_, HashMap<K, V>> {
    // The maps hold finished entries only: a panic elsewhere leaves them whole.
    map.lock().unwrap_or_else(PoisonError::into_inner)
}

fn describe(fault: &InstanceFault) -> String {
    format!("{} ({})", fault.message, fault.location)
}

fn scope(system: &System) -> Scope {
    if system.unknowns.is_empty() {
        return Scope::Values;
    }
    let ranges = system.unknowns.iter();
    Scope::Every(ranges.map(|u| format!("{} from {} to {}", u.name, u.low, u.high)).collect())
}

/// Why a proof would say nothing: no values meet the assumptions, or a step never happens.
fn vacuity(session: &Session, system: &System, depth: usize) -> Option<String> {
    match session.check(&[system.domain()]) {
        Answer::Satisfiable(_) => {}
        Answer::Unsatisfiable => return Some("no values meet the preconditions".to_owned()),
        Answer::Unknown(reason) => return Some(reason),
    }
    let never = system.steps.iter().find(|step| {
        !matches!(shortest(session, system, &step.enabled(), depth), Search::Found(_))
    });
    never.map(|step| format!("step `{}` was not seen to happen within {depth} steps", step.name))
}

/// Follow a run in the concrete evaluator; `None` when it does not lead to a violation.
fn replay(
    instance: &Instance<'_, '_>,
    property: usize,
    candidate: &Candidate,
) -> Result<Option<Counterexample>, InstanceFault> {
    let concrete = instance.with(candidate.chosen.clone());
    if !matches!(concrete.applies()?, Applies::Yes(conditions) if conditions.is_empty()) {
        return Ok(None);
    }
    let mut state = concrete.start()?;
    let mut steps = vec![Step { action: "start".to_owned(), state: scalars(&state) }];
    for taken in &candidate.run {
        let Some(next) = concrete.after(taken.step, &taken.chosen, &state)? else {
            return Ok(None);
        };
        let action = instance.specification.machine.steps.get(taken.step).map(|step| {
            let named = step.choices.iter().zip(&taken.chosen);
            named.fold(step.title.clone(), |title, ((name, ..), value)| {
                title.replace(&format!("{{{name}}}"), &value.to_string())
            })
        });
        state = next;
        steps.push(Step { action: action.unwrap_or_default(), state: scalars(&state) });
    }
    if !concrete.breaks(property, &state)? {
        return Ok(None);
    }
    let blame = concrete.first_field(&instance.specification.blame);
    let parameters = concrete
        .parameters()
        .into_iter()
        .filter_map(|(name, term)| term.constant().map(|constant| (name, scalar(constant))));
    Ok(Some(Counterexample {
        message: concrete.violation(property, &state)?,
        parameters: parameters.collect(),
        variables: instance.specification.machine.state.iter().map(|(n, _)| n.clone()).collect(),
        steps,
        blame: blame.unwrap_or_else(|| instance.subject.locate("")),
        remedies: Vec::new(),
    }))
}

fn scalar(constant: Constant) -> Scalar {
    match constant {
        Constant::Int(value) => Scalar::Integer(i64::try_from(value).unwrap_or(i64::MAX)),
        Constant::Bool(value) => Scalar::Bool(value),
    }
}

fn scalars(state: &State) -> Vec<Scalar> {
    state.iter().copied().map(scalar).collect()
}
