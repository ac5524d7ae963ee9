//! Text for people, after rustc: what is wrong, where, how it comes about, what
//! to do. The last lines say the verdict, because that is where a terminal stops.
//!
//! Everything that comes from files, plugins and policies is cleaned of control
//! characters before it is shown, and nothing is said by colour alone.

mod audit;
mod decision;
mod example;
mod excerpt;
mod finding;
mod glass;
mod ink;
mod listing;
mod observing;
mod page;
mod policies;
mod problem;
mod proof;
mod proving;
mod run;
mod screen;
mod tested;
mod trace;
mod verdict;
mod waiver;

use provost_model::{Analysis, Assessment, CheckInfo, Comparison, PolicyReference, Problem};

use crate::Style;
use crate::audit::Audited;
use crate::trace::Trace;
use crate::violation::violations;
use screen::Screen;

pub use example::{ComparedExample, ExampleState};
pub(crate) use screen::harmless;

/// How many blocks of one sort are shown unless asked for more.
const BLOCKS: usize = 50;

pub(crate) fn assessment(assessment: &Assessment, style: &Style) -> String {
    let mut screen = Screen::new(style);
    let violations = violations(assessment);
    finding::show(&mut screen, &violations, assessment.blocking);
    waiver::show(&mut screen, assessment);
    listing::unknowns_by_reason(&mut screen, assessment);
    problem::show(&mut screen, &assessment.problems);
    listing::skipped(&mut screen, &assessment.skipped);
    listing::unjudged(&mut screen, assessment);
    proof::show(&mut screen, &assessment.results);
    decision::show(&mut screen, &assessment.decision);
    glass::show(&mut screen, assessment.glass.as_ref());
    verdict::show(&mut screen, assessment);
    screen.finish()
}

pub(crate) fn problem(problem: &Problem, style: &Style) -> String {
    let mut screen = Screen::new(style);
    problem::block(&mut screen, problem);
    screen.finish()
}

pub(crate) fn page(check: &CheckInfo, style: &Style) -> String {
    let mut screen = Screen::new(style);
    page::show(&mut screen, check);
    screen.finish()
}

pub(crate) fn policy(policy: &PolicyReference, text: &str, style: &Style) -> String {
    let mut screen = Screen::new(style);
    page::policy(&mut screen, policy, text);
    screen.finish()
}

pub(crate) fn policy_tests(tested: &crate::TestedPolicies<'_>, style: &Style) -> String {
    let mut screen = Screen::new(style);
    tested::show(&mut screen, tested);
    screen.finish()
}

pub(crate) fn example(example: &ComparedExample<'_>, style: &Style) -> String {
    let mut screen = Screen::new(style);
    example::show(&mut screen, example);
    screen.finish()
}

pub(crate) fn traces(traces: &[Trace<'_>], style: &Style) -> String {
    // Whoever asks for a run wants all of it.
    let mut screen = Screen::new(&Style { verbose: true, ..*style });
    for trace in traces {
        run::show(&mut screen, trace);
    }
    screen.finish()
}

pub(crate) fn proving(assessment: &Assessment, explain: bool, style: &Style) -> String {
    let mut screen = Screen::new(style);
    proving::show(&mut screen, assessment, explain);
    screen.finish()
}

pub(crate) fn analysis(analysis: &Analysis, style: &Style) -> String {
    let mut screen = Screen::new(style);
    policies::analysis(&mut screen, analysis);
    screen.finish()
}

pub(crate) fn comparison(comparison: &Comparison, style: &Style) -> String {
    let mut screen = Screen::new(style);
    policies::comparison(&mut screen, comparison);
    screen.finish()
}

pub(crate) fn observing(assessment: &Assessment, subjects: usize, style: &Style) -> String {
    let mut screen = Screen::new(style);
    observing::show(&mut screen, assessment, subjects);
    screen.finish()
}

pub(crate) fn audit(assessment: &Assessment, audited: &[Audited<'_>], style: &Style) -> String {
    let mut screen = Screen::new(style);
    audit::show(&mut screen, assessment, audited);
    screen.finish()
}
