//! Where a fact that a proof may use comes from in the text of a specification.

use provost_model::Location;
use serde::{Deserialize, Serialize};

use crate::expression::Expression;
use crate::instance::{Instance, InstanceFault};
use crate::properties::Claim;
use crate::term::Term;

/// What says a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Origin {
    /// The range of an unknown, by its index in the system.
    Unknown(usize),
    /// A precondition, by its index in the specification.
    Precondition(usize),
    /// The condition under which a property is claimed for all values.
    HoldsWhen,
    /// A lemma of the machine, by its index.
    Lemma(usize),
    /// The first value of a state variable, by its index in the system.
    Start(usize),
    /// When a step can happen, by its index in the system.
    When(usize),
    /// The range of a choice, by the indices of the step and of the choice in it.
    Choice(usize, usize),
    /// The next value of a state variable, by the indices of the step and of the variable.
    Next(usize, usize),
    /// Some step happens.
    Steps,
    /// The `rank` of a property.
    Rank,
    /// Nothing that an author wrote: the values of an enumeration, or what the verifier found.
    Nothing,
}

/// Something that holds, and what says so.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fact {
    /// What holds.
    pub term: Term,
    /// What says so.
    pub origin: Origin,
}

impl Fact {
    /// A fact and what says so.
    pub fn new(term: Term, origin: Origin) -> Self {
        Self { term, origin }
    }
}

impl Instance<'_, '_> {
    /// The expressions that say these facts about a property, in the order of the file, each
    /// once. `unknowns` are the names of those of the system.
    ///
    /// # Errors
    /// When a list of keys or items has no value.
    pub fn said_at(
        &self,
        property: usize,
        unknowns: &[String],
        origins: impl IntoIterator<Item = Origin>,
    ) -> Result<Vec<Location>, InstanceFault> {
        let mut found = Vec::new();
        for origin in origins {
            found.extend(self.expressions(property, unknowns, origin)?);
        }
        let mut places: Vec<Location> =
            found.into_iter().map(|expression| expression.location(expression.expr.span)).collect();
        places.sort_by(|a, b| (a.source.name(), a.span).cmp(&(b.source.name(), b.span)));
        places.dedup();
        Ok(places)
    }

    fn expressions(
        &self,
        property: usize,
        unknowns: &[String],
        origin: Origin,
    ) -> Result<Vec<&Expression>, InstanceFault> {
        let specification = self.specification;
        let machine = &specification.machine;
        let layout = self.layout()?;
        let step =
            |index: usize| layout.events.get(index).and_then(|event| machine.steps.get(event.step));
        let variable = |slot: usize| layout.slots.get(slot).and_then(|slot| slot.variable);
        let claimed = specification.properties.get(property);
        Ok(match origin {
            Origin::Unknown(index) => {
                let declared = specification
                    .lets
                    .iter()
                    .find(|(name, _)| unknowns.get(index).is_some_and(|unknown| unknown == name));
                declared.map_or_else(Vec::new, |(_, value)| value.expressions().collect())
            }
            Origin::Precondition(index) => {
                specification.preconditions.get(index).into_iter().collect()
            }
            Origin::HoldsWhen => {
                claimed.and_then(|claimed| claimed.holds_when.as_ref()).into_iter().collect()
            }
            Origin::Lemma(index) => machine.lemmas.get(index).into_iter().collect(),
            Origin::Start(slot) => {
                variable(slot).and_then(|index| machine.start.get(index)).into_iter().collect()
            }
            Origin::When(index) => step(index).map(|step| &step.when).into_iter().collect(),
            Origin::Choice(index, choice) => {
                let choice = step(index).and_then(|step| step.choices.get(choice));
                choice.map_or_else(Vec::new, |(_, from, to)| vec![from, to])
            }
            Origin::Next(index, slot) => {
                let changes = step(index).map_or(&[][..], |step| &step.then).iter();
                let here = changes.filter(|change| Some(change.variable) == variable(slot));
                here.map(|change| &change.value).collect()
            }
            Origin::Steps => machine.steps.iter().map(|step| &step.when).collect(),
            Origin::Rank => match claimed.map(|claimed| &claimed.claim) {
                Some(Claim::Progress { rank, .. } | Claim::Reachable { rank, .. }) => {
                    rank.iter().collect()
                }
                _ => Vec::new(),
            },
            Origin::Nothing => Vec::new(),
        })
    }
}
