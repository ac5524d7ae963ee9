use provost_model::PolicyReference;

use super::ink::Ink;
use super::screen::Screen;
use super::waiver::name;
use crate::policy_tests::{TestedCase, TestedPolicies};

/// Cases that failed, policies that no case is about, and the sums.
pub(super) fn show(screen: &mut Screen, tested: &TestedPolicies<'_>) {
    for case in &tested.cases {
        match case.differences.is_empty() {
            true if screen.verbose => {
                screen.wrapped(&[(Ink::Good, "ok      ")], 8, (Ink::Plain, case.name));
            }
            true => {}
            false => failed(screen, case),
        }
    }
    let idle: Vec<_> = tested.idle().collect();
    if tested.coverage_required || screen.verbose {
        uncovered(screen, &idle, tested.coverage_required);
    }
    screen.gap();
    screen.line(&[(Ink::Strong, &sum(tested, idle.len()))]);
}

fn failed(screen: &mut Screen, case: &TestedCase<'_>) {
    screen.wrapped(&[(Ink::Bad, "FAILED  ")], 8, (Ink::Strong, case.name));
    let place = format!("        {}", case.location);
    screen.line(&[(Ink::Faint, &place)]);
    for difference in case.differences {
        screen.wrapped(&[(Ink::Plain, "        ")], 10, (Ink::Plain, difference));
    }
}

fn uncovered(screen: &mut Screen, idle: &[&PolicyReference], required: bool) {
    for policy in idle {
        let label = if required { (Ink::Bad, "FAILED  ") } else { (Ink::Note, "idle    ") };
        let text = format!("no case is determined by {}", name(policy));
        screen.wrapped(&[label], 8, (Ink::Plain, &text));
    }
}

fn sum(tested: &TestedPolicies<'_>, idle: usize) -> String {
    let number = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let failed = tested.failed();
    let all = tested.coverage.len();
    format!(
        "{} in {}: {} passed, {failed} failed; decided by {} of {}",
        number(tested.cases.len(), "case"),
        number(tested.files, "file"),
        tested.cases.len() - failed,
        all - idle,
        if all == 1 { "1 policy".to_owned() } else { format!("{all} policies") },
    )
}
