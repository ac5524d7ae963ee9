//! What is found out, what it was found with, and what it rests on.

use std::collections::BTreeSet;

use provost_model::{Location, Proved, Scope};
use provost_spec::{Instance, Origin, System, Term};
use serde::{Deserialize, Serialize};

use crate::judge::Limits;
use crate::replay::describe;
use crate::search::Candidate;
use crate::solver::{Answer, Purse, from_purse};
use crate::store::{Lasting, Memory, NOT_AT_HAND};

/// What answers are found with: what they may cost, and what earlier runs found.
#[derive(Debug, Default)]
pub(crate) struct Means {
    pub(crate) limits: Limits,
    pub(crate) memory: Memory,
}

impl Means {
    /// Do no values satisfy a term? `false` also when the solver gave up.
    pub(crate) fn is_impossible(&self, term: Term) -> bool {
        self.possible(term) == Ok(false)
    }

    /// Do any values satisfy a term?
    pub(crate) fn possible(&self, term: Term) -> Result<bool, String> {
        let possible = self.memory.recall("possible", &term.clone(), || {
            let mut purse = Purse::new(self.limits.budget);
            let possible = match from_purse(&mut purse, |session| session.check(&[term])) {
                Answer::Satisfiable(_) => Ok(true),
                Answer::Unsatisfiable => Ok(false),
                Answer::Unknown(reason) => Err(reason),
            };
            (possible, Lasting::unless_late(&purse))
        });
        possible.unwrap_or_else(|| Err(NOT_AT_HAND.to_owned()))
    }
}

/// How something was proved and what the proof rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Grounds {
    pub(crate) technique: String,
    pub(crate) origins: BTreeSet<Origin>,
}

/// The same with places in the file of the specification.
#[derive(Debug, PartialEq)]
pub(crate) struct Proven {
    technique: String,
    rests_on: Vec<Location>,
}

impl Proven {
    /// The proof as people see it, for the values of a system.
    pub(crate) fn about(&self, system: &System) -> Proved {
        Proved {
            technique: self.technique.clone(),
            scope: scope(system),
            rests_on: self.rests_on.clone(),
            obligations: Vec::new(),
        }
    }
}

impl Grounds {
    /// A proof that no expression of the specification was needed for.
    pub(crate) fn by(technique: &str) -> Self {
        Self { technique: technique.to_owned(), origins: BTreeSet::new() }
    }

    /// `unknowns` are the names of those that the proof is about.
    pub(crate) fn placed(
        self,
        instance: &Instance<'_, '_>,
        property: usize,
        unknowns: &[String],
    ) -> Result<Proven, String> {
        let said = instance.said_at(property, unknowns, self.origins);
        let rests_on = said.map_err(|fault| describe(&fault))?;
        Ok(Proven { technique: self.technique, rests_on })
    }
}

/// What was found out about one property of one system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Found {
    Proved(Grounds),
    Refuted(Candidate),
    Open(String),
}

fn scope(system: &System) -> Scope {
    if system.unknowns.is_empty() {
        return Scope::Values;
    }
    Scope::Every(system.unknowns.iter().map(ToString::to_string).collect())
}
