//! `provost policy`: work on policies.

mod arguments;
mod test;

use provost_model::Problem;

pub use arguments::Policy;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Do what is asked.
pub fn run(arguments: &Arguments, policy: &Policy) -> Result<Exit, Vec<Problem>> {
    match policy {
        Policy::Test(test) => test::run(arguments, test),
    }
}
