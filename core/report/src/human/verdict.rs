use provost_model::{Assessment, Effect, Severity};

use super::ink::Ink;
use super::screen::Screen;
use crate::tally::Tally;

/// The last lines: what to know besides, the verdict, what it rests on, and the digest
/// that an approval would name.
pub(super) fn show(screen: &mut Screen, assessment: &Assessment) {
    notes(screen, &assessment.notes);
    let word = assessment.verdict.to_string().to_uppercase();
    screen.gap();
    let broken = if assessment.glass.is_some() { " (glass broken)" } else { "" };
    let lead = [(assessment.verdict.into(), word.as_str()), (Ink::Bad, broken), (Ink::Plain, "  ")];
    screen.wrapped(&lead, 4, (Ink::Strong, &summary(assessment)));
    if assessment.documents > 0 {
        let change = format!("change: {}", assessment.change);
        screen.line(&[(Ink::Faint, &change)]);
    }
    if screen.verbose {
        let bundle = format!("bundle: {}", assessment.bundle);
        screen.line(&[(Ink::Faint, &bundle)]);
    }
}

fn summary(assessment: &Assessment) -> String {
    let tally = Tally::of(assessment);
    let blocking = assessment.blocking;
    let mut parts = vec![objects(assessment)];
    if assessment.documents > 0 {
        let violations = count(tally.blocking, "violation", "violations");
        parts.push(format!("{violations}{}", by_severity(&tally, blocking)));
    }
    let denied = usize::from(assessment.decision.effect == Effect::Deny);
    let more = [
        (denied, "denied by policy".to_owned()),
        (tally.below(), format!("{} below `{blocking}`", tally.below())),
        (tally.waived, format!("{} waived", tally.waived)),
        (tally.proved, count(tally.proved, "property proved", "properties proved")),
        (tally.refuted, format!("{} refuted", tally.refuted)),
        (tally.unknown, format!("{} unknown", tally.unknown)),
        (tally.problems, count(tally.problems, "problem", "problems")),
        (tally.skipped, format!("{} skipped", tally.skipped)),
    ];
    parts.extend(more.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text));
    let summary = parts.join(", ");
    match assessment.decision.environment.as_str() {
        "" => summary,
        environment => format!("in `{environment}`: {summary}"),
    }
}

/// How many objects there are, and of how many nothing was asked.
fn objects(assessment: &Assessment) -> String {
    let all = match assessment.documents {
        0 if assessment.problems.is_empty() => "nothing to check".to_owned(),
        some if assessment.decision.action == "delete" => {
            count(some, "object to delete", "objects to delete")
        }
        some => count(some, "object", "objects"),
    };
    match assessment.unjudged.values().sum::<usize>() {
        0 => all,
        unjudged => format!("{all} ({unjudged} that no check is about)"),
    }
}

/// Violations that block, worst first, in brackets.
/// What to know besides, one line each.
pub(super) fn notes(screen: &mut Screen, notes: &[String]) {
    if !notes.is_empty() {
        screen.gap();
    }
    for note in notes {
        screen.wrapped(&[(Ink::Note, "note"), (Ink::Plain, ": ")], 6, (Ink::Plain, note));
    }
}

fn by_severity(tally: &Tally, blocking: Severity) -> String {
    let counts: Vec<_> = Severity::ALL
        .into_iter()
        .rev()
        .filter(|severity| *severity >= blocking && tally.violations(*severity) > 0)
        .map(|severity| format!("{} {severity}", tally.violations(severity)))
        .collect();
    if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) }
}

/// A number of things.
pub(super) fn count(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
