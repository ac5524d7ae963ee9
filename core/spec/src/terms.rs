//! From a machine and a claim to terms over symbols.

use std::collections::BTreeMap;

use crate::domain::Domain;
use crate::expression::Expression;
use crate::instance::{Instance, InstanceFault};
use crate::layout::Event;
use crate::machine::{Change, FAULTS, KEY};
use crate::origin::{Fact, Origin};
use crate::properties::Claim;
use crate::system::{System, SystemStep, TermClaim};
use crate::term::{Arithmetic, Comparison, Constant, Sort, Term};
use crate::value::Value;

/// What the claim remembers: the run has still to come to its goal. No name of a specification
/// begins with `$`.
const WAITING: &str = "$waiting";
/// What the claim remembers: for how many steps it has been so.
const WAITED: &str = "$waited";

/// The machine as terms; the same for every claim.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Terms {
    state: Vec<(String, Sort)>,
    start: Vec<Term>,
    steps: Vec<SystemStep>,
    lemmas: Vec<Fact>,
}

/// When something can happen, and its choices with their ranges.
type Guard = (Term, Vec<(String, Term, Term)>);

/// What a claim remembers of a run, beside the state of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// Is the run still to come to its goal? It was when it came here.
    Waiting,
    /// For how many steps has it been?
    Waited,
}

impl Claim {
    /// What it remembers, in the order of the values after those of the machine.
    pub(crate) fn memory(&self) -> &'static [Memory] {
        match self {
            Self::Progress { from: Some(_), within: None, .. } => &[Memory::Waiting],
            Self::Progress { from: None, within: Some(_), .. } => &[Memory::Waited],
            Self::Progress { from: Some(_), within: Some(_), .. } => {
                &[Memory::Waiting, Memory::Waited]
            }
            _ => &[],
        }
    }
}

