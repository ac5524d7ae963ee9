//! The solver behind the symbolic compiler: Z3 in this process, cvc5 as a second opinion.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cedar_policy_symcc::SmtLibScript as _;
use cedar_policy_symcc::solver::{Decision, DecisionWithModel, Solver, SolverError};
use provost_verify::{Budget, Manner, Satisfied, satisfy_script};
use tokio::io::AsyncWrite;

use crate::cvc5::Cvc5;
use crate::dialect::Script;

/// Answers the questions of the symbolic compiler. A script is kept in memory until it is asked.
#[derive(Debug, Default)]
pub(crate) struct Portfolio {
    written: Vec<u8>,
    budget: Budget,
    second: Option<Cvc5>,
}

impl Portfolio {
    pub(crate) fn new(budget: Budget, second: Option<Cvc5>) -> Self {
        Self { written: Vec::new(), budget, second }
    }

    fn answer(&mut self) -> Result<DecisionWithModel, SolverError> {
        let text = String::from_utf8(std::mem::take(&mut self.written))
            .map_err(|_| SolverError::Solver("the script is not UTF-8".to_owned()))?;
        let script = Script::of(&text).map_err(SolverError::Solver)?;
        let first = self.ask_z3(&script);
        let Some(cvc5) = &self.second else { return first.map_err(SolverError::Solver) };
        let second = cvc5.ask(&script.since_reset, self.budget.wall);
        agreed(first, second).map_err(SolverError::Solver)
    }

    fn ask_z3(&self, script: &Script) -> Result<DecisionWithModel, String> {
        let ask = |manner| satisfy_script(&script.text, script.assertions, manner, self.budget);
        // What is too much in one manner may be little in the other.
        match ask(Manner::FalseFirst).or_else(|_| ask(Manner::Usual))? {
            Satisfied::No => Ok(DecisionWithModel::Unsat),
            Satisfied::By(model) => Ok(DecisionWithModel::Sat { model: script.model(&model)? }),
        }
    }
}

/// One answer of two. That they contradict each other is never passed over: one of them has a
/// bug, and nobody knows which.
fn agreed(
    z3: Result<DecisionWithModel, String>,
    cvc5: Result<DecisionWithModel, String>,
) -> Result<DecisionWithModel, String> {
    use DecisionWithModel::{Sat, Unsat};
    match (z3, cvc5) {
        (Ok(Sat { .. }), Ok(Unsat)) => Err(contradiction("some request", "no request")),
        (Ok(Unsat), Ok(Sat { .. })) => Err(contradiction("no request", "some request")),
        (Ok(answer), _) | (Err(_), Ok(answer)) => Ok(answer),
        (Err(first), Err(second)) => Err(format!("{first}; cvc5: {second}")),
    }
}

/// How the reason begins when the solvers contradict each other.
pub(crate) const DISAGREE: &str = "Z3 and cvc5 DISAGREE";

fn contradiction(z3: &str, cvc5: &str) -> String {
    format!(
        "{DISAGREE}: Z3 says that {z3} is like this, cvc5 says that {cvc5} is; one of them has a \
         bug, please report it"
    )
}

impl Solver for Portfolio {
    fn smtlib_input(&mut self) -> &mut (dyn AsyncWrite + Unpin + Send) {
        &mut self.written
    }

    async fn enable_models(&mut self) -> Result<(), SolverError> {
        Ok(self.written.set_option("produce-models", "true").await?)
    }

    async fn check_sat(&mut self) -> Result<Decision, SolverError> {
        Ok(match self.answer()? {
            DecisionWithModel::Sat { .. } => Decision::Sat,
            DecisionWithModel::Unsat => Decision::Unsat,
            DecisionWithModel::Unknown => Decision::Unknown,
        })
    }

    async fn check_sat_with_model(&mut self) -> Result<DecisionWithModel, SolverError> {
        self.answer()
    }
}

/// The result of a future that waits for nothing outside this thread.
///
/// # Errors
/// When it does wait.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> Result<T, String> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err("the symbolic compiler waits for something".to_owned()),
    }
}
