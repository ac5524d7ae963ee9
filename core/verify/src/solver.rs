//! The seam to Z3: terms in, an answer out, within a budget that repeats exactly.
//!
//! The `z3` crate checks no error code after an assertion or a parameter, so that a
//! refused assertion would silently weaken a question. [`Session::check`] counts the
//! assertions that arrived and answers unknown when one is missing.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use provost_spec::{Assignment, Constant, Sort, Term};
use z3::ast::{Ast, Bool, Int};
use z3::{Config, Params, SatResult, Solver, Statistics, StatisticsValue, with_z3_config};

use crate::encode::encode_bool;

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

/// Which of some terms a contradiction needs.
#[derive(Clone, Debug)]
pub(crate) enum Core {
    /// Those at these places, in order.
    Of(Vec<usize>),
    /// There is no contradiction.
    None,
    /// Neither, and why.
    Unknown(String),
}

/// What all further questions may cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purse {
    budget: Budget,
    resources: u32,
    wall: Duration,
    late: bool,
}

impl Purse {
    /// What all questions about one property may cost.
    pub(crate) fn new(budget: Budget) -> Self {
        let resources = budget.resources.saturating_mul(Budget::QUESTIONS);
        let wall = budget.wall.saturating_mul(Budget::QUESTIONS);
        Self { budget, resources, wall, late: false }
    }

    /// Was an answer cut short by the clock? Then it may be another in the next run.
    pub(crate) fn is_late(&self) -> bool {
        self.late
    }
}

impl Answer {
    /// Do no values satisfy the question?
    ///
    /// # Errors
    /// Why the solver gave up.
    pub(crate) fn is_unsatisfiable(&self) -> Result<bool, String> {
        match self {
            Self::Unsatisfiable => Ok(true),
            Self::Satisfiable(_) => Ok(false),
            Self::Unknown(reason) => Err(reason.clone()),
        }
    }
}

/// Run `ask` in a context of its own: resource counts repeat exactly only in a fresh one.
pub(crate) fn in_fresh_context<T: Send + Sync>(
    budget: Budget,
    ask: impl FnOnce(&Session) -> T + Send + Sync,
) -> T {
    from_purse(&mut Purse::new(budget), ask)
}

/// Run `ask` in a context of its own, and take what it costs from a purse.
pub(crate) fn from_purse<T: Send + Sync>(
    purse: &mut Purse,
    ask: impl FnOnce(&Session) -> T + Send + Sync,
) -> T {
    let (budget, all, begun) = (purse.budget, purse.resources, Instant::now());
    let wall = purse.wall;
    let (answer, left, late) = with_z3_config(&Config::new(), || {
        let (resources, late) = (Cell::new(all), Cell::new(false));
        let session = Session { budget, all, resources, late, end: begun.checked_add(wall) };
        let answer = ask(&session);
        (answer, session.resources.get(), session.late.get())
    });
    purse.resources = left;
    purse.late |= late;
    purse.wall = wall.saturating_sub(begun.elapsed());
    answer
}

/// Questions within one context.
pub(crate) struct Session {
    budget: Budget,
    /// Units that there were for all questions.
    all: u32,
    /// Units left for all further questions.
    resources: Cell<u32>,
    /// Was an answer cut short by the clock?
    late: Cell<bool>,
    /// When no further question is asked.
    end: Option<Instant>,
}

/// What one question may cost: units, and milliseconds.
pub(crate) struct Allowance {
    pub(crate) resources: u32,
    pub(crate) milliseconds: u32,
}

impl Session {
    /// What the next question may cost.
    ///
    /// # Errors
    /// That nothing is left.
    pub(crate) fn allowance(&self) -> Result<Allowance, String> {
        let resources = self.budget.resources.min(self.resources.get());
        let left = self.end.map(|end| end.saturating_duration_since(Instant::now()));
        let wall = left.map_or(self.budget.wall, |left| left.min(self.budget.wall));
        self.late.set(self.late.get() || wall.is_zero());
        if resources == 0 || wall.is_zero() {
            return Err(format!(
                "the questions about it cost {} times the budget of one (`limits.solverResources`, \
                 `limits.solverSeconds`)",
                Budget::QUESTIONS
            ));
        }
        // To Z3, no units and no time mean without limit.
        let milliseconds = u32::try_from(wall.as_millis()).unwrap_or(u32::MAX).max(1);
        Ok(Allowance { resources, milliseconds })
    }

    fn solver(&self) -> Result<Solver, String> {
        let Allowance { resources, milliseconds } = self.allowance()?;
        let solver = Solver::new();
        let mut parameters = Params::new();
        parameters.set_u32("rlimit", resources);
        parameters.set_u32("timeout", milliseconds);
        solver.set_params(&parameters);
        Ok(solver)
    }

    /// Is there an assignment under which all of `terms` hold?
    pub(crate) fn check(&self, terms: &[Term]) -> Answer {
        let solver = match self.solver() {
            Ok(solver) => solver,
            Err(reason) => return Answer::Unknown(reason),
        };
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
            SatResult::Unknown => Answer::Unknown(self.gave_up(&solver)),
        };
        self.spend(&solver.get_statistics());
        answer
    }

    /// Which of some terms contradict each other and the last one?
    pub(crate) fn core(&self, terms: &[Term], last: &Term) -> Core {
        let solver = match self.solver() {
            Ok(solver) => solver,
            Err(reason) => return Core::Unknown(reason),
        };
        let mut parameters = Params::new();
        parameters.set_bool("core.minimize", true);
        solver.set_params(&parameters);
        solver.assert(encode_bool(last));
        for (place, term) in terms.iter().enumerate() {
            // Two assertions of one name would be one, and the answer wrong: each has its own,
            // which no symbol of a specification has.
            solver.assert_and_track(encode_bool(term), &Bool::new_const(tracker(place)));
        }
        if solver.get_assertions().len() != terms.len() + 1 {
            return Core::Unknown("the solver refused an assertion".to_owned());
        }
        let core = match solver.check() {
            SatResult::Sat => Core::None,
            SatResult::Unknown => Core::Unknown(self.gave_up(&solver)),
            SatResult::Unsat => {
                let names: BTreeSet<String> =
                    solver.get_unsat_core().iter().map(|name| name.decl().name()).collect();
                let needed = (0..terms.len()).filter(|place| names.contains(&tracker(*place)));
                Core::Of(needed.collect())
            }
        };
        self.spend(&solver.get_statistics());
        core
    }

    /// Remembers that an answer was cut short by the clock.
    pub(crate) fn mark_late(&self) {
        self.late.set(true);
    }

    /// The context counts units from its beginning, which is that of the session.
    pub(crate) fn spend(&self, statistics: &Statistics) {
        if let Some(StatisticsValue::UInt(spent)) = statistics.value("rlimit count") {
            self.resources.set(self.all.saturating_sub(spent));
        }
    }

    fn gave_up(&self, solver: &Solver) -> String {
        let reason = solver.get_reason_unknown().unwrap_or_default();
        match reason.as_str() {
            "canceled" | "max. resource limit exceeded" => format!(
                "the solver spent its budget of {} resource units (`limits.solverResources`)",
                self.budget.resources
            ),
            "timeout" => {
                self.mark_late();
                let seconds = self.budget.wall.as_secs();
                format!("the solver did not answer within {seconds} s (`limits.solverSeconds`)")
            }
            other => format!("the solver gave up: {other}"),
        }
    }
}

fn tracker(place: usize) -> String {
    format!("!{place}")
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
