//! What `provost plugin run` shows: what one plugin found, and a sum.

use provost_model::{Assessment, Verdict};

use super::ink::Ink;
use super::screen::Screen;
use super::verdict::count;
use super::{finding, listing, problem};
use crate::tally::Tally;
use crate::violation::violations;

/// `subjects` is the number of objects that the plugin asked for.
pub(super) fn show(screen: &mut Screen, assessment: &Assessment, subjects: usize) {
    let violations = violations(assessment);
    finding::show(screen, &violations, assessment.blocking);
    listing::unknowns_by_reason(screen, assessment);
    problem::show(screen, &assessment.problems);
    listing::skipped(screen, &assessment.skipped);
    let tally = Tally::of(assessment);
    let word = match assessment.verdict {
        Verdict::Allow if subjects == 0 => "NOTHING APPLIES",
        Verdict::Allow => "NO VIOLATION",
        Verdict::Deny => "VIOLATED",
        Verdict::Unknown => "UNKNOWN",
    };
    let mut objects = count(subjects, "object", "objects");
    match assessment.documents.saturating_sub(subjects) {
        0 => {}
        others => objects.push_str(&format!(" ({others} more that the plugin does not ask for)")),
    }
    let mut parts = vec![objects];
    for (number, one, many) in [
        (tally.blocking, "violation", "violations"),
        (tally.unknown, "unknown", "unknown"),
        (tally.problems, "problem", "problems"),
        (tally.skipped, "skipped", "skipped"),
    ] {
        if number > 0 {
            parts.push(count(number, one, many));
        }
    }
    screen.gap();
    let lead = [(assessment.verdict.into(), word), (Ink::Plain, "  ")];
    screen.wrapped(&lead, 4, (Ink::Strong, &parts.join(", ")));
}
