//! `provost policy test`: do policies answer what their tests say?

use provost_engine::PolicyTestRun;
use provost_model::Problem;
use provost_report::{TestedCase, TestedPolicies};

use super::arguments::{Form, Test};
use crate::arguments::Arguments;
use crate::config::gate;
use crate::exit::Exit;
use crate::terminal::{print, say, style};

/// Run every case.
pub fn run(arguments: &Arguments, test: &Test) -> Result<Exit, Vec<Problem>> {
    let style = style(arguments);
    let named = gate(arguments)?.policy_paths();
    let paths = if test.paths.is_empty() { &named } else { &test.paths };
    let run = PolicyTestRun::of(paths)?;
    if run.cases.is_empty() {
        say("no case to run; name a file or folder with a `kind: PolicyTests`");
        return Ok(Exit::Nothing);
    }
    let cases = run.cases.iter().map(|case| TestedCase {
        name: &case.name,
        location: &case.location,
        differences: &case.differences,
    });
    let tested = TestedPolicies {
        files: run.files,
        cases: cases.collect(),
        coverage: run.coverage.iter().map(|(policy, cases)| (policy, *cases)).collect(),
        coverage_required: test.require_coverage,
    };
    let text = match test.format {
        Form::Human => provost_report::policy_tests(&tested, &style),
        Form::Json => provost_report::policy_tests_json(&tested),
    };
    let exit = if tested.passed() { Exit::Allowed } else { Exit::Denied };
    Ok(print(&text, exit))
}
