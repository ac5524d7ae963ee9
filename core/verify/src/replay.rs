//! From what the solver describes to what people see: every step is followed in the
//! evaluator, which shares no code with the solver's encoding.

use std::collections::BTreeMap;

use provost_model::{Counterexample, Scalar, Step};
use provost_spec::{Applies, Constant, Instance, InstanceFault, State};

use crate::search::Candidate;
use crate::unroll::Taken;

/// Follow a run; `Err` says why it is not a counterexample.
pub(crate) fn replay(
    instance: &Instance<'_, '_>,
    property: usize,
    candidate: &Candidate,
) -> Result<Counterexample, String> {
    let concrete = instance.with(candidate.chosen.clone());
    let (steps, end) = follow(&concrete, property, &candidate.run)
        .map_err(|fault| describe(&fault))?
        .ok_or("the solver describes a run that the evaluator cannot follow; please report this")?;
    let large = "a value of the counterexample does not fit in 64 bits";
    let steps = steps
        .into_iter()
        .map(|(action, state)| Some(Step { action, state: scalars(&state)? }))
        .collect::<Option<Vec<_>>>()
        .ok_or(large)?;
    let claimed = instance.specification.properties.get(property);
    let names = claimed.map(|claimed| instance.specification.names_of(claimed));
    let parameters = concrete
        .parameters()
        .into_iter()
        .filter(|(name, _)| {
            // Values that were chosen are always shown.
            candidate.chosen.contains_key(name)
                || names.as_ref().is_none_or(|names| names.contains(name.as_str()))
        })
        .filter_map(|(name, term)| Some((name, term.constant()?)))
        .map(|(name, constant)| Some((name, scalar(constant)?)))
        .collect::<Option<BTreeMap<_, _>>>()
        .ok_or(large)?;
    let blame = concrete.first_field(&instance.specification.blame);
    let variables = instance.specification.machine.state.iter();
    Ok(Counterexample {
        message: concrete.violation(property, &end).map_err(|fault| describe(&fault))?,
        parameters,
        variables: variables.map(|(name, _)| name.clone()).collect(),
        steps,
        back_to: None,
        fails_when: None,
        blame: blame.unwrap_or_else(|| instance.subject.locate("")),
        remedies: Vec::new(),
    })
}

/// What happened, and the state after it.
type Followed = (Vec<(String, State)>, State);

/// `None` when the run cannot happen or breaks nothing.
fn follow(
    concrete: &Instance<'_, '_>,
    property: usize,
    run: &[Taken],
) -> Result<Option<Followed>, InstanceFault> {
    if !matches!(concrete.applies()?, Applies::Yes(conditions) if conditions.is_empty()) {
        return Ok(None);
    }
    let mut state = concrete.start()?;
    let mut steps = vec![("start".to_owned(), state.clone())];
    for taken in run {
        if concrete.is_eventual(property) && concrete.is_at_goal(property, &state)? {
            return Ok(None);
        }
        let Some(next) = concrete.after(taken.step, &taken.chosen, &state)? else {
            return Ok(None);
        };
        let step = concrete.specification.machine.steps.get(taken.step).map(|step| {
            let named = step.choices.iter().zip(&taken.chosen);
            named.fold(step.title.clone(), |title, ((name, ..), value)| {
                title.replace(&format!("{{{name}}}"), &value.to_string())
            })
        });
        state = next;
        steps.push((step.unwrap_or_default(), state.clone()));
    }
    Ok(concrete.breaks(property, &state)?.then_some((steps, state)))
}

/// A fault of the specification for an object, with its place in the specification.
pub(crate) fn describe(fault: &InstanceFault) -> String {
    format!("{} ({})", fault.message, fault.location)
}

fn scalar(constant: Constant) -> Option<Scalar> {
    Some(match constant {
        Constant::Int(value) => Scalar::Integer(i64::try_from(value).ok()?),
        Constant::Bool(value) => Scalar::Bool(value),
    })
}

fn scalars(state: &State) -> Option<Vec<Scalar>> {
    state.iter().copied().map(scalar).collect()
}
