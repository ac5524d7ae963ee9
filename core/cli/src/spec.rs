//! `provost spec`: work on specifications.

mod test;
mod trace;

use provost_model::Problem;

use crate::arguments::{Arguments, Spec};
use crate::exit::Exit;

/// Do what is asked.
pub fn run(arguments: &Arguments, spec: &Spec) -> Result<Exit, Vec<Problem>> {
    match spec {
        Spec::Test(test) => test::run(arguments, test),
        Spec::Trace(trace) => trace::run(arguments, trace),
    }
}
