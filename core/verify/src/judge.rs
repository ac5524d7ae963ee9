//! One specification and one object: the portfolio, cheapest first.
//!
//! Apply what was proved once for all values; evaluate; visit every state of a small machine;
//! search for a shortest run that breaks the property, and replay it; induction on this
//! instance, over longer runs, with an invariant or a ranking function that is found; visit
//! every state of a larger machine. What none of them answers is unknown. The order is always
//! the same, so that no report depends on which of them is faster.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use provost_model::{Counterexample, Digest, Document, Proof, ProofRecord};
use provost_spec::{
    Applies, Cluster, Constant, Instance, InstanceFault, Origin, Specification, System, TermClaim,
};

use crate::domain;
use crate::explore::{Exploration, explore};
use crate::found::{Found, Grounds, Means, Proven};
use crate::general::{General, file};
use crate::induction::{Attempt, prove};
use crate::longer::prove_harder;
use crate::region::fails_when;
use crate::remedy::remedies;
use crate::replay::{describe, replay};
use crate::search::{Candidate, Search, counterexample};
use crate::solver::{Budget, Purse, from_purse};
use crate::store::{Lasting, Memory, NOT_AT_HAND, Store};

/// What proving may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// One question to the solver.
    pub budget: Budget,
    /// Longest run looked for, in steps.
    pub depth: usize,
    /// Most states visited one by one; with none, the solver alone answers.
    pub states: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { budget: Budget::default(), depth: 8, states: 20_000 }
    }
}

/// The same for every object with the same numbers.
#[derive(Clone, Debug)]
enum Answered {
    Proved(Arc<Proven>),
    Refuted(Candidate),
    Open(String),
}

/// One property of one system.
type Key = (Digest, String, usize, System);
type Cell<A> = Arc<OnceLock<A>>;

/// Proves specifications; remembers what it proved.
#[derive(Debug, Default)]
pub struct Verifier {
    pub(crate) means: Means,
    pub(crate) general: Arc<General>,
    special: Arc<Mutex<HashMap<Key, Cell<Answered>>>>,
    regions: Arc<Mutex<HashMap<Key, Cell<Option<String>>>>>,
}

/// Most answers about single objects that are remembered. A server that runs for months sees
/// more; it then begins anew.
const REMEMBERED: usize = 10_000;

/// What is known of one specification and one object.
#[derive(Clone, Debug)]
pub enum Judgement {
    /// It does not apply to the object.
    NotApplicable,
    /// One record per property.
    Judged(Vec<ProofRecord>),
}

/// States of a machine that is small.
const QUICKLY_VISITED: usize = 64;

/// Length of a counterexample that is looked for before a proof: most are short.
const QUICKLY_SEARCHED: usize = 1;

impl Verifier {
    /// A verifier with these limits.
    pub fn new(limits: Limits) -> Self {
        Self { means: Means { limits, memory: Memory::default() }, ..Self::default() }
    }

    /// A verifier with these limits that keeps its answers, and looks there first. What was
    /// refuted is replayed all the same.
    pub fn with_store(limits: Limits, store: Arc<dyn Store>) -> Self {
        let memory = Memory::new(store, &limits);
        Self { means: Means { limits, memory }, ..Self::default() }
    }

    /// One that remembers what this one proves, and never asks the solver itself: what is not
    /// known, and neither evaluated nor visited state by state, is unknown. It answers in
    /// microseconds, and explains nothing.
    #[must_use]
    pub fn at_hand(&self) -> Self {
        Self {
            means: Means { limits: self.means.limits, memory: self.means.memory.at_hand() },
            general: Arc::clone(&self.general),
            special: Arc::clone(&self.special),
            regions: Arc::clone(&self.regions),
        }
    }

    /// Ask a specification about an object, and explain what is refuted.
    pub fn judge(
        &self,
        specification: &Specification,
        cluster: &Cluster<'_>,
        subject: &Document,
    ) -> Judgement {
        let mut judgement = self.decide(specification, cluster, subject);
        if let Judgement::Judged(records) = &mut judgement {
            for record in records {
                self.explain(specification, cluster, subject, record);
            }
        }
        judgement
    }

