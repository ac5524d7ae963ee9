//! What holds of policies for all requests.

use std::collections::BTreeMap;

use provost_model::{
    Analysis, Comparison, Decided, GuaranteeRecord, Guaranteed, Location, PolicyFinding, Relation,
    RequestKind, Verdict, Witness,
};
use unicode_width::UnicodeWidthStr as _;

use super::excerpt::{self, Mark};
use super::finding::{arrow, note};
use super::ink::Ink;
use super::screen::Screen;

pub(super) fn analysis(screen: &mut Screen, analysis: &Analysis) {
    for finding in &analysis.findings {
        screen.gap();
        show_finding(screen, finding);
    }
    for unknown in &analysis.unknowns {
        screen.gap();
        open(screen, &unknown.question, unknown.location.as_ref(), &unknown.reason);
    }
    guarantees(screen, &analysis.guarantees);
    kinds(screen, &analysis.kinds);
    screen.gap();
    let (verdict, word) = sum_word(analysis);
    screen.wrapped(&[(verdict.into(), word), (Ink::Plain, "  ")], 4, (Ink::Strong, &sum(analysis)));
}

fn show_finding(screen: &mut Screen, finding: &PolicyFinding) {
    let severity = finding.check.severity;
    let label = format!("{severity}[{}]", finding.check.id);
    let head = [(severity.into(), label.as_str()), (Ink::Plain, ": ")];
    screen.wrapped(&head, 4, (Ink::Strong, &finding.message));
    let gutter = finding
        .policy
        .location
        .as_ref()
        .map_or(1, |location| place(screen, location, severity.into()));
    for other in &finding.related {
        let at = other.location.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
        note(screen, gutter, "because of", &format!("`{}`{at}", other.id));
    }
    if let Some(witness) = &finding.witness {
        request(screen, gutter, "for instance", witness);
    }
    note(screen, gutter, "help", &finding.check.remedy);
}

/// Where something is, with the line; returns the width of the line numbers.
fn place(screen: &mut Screen, location: &Location, ink: Ink) -> usize {
    let marks = [Mark { location, label: String::new() }];
    let gutter = excerpt::gutter(&marks);
    arrow(screen, gutter, &location.to_string(), "");
    excerpt::show(screen, ink, &marks);
    gutter
}

/// A request, line by line.
fn request(screen: &mut Screen, gutter: usize, label: &str, witness: &Witness) {
    let outcome = if witness.outcome.is_empty() { "replayed" } else { &witness.outcome };
    note(screen, gutter, label, outcome);
    lines(screen, gutter + 5, witness);
}

fn lines(screen: &mut Screen, indent: usize, witness: &Witness) {
    let lead = " ".repeat(indent);
    for line in witness.text.lines() {
        let (name, rest) = line.split_once(": ").unwrap_or(("", line));
        let name = format!("{name}: ");
        screen.wrapped(&[(Ink::Plain, &lead), (Ink::Faint, &name)], indent + 2, (Ink::Plain, rest));
    }
}

fn open(screen: &mut Screen, question: &str, location: Option<&Location>, reason: &str) {
    screen.wrapped(&[(Ink::Warning, "unknown"), (Ink::Plain, ": ")], 4, (Ink::Strong, question));
    if let Some(location) = location {
        arrow(screen, 1, &location.to_string(), "");
    }
    note(screen, 1, "why", reason);
}

fn guarantees(screen: &mut Screen, records: &[GuaranteeRecord]) {
    let names = records.iter().map(|record| record.id.width()).max().unwrap_or(0);
    if !records.is_empty() {
        screen.gap();
    }
    for record in records {
        let (ink, word) = match &record.outcome {
            Guaranteed::Proved => (Ink::Good, "proved "),
            Guaranteed::Broken(_) => (Ink::Bad, "BROKEN "),
            Guaranteed::Vacuous(_) => (Ink::Bad, "VACUOUS"),
            Guaranteed::Unknown(_) => (Ink::Warning, "unknown"),
        };
        let name = format!("  {:names$}  ", record.id);
        screen.wrapped(&[(ink, word), (Ink::Plain, &name)], 4, (Ink::Faint, &record.title));
        if matches!(record.outcome, Guaranteed::Proved) {
            continue;
        }
        if let Some(location) = &record.location {
            arrow(screen, 3, &location.to_string(), "");
        }
        match &record.outcome {
            Guaranteed::Proved => {}
            Guaranteed::Broken(witness) => request(screen, 3, "for instance", witness),
            Guaranteed::Vacuous(reason) | Guaranteed::Unknown(reason) => {
                note(screen, 3, "why", reason);
            }
        }
    }
}

