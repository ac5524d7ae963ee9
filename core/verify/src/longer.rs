//! What is tried when induction over one step with the lemmas at hand does not prove a claim.

use provost_spec::{Fact, Origin, Sort, System, Term, TermClaim};

use crate::induction::{Attempt, inductive_lemmas, prove};
use crate::obligation::{Argument, Hypothesis, Known, Obligation};
use crate::ranking::found_rank;
use crate::solver::Session;
use crate::spacer::invariant;
use crate::unroll::{in_state, moves, named_in};

/// The longest runs that an induction looks back on.
const LONGEST: usize = 5;

/// Try to prove the claim of a system. There is no run of `clear` steps or fewer that breaks
/// it.
pub(crate) fn prove_harder(session: &Session, system: &System, clear: usize) -> Attempt {
    prove_with(session, system, clear).into()
}

fn prove_with(session: &Session, system: &System, clear: usize) -> Result<Attempt, String> {
    let known = Known { system, lemmas: inductive_lemmas(session, system)? };
    let TermClaim::Safety(holds) = &system.claim else {
        return found_rank(session, &known);
    };
    if system.steps.is_empty() {
        return Ok(Attempt::Failed("without steps there is nothing to look back on".to_owned()));
    }
    for length in 2..=LONGEST.min(clear + 1) {
        let (name, step) =
            ("any run that kept it so far keeps it", leads_on(&known, holds, length));
        let step = Obligation { name: name.to_owned(), ..step };
        // A longer look back costs more, and one that is too long for the budget is the last.
        match step.ask(session).is_unsatisfiable() {
            Ok(true) => {
                let mut obligations = first_states(&known, holds, length);
                obligations.push(step);
                let technique = technique(length);
                return Argument::of(session, &known, technique, obligations).map(Attempt::Proved);
            }
            Ok(false) => {}
            Err(_) => break,
        }
    }
    let found = invariant(session, &known, holds)?;
    let mut strengthened = system.clone();
    let lemmas = found.into_iter().map(|term| Fact::new(term, Origin::Nothing));
    strengthened.lemmas.extend(lemmas);
    // What the other engine found is a hint, as lemmas are: it is proved before it counts.
    Ok(match prove(session, &strengthened) {
        Attempt::Proved(argument) => {
            Attempt::Proved(Argument { technique: "found invariant", ..argument })
        }
        Attempt::Failed(reason) => Attempt::Failed(format!("with a found invariant, {reason}")),
    })
}

fn technique(length: usize) -> &'static str {
    match length {
        2 => "2-induction",
        3 => "3-induction",
        4 => "4-induction",
        _ => "5-induction",
    }
}

/// The claim holds in the first states of every run.
fn first_states(known: &Known<'_>, holds: &Term, length: usize) -> Vec<Obligation> {
    let mut hypotheses = known.start();
    let mut obligations = Vec::new();
    for index in 0..length {
        obligations.push(Obligation {
            name: format!("it holds after {index} step(s)"),
            hypotheses: hypotheses.clone(),
            denied: Term::negate(in_state(known.system, holds, index)),
        });
        hypotheses.push(Hypothesis::new(moves(known.system, index), [Origin::Steps]));
    }
    obligations
}

/// After `length` states in which the claim holds it does so in the next. States that are all
/// different are enough: a shortest run to one that breaks it visits none twice.
fn leads_on(known: &Known<'_>, holds: &Term, length: usize) -> Obligation {
    let system = known.system;
    let mut hypotheses = known.domain();
    for index in 0..=length {
        hypotheses.extend(known.lemmas(index));
        for earlier in 0..index {
            hypotheses.push(Hypothesis::new(differ(system, earlier, index), []));
        }
        if index < length {
            hypotheses.push(Hypothesis::new(in_state(system, holds, index), []));
            hypotheses.push(Hypothesis::new(moves(system, index), [Origin::Steps]));
        }
    }
    let denied = Term::negate(in_state(system, holds, length));
    Obligation { name: String::new(), hypotheses, denied }
}

fn differ(system: &System, one: usize, other: usize) -> Term {
    let value = |name: &str, sort: Sort, index| Term::symbol(named_in(name, index), sort);
    Term::negate(Term::and(
        system
            .state
            .iter()
            .map(|(name, sort)| Term::equal(value(name, *sort, one), value(name, *sort, other))),
    ))
}
