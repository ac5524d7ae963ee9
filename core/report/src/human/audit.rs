//! What `provost audit` shows: what is wrong, a table of checks, and a sum.

use std::collections::BTreeMap;

use provost_model::Assessment;
use unicode_width::UnicodeWidthStr as _;

use super::ink::Ink;
use super::screen::Screen;
use super::verdict::{count as number, notes};
use super::{finding, listing, problem};
use crate::audit::{Audited, Entry, Status, count, entries};
use crate::violation::violations;

pub(super) fn show(screen: &mut Screen, assessment: &Assessment, audited: &[Audited<'_>]) {
    finding::show(screen, &violations(assessment), assessment.blocking);
    listing::unknowns_by_reason(screen, assessment);
    problem::show(screen, &assessment.problems);
    listing::unjudged(screen, assessment);
    let entries = entries(assessment, audited);
    table(screen, entries.values().flatten());
    notes(screen, &assessment.notes);
    let all = count(entries.values().flatten());
    let counts = Status::ALL.into_iter().zip(all).skip(1).filter(|(_, count)| *count > 0);
    let mut parts = vec![
        number(assessment.documents, "object", "objects"),
        format!("{} checked", entries.len()),
    ];
    parts.extend(counts.map(|(status, count)| format!("{count} {}", word(status))));
    if all.iter().skip(1).all(|count| *count == 0) && !entries.is_empty() {
        parts.push("nothing wrong".to_owned());
    }
    if !assessment.problems.is_empty() {
        parts.push(number(assessment.problems.len(), "problem", "problems"));
    }
    screen.gap();
    let lead = [(assessment.verdict.into(), "AUDIT"), (Ink::Plain, "  ")];
    screen.wrapped(&lead, 4, (Ink::Strong, &parts.join(", ")));
}

/// How often each check came to what; those that only passed are left out unless asked for.
fn table<'e, 'a: 'e>(screen: &mut Screen, entries: impl Iterator<Item = &'e Entry<'a>>) {
    let mut checks: BTreeMap<(_, _), Vec<&Entry<'_>>> = BTreeMap::new();
    for entry in entries {
        let check = entry.check;
        checks
            .entry((std::cmp::Reverse(check.severity), check.id.as_str()))
            .or_default()
            .push(entry);
    }
    let verbose = screen.verbose;
    checks
        .retain(|_, of_check| verbose || of_check.iter().any(|entry| entry.status != Status::Pass));
    if checks.is_empty() {
        return;
    }
    let width = checks.keys().map(|(_, id)| id.width()).max().unwrap_or(0);
    screen.gap();
    let heads: String = Status::ALL.map(|status| format!("{:>9}", word(status))).concat();
    screen.line(&[(Ink::Faint, &format!("{:width$}  {:8}{heads}", "check", "severity"))]);
    for ((severity, id), of_check) in &checks {
        let cells: String =
            count(of_check.iter().copied()).map(|count| format!("{count:>9}")).concat();
        screen.line(&[(Ink::Plain, &format!("{id:width$}  {:8}{cells}", severity.0.to_string()))]);
    }
}

/// A status as the rest of our text says it.
fn word(status: Status) -> &'static str {
    match status {
        Status::Pass => "passed",
        Status::Fail => "failed",
        Status::Warn => "warned",
        Status::Error => "unknown",
        Status::Skip => "waived",
    }
}