/// One line for kinds of requests of which the same is said; one request that is allowed and one
/// that is denied for whoever asks for everything.
fn kinds(screen: &mut Screen, kinds: &[(RequestKind, Decided)]) {
    screen.gap();
    let said = |decided: &Decided| match decided {
        Decided::AlwaysAllowed => (Ink::Warning, "always allowed".to_owned()),
        Decided::AlwaysDenied { permits: true } => {
            (Ink::Warning, "always denied, although something permits it".to_owned())
        }
        Decided::AlwaysDenied { permits: false } => (Ink::Plain, "never permitted".to_owned()),
        Decided::Depends { .. } => (Ink::Plain, "some allowed, some denied".to_owned()),
        Decided::Unknown(reason) => (Ink::Warning, format!("unknown: {reason}")),
    };
    let told = kinds.iter().map(|(kind, decided)| (kind, said(decided).1));
    for (text, group) in grouped(told) {
        let all = kinds.iter().filter(|(kind, _)| group.contains(&kind));
        let first = all.clone().next().map(|(_, decided)| decided);
        let ink = first.map_or(Ink::Plain, |decided| said(decided).0);
        let lead = format!("{text}: ");
        screen.wrapped(&[(ink, &lead)], 4, (Ink::Plain, &names(&group)));
        if let Some(Decided::Depends { allowed, denied }) = first
            && screen.verbose
        {
            request(screen, 1, "for instance", allowed);
            request(screen, 1, "for instance", denied);
        }
    }
}

/// Kinds of requests by what is said of them, in the order in which it is first said.
fn grouped<'k>(
    kinds: impl Iterator<Item = (&'k RequestKind, String)>,
) -> Vec<(String, Vec<&'k RequestKind>)> {
    let mut groups: Vec<(String, Vec<&RequestKind>)> = Vec::new();
    for (kind, text) in kinds {
        match groups.iter_mut().find(|(known, _)| *known == text) {
            Some((_, group)) => group.push(kind),
            None => groups.push((text, vec![kind])),
        }
    }
    groups
}

/// Kinds of requests as `apply, delete on Environment by User, Pipeline`.
fn names(kinds: &[&RequestKind]) -> String {
    let mut principals: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for kind in kinds {
        let action = kind.action.split_once("Action::").map_or(kind.action.as_str(), |(_, id)| id);
        let about = (kind.resource.as_str(), action.trim_matches('"'));
        principals.entry(about).or_default().push(&kind.principal);
    }
    let mut actions: BTreeMap<(&str, Vec<&str>), Vec<&str>> = BTreeMap::new();
    for ((resource, action), principals) in principals {
        actions.entry((resource, principals)).or_default().push(action);
    }
    let one = |((resource, principals), actions): (&(&str, Vec<&str>), &Vec<&str>)| {
        format!("{} on {resource} by {}", actions.join(", "), principals.join(", "))
    };
    actions.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn sum_word(analysis: &Analysis) -> (Verdict, &'static str) {
    let fine = |record: &GuaranteeRecord| matches!(record.outcome, Guaranteed::Proved);
    let unknown = |record: &GuaranteeRecord| matches!(record.outcome, Guaranteed::Unknown(_));
    let broken = analysis.guarantees.iter().any(|record| !fine(record) && !unknown(record));
    let open = !analysis.unknowns.is_empty()
        || analysis.guarantees.iter().any(unknown)
        || analysis.kinds.iter().any(|(_, decided)| matches!(decided, Decided::Unknown(_)));
    if !analysis.findings.is_empty() || broken {
        (Verdict::Deny, "FOUND")
    } else if open {
        (Verdict::Unknown, "UNKNOWN")
    } else {
        (Verdict::Allow, "SOUND")
    }
}

fn sum(analysis: &Analysis) -> String {
    let mut parts = vec![format!(
        "{} and {}",
        number(analysis.policies, "policy", "policies"),
        number(analysis.kinds.len(), "kind of requests", "kinds of requests")
    )];
    let mut severities: BTreeMap<_, usize> = BTreeMap::new();
    for finding in &analysis.findings {
        *severities.entry(std::cmp::Reverse(finding.check.severity)).or_default() += 1;
    }
    if analysis.findings.is_empty() {
        parts.push("nothing to correct".to_owned());
    } else {
        let counts = severities.iter();
        let counts =
            counts.map(|(std::cmp::Reverse(severity), count)| format!("{count} {severity}"));
        let findings = number(analysis.findings.len(), "finding", "findings");
        parts.push(format!("{findings} ({})", counts.collect::<Vec<_>>().join(", ")));
    }
    for word in ["proved", "broken", "vacuous", "unknown"] {
        let outcomes = analysis.guarantees.iter().map(|record| word_of(&record.outcome));
        let count = outcomes.filter(|outcome| *outcome == word).count();
        if count > 0 {
            parts.push(format!("{} {word}", number(count, "guarantee", "guarantees")));
        }
    }
    if !analysis.unknowns.is_empty() {
        parts.push(number(analysis.unknowns.len(), "open question", "open questions"));
    }
    parts.join(", ")
}

fn word_of(outcome: &Guaranteed) -> &'static str {
    match outcome {
        Guaranteed::Proved => "proved",
        Guaranteed::Broken(_) => "broken",
        Guaranteed::Vacuous(_) => "vacuous",
        Guaranteed::Unknown(_) => "unknown",
    }
}

