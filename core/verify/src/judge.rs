//! One specification and one object: the portfolio, cheapest first.
//!
//! Apply what was proved once for all values; evaluate; visit every state of a small machine;
//! search for a shortest run that breaks the property, and replay it; induction on this
//! instance. What none of them answers is unknown.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use provost_model::{Digest, Document, Proof, ProofRecord, Proved, Scope};
use provost_spec::{
    Applies, Cluster, Constant, Instance, InstanceFault, Specification, System, TermClaim,
};

use crate::domain;
use crate::explore::{Exploration, explore};
use crate::general::General;
use crate::induction::{Attempt, prove};
use crate::remedy::remedies;
use crate::replay::{describe, replay};
use crate::search::{Candidate, Search, counterexample};
use crate::solver::{Answer, Budget, in_fresh_context};

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
    general: General,
    special: Mutex<HashMap<(Digest, usize, System), Cell>>,
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
            Err(fault) => all_unknown(specification, &describe(&fault)),
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
        let mut proofs = Vec::new();
        for property in 0..instance.specification.properties.len() {
            let system = instance.system(property, conditions.clone())?;
            if property == 0 {
                match self.is_met(&system) {
                    Ok(true) => {}
                    Ok(false) => return Ok(None),
                    Err(reason) => return Ok(Some(all_unknown(instance.specification, &reason))),
                }
            }
            proofs.push(self.proof(instance, &system, property));
        }
        Ok(Some(proofs))
    }

    fn proof(&self, instance: &Instance<'_, '_>, system: &System, property: usize) -> Proof {
        match self.answer(instance, system, property) {
            Answered::Proved(technique) => Proof::Proved(Proved {
                technique: technique.to_owned(),
                scope: scope(system),
                rests_on: Vec::new(),
            }),
            Answered::Open(reason) => Proof::Unknown(reason),
            Answered::Refuted(candidate) => match replay(instance, property, &candidate) {
                Ok(counterexample) => Proof::Refuted(Box::new(counterexample)),
                Err(reason) => Proof::Unknown(reason),
            },
        }
    }

    /// Do any values of the unknowns meet the preconditions?
    fn is_met(&self, system: &System) -> Result<bool, String> {
        if let Some(met) = domain::is_met(system) {
            return Ok(met);
        }
        let domain = system.domain();
        match in_fresh_context(self.limits.budget, |session| session.check(&[domain])) {
            Answer::Satisfiable(_) => Ok(true),
            Answer::Unsatisfiable => Ok(false),
            Answer::Unknown(reason) => Err(reason),
        }
    }

    fn answer(&self, instance: &Instance<'_, '_>, system: &System, property: usize) -> Answered {
        if self.general.proves(&self.limits, instance, system, property) {
            return Answered::Proved("induction for all values");
        }
        let key = (instance.specification.digest, property, system.clone());
        let cell = {
            let mut special = lock(&self.special);
            if special.len() >= REMEMBERED {
                special.clear();
            }
            Arc::clone(special.entry(key).or_default())
        };
        cell.get_or_init(|| self.solve(instance, system, property)).clone()
    }

    fn solve(&self, instance: &Instance<'_, '_>, system: &System, property: usize) -> Answered {
        let answer =
            evaluate(system).unwrap_or_else(|| self.prove_or_refute(instance, system, property));
        match (&answer, self.general.idle_step(&self.limits, instance)) {
            (Answered::Proved(_), Some(idle)) => Answered::Open(idle),
            _ => answer,
        }
    }

    fn prove_or_refute(
        &self,
        instance: &Instance<'_, '_>,
        system: &System,
        property: usize,
    ) -> Answered {
        // A small machine is visited faster than a question is put to the solver.
        let few = self.limits.states.min(QUICKLY_VISITED);
        if let Some(answer) = self.visit(instance, system, property, few) {
            return answer;
        }
        let depth = self.limits.depth;
        let (attempt, search) = in_fresh_context(self.limits.budget, |session| {
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
            (Attempt::Proved(technique), _) => return Answered::Proved(technique),
            (_, Search::Found(candidate)) => return Answered::Refuted(candidate),
            (_, Search::Unknown(reason)) => reason,
            (Attempt::Failed(reason), Search::NoneWithin(depth)) => {
                format!("not proved ({reason}), and no counterexample within {depth} steps")
            }
        };
        let visited = self.visit(instance, system, property, self.limits.states);
        visited.unwrap_or(Answered::Open(reason))
    }

    /// The answer, if nothing is unknown and there are no more states than this.
    fn visit(
        &self,
        instance: &Instance<'_, '_>,
        system: &System,
        property: usize,
        states: usize,
    ) -> Option<Answered> {
        if !system.unknowns.is_empty() {
            return None;
        }
        Some(match explore(instance, property, states).ok()? {
            Exploration::Holds { .. } => Answered::Proved("every state visited"),
            Exploration::Broken { run } => {
                Answered::Refuted(Candidate { chosen: BTreeMap::new(), run, back_to: None })
            }
            Exploration::Circle { run, back_to } => {
                let back_to = Some(back_to);
                Answered::Refuted(Candidate { chosen: BTreeMap::new(), run, back_to })
            }
            Exploration::TooMany => return None,
        })
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

/// The answer, where nothing that the claim is about is unknown or changes.
fn evaluate(system: &System) -> Option<Answered> {
    let TermClaim::Safety(holds) = &system.claim else { return None };
    match holds.constant()? {
        Constant::Bool(true) => Some(Answered::Proved("evaluation")),
        // The least unknowns that the preconditions allow are for the solver to find.
        _ => system.unknowns.is_empty().then(|| {
            let run = Vec::new();
            Answered::Refuted(Candidate { chosen: BTreeMap::new(), run, back_to: None })
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

fn scope(system: &System) -> Scope {
    if system.unknowns.is_empty() {
        return Scope::Values;
    }
    Scope::Every(system.unknowns.iter().map(ToString::to_string).collect())
}