    /// Ask a specification about an object. What is refuted comes with a run that was replayed,
    /// but without remedies, which cost more than the answer.
    pub fn decide(
        &self,
        specification: &Specification,
        cluster: &Cluster<'_>,
        subject: &Document,
    ) -> Judgement {
        let instance = Instance::new(specification, cluster, subject, BTreeMap::new());
        let proofs = match self.proofs(&instance) {
            Ok(None) => return Judgement::NotApplicable,
            Ok(Some(proofs)) => proofs,
            Err(fault) => all_unknown(specification, &describe(&fault)),
        };
        let named = specification.properties.iter().zip(proofs);
        Judgement::Judged(
            named
                .map(|(property, proof)| ProofRecord {
                    object: subject.object.clone(),
                    location: subject.locate(""),
                    property: property.name.clone(),
                    proof,
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
        let mut proofs = Vec::new();
        for property in 0..instance.specification.properties.len() {
            let outline = instance.outline(property, conditions.clone());
            if property == 0 {
                match self.is_met(&outline) {
                    Ok(true) => {}
                    Ok(false) => return Ok(None),
                    Err(reason) => return Ok(Some(all_unknown(instance.specification, &reason))),
                }
            }
            // What is proved for all values needs no machine of its own.
            if let Some(proven) = self.general.proves(&self.means, instance, &outline, property) {
                proofs.push(Proof::Proved(proven.about(&outline)));
                continue;
            }
            let system = instance.system(property, conditions.clone())?;
            proofs.push(self.proof(instance, &system, property));
        }
        Ok(Some(proofs))
    }

    fn proof(&self, instance: &Instance<'_, '_>, system: &System, property: usize) -> Proof {
        match self.answer(instance, system, property) {
            Answered::Proved(proven) => Proof::Proved(proven.about(system)),
            Answered::Open(reason) => Proof::Unknown(reason),
            Answered::Refuted(candidate) => match replay(instance, property, &candidate) {
                Ok(counterexample) => Proof::Refuted(Box::new(counterexample)),
                Err(reason) => Proof::Unknown(reason),
            },
        }
    }

    /// Do any values of the unknowns meet the preconditions?
    fn is_met(&self, system: &System) -> Result<bool, String> {
        match domain::is_met(system) {
            Some(met) => Ok(met),
            None => self.means.possible(system.domain()),
        }
    }

    /// What is known of one property where there is no proof for all values.
    fn answer(&self, instance: &Instance<'_, '_>, system: &System, property: usize) -> Answered {
        let cell = remembered(&self.special, key(instance, system, property));
        if self.means.memory.is_at_hand() && cell.get().is_none() {
            // What is not known here may be found out elsewhere: it is not remembered.
            return self.solve(instance, system, property);
        }
        cell.get_or_init(|| self.solve(instance, system, property)).clone()
    }

    fn solve(&self, instance: &Instance<'_, '_>, system: &System, property: usize) -> Answered {
        let few = self.means.limits.states.min(QUICKLY_VISITED);
        let quick = evaluate(system).or_else(|| visit(instance, system, property, few));
        let found = quick.or_else(|| {
            let about = (instance.specification.digest, property, system);
            self.means.memory.recall("special", &about, || {
                let mut purse = Purse::new(self.means.limits.budget);
                let found = self.prove_or_refute(instance, system, property, &mut purse);
                (found, Lasting::unless_late(&purse))
            })
        });
        let found = found.unwrap_or_else(|| Found::Open(NOT_AT_HAND.to_owned()));
        let grounds = match found {
            Found::Proved(grounds) => grounds,
            Found::Refuted(candidate) => return Answered::Refuted(candidate),
            Found::Open(reason) => return Answered::Open(reason),
        };
        if let Some(idle) = self.general.idle_step(&self.means, instance) {
            return Answered::Open(idle);
        }
        let unknowns: Vec<_> = system.unknowns.iter().map(|one| one.name.clone()).collect();
        match grounds.placed(instance, property, &unknowns) {
            Ok(proven) => Answered::Proved(Arc::new(proven)),
            Err(reason) => Answered::Open(reason),
        }
    }

    /// What is asked of the solver, and then of every state.
    fn prove_or_refute(
        &self,
        instance: &Instance<'_, '_>,
        system: &System,
        property: usize,
        purse: &mut Purse,
    ) -> Found {
        let Limits { depth, states, .. } = self.means.limits;
        let (attempt, search) = from_purse(purse, |session| {
            let search = counterexample(session, system, depth.min(QUICKLY_SEARCHED));
            if matches!(search, Search::Found(_)) {
                return (Attempt::Failed(String::new()), search);
            }
            let attempt = prove(session, system);
            if matches!(attempt, Attempt::Proved(_)) {
                return (attempt, search);
            }
            (attempt, counterexample(session, system, depth))
        });
        let reason = match (attempt, search) {
            (Attempt::Proved(argument), _) => return proved(argument.technique, argument.origins),
            (_, Search::Found(candidate)) => return Found::Refuted(candidate),
            (_, Search::Unknown(reason)) => reason,
            (Attempt::Failed(first), Search::NoneWithin(depth)) => {
                match from_purse(purse, |session| prove_harder(session, system, depth)) {
                    Attempt::Proved(argument) => {
                        return proved(argument.technique, argument.origins);
                    }
                    Attempt::Failed(then) => format!(
                        "not proved ({first}; {then}), and no counterexample within {depth} steps"
                    ),
                }
            }
        };
        visit(instance, system, property, states).unwrap_or(Found::Open(reason))
    }

    /// What is found out about a property when nothing is remembered, in at most so many states
    /// and from this purse.
    pub(crate) fn afresh(
        &self,
        instance: &Instance<'_, '_>,
        system: &System,
        property: usize,
        purse: &mut Purse,
    ) -> Found {
        if self.general.proves(&self.means, instance, system, property).is_some() {
            return Found::Proved(Grounds::by("induction for all values"));
        }
        let few = self.means.limits.states.min(QUICKLY_VISITED);
        let found = evaluate(system)
            .or_else(|| visit(instance, system, property, few))
            .unwrap_or_else(|| self.prove_or_refute(instance, system, property, purse));
        match (&found, self.general.idle_step(&self.means, instance)) {
            (Found::Proved(_), Some(idle)) => Found::Open(idle),
            _ => found,
        }
    }

    /// Add to a refuted property the remedies that are proved, and where it fails.
    pub fn explain(
        &self,
        specification: &Specification,
        cluster: &Cluster<'_>,
        subject: &Document,
        record: &mut ProofRecord,
    ) {
        let Proof::Refuted(counterexample) = &mut record.proof else { return };
        if self.means.memory.is_at_hand() {
            return;
        }
        let instance = Instance::new(specification, cluster, subject, BTreeMap::new());
        counterexample.remedies = remedies(self, &instance, cluster, counterexample);
        counterexample.fails_when = self.region(&instance, &record.property, counterexample);
    }

    /// For which values of the unknowns a property fails, if that is known exactly.
    fn region(
        &self,
        instance: &Instance<'_, '_>,
        property: &str,
        counterexample: &Counterexample,
    ) -> Option<String> {
        let properties = &instance.specification.properties;
        let property = properties.iter().position(|one| one.name == property)?;
        let Applies::Yes(conditions) = instance.applies().ok()? else { return None };
        let system = instance.system(property, conditions).ok()?;
        if system.unknowns.is_empty() || counterexample.back_to.is_some() {
            return None;
        }
        let Answered::Refuted(candidate) = self.answer(instance, &system, property) else {
            return None;
        };
        let cell = remembered(&self.regions, key(instance, &system, property));
        let region = cell.get_or_init(|| {
            let about = (instance.specification.digest, property, &system);
            let region = self.means.memory.recall("region", &about, || {
                let mut purse = Purse::new(self.means.limits.budget);
                let region = fails_when(self, instance, &system, property, &candidate, &mut purse);
                (region, Lasting::unless_late(&purse))
            });
            region.flatten()
        });
        region.clone()
    }
}

fn proved(technique: &str, origins: BTreeSet<Origin>) -> Found {
    Found::Proved(Grounds { technique: technique.to_owned(), origins })
}

fn key(instance: &Instance<'_, '_>, system: &System, property: usize) -> Key {
    let (digest, name) = file(instance);
    (digest, name, property, system.clone())
}

fn remembered<A>(answers: &Mutex<HashMap<Key, Cell<A>>>, key: Key) -> Cell<A> {
    let mut answers = lock(answers);
    if answers.len() >= REMEMBERED {
        answers.clear();
    }
    Arc::clone(answers.entry(key).or_default())
}

/// The answer, if nothing is unknown and there are no more states than this.
fn visit(
    instance: &Instance<'_, '_>,
    system: &System,
    property: usize,
    states: usize,
) -> Option<Found> {
    if !system.unknowns.is_empty() {
        return None;
    }
    Some(match explore(instance, property, states).ok()? {
        Exploration::Holds { .. } => Found::Proved(Grounds::by("every state visited")),
        Exploration::Broken { run } => {
            Found::Refuted(Candidate { chosen: BTreeMap::new(), run, back_to: None })
        }
        Exploration::Circle { run, back_to } => {
            let back_to = Some(back_to);
            Found::Refuted(Candidate { chosen: BTreeMap::new(), run, back_to })
        }
        Exploration::TooMany => return None,
    })
}

/// The answer, where nothing that the claim is about is unknown or changes.
fn evaluate(system: &System) -> Option<Found> {
    let TermClaim::Safety(holds) = &system.claim else { return None };
    match holds.constant()? {
        Constant::Bool(true) => Some(Found::Proved(Grounds::by("evaluation"))),
        // The least unknowns that the preconditions allow are for the solver to find.
        _ => system.unknowns.is_empty().then(|| {
            let run = Vec::new();
            Found::Refuted(Candidate { chosen: BTreeMap::new(), run, back_to: None })
        }),
    }
}

fn all_unknown(specification: &Specification, reason: &str) -> Vec<Proof> {
    specification.properties.iter().map(|_| Proof::Unknown(reason.to_owned())).collect()
}

pub(crate) fn lock<K, V>(map: &Mutex<HashMap<K, V>>) -> MutexGuard<'_, HashMap<K, V>> {
    // The maps hold finished entries only: a panic elsewhere leaves them whole.
    map.lock().unwrap_or_else(PoisonError::into_inner)
}