fn number(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

pub(super) fn comparison(screen: &mut Screen, comparison: &Comparison) {
    let told = comparison.kinds.iter().map(|(kind, relation)| (kind, alike(kind, relation)));
    for (_, group) in grouped(told) {
        let Some((_, relation)) = comparison.kinds.iter().find(|(kind, _)| group.contains(&kind))
        else {
            continue;
        };
        let (ink, word) = word(relation);
        screen.wrapped(&[(ink, word), (Ink::Plain, ": ")], 4, (Ink::Plain, &names(&group)));
        if let Some(gained) = relation.gained() {
            request(screen, 1, "gained", gained);
        }
        if let Some(lost) = relation.lost() {
            request(screen, 1, "lost", lost);
        }
        if let Relation::Unknown { reason, .. } = relation {
            note(screen, 1, "why", reason);
        }
    }
    screen.gap();
    for text in &comparison.notes {
        screen.wrapped(&[(Ink::Help, "note"), (Ink::Plain, ": ")], 6, (Ink::Plain, text));
    }
    let (verdict, word, text) = outcome(comparison);
    screen.wrapped(&[(verdict.into(), word), (Ink::Plain, "  ")], 4, (Ink::Strong, &text));
    screen.line(&[(Ink::Faint, &format!("difference: {}", comparison.digest))]);
}

fn word(relation: &Relation) -> (Ink, &'static str) {
    match relation {
        Relation::Equivalent => (Ink::Good, "equivalent"),
        Relation::Looser(_) => (Ink::Bad, "MORE PERMISSIVE"),
        Relation::Tighter(_) => (Ink::Good, "less permissive"),
        Relation::Incomparable { .. } => (Ink::Bad, "INCOMPARABLE"),
        Relation::Unknown { .. } => (Ink::Warning, "unknown"),
    }
}

/// The same text for kinds of requests that differ in nothing but the action and the principal.
fn alike(kind: &RequestKind, relation: &Relation) -> String {
    let shown = |witness: &Witness| {
        let text = witness.text.replace(&kind.action, "ACTION");
        let name = format!("{}::\"{}\"", kind.principal, kind.principal.to_lowercase());
        text.replace(&name, "PRINCIPAL").replace(&kind.principal, "PRINCIPAL")
    };
    let why = if let Relation::Unknown { reason, .. } = relation { reason } else { "" };
    let parts = [relation.gained().map(shown), relation.lost().map(shown)];
    format!("{} {parts:?} {why}", word(relation).1)
}

fn outcome(comparison: &Comparison) -> (Verdict, &'static str, String) {
    let policies = format!(
        "{} before, {} now",
        number(comparison.policies.0, "policy", "policies"),
        comparison.policies.1
    );
    let approved = comparison.approved_by.join("`, `");
    let equivalent = |(_, relation): &(RequestKind, Relation)| *relation == Relation::Equivalent;
    if comparison.is_looser() && !comparison.approved_by.is_empty() {
        let text = format!("{policies}; what they allow beyond is approved by `{approved}`");
        (Verdict::Allow, "LOOSER, APPROVED", text)
    } else if comparison.is_looser() {
        let text = format!("{policies}; some requests are allowed that were not");
        (Verdict::Deny, "LOOSER", text)
    } else if comparison.is_incomplete() {
        let text = format!("{policies}; not every kind of request could be compared");
        (Verdict::Unknown, "UNKNOWN", text)
    } else if comparison.kinds.iter().all(equivalent) {
        (Verdict::Allow, "EQUIVALENT", format!("{policies}; every request is decided as before"))
    } else {
        (Verdict::Allow, "TIGHTER", format!("{policies}; nothing is allowed that was not"))
    }
}
