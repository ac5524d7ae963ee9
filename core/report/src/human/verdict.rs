use provost_model::{Assessment, Effect, Severity};

use super::ink::Ink;
use super::screen::Screen;
use crate::tally::Tally;

/// The last lines: the verdict, what it rests on, and the digest that an approval
/// would name.
pub(super) fn show(screen: &mut Screen, assessment: &Assessment) {
    let word = assessment.verdict.to_string().to_uppercase();
    screen.gap();
    let lead = [(assessment.verdict.into(), word.as_str()), (Ink::Plain, "  ")];
    screen.wrapped(&lead, 4, (Ink::Strong, &summary(assessment)));
    let change = format!("change: {}", assessment.change);
    screen.line(&[(Ink::Faint, &change)]);
    if screen.verbose {
        let bundle = format!("bundle: {}", assessment.bundle);
        screen.line(&[(Ink::Faint, &bundle)]);
    }
}

fn summary(assessment: &Assessment) -> String {
    let tally = Tally::of(assessment);
    let blocking = assessment.blocking;
    let mut parts = vec![
        count(assessment.documents, "object", "objects"),
        format!(
            "{}{}",
            count(tally.blocking, "violation", "violations"),
            by_severity(&tally, blocking)
        ),
    ];
    let denied = usize::from(assessment.decision.effect == Effect::Deny);
    let more = [
        (denied, "denied by policy".to_owned()),
        (tally.below(), format!("{} below `{blocking}`", tally.below())),
        (tally.waived, format!("{} waived", tally.waived)),
        (tally.proved, count(tally.proved, "proof", "proofs")),
        (tally.refuted, format!("{} refuted", tally.refuted)),
        (tally.unknown, format!("{} unknown", tally.unknown)),
        (tally.problems, format!("{} unreadable", tally.problems)),
        (tally.skipped, format!("{} skipped", tally.skipped)),
    ];
    parts.extend(more.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text));
    parts.join(", ")
}

/// Violations that block, worst first, in brackets.
fn by_severity(tally: &Tally, blocking: Severity) -> String {
    let counts: Vec<_> = Severity::ALL
        .into_iter()
        .rev()
        .filter(|severity| *severity >= blocking && tally.violations(*severity) > 0)
        .map(|severity| format!("{} {severity}", tally.violations(severity)))
        .collect();
    if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) }
}

fn count(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