impl<'c> Instance<'_, 'c> {
    /// The names of a state whose values are these terms.
    pub(crate) fn layer(
        &self,
        state: &[Term],
    ) -> Result<BTreeMap<String, Value<'c>>, InstanceFault> {
        let machine = &self.specification.machine;
        let mut names: BTreeMap<String, Value<'c>> = machine
            .state
            .iter()
            .filter(|variable| variable.over.is_some())
            .map(|variable| (variable.name.clone(), Value::Map(Vec::new())))
            .collect();
        if machine.faults.is_some() {
            // It has no slot where none may happen.
            names.insert(FAULTS.to_owned(), 0.into());
        }
        for (slot, term) in self.layout()?.slots.iter().zip(state) {
            let value = slot.domain.value(term.clone());
            let variable = slot.variable.and_then(|index| machine.state.get(index));
            match (&slot.key, variable.and_then(|variable| names.get_mut(&variable.name))) {
                (Some(key), Some(Value::Map(entries))) => entries.push((key.clone(), value)),
                _ => {
                    names.insert(slot.name.clone(), value);
                }
            }
        }
        Ok(names)
    }

    pub(crate) fn first(&self) -> Result<Vec<Term>, InstanceFault> {
        let machine = &self.specification.machine;
        let slots = self.layout()?.slots.iter();
        slots
            .map(|slot| {
                let Some(first) = slot.variable.and_then(|index| machine.start.get(index)) else {
                    return Ok(0.into());
                };
                self.term(first, &slot.domain, &keyed(BTreeMap::new(), slot.key.as_deref()))
            })
            .collect()
    }

    /// When an event can happen, and the ranges of its choices.
    pub(crate) fn guard(
        &self,
        event: &Event<'c>,
        names: &BTreeMap<String, Value<'c>>,
    ) -> Result<Guard, InstanceFault> {
        let machine = &self.specification.machine;
        let Some(step) = machine.steps.get(event.step) else {
            return Ok((false.into(), Vec::new()));
        };
        let mut scope = names.clone();
        scope.extend(event.items.clone());
        let mut guard = self.term(&step.when, &Domain::Bool, &scope)?;
        if let (true, Some(budget), Some(Value::Term(so_far))) =
            (step.fault, &machine.faults, names.get(FAULTS))
        {
            let budget = self.term(budget, &Domain::Int, &BTreeMap::new())?;
            let allowed = Term::compare(Comparison::Less, so_far.clone(), budget);
            guard = Term::and([guard, allowed]);
        }
        let mut choices = Vec::new();
        // Where it cannot happen its ranges need not have values.
        if guard == Term::from(false) {
            return Ok((guard, choices));
        }
        for (name, from, to) in &step.choices {
            let bound = |expression| self.term(expression, &Domain::Int, &scope);
            choices.push((name.clone(), bound(from)?, bound(to)?));
        }
        Ok((guard, choices))
    }

    /// The state after an event; `names` has the state and the choices.
    pub(crate) fn next(
        &self,
        event: &Event<'c>,
        state: &[Term],
        names: &BTreeMap<String, Value<'c>>,
    ) -> Result<Vec<Term>, InstanceFault> {
        let machine = &self.specification.machine;
        let slots = &self.layout()?.slots;
        let mut next = state.to_vec();
        let Some(step) = machine.steps.get(event.step) else { return Ok(next) };
        let mut scope = names.clone();
        scope.extend(event.items.clone());
        let mut set = vec![false; slots.len()];
        for change in &step.then {
            let key = change.key.as_ref().map(|key| self.key(key, &scope)).transpose()?;
            let mut found = false;
            for (index, slot) in slots.iter().enumerate() {
                if slot.variable != Some(change.variable) {
                    continue;
                }
                let here = match (&key, &slot.key) {
                    (Some(key), Some(here)) => key.equal(&Value::Text(here.clone())),
                    _ => true.into(),
                };
                if here == Term::from(false) {
                    continue;
                }
                found = true;
                let names = keyed(scope.clone(), slot.key.as_deref().filter(|_| key.is_none()));
                let value = self.term(&change.value, &slot.domain, &names)?;
                if let (Some(place), Some(set)) = (next.get_mut(index), set.get_mut(index)) {
                    if *set {
                        return Err(clash(change, &slot.name));
                    }
                    *set = here == Term::from(true);
                    *place = Term::choose(here, value, place.clone());
                }
            }
            if let (false, Some(key)) = (found, &change.key) {
                let message = "the map has no such key".to_owned();
                return Err(InstanceFault { message, location: key.location(key.expr.span) });
            }
        }
        if step.fault
            && let Some(index) = slots.iter().position(|slot| slot.variable.is_none())
            && let Some(place) = next.get_mut(index)
            && let Ok(more) = Term::arithmetic(Arithmetic::Add, place.clone(), 1.into())
        {
            *place = more;
        }
        Ok(next)
    }

    fn key(
        &self,
        key: &Expression,
        scope: &BTreeMap<String, Value<'c>>,
    ) -> Result<Value<'c>, InstanceFault> {
        match self.evaluate_in(key, scope)? {
            found @ (Value::Text(_) | Value::Enum(..)) => Ok(found),
            other => Err(InstanceFault {
                message: format!("expected a string, found {}", other.describe()),
                location: key.location(key.expr.span),
            }),
        }
    }

    /// The machine over its own symbols.
    fn terms(&self) -> Result<&Terms, InstanceFault> {
        self.terms.get_or_init(|| self.to_terms()).as_ref().map_err(Clone::clone)
    }

    fn to_terms(&self) -> Result<Terms, InstanceFault> {
        let layout = self.layout()?;
        let slots = layout.slots.iter();
        let state: Vec<_> =
            slots.clone().map(|slot| (slot.name.clone(), slot.domain.sort())).collect();
        let symbols: Vec<Term> =
            state.iter().map(|(name, sort)| Term::symbol(name, *sort)).collect();
        let names = self.layer(&symbols)?;
        let mut steps = Vec::new();
        for event in &layout.events {
            let (guard, choices) = self.guard(event, &names)?;
            if guard == Term::from(false) {
                // It can never happen, and what it would do need not have a value.
                steps.push(self.system_step(event, guard, choices, symbols.clone()));
                continue;
            }
            let mut scope = names.clone();
            for (name, ..) in &choices {
                scope.insert(name.clone(), Value::Term(Term::symbol(name, Sort::Int)));
            }
            let next = self.next(event, &symbols, &scope)?;
            steps.push(self.system_step(event, guard, choices, next));
        }
        let ranges = slots.zip(&symbols).filter_map(|(slot, symbol)| slot.domain.range(symbol));
        let ranges = ranges.map(|term| Fact::new(term, Origin::Nothing));
        let lemmas = self.specification.machine.lemmas.iter().enumerate();
        // Lemmas are hints: one without a value is none.
        let lemmas = lemmas.filter_map(|(index, lemma)| {
            let term = self.term(lemma, &Domain::Bool, &names).ok()?;
            Some(Fact::new(term, Origin::Lemma(index)))
        });
        let lemmas = ranges.chain(lemmas).collect();
        Ok(Terms { start: self.first()?, lemmas, state, steps })
    }

    fn system_step(
        &self,
        event: &Event<'c>,
        guard: Term,
        choices: Vec<(String, Term, Term)>,
        next: Vec<Term>,
    ) -> SystemStep {
        let step = self.specification.machine.steps.get(event.step);
        SystemStep {
            name: event.name.clone(),
            guard,
            choices,
            next,
            fair: step.is_some_and(|step| step.fair),
            fault: step.is_some_and(|step| step.fault),
        }
    }

    /// One property as terms as far as a proof for all values needs it: what holds of the
    /// values, and the condition of the proof, but no machine.
    pub fn outline(&self, property: usize, assumptions: Vec<Fact>) -> System {
        let condition = self.specification.properties.get(property);
        let condition = condition.and_then(|property| property.holds_when.as_ref());
        // A condition for a general proof is a hint, as lemmas are.
        let term = |one| self.term(one, &Domain::Bool, &BTreeMap::new()).ok();
        System {
            unknowns: self.unknowns.clone(),
            assumptions,
            state: Vec::new(),
            start: Vec::new(),
            steps: Vec::new(),
            lemmas: Vec::new(),
            claim: TermClaim::Safety(true.into()),
            holds_when: condition.and_then(term),
        }
    }

    /// The machine and one property as terms.
    ///
    /// # Errors
    /// When an expression has no value.
    pub fn system(&self, property: usize, assumptions: Vec<Fact>) -> Result<System, InstanceFault> {
        let Terms { state, start, steps, lemmas } = self.terms()?.clone();
        let outline = self.outline(property, assumptions);
        let mut system = System { state, start, steps, lemmas, ..outline };
        let Some(property) = self.specification.properties.get(property) else {
            return Ok(system);
        };
        let symbols: Vec<Term> =
            system.state.iter().map(|(name, sort)| Term::symbol(name, *sort)).collect();
        let names = self.layer(&symbols)?;
        self.claim(&property.claim, &names, &mut system)?;
        Ok(system)
    }

    fn claim(
        &self,
        claim: &Claim,
        names: &BTreeMap<String, Value<'c>>,
        system: &mut System,
    ) -> Result<(), InstanceFault> {
        let bool = |expression: &Expression| self.term(expression, &Domain::Bool, names);
        let int = |expression: &Expression| self.term(expression, &Domain::Int, names);
        system.claim = match claim {
            Claim::Invariant(holds) => TermClaim::Safety(bool(holds)?),
            Claim::Final(holds) | Claim::NeverStuck(holds) => {
                TermClaim::Safety(Term::or([bool(holds)?, Term::negate(system.rests())]))
            }
            Claim::Reachable { goal, rank, within } => TermClaim::Reachable {
                goal: bool(goal)?,
                rank: rank.as_ref().map(int).transpose()?,
                within: within.as_ref().map(int).transpose()?,
            },
            Claim::Progress { from, to, rank, within } => {
                let to = bool(to)?;
                let rests = system.rests();
                let pending = match from {
                    None => {
                        // What happens after a run has come to its goal no longer matters.
                        for step in &mut system.steps {
                            let guard = std::mem::replace(&mut step.guard, true.into());
                            step.guard = Term::and([guard, Term::negate(to.clone())]);
                        }
                        Term::negate(to)
                    }
                    Some(from) => {
                        let waiting = Term::symbol(WAITING, Sort::Bool);
                        Term::and([Term::or([waiting, bool(from)?]), Term::negate(to)])
                    }
                };
                self.remember(claim, &pending, system)?;
                match within {
                    None => {
                        let rank = rank.as_ref().map(int).transpose()?;
                        TermClaim::Progress { pending, rank }
                    }
                    Some(within) => {
                        let waited = Term::symbol(WAITED, Sort::Int);
                        let late = Term::compare(Comparison::AtMost, int(within)?, waited);
                        let broken = Term::and([pending, Term::or([late, rests])]);
                        TermClaim::Safety(Term::negate(broken))
                    }
                }
            }
        };
        Ok(())
    }

    fn remember(
        &self,
        claim: &Claim,
        pending: &Term,
        system: &mut System,
    ) -> Result<(), InstanceFault> {
        for memory in claim.memory() {
            let (name, sort, first, next) = match memory {
                Memory::Waiting => (WAITING, Sort::Bool, false.into(), pending.clone()),
                Memory::Waited => {
                    let waited = Term::symbol(WAITED, Sort::Int);
                    let counted = Term::compare(Comparison::AtMost, 0.into(), waited.clone());
                    system.lemmas.push(Fact::new(counted, Origin::Nothing));
                    let more = Term::arithmetic(Arithmetic::Add, waited, 1.into());
                    let more = more.unwrap_or_else(|_| 0.into());
                    (WAITED, Sort::Int, 0.into(), Term::choose(pending.clone(), more, 0.into()))
                }
            };
            system.state.push((name.to_owned(), sort));
            system.start.push(first);
            for step in &mut system.steps {
                step.next.push(next.clone());
            }
        }
        Ok(())
    }
}

/// The names with the key of a map.
fn keyed<'c>(
    mut names: BTreeMap<String, Value<'c>>,
    key: Option<&str>,
) -> BTreeMap<String, Value<'c>> {
    if let Some(key) = key {
        names.insert(KEY.to_owned(), Value::Text(key.to_owned()));
    }
    names
}

fn clash(change: &Change, slot: &str) -> InstanceFault {
    let place = change.key.as_ref().unwrap_or(&change.value);
    InstanceFault {
        message: format!("`{slot}` is set twice by one step"),
        location: place.location(place.expr.span),
    }
}

/// The value of a term that has no symbols.
pub(crate) fn known(term: &Term, at: &Expression) -> Result<Constant, InstanceFault> {
    term.constant().ok_or_else(|| InstanceFault {
        message: "depends on a value that is not known".to_owned(),
        location: at.location(at.expr.span),
    })
}
