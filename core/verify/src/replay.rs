//! From what the solver describes to what people see: every step is followed in the
//! evaluator, which shares no code with the solver's encoding.

use std::collections::BTreeMap;

use provost_model::{Counterexample, Scalar, Step};
use provost_spec::{Applies, Constant, Domain, Instance, InstanceFault, Labels, State};

use crate::explore::reaches;
use crate::search::Candidate;
use crate::unroll::Taken;

/// Follow a run; `Err` says why it is not a counterexample.
pub(crate) fn replay(
    instance: &Instance<'_, '_>,
    property: usize,
    candidate: &Candidate,
) -> Result<Counterexample, String> {
    let concrete = instance.with(candidate.chosen.clone());
    let (steps, end) = follow(&concrete, property, candidate)
        .map_err(|fault| describe(&fault))?
        .ok_or("the solver describes a run that the evaluator cannot follow; please report this")?;
    let large = "a value of the counterexample does not fit in 64 bits";
    let layout = concrete.layout().map_err(|fault| describe(&fault))?;
    let scalars = |state: &State| -> Option<Vec<Scalar>> {
        layout.slots.iter().zip(state).map(|(slot, value)| scalar(*value, &slot.domain)).collect()
    };
    let steps = steps
        .into_iter()
        .map(|(action, state)| Some(Step { action, state: scalars(&state)? }))
        .collect::<Option<Vec<_>>>()
        .ok_or(large)?;
    let blame = concrete.first_field(&instance.specification.blame);
    Ok(Counterexample {
        message: concrete.violation(property, &end).map_err(|fault| describe(&fault))?,
        parameters: parameters(instance, &concrete, property, candidate).ok_or(large)?,
        variables: layout.slots.iter().map(|slot| slot.name.clone()).collect(),
        steps,
        back_to: candidate.back_to,
        fails_when: None,
        blame: blame.unwrap_or_else(|| instance.subject.locate("")),
        remedies: Vec::new(),
    })
}

/// The values that a reader wants to see: those that the property is about, and those that
/// were chosen. `None` when one does not fit.
fn parameters(
    instance: &Instance<'_, '_>,
    concrete: &Instance<'_, '_>,
    property: usize,
    candidate: &Candidate,
) -> Option<BTreeMap<String, Scalar>> {
    let claimed = instance.specification.properties.get(property);
    let names = claimed.map(|claimed| instance.specification.names_of(claimed));
    let wanted = |name: &String| {
        // Values that were chosen are always shown.
        candidate.chosen.contains_key(name)
            || names.as_ref().is_none_or(|names| names.contains(name.as_str()))
    };
    let known = concrete.parameters().into_iter().filter(|(name, _)| wanted(name));
    let known = known.filter_map(|(name, term)| Some((name, term.constant()?)));
    let mut shown = known
        .map(|(name, constant)| {
            let domain = match constant {
                Constant::Int(_) => Domain::Int,
                Constant::Bool(_) => Domain::Bool,
            };
            Some((name, scalar(constant, &domain)?))
        })
        .collect::<Option<BTreeMap<_, _>>>()?;
    for unknown in &instance.unknowns {
        if let (Some(labels), Some(place)) = (&unknown.labels, candidate.chosen.get(&unknown.name))
        {
            let domain = Domain::Enum(Labels::clone(labels));
            shown.insert(unknown.name.clone(), scalar(Constant::Int(*place), &domain)?);
        }
    }
    Some(shown)
}

/// What happened, and the state after it.
type Followed = (Vec<(String, State)>, State);

/// `None` when the run cannot happen or breaks nothing.
fn follow(
    concrete: &Instance<'_, '_>,
    property: usize,
    candidate: &Candidate,
) -> Result<Option<Followed>, InstanceFault> {
    if !matches!(concrete.applies()?, Applies::Yes(conditions) if conditions.is_empty()) {
        return Ok(None);
    }
    let mut state = concrete.start(property)?;
    let mut steps = vec![("start".to_owned(), state.clone())];
    for taken in &candidate.run {
        let Some(next) = concrete.after(property, taken.step, &taken.chosen, &state)? else {
            return Ok(None);
        };
        state = next;
        steps.push((words(concrete, taken)?, state.clone()));
    }
    let broken = match candidate.back_to {
        Some(start) => goes_round(concrete, property, &candidate.run, &steps, start)?,
        None => concrete.breaks(property, &state)? || is_lost(concrete, property, &state)?,
    };
    Ok(broken.then_some((steps, state)))
}

/// What happened, in words.
fn words(concrete: &Instance<'_, '_>, taken: &Taken) -> Result<String, InstanceFault> {
    let Some(event) = concrete.layout()?.events.get(taken.step) else { return Ok(String::new()) };
    let step = concrete.specification.machine.steps.get(event.step);
    let choices = step.map_or(&[][..], |step| &step.choices).iter().zip(&taken.chosen);
    Ok(choices.fold(event.title.clone(), |title, ((name, ..), value)| {
        title.replace(&format!("{{{name}}}"), &value.to_string())
    }))
}

/// Is the run back where it was, pending all the way round, with a fair step in it?
fn goes_round(
    concrete: &Instance<'_, '_>,
    property: usize,
    run: &[Taken],
    steps: &[(String, State)],
    start: usize,
) -> Result<bool, InstanceFault> {
    let round = steps.get(start..).unwrap_or_default();
    let (Some((_, first)), Some((_, last))) = (round.first(), round.last()) else {
        return Ok(false);
    };
    if round.len() < 2 || first != last {
        return Ok(false);
    }
    for (_, state) in round {
        if !concrete.is_pending(property, state)? {
            return Ok(false);
        }
    }
    for taken in run.get(start..).unwrap_or_default() {
        if concrete.is_fair(taken.step)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// For a property that a goal can be reached: does every way from here miss it?
fn is_lost(
    concrete: &Instance<'_, '_>,
    property: usize,
    state: &State,
) -> Result<bool, InstanceFault> {
    if concrete.is_goal(property, state)?.is_none() {
        return Ok(false);
    }
    reaches(concrete, property, state, STATES).map(|reached| reached == Some(false))
}

/// Most states that are visited to see that a goal is out of reach.
const STATES: usize = 20_000;

/// A fault of the specification for an object, with its place in the specification.
pub(crate) fn describe(fault: &InstanceFault) -> String {
    format!("{} ({})", fault.message, fault.location)
}

fn scalar(constant: Constant, domain: &Domain) -> Option<Scalar> {
    Some(match (constant, domain) {
        (Constant::Int(place), Domain::Enum(labels)) => {
            Scalar::Text(labels.get(usize::try_from(place).ok()?)?.clone())
        }
        (Constant::Int(value), _) => Scalar::Integer(i64::try_from(value).ok()?),
        (Constant::Bool(value), _) => Scalar::Bool(value),
    })
}
