use std::collections::BTreeMap;

use provost_model::{Assessment, Skipped};

use super::BLOCKS;
use super::finding::arrow;
use super::ink::Ink;
use super::screen::Screen;
use crate::unknown::unknowns;

/// How many places or paths stand under one reason unless asked for more.
const PLACES: usize = 5;

/// What could not be judged, by check and reason.
pub(super) fn unknowns_by_reason(screen: &mut Screen, assessment: &Assessment) {
    let mut reasons: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for unknown in assessment.results.iter().flat_map(unknowns) {
        let place = unknown.location.map(ToString::to_string).unwrap_or_default();
        let object = unknown.object.map(ToString::to_string).unwrap_or_default();
        reasons.entry((&unknown.check.id, unknown.reason)).or_default().push((place, object));
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    let rest = reasons.split_off(reasons.len().min(screen.limit(BLOCKS)));
    for ((check, reason), places) in reasons {
        screen.gap();
        let label = format!("unknown[{check}]");
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
    }
    if !rest.is_empty() {
        let count: usize = rest.iter().map(|(_, places)| places.len()).sum();
        screen.gap();
        let head = format!("and {count} more that could not be judged");
        screen.line(&[(Ink::Strong, &head)]);
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

fn more(screen: &mut Screen, count: usize) {
    if count > 0 {
        let line = format!("  and {count} more");
        screen.line(&[(Ink::Plain, &line)]);
    }
}
