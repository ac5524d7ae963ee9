//! A system over several steps: the same terms with the symbols of each state renamed.

use provost_spec::{Assignment, Comparison, Constant, Sort, System, Term};
use serde::{Deserialize, Serialize};

/// One step of a run: which step of the machine, and the values it chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Index of the step in the machine.
    pub step: usize,
    /// One value for each of its choices.
    pub chosen: Vec<i128>,
}

/// A name in state `index`. Names of specifications have no `@`, so that no two meet.
pub(crate) fn named_in(name: &str, index: usize) -> String {
    format!("{name}@{index}")
}

/// Which step is taken from state `index`. No name of a specification begins with `$`, and to
/// SMT-LIB none may begin with `@`.
pub(crate) fn pick(index: usize) -> String {
    named_in("$step", index)
}

/// A choice of a step that is taken from state `index`.
pub(crate) fn choice(name: &str, index: usize) -> String {
    named_in(name, index)
}

/// A term about state `index`: state variables and choices have other names there, parameters
/// the same.
pub(crate) fn in_state(system: &System, term: &Term, index: usize) -> Term {
    term.renamed(&|name| {
        let variable = system.state.iter().any(|(variable, _)| variable == name);
        let mut choices = system.steps.iter().flat_map(|step| &step.choices);
        (variable || choices.any(|(choice, ..)| choice == name)).then(|| named_in(name, index))
    })
}

/// State `index` has the first values.
pub(crate) fn starts(system: &System, index: usize) -> Term {
    let variables = system.state.iter().zip(&system.start);
    Term::and(variables.map(|((name, sort), first)| {
        Term::equal(Term::symbol(named_in(name, index), *sort), first.clone())
    }))
}

/// Step `step` leads from state `index` to the next.
pub(crate) fn takes(system: &System, step: usize, index: usize) -> Term {
    let Some(step) = system.steps.get(step) else { return false.into() };
    let next = system.state.iter().zip(&step.next).map(|((name, sort), next)| {
        Term::equal(Term::symbol(named_in(name, index + 1), *sort), in_state(system, next, index))
    });
    Term::and(std::iter::once(in_state(system, &step.happens(), index)).chain(next))
}

/// Some step leads from state `index` to the next; which one is a symbol of its own.
pub(crate) fn moves(system: &System, index: usize) -> Term {
    Term::or((0..system.steps.len()).map(|step| {
        let number = Term::from(step as i128);
        let pick = Term::symbol(pick(index), Sort::Int);
        let picked = Term::compare(Comparison::Equal, pick, number);
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
            let step = usize::try_from(int(&pick(index))?).ok()?;
            let choices = &system.steps.get(step)?.choices;
            let chosen = choices.iter().map(|(name, low, _)| {
                // A choice that no term mentions may be any value of its range: the least.
                int(&choice(name, index)).or_else(|| match low.constant() {
                    Some(Constant::Int(low)) => Some(low),
                    _ => None,
                })
            });
            Some(Taken { step, chosen: chosen.collect::<Option<_>>()? })
        })
        .collect()
}
