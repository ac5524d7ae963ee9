//! The seam to Z3: terms in, an answer out, within a budget that repeats exactly.
//!
//! The `z3` crate checks no error code after an assertion or a parameter, so that a
//! refused assertion would silently weaken a question. [`Session::check`] counts the
//! assertions that arrived and answers unknown when one is missing.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use provost_spec::{Arithmetic, Assignment, Comparison, Constant, Sort, Term};
use z3::ast::{Bool, Int};
use z3::{Config, Params, SatResult, Solver, StatisticsValue, with_z3_config};

/// What one question to the solver may cost. All questions about one property together may
/// cost [`Budget::QUESTIONS`] times as much.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Z3 resource units: deterministic, so that an answer does not depend on the machine.
    pub resources: u32,
    /// The last resort, for questions whose units are slow.
    pub wall: Duration,
}

impl Budget {
    /// How many questions may each spend all that one may. A hundred small questions about one
    /// property come to a twentieth of one budget; what spends two is hopeless.
    pub const QUESTIONS: u32 = 2;
}

impl Default for Budget {
    fn default() -> Self {
        Self { resources: 2_000_000, wall: Duration::from_secs(20) }
    }
}

/// The answer to one question.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// No values satisfy it.
    Unsatisfiable,
    /// These values do.
    Satisfiable(Assignment),
    /// Neither, and why.
    Unknown(String),
}

/// Run `ask` in a context of its own: resource counts repeat exactly only in a fresh one.
pub(crate) fn in_fresh_context<T: Send + Sync>(
    budget: Budget,
    ask: impl FnOnce(&Session) -> T + Send + Sync,
) -> T {
    with_z3_config(&Config::new(), || {
        ask(&Session {
            budget,
            resources: Cell::new(budget.resources.saturating_mul(Budget::QUESTIONS)),
            end: Instant::now().checked_add(budget.wall.saturating_mul(Budget::QUESTIONS)),
        })
    })
}

/// Questions within one context.
pub(crate) struct Session {
    budget: Budget,
    /// Units left for all further questions.
    resources: Cell<u32>,
    /// When no further question is asked.
    end: Option<Instant>,
}

impl Session {
    /// Is there an assignment under which all of `terms` hold?
    pub(crate) fn check(&self, terms: &[Term]) -> Answer {
        let resources = self.budget.resources.min(self.resources.get());
        let left = self.end.map(|end| end.saturating_duration_since(Instant::now()));
        let wall = left.map_or(self.budget.wall, |left| left.min(self.budget.wall));
        if resources == 0 || wall.is_zero() {
            return Answer::Unknown(format!(
                "the questions about it cost {} times the budget of one (`limits.solverResources`, \
                 `limits.solverSeconds`)",
                Budget::QUESTIONS
            ));
        }
        let solver = Solver::new();
        let mut parameters = Params::new();
        // To Z3, no units and no time mean without limit.
        parameters.set_u32("rlimit", resources);
        let milliseconds = u32::try_from(wall.as_millis()).unwrap_or(u32::MAX);
        parameters.set_u32("timeout", milliseconds.max(1));
        solver.set_params(&parameters);
        let mut symbols = BTreeMap::new();
        for term in terms {
            term.symbols(&mut symbols);
            solver.assert(encode_bool(term));
        }
        if solver.get_assertions().len() != terms.len() {
            return Answer::Unknown("the solver refused an assertion".to_owned());
        }
        let answer = match solver.check() {
            SatResult::Unsat => Answer::Unsatisfiable,
            SatResult::Sat => satisfied(&solver, &symbols),
            SatResult::Unknown => self.gave_up(&solver),
        };
        self.spend(&solver);
        answer
    }

    /// The context counts units from its beginning, which is that of the session.
    fn spend(&self, solver: &Solver) {
        if let Some(StatisticsValue::UInt(spent)) = solver.get_statistics().value("rlimit count") {
            let all = self.budget.resources.saturating_mul(Budget::QUESTIONS);
            self.resources.set(all.saturating_sub(spent));
        }
    }

    fn gave_up(&self, solver: &Solver) -> Answer {
        let reason = solver.get_reason_unknown().unwrap_or_default();
        Answer::Unknown(match reason.as_str() {
            "canceled" => format!(
                "the solver spent its budget of {} resource units (`limits.solverResources`)",
                self.budget.resources
            ),
            "timeout" => format!(
                "the solver did not answer within {} s (`limits.solverSeconds`)",
                self.budget.wall.as_secs()
            ),
            other => format!("the solver gave up: {other}"),
        })
    }
}

