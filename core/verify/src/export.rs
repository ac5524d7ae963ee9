//! The parts of a proof as texts that any solver can check again.

use std::collections::{BTreeMap, BTreeSet};

use provost_model::Document;
use provost_spec::{Applies, Cluster, Constant, Instance, Specification, System, Term, TermClaim};
use z3::{Config, Params, SatResult, Solver, StatisticsValue, with_z3_config};

use crate::general::{is_met, prove_for_all_values};
use crate::induction::{Attempt, prove};
use crate::judge::Verifier;
use crate::longer::prove_harder;
use crate::obligation::{Argument, Hypothesis, Known, Obligation};
use crate::replay::describe;
use crate::search::{Search, counterexample};
use crate::smtlib::script;
use crate::solver::{Budget, Purse, from_purse};

/// One part of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// What it shows, in words.
    pub name: String,
    /// What kind of proof it is a part of: `1-induction`, `ranking function`, …
    pub technique: String,
    /// SMT-LIB 2 with one `(check-sat)`, to which the answer is `unsat`.
    pub script: String,
    /// How many assertions it has.
    pub assertions: usize,
    /// Resource units that Z3 spends on it, from an empty context.
    pub resources: u32,
}

impl Verifier {
    /// The parts of the proof of one property of a specification for an object: together they
    /// are the proof, and each was read back and shown again. The same text in every run.
    ///
    /// # Errors
    /// Why there are none: it does not apply, it is not proved, or not by a solver.
    pub fn obligations(
        &self,
        specification: &Specification,
        cluster: &Cluster<'_>,
        subject: &Document,
        property: &str,
    ) -> Result<Vec<Exported>, String> {
        let instance = Instance::new(specification, cluster, subject, BTreeMap::new());
        let number = specification.properties.iter().position(|one| one.name == property);
        let number = number.ok_or_else(|| format!("there is no property `{property}`"))?;
        let Applies::Yes(conditions) = instance.applies().map_err(|fault| describe(&fault))? else {
            return Err("the specification does not apply".to_owned());
        };
        let system = instance.system(number, conditions).map_err(|fault| describe(&fault))?;
        let unknowns: Vec<String> = system.unknowns.iter().map(|one| one.name.clone()).collect();
        let argument = self.argument(&instance, &system, number)?;
        let says = |hypothesis: &Hypothesis| {
            let said = instance.said_at(number, &unknowns, hypothesis.origins.iter().copied());
            let places: Vec<_> = said.iter().flatten().map(ToString::to_string).collect();
            places.join(", ")
        };
        let id = &specification.check.id;
        let export = |obligation: &Obligation| {
            let title = format!("{id}, {property}: {}", obligation.name);
            let script = script(&title, obligation, &says);
            let assertions = obligation.hypotheses.len() + 1;
            let resources = recheck(&script, assertions, self.means.limits.budget)
                .map_err(|reason| format!("{}: {reason}", obligation.name))?;
            let technique = argument.technique.to_owned();
            Ok(Exported { name: obligation.name.clone(), technique, script, assertions, resources })
        };
        argument.obligations.iter().map(export).collect()
    }

    /// The proof.
    fn argument(
        &self,
        instance: &Instance<'_, '_>,
        system: &System,
        property: usize,
    ) -> Result<Argument, String> {
        let mut purse = Purse::new(self.means.limits.budget);
        if let Some(condition) = &system.holds_when
            && is_met(&self.means, system, condition)
            && let Ok(mut argument) =
                prove_for_all_values(&self.means, instance, property, &mut purse)
        {
            argument.obligations.insert(0, meets(system, condition));
            return Ok(argument);
        }
        if let TermClaim::Safety(holds) = &system.claim
            && holds.constant() == Some(Constant::Bool(true))
        {
            let denied = Term::negate(holds.clone());
            let name = "it is true of the values".to_owned();
            let obligation = Obligation { name, hypotheses: Vec::new(), denied };
            let obligations = vec![obligation];
            let technique = "evaluation";
            let origins = BTreeSet::new();
            return Ok(Argument { technique, obligations, origins });
        }
        if let Some(idle) = self.general.idle_step(&self.means, instance) {
            return Err(idle);
        }
        let depth = self.means.limits.depth;
        let mut purse = Purse::new(self.means.limits.budget);
        let attempt = from_purse(&mut purse, |session| match prove(session, system) {
            Attempt::Proved(argument) => Attempt::Proved(argument),
            Attempt::Failed(_) => match counterexample(session, system, depth) {
                Search::Found(_) => Attempt::Failed("it is refuted".to_owned()),
                Search::NoneWithin(clear) => prove_harder(session, system, clear),
                Search::Unknown(reason) => Attempt::Failed(reason),
            },
        });
        match attempt {
            Attempt::Proved(argument) => Ok(argument),
            Attempt::Failed(reason) => Err(format!("the solver has no proof: {reason}")),
        }
    }
}

/// The values at hand meet the condition for the proof for all values.
fn meets(system: &System, condition: &Term) -> Obligation {
    Obligation {
        name: "the values meet `holdsWhen`".to_owned(),
        hypotheses: Known { system, lemmas: Vec::new() }.domain(),
        denied: Term::negate(condition.clone()),
    }
}

/// Reads a script into an empty context and has Z3 show that nothing is like this; the
/// resource units that it spends.
///
/// # Errors
/// When an assertion does not arrive, and any answer but `unsat`.
pub fn recheck(script: &str, assertions: usize, budget: Budget) -> Result<u32, String> {
    with_z3_config(&Config::new(), || {
        let solver = Solver::new();
        let mut parameters = Params::new();
        parameters.set_u32("rlimit", budget.resources.max(1));
        let milliseconds = u32::try_from(budget.wall.as_millis()).unwrap_or(u32::MAX);
        parameters.set_u32("timeout", milliseconds.max(1));
        solver.set_params(&parameters);
        solver.from_string(script);
        // A script that cannot be read leaves no assertion, of which nothing is asked.
        let arrived = solver.get_assertions().len();
        if arrived != assertions {
            return Err(format!("{arrived} of {assertions} assertions arrived"));
        }
        match solver.check() {
            SatResult::Unsat => {}
            SatResult::Sat => return Err("the solver answers `sat`".to_owned()),
            SatResult::Unknown => {
                let reason = solver.get_reason_unknown().unwrap_or_default();
                return Err(format!("the solver gave up: {reason}"));
            }
        }
        match solver.get_statistics().value("rlimit count") {
            Some(StatisticsValue::UInt(spent)) => Ok(spent),
            _ => Ok(0),
        }
    })
}
