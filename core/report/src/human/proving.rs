//! What `provost prove` shows: every property of every object, and a sum.

use std::collections::BTreeSet;

use provost_model::{Assessment, CheckResult, Location, Proof, ProofRecord, Proved, Verdict};
use unicode_width::UnicodeWidthStr as _;

use super::excerpt::{self, Mark};
use super::finding::{self, arrow, note};
use super::ink::Ink;
use super::screen::Screen;
use super::verdict::count;
use super::{listing, problem};
use crate::violation::violations;

pub(super) fn show(screen: &mut Screen, assessment: &Assessment, explain: bool) {
    for result in assessment.results.iter().filter(|result| !result.proofs.is_empty()) {
        screen.gap();
        screen.line(&[
            (Ink::Strong, &result.check.id),
            (Ink::Faint, ": "),
            (Ink::Faint, &result.check.title),
        ]);
        properties(screen, result, explain);
    }
    finding::show(screen, &violations(assessment), assessment.blocking);
    problem::show(screen, &assessment.problems);
    listing::skipped(screen, &assessment.skipped);
    sums(screen, assessment);
}

/// One line for each property of each object.
fn properties(screen: &mut Screen, result: &CheckResult, explain: bool) {
    let names = result.proofs.iter().map(|record| record.property.width()).max().unwrap_or(0);
    let mut object = None;
    for record in &result.proofs {
        if object != Some(&record.object) {
            object = Some(&record.object);
            let place = format!("  {}", record.location);
            screen.line(&[
                (Ink::Plain, "  "),
                (Ink::Plain, &record.object.to_string()),
                (Ink::Faint, &place),
            ]);
        }
        property(screen, record, names);
        if explain && let Proof::Proved(proved) = &record.proof {
            details(screen, proved);
        }
    }
}

fn property(screen: &mut Screen, record: &ProofRecord, names: usize) {
    let (ink, word, text) = match &record.proof {
        Proof::Proved(proved) => {
            (Ink::Good, "proved ", format!("by {}, for {}", proved.technique, proved.scope))
        }
        Proof::Refuted(run) => (Ink::Bad, "REFUTED", run.message.clone()),
        Proof::Unknown(reason) => (Ink::Warning, "unknown", reason.clone()),
    };
    let pad = names.saturating_sub(record.property.width());
    let name = format!("{}{:pad$}", record.property, "");
    let lead = [
        (Ink::Plain, "    "),
        (ink, word),
        (Ink::Plain, "  "),
        (Ink::Plain, name.as_str()),
        (Ink::Plain, "  "),
    ];
    screen.wrapped(&lead, 8, (Ink::Faint, &text));
}

/// The parts of a proof, and what it rests on, as lines of the specification.
fn details(screen: &mut Screen, proved: &Proved) {
    for obligation in &proved.obligations {
        let cost = format!("  {} units", obligation.resources);
        let part = [(Ink::Faint, "      shown: "), (Ink::Plain, obligation.name.as_str())];
        screen.wrapped(&part, 13, (Ink::Faint, &cost));
    }
    if proved.rests_on.is_empty() {
        return;
    }
    let marks: Vec<_> = distinct(&proved.rests_on)
        .into_iter()
        .map(|location| Mark { location, label: String::new() })
        .collect();
    let gutter = excerpt::gutter(&marks);
    let count = match marks.len() {
        1 => "this expression".to_owned(),
        many => format!("these {many} expressions"),
    };
    note(screen, gutter, "rests on", &count);
    let mut rest = marks.as_slice();
    while let Some(first) = rest.first() {
        arrow(screen, gutter, &first.location.to_string(), "");
        let together = excerpt::fit_together(screen, rest);
        let (shown, left) = rest.split_at(if together { rest.len() } else { 1 });
        excerpt::show(screen, Ink::Gutter, shown);
        rest = left;
    }
}

/// Each place once, in order.
fn distinct(locations: &[Location]) -> Vec<&Location> {
    let mut seen = BTreeSet::new();
    let places = locations.iter();
    places.filter(|place| seen.insert((place.source.name(), place.span))).collect()
}

/// How many properties came to what.
#[derive(Clone, Copy, Default)]
struct Sum {
    objects: usize,
    proved: usize,
    refuted: usize,
    unknown: usize,
}

impl Sum {
    fn of(result: &CheckResult) -> Self {
        let mut sum = Self { objects: result.subjects, ..Self::default() };
        for record in &result.proofs {
            match record.proof {
                Proof::Proved(_) => sum.proved += 1,
                Proof::Refuted(_) => sum.refuted += 1,
                Proof::Unknown(_) => sum.unknown += 1,
            }
        }
        sum
    }

    fn add(self, other: Self) -> Self {
        Self {
            objects: self.objects + other.objects,
            proved: self.proved + other.proved,
            refuted: self.refuted + other.refuted,
            unknown: self.unknown + other.unknown,
        }
    }

    fn in_words(self) -> String {
        let counts =
            [(self.proved, "proved"), (self.refuted, "refuted"), (self.unknown, "unknown")];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<_> = counts.map(|(count, what)| format!("{count} {what}")).collect();
        counts.join(", ")
    }
}

/// One line for each specification, and one for all.
fn sums(screen: &mut Screen, assessment: &Assessment) {
    screen.gap();
    // A library has many that are about other kinds.
    let is_shown = |result: &&CheckResult| screen.verbose || result.subjects > 0;
    let results: Vec<_> = assessment.results.iter().filter(is_shown).collect();
    let names = results.iter().map(|result| result.check.id.width()).max().unwrap_or(0);
    let mut all = Sum::default();
    for result in &results {
        let sum = Sum::of(result);
        all = all.add(sum);
        let pad = names.saturating_sub(result.check.id.width());
        let name = format!("{}{:pad$}  ", result.check.id, "");
        let text = match sum.objects {
            0 => "does not apply".to_owned(),
            1 => format!("{} for 1 object", sum.in_words()),
            objects => format!("{} for {objects} objects", sum.in_words()),
        };
        screen.wrapped(&[(Ink::Plain, &name)], 4, (Ink::Plain, &text));
    }
    if !results.is_empty() {
        screen.gap();
    }
    let word = match assessment.verdict {
        Verdict::Allow if all.proved == 0 => "NOTHING APPLIES",
        Verdict::Allow => "PROVED",
        Verdict::Deny => "REFUTED",
        Verdict::Unknown => "UNKNOWN",
    };
    let properties = all.proved + all.refuted + all.unknown;
    let mut text = match properties {
        0 => "no property to prove".to_owned(),
        1 => format!("1 property: {}", all.in_words()),
        many => format!("{many} properties: {}", all.in_words()),
    };
    if !assessment.problems.is_empty() {
        text.push_str(&format!("; {}", count(assessment.problems.len(), "problem", "problems")));
    }
    screen.wrapped(
        &[(assessment.verdict.into(), word), (Ink::Plain, "  ")],
        4,
        (Ink::Strong, &text),
    );
}
