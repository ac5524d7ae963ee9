//! A machine and one claim about it as terms: what the verifier is given.

use crate::origin::Fact;
use crate::term::{Comparison, Sort, Term};
use crate::unknowns::Unknown;

/// A transition system over symbols, and a claim about it.
///
/// State variables are symbols of their own names. Every other symbol is a
/// parameter: it has one value throughout a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct System {
    /// Parameters with a range.
    pub unknowns: Vec<Unknown>,
    /// What holds of the parameters.
    pub assumptions: Vec<Fact>,
    /// State variables: those of the machine, and what the claim remembers of a run.
    pub state: Vec<(String, Sort)>,
    /// Their first values, over parameters.
    pub start: Vec<Term>,
    /// What can happen.
    pub steps: Vec<SystemStep>,
    /// Facts to prove first and use then.
    pub lemmas: Vec<Fact>,
    /// What is claimed.
    pub claim: TermClaim,
    /// A condition on parameters under which it is claimed for all values.
    pub holds_when: Option<Term>,
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
    /// While a fair step can happen, some fair step does.
    pub fair: bool,
    /// Does something go wrong in it?
    pub fault: bool,
}

/// What is claimed, as terms.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TermClaim {
    /// It holds in every reachable state.
    Safety(Term),
    /// No run is pending for ever: neither in a state in which no fair step can happen, nor
    /// going round with fair steps in it.
    Progress {
        /// The run has still to come to its goal.
        pending: Term,
        /// Never negative, lowered by every fair step while pending and raised by none.
        rank: Option<Term>,
    },
    /// From every reachable state steps that are no faults can lead to a goal.
    Reachable {
        /// The goal.
        goal: Term,
        /// Never negative; until the goal some step lowers it.
        rank: Option<Term>,
        /// In how many steps.
        within: Option<Term>,
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
        let ranges = self.unknowns.iter().map(Unknown::range);
        Term::and(ranges.chain(self.assumptions.iter().map(|fact| fact.term.clone())))
    }

    /// No fair step can happen.
    pub fn rests(&self) -> Term {
        let fair = self.steps.iter().filter(|step| step.fair);
        Term::and(fair.map(|step| Term::negate(step.enabled())))
    }

    /// A state that breaks the claim, whatever happens next.
    pub fn broken(&self) -> Term {
        match &self.claim {
            TermClaim::Safety(holds) => Term::negate(holds.clone()),
            TermClaim::Progress { pending, .. } => Term::and([pending.clone(), self.rests()]),
            TermClaim::Reachable { .. } => false.into(),
        }
    }
}
