//! A machine and its properties as terms: what the verifier is given.

use crate::evaluate::Unknown;
use crate::term::{Comparison, Sort, Term};

/// A transition system over symbols.
///
/// State variables are symbols of their own names. Every other symbol is a
/// parameter: it has one value throughout a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct System {
    /// Parameters with a range.
    pub unknowns: Vec<Unknown>,
    /// What holds of the parameters.
    pub assumptions: Vec<Term>,
    /// State variables.
    pub state: Vec<(String, Sort)>,
    /// Their first values, over parameters.
    pub start: Vec<Term>,
    /// What can happen.
    pub steps: Vec<SystemStep>,
    /// Facts to prove first and use then.
    pub lemmas: Vec<Term>,
    /// What is claimed, in the order of the specification.
    pub properties: Vec<SystemProperty>,
}

/// Something that can happen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SystemStep {
    /// Its name.
    pub name: String,
    /// When it can happen; see also [`SystemStep::enabled`].
    pub guard: Term,
    /// Chosen integers and their ranges over the state.
    pub choices: Vec<(String, Term, Term)>,
    /// The next value of every state variable.
    pub next: Vec<Term>,
}

/// What is claimed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SystemProperty {
    /// The claim.
    pub claim: TermClaim,
    /// A condition on parameters under which it is claimed for all values.
    pub holds_when: Option<Term>,
}

/// What is claimed, as terms.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TermClaim {
    /// It holds in every reachable state.
    Invariant(Term),
    /// Every run comes to `goal`.
    Eventually {
        /// What every run comes to.
        goal: Term,
        /// Never negative, and lowered by every step until then.
        rank: Term,
    },
}

impl SystemStep {
    /// When it can happen: the guard holds and no range is empty.
    pub fn enabled(&self) -> Term {
        let ranges = self
            .choices
            .iter()
            .map(|(_, low, high)| Term::compare(Comparison::AtMost, low.clone(), high.clone()));
        Term::and(std::iter::once(self.guard.clone()).chain(ranges))
    }

    /// The guard, and every choice within its range.
    pub fn happens(&self) -> Term {
        let ranges = self
            .choices
            .iter()
            .map(|(name, low, high)| Term::between(&Term::symbol(name, Sort::Int), low, high));
        Term::and(std::iter::once(self.guard.clone()).chain(ranges))
    }
}

impl System {
    /// The assumptions and the ranges of the unknowns.
    pub fn domain(&self) -> Term {
        let ranges = self.unknowns.iter().map(|unknown| {
            let symbol = Term::symbol(&unknown.name, Sort::Int);
            Term::between(&symbol, &unknown.low.into(), &unknown.high.into())
        });
        Term::and(ranges.chain(self.assumptions.iter().cloned()))
    }

    /// The system as far as it matters for a claim: what happens after a run has come to its
    /// goal no longer does.
    pub fn until(&self, claim: &TermClaim) -> Self {
        let mut system = self.clone();
        if let TermClaim::Eventually { goal, .. } = claim {
            for step in &mut system.steps {
                let guard = std::mem::replace(&mut step.guard, true.into());
                step.guard = Term::and([guard, Term::negate(goal.clone())]);
            }
        }
        system
    }

    /// A state that breaks a claim: for `eventually`, one short of the goal in which
    /// nothing can happen.
    pub fn broken(&self, claim: &TermClaim) -> Term {
        match claim {
            TermClaim::Invariant(holds) => Term::negate(holds.clone()),
            TermClaim::Eventually { goal, .. } => {
                let stuck = self.steps.iter().map(|step| Term::negate(step.enabled()));
                Term::and(std::iter::once(Term::negate(goal.clone())).chain(stuck))
            }
        }
    }
}
