//! Questions that another encoder wrote, as SMT-LIB 2: is there a model, and which?

use std::sync::Once;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use z3::{Config, Context, FuncInterp, Interp, Params, SatResult, Solver, with_z3_config};

use crate::solver::Budget;

/// What the solver says of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Satisfied {
    /// Nothing satisfies the assertions.
    No,
    /// This does.
    By(Vec<Interpreted>),
}

/// What a model makes of one constant or function; every text is a term of SMT-LIB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreted {
    /// The name that the script declares.
    pub name: String,
    /// Arguments and value where a function is not `otherwise`.
    pub entries: Vec<(Vec<String>, String)>,
    /// The value of a constant, and of a function everywhere else.
    pub otherwise: String,
}

/// How the solver goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As it does by itself.
    Usual,
    /// It first tries that an atom is false: a hundred times quicker where patterns of strings
    /// are denied.
    FalseFirst,
}

/// Reads a script of declarations and `assertions` assertions into a context of its own and
/// looks for a model.
///
/// # Errors
/// Why there is no answer: an assertion that did not arrive, or a budget that was spent.
pub fn satisfy_script(
    script: &str,
    assertions: usize,
    manner: Manner,
    budget: Budget,
) -> Result<Satisfied, String> {
    print_without_sharing();
    with_z3_config(&Config::new(), || {
        watched(budget.wall, || {
            let solver = Solver::new();
            solver.set_params(&parameters(manner, budget));
            solver.from_string(script);
            // An error in a script leaves no assertion, and everything satisfies none.
            let arrived = solver.get_assertions().len();
            if arrived != assertions {
                return Err(format!("{arrived} of {assertions} assertions reached the solver"));
            }
            match solver.check() {
                SatResult::Unsat => Ok(Satisfied::No),
                SatResult::Sat => model(&solver).map(Satisfied::By),
                SatResult::Unknown => Err(gave_up(&solver, budget)),
            }
        })
    })
}

fn parameters(manner: Manner, budget: Budget) -> Params {
    let mut parameters = Params::new();
    parameters.set_u32("rlimit", budget.resources.max(1));
    let milliseconds = u32::try_from(budget.wall.as_millis()).unwrap_or(u32::MAX);
    parameters.set_u32("timeout", milliseconds.max(1));
    // Otherwise Z3 leaves elements out of its model of a set where an atom that puts them there
    // does not matter to the rest of the formula.
    parameters.set_u32("relevancy", 0);
    if manner == Manner::FalseFirst {
        parameters.set_u32("phase_selection", 0);
    }
    parameters
}

/// Values are read by others, who know no `let` and no `…`. These parameters belong to the
/// whole process; nothing else here reads a printed value.
fn print_without_sharing() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for name in ["pp.min_alias_size", "pp.max_depth"] {
            z3::set_global_param(name, "1000000000");
        }
    });
}

/// The time that the solver has to notice by itself that its time is over.
const GRACE: Duration = Duration::from_secs(1);

/// Interrupts the context of this thread when the work does not end in time: not every part of
/// the solver looks at the clock.
fn watched<T>(wall: Duration, work: impl FnOnce() -> T) -> T {
    let context = Context::thread_local();
    let (done, waits) = channel::<()>();
    std::thread::scope(|scope| {
        let handle = context.handle();
        scope.spawn(move || {
            if waits.recv_timeout(wall.saturating_add(GRACE)) == Err(RecvTimeoutError::Timeout) {
                handle.interrupt();
            }
        });
        let answer = work();
        drop(done);
        answer
    })
}

fn gave_up(solver: &Solver, budget: Budget) -> String {
    match solver.get_reason_unknown().unwrap_or_default().as_str() {
        "canceled" | "max. resource limit exceeded" => {
            format!("the solver spent its budget of {} resource units", budget.resources)
        }
        "timeout" | "interrupted" => {
            format!("the solver did not answer within {} s", budget.wall.as_secs())
        }
        other => format!("the solver gave up: {other}"),
    }
}

fn model(solver: &Solver) -> Result<Vec<Interpreted>, String> {
    let model = solver.get_model().ok_or("the solver gave no model")?;
    let mut interpreted = Vec::new();
    for declaration in &model {
        let name = declaration.name();
        let one = match model.get_interp(&declaration) {
            Some(Interp::Const(value)) => {
                Interpreted { name, entries: Vec::new(), otherwise: value.to_string() }
            }
            Some(Interp::Func(function)) => table(name, &function)?,
            None => continue,
        };
        interpreted.push(one);
    }
    Ok(interpreted)
}

fn table(name: String, function: &FuncInterp) -> Result<Interpreted, String> {
    let otherwise = function.get_else().ok_or("the model leaves a function open")?.to_string();
    let entry = |entry: z3::FuncEntry| {
        let arguments = entry.get_args().iter().map(ToString::to_string).collect();
        (arguments, entry.get_value().to_string())
    };
    Ok(Interpreted {
        name,
        entries: function.get_entries().into_iter().map(entry).collect(),
        otherwise,
    })
}
