use std::collections::BTreeMap;

use provost_model::{Assessment, Skipped};

use super::BLOCKS;
use super::finding::{arrow, note};
use super::ink::Ink;
use super::screen::Screen;
use crate::unknown::unknowns;

/// How many places or paths stand under one reason unless asked for more.
const PLACES: usize = 5;

/// What could not be judged, by reason and places: what stands in the way of one check
/// often stands in the way of others.
pub(super) fn unknowns_by_reason(screen: &mut Screen, assessment: &Assessment) {
    let mut reasons: BTreeMap<_, BTreeMap<_, Vec<_>>> = BTreeMap::new();
    for unknown in assessment.results.iter().flat_map(unknowns) {
        let place = unknown.location.map(ToString::to_string).unwrap_or_default();
        let object = unknown.object.map(ToString::to_string).unwrap_or_default();
        let checks = reasons.entry(unknown.reason).or_default();
        checks.entry(&*unknown.check.id).or_default().push((place, object));
    }
    let mut blocks: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (reason, checks) in &reasons {
        for (check, places) in checks {
            blocks.entry((reason, places)).or_default().push(*check);
        }
    }
    let mut blocks: Vec<_> = blocks.into_iter().collect();
    let rest = blocks.split_off(blocks.len().min(screen.limit(BLOCKS)));
    for ((reason, places), checks) in blocks {
        screen.gap();
        unknown(screen, reason, places, &checks);
    }
    if !rest.is_empty() {
        let count: usize =
            rest.iter().map(|((_, places), checks)| places.len() * checks.len()).sum();
        screen.gap();
        let head = format!("and {count} more that could not be judged");
        screen.line(&[(Ink::Strong, &head)]);
    }
}

/// One reason, where it holds, and for which checks.
fn unknown(screen: &mut Screen, reason: &str, places: &[(String, String)], checks: &[&str]) {
    let label = match checks {
        [check] => format!("unknown[{check}]"),
        _ => "unknown".to_owned(),
    };
    screen.wrapped(&[(Ink::Warning, &label), (Ink::Plain, ": ")], 4, (Ink::Strong, reason));
    let limit = screen.limit(PLACES);
    for (place, object) in places.iter().take(limit) {
        match (place.as_str(), object.as_str()) {
            ("", "") => {}
            ("", object) => arrow(screen, 1, object, ""),
            (place, object) => arrow(screen, 1, place, object),
        }
    }
    more(screen, places.len().saturating_sub(limit));
    if checks.len() > 1 {
        note(screen, 1, "not judged", &checks.join(", "));
    }
}

/// What was left out, counted by reason.
pub(super) fn skipped(screen: &mut Screen, skipped: &[Skipped]) {
    let mut reasons: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for one in skipped {
        reasons.entry(&one.reason).or_default().push(&one.subject);
    }
    if !reasons.is_empty() {
        screen.gap();
    }
    let widest = reasons.values().map(|subjects| subjects.len().to_string().len()).max();
    for (reason, subjects) in reasons {
        let count = format!("{:>width$}  ", subjects.len(), width = widest.unwrap_or(0));
        let lead = [(Ink::Strong, "skipped "), (Ink::Plain, count.as_str())];
        screen.wrapped(&lead, 4, (Ink::Plain, reason));
        if screen.verbose {
            for subject in subjects {
                screen.line(&[(Ink::Faint, "  "), (Ink::Faint, subject)]);
            }
        }
    }
}

/// Objects that no check is about, by kind, for whoever asks for everything.
pub(super) fn unjudged(screen: &mut Screen, assessment: &Assessment) {
    if assessment.unjudged.is_empty() || !screen.verbose {
        return;
    }
    let kinds: Vec<_> = assessment
        .unjudged
        .iter()
        .map(|((api_version, kind), count)| format!("{count} {api_version} {kind}"))
        .collect();
    screen.gap();
    let lead = [(Ink::Strong, "no check is about "), (Ink::Plain, "")];
    screen.wrapped(&lead, 4, (Ink::Plain, &kinds.join(", ")));
}

fn more(screen: &mut Screen, count: usize) {
    if count > 0 {
        let line = format!("  and {count} more");
        screen.line(&[(Ink::Plain, &line)]);
    }
}
