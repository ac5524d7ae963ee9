use std::collections::BTreeMap;

use provost_model::{Assessment, ExceptionFault, PolicyReference, Waiver};

use super::BLOCKS;
use super::excerpt::{self, Mark};
use super::finding::{arrow, one_line};
use super::ink::Ink;
use super::screen::Screen;

/// How many violations stand under one exception unless asked for more.
const VIOLATIONS: usize = 10;

/// Violations that an exception covers, and exceptions that may not be used.
pub(super) fn show(screen: &mut Screen, assessment: &Assessment) {
    let mut exceptions: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for waiver in &assessment.waivers {
        let Waiver { policy, owner, reason, expires, .. } = waiver;
        exceptions.entry((&policy.id, expires, owner, reason)).or_default().push(waiver);
    }
    let mut exceptions: Vec<_> = exceptions.into_values().collect();
    let rest = exceptions.split_off(exceptions.len().min(screen.limit(BLOCKS)));
    for waivers in exceptions {
        exception(screen, &waivers);
    }
    if !rest.is_empty() {
        screen.gap();
        let head = format!("and {} more exceptions", rest.len());
        screen.line(&[(Ink::Strong, &head)]);
    }
    for fault in &assessment.exception_faults {
        screen.gap();
        self::fault(screen, fault);
    }
}

/// One exception and all that it covers.
fn exception(screen: &mut Screen, waivers: &[&Waiver]) {
    let Some(Waiver { policy, owner, reason, expires, .. }) = waivers.first() else { return };
    screen.gap();
    let text = format!("by {} until {expires}, owner {owner}: {reason}", name(policy));
    screen.wrapped(&[(Ink::Note, "waived ")], 4, (Ink::Plain, &text));
    let (shown, rest) = waivers.split_at(waivers.len().min(screen.limit(VIOLATIONS)));
    for waiver in shown {
        one_line(screen, &waiver.finding);
    }
    if !rest.is_empty() {
        let line = format!("  and {} more", rest.len());
        screen.line(&[(Ink::Plain, &line)]);
    }
}

fn fault(screen: &mut Screen, fault: &ExceptionFault) {
    let label = format!("exception[{}]", fault.policy.id);
    let lead = [(Ink::Warning, label.as_str()), (Ink::Plain, ": ")];
    screen.wrapped(&lead, 4, (Ink::Strong, &fault.message));
    if let Some(location) = &fault.policy.location {
        let marks = [Mark { location, label: String::new() }];
        arrow(screen, excerpt::gutter(&marks), &location.to_string(), "");
        excerpt::show(screen, Ink::Warning, &marks);
    }
}

/// A policy by its id and place.
pub(super) fn name(policy: &PolicyReference) -> String {
    match &policy.location {
        Some(location) => format!("`{}` ({location})", policy.id),
        None => format!("`{}`", policy.id),
    }
}
