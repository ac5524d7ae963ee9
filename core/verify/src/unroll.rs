//! A system over several steps: the same terms with the symbols of each state renamed.

use std::collections::BTreeMap;

use provost_spec::{Assignment, Comparison, Constant, Sort, System, Term};

/// One step of a run: which step of the machine, and the values it chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Index of the step in the machine.
    pub step: usize,
    /// One value for each of its choices.
    pub chosen: Vec<i128>,
}

fn at(name: &str, index: usize) -> String {
    format!("{name}@{index}")
}

fn pick(index: usize) -> Term {
    Term::symbol(at("step", index), Sort::Int)
}

/// State variables and choices renamed for state `index`.
fn names(system: &System, index: usize) -> BTreeMap<String, Term> {
    let state = system.state.iter().map(|(name, sort)| (name.clone(), *sort));
    let choices = system.steps.iter().flat_map(|step| &step.choices);
    state
        .chain(choices.map(|(name, ..)| (name.clone(), Sort::Int)))
        .map(|(name, sort)| (name.clone(), Term::symbol(at(&name, index), sort)))
        .collect()
}

/// A term about state `index`. Renaming cannot overflow: it puts symbols for symbols.
pub(crate) fn in_state(system: &System, term: &Term, index: usize) -> Term {
    term.substitute(&names(system, index)).unwrap_or_else(|_| term.clone())
}

/// State `index` has the first values.
pub(crate) fn starts(system: &System, index: usize) -> Term {
    let variables = system.state.iter().zip(&system.start);
    Term::and(variables.map(|((name, sort), first)| {
        Term::equal(Term::symbol(at(name, index), *sort), first.clone())
    }))
}

/// Step `step` leads from state `index` to the next.
pub(crate) fn takes(system: &System, step: usize, index: usize) -> Term {
    let Some(step) = system.steps.get(step) else { return false.into() };
    let next = system.state.iter().zip(&step.next).map(|((name, sort), next)| {
        Term::equal(Term::symbol(at(name, index + 1), *sort), in_state(system, next, index))
    });
    Term::and(std::iter::once(in_state(system, &step.happens(), index)).chain(next))
}

/// Some step leads from state `index` to the next; which one is a symbol of its own.
pub(crate) fn moves(system: &System, index: usize) -> Term {
    Term::or((0..system.steps.len()).map(|step| {
        let number = Term::from(step as i128);
        let picked = Term::compare(Comparison::Equal, pick(index), number);
        Term::and([picked, takes(system, step, index)])
    }))
}

/// The run of `depth` steps that a model describes.
pub(crate) fn run(system: &System, model: &Assignment, depth: usize) -> Option<Vec<Taken>> {
    let int = |name: &str| match model.get(name) {
        Some(Constant::Int(value)) => Some(*value),
        _ => None,
    };
    (0..depth)
        .map(|index| {
            let step = usize::try_from(int(&at("step", index))?).ok()?;
            let choices = &system.steps.get(step)?.choices;
            let chosen = choices.iter().map(|(name, low, _)| {
                // A choice that no term mentions may be any value of its range: the least.
                int(&at(name, index)).or_else(|| match low.constant() {
                    Some(Constant::Int(low)) => Some(low),
                    _ => None,
                })
            });
            Some(Taken { step, chosen: chosen.collect::<Option<_>>()? })
        })
        .collect()
}
