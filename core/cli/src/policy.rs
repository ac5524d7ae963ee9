//! `provost policy`: work on policies.

mod analyze;
mod arguments;
mod diff;
mod test;

use provost_model::Problem;

pub use arguments::Policy;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Do what is asked.
pub fn run(arguments: &Arguments, policy: &Policy) -> Result<Exit, Vec<Problem>> {
    match policy {
        Policy::Analyze(analyze) => analyze::run(arguments, analyze),
        Policy::Diff(diff) => diff::run(arguments, diff),
        Policy::Test(test) => test::run(arguments, test),
    }
}
