//! Invariants found by Spacer, the engine of Z3 for Horn clauses (Komuravelli, Gurfinkel and
//! Chaki, "SMT-based model checking for recursive programs", CAV 2014).
//!
//! What it answers is a hint: it counts only after the plain solver has shown that it holds at
//! the start and that every step keeps it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use provost_spec::{Sort, System, Term};
use z3::ast::{Ast, Bool, Dynamic, Int, exists_const, forall_const};
use z3::{Fixedpoint, FuncDecl, Params, SatResult};

use crate::encode::encode_bool;
use crate::formula::certificate;
use crate::obligation::Known;
use crate::solver::{Allowance, Session};
use crate::unroll::{in_state, named_in, starts, takes};

/// Facts that are said to hold in every reachable state and to imply the claim, one step at a
/// time.
///
/// # Errors
/// Why there are none.
pub(crate) fn invariant(
    session: &Session,
    known: &Known<'_>,
    holds: &Term,
) -> Result<Vec<Term>, String> {
    let system = known.system;
    let Allowance { resources, milliseconds } = session.allowance()?;
    let engine = Fixedpoint::new();
    let mut parameters = Params::new();
    parameters.set_symbol("engine", "spacer");
    parameters.set_u32("rlimit", resources);
    parameters.set_u32("timeout", milliseconds);
    engine.set_params(&parameters);
    let names = Names::of(known, holds);
    let sorts: Vec<z3::Sort> = names.all(0).iter().map(|(_, sort)| z3_sort(*sort)).collect();
    let relation = FuncDecl::new("inv", &sorts.iter().collect::<Vec<_>>(), &z3::Sort::bool());
    engine.register_relation(&relation);
    let reached = |index: usize| -> Option<Bool> {
        let values: Vec<Dynamic> = names.all(index).iter().map(constant).collect();
        relation.apply(&values.iter().map(|one| one as &dyn Ast).collect::<Vec<_>>()).as_bool()
    };
    let (Some(here), Some(there)) = (reached(0), reached(1)) else {
        return Err("the solver has no relation".to_owned());
    };
    let lemmas = Term::and(known.lemmas.iter().map(|fact| fact.term.clone()));
    let supposed = in_state(system, &Term::and([system.domain(), lemmas]), 0);
    let first = encode_bool(&Term::and([supposed.clone(), starts(system, 0)]));
    engine.add_rule(&for_all(&names.all(0), &first.implies(&here)), Some("start"));
    for (index, step) in system.steps.iter().enumerate() {
        let step_taken = encode_bool(&Term::and([supposed.clone(), takes(system, index, 0)]));
        let before = Bool::and(&[here.clone(), step_taken]);
        let mut variables = names.all(0);
        variables.extend(names.state(1));
        variables.extend(step.choices.iter().map(|(name, ..)| (named_in(name, 0), Sort::Int)));
        let name = format!("step {index}");
        engine.add_rule(&for_all(&variables, &before.implies(&there)), Some(&name));
    }
    let broken = Term::and([supposed, Term::negate(in_state(system, holds, 0))]);
    let bad = Bool::and(&[here, encode_bool(&broken)]);
    let begun = Instant::now();
    let answer = engine.query(&exists(&names.all(0), &bad));
    if begun.elapsed() >= Duration::from_millis(milliseconds.into()) {
        session.mark_late();
    }
    session.spend(&engine.get_statistics());
    match answer {
        SatResult::Unsat => {}
        SatResult::Sat => return Err("no invariant shows it".to_owned()),
        SatResult::Unknown => return Err("no invariant was found within the budget".to_owned()),
    }
    let text = engine.get_answer().map(|answer| answer.to_string()).unwrap_or_default();
    let arguments: Vec<Term> =
        names.bare.iter().map(|(name, sort)| Term::symbol(name, *sort)).collect();
    match certificate(&text, "inv", &arguments) {
        Some(Term::And(parts)) => Ok(parts),
        Some(one) => Ok(vec![one]),
        None => Err("an invariant was found that cannot be read".to_owned()),
    }
}

/// The symbols that a state depends on: parameters, then state variables.
struct Names {
    parameters: usize,
    bare: Vec<(String, Sort)>,
}

impl Names {
    fn of(known: &Known<'_>, holds: &Term) -> Self {
        let System { state, start, steps, .. } = known.system;
        let mut symbols = BTreeMap::new();
        let domain = known.system.domain();
        let terms = [holds, &domain].into_iter().chain(start);
        let terms = terms.chain(known.lemmas.iter().map(|fact| &fact.term));
        terms.for_each(|term| term.symbols(&mut symbols));
        for step in steps {
            step.happens().symbols(&mut symbols);
            step.next.iter().for_each(|next| next.symbols(&mut symbols));
        }
        let chosen = |name: &String| {
            steps.iter().flat_map(|step| &step.choices).any(|(choice, ..)| choice == name)
        };
        let varies = |name: &String| state.iter().any(|(variable, _)| variable == name);
        symbols.retain(|name, _| !chosen(name) && !varies(name));
        let parameters = symbols.len();
        let bare = symbols.into_iter().chain(state.iter().cloned()).collect();
        Self { parameters, bare }
    }

    fn state(&self, index: usize) -> Vec<(String, Sort)> {
        let state = self.bare.iter().skip(self.parameters);
        state.map(|(name, sort)| (named_in(name, index), *sort)).collect()
    }

    fn all(&self, index: usize) -> Vec<(String, Sort)> {
        let parameters = self.bare.iter().take(self.parameters).cloned();
        parameters.chain(self.state(index)).collect()
    }
}

fn z3_sort(sort: Sort) -> z3::Sort {
    match sort {
        Sort::Int => z3::Sort::int(),
        Sort::Bool => z3::Sort::bool(),
    }
}

fn constant((name, sort): &(String, Sort)) -> Dynamic {
    match sort {
        Sort::Int => Int::new_const(name.as_str()).into(),
        Sort::Bool => Bool::new_const(name.as_str()).into(),
    }
}

fn for_all(variables: &[(String, Sort)], body: &Bool) -> Bool {
    let constants: Vec<Dynamic> = variables.iter().map(constant).collect();
    forall_const(&constants.iter().map(|one| one as &dyn Ast).collect::<Vec<_>>(), &[], body)
}

fn exists(variables: &[(String, Sort)], body: &Bool) -> Bool {
    let constants: Vec<Dynamic> = variables.iter().map(constant).collect();
    exists_const(&constants.iter().map(|one| one as &dyn Ast).collect::<Vec<_>>(), &[], body)
}