fn satisfied(solver: &Solver, symbols: &BTreeMap<String, Sort>) -> Answer {
    let Some(model) = solver.get_model() else {
        return Answer::Unknown("the solver gave no model".to_owned());
    };
    let value = |(name, sort): (&String, &Sort)| {
        let constant = match sort {
            Sort::Int => {
                Constant::Int(model.eval(&Int::new_const(name.as_str()), true)?.as_i128()?)
            }
            Sort::Bool => {
                Constant::Bool(model.eval(&Bool::new_const(name.as_str()), true)?.as_bool()?)
            }
        };
        Some((name.clone(), constant))
    };
    match symbols.iter().map(value).collect() {
        Some(assignment) => Answer::Satisfiable(assignment),
        None => Answer::Unknown("a value of the model is out of range".to_owned()),
    }
}

fn encode_bool(term: &Term) -> Bool {
    match term {
        Term::Constant(Constant::Bool(value)) => Bool::from_bool(*value),
        Term::Symbol(name, Sort::Bool) => Bool::new_const(name.as_str()),
        Term::Compare(comparison, a, b) => {
            let (a, b) = (encode_int(a), encode_int(b));
            match comparison {
                Comparison::Less => a.lt(b),
                Comparison::AtMost => a.le(b),
                Comparison::Equal => a.eq(b),
            }
        }
        Term::Same(a, b) => encode_bool(a).eq(encode_bool(b)),
        Term::And(terms) => Bool::and(&terms.iter().map(encode_bool).collect::<Vec<_>>()),
        Term::Or(terms) => Bool::or(&terms.iter().map(encode_bool).collect::<Vec<_>>()),
        Term::Not(term) => encode_bool(term).not(),
        Term::If(c, a, b) => encode_bool(c).ite(&encode_bool(a), &encode_bool(b)),
        // An integer where a truth value belongs cannot be built: `Term` keeps sorts apart.
        Term::Constant(Constant::Int(_)) | Term::Symbol(..) | Term::Arithmetic(..) => {
            unreachable!("an integer term is not a truth value")
        }
    }
}

fn encode_int(term: &Term) -> Int {
    match term {
        Term::Constant(Constant::Int(value)) => Int::from_i128(*value),
        Term::Symbol(name, Sort::Int) => Int::new_const(name.as_str()),
        Term::Arithmetic(operation, a, b) => {
            let (a, b) = (encode_int(a), encode_int(b));
            match operation {
                Arithmetic::Add => Int::add(&[a, b]),
                Arithmetic::Sub => Int::sub(&[a, b]),
                Arithmetic::Mul => Int::mul(&[a, b]),
                Arithmetic::Div => truncated_quotient(&a, &b),
                Arithmetic::Rem => {
                    let quotient = truncated_quotient(&a, &b);
                    Int::sub(&[a, Int::mul(&[b, quotient])])
                }
            }
        }
        Term::If(c, a, b) => encode_bool(c).ite(&encode_int(a), &encode_int(b)),
        _ => unreachable!("a truth value is not an integer term"),
    }
}

/// CEL rounds towards zero; Z3's `div` leaves a remainder that is never negative. They
/// agree on dividends that are not negative.
fn truncated_quotient(a: &Int, b: &Int) -> Int {
    let zero = Int::from_i64(0);
    let negated = Int::sub(&[zero.clone(), a.clone()]);
    let mirrored = Int::sub(&[zero.clone(), negated.div(b)]);
    a.ge(&zero).ite(&a.div(b), &mirrored)
}

/// Values under which all of `terms` hold: `Ok(None)` when there are none.
///
/// The agreement tests of terms and solver go through this door.
///
/// # Errors
/// Why the solver gave up.
pub fn satisfy(terms: &[Term], budget: Budget) -> Result<Option<Assignment>, String> {
    match in_fresh_context(budget, |session| session.check(terms)) {
        Answer::Unsatisfiable => Ok(None),
        Answer::Satisfiable(assignment) => Ok(Some(assignment)),
        Answer::Unknown(reason) => Err(reason),
    }
}

/// The version of the solver library, as `5.4.0`: part of every digest that a proof
/// depends on.
pub fn version() -> String {
    z3::full_version().to_owned()
}

/// Is the library that was found at run time one that the bindings can talk to?
///
/// # Errors
/// What was found and what is needed.
pub fn supported() -> Result<(), String> {
    let version = version();
    let mut numbers = version
        .split(|c: char| !c.is_ascii_digit())
        .skip_while(|part| part.is_empty() || *part == "3")
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (numbers.next(), numbers.next(), numbers.next());
    if found >= (Some(4), Some(13), Some(3)) {
        return Ok(());
    }
    Err(format!(
        "the library found is {version}; 4.13.3 or newer is needed: run `cargo xtask setup` \
         and build again"
    ))
}
