use std::collections::{BTreeMap, BTreeSet};

use provost_model::{Finding, Location, Remedy, Severity};

use super::excerpt::{self, Mark};
use super::ink::Ink;
use super::screen::{Screen, clean};
use super::{BLOCKS, trace};
use crate::violation::{Refutation, Violation};

/// How many places of one block are shown unless asked for more.
const PLACES: usize = 8;
/// How many remedies of one refutation are shown unless asked for more.
const REMEDIES: usize = 3;

/// Violations that no exception covers: those that block in full, the others in
/// one line each.
pub(super) fn show(screen: &mut Screen, violations: &[Violation<'_>], blocking: Severity) {
    let open = violations.iter().copied().filter(|violation| violation.waiver.is_none());
    let (blocks, below): (Vec<_>, Vec<_>) =
        open.partition(|violation| violation.finding.check.severity >= blocking);
    let mut told = BTreeSet::new();
    in_full(screen, &blocks, &mut told);
    if below.is_empty() {
        return;
    }
    screen.gap();
    let head = format!("below the severity that blocks (`{blocking}`):");
    screen.line(&[(Ink::Strong, &head)]);
    if screen.verbose {
        in_full(screen, &below, &mut told);
    } else {
        in_lines(screen, &below);
    }
}

/// Violations of one check in one object and one file, which read as one.
struct Block<'a> {
    first: Violation<'a>,
    all: Vec<Violation<'a>>,
}

fn in_full<'a>(screen: &mut Screen, violations: &[Violation<'a>], told: &mut BTreeSet<&'a str>) {
    let mut blocks: Vec<_> = blocks(violations).into_iter().enumerate().collect();
    // The worst are shown when not all can be, but still in order of file and line.
    blocks.sort_by_key(|(_, block)| std::cmp::Reverse(block.first.finding.check.severity));
    let rest = blocks.split_off(blocks.len().min(screen.limit(BLOCKS)));
    blocks.sort_by_key(|(index, _)| *index);
    for (_, block) in &blocks {
        screen.gap();
        block.show(screen, told.insert(&block.first.finding.check.id));
    }
    let rest: Vec<_> = rest.into_iter().flat_map(|(_, block)| block.all).collect();
    counts(screen, &rest);
}

fn in_lines(screen: &mut Screen, violations: &[Violation<'_>]) {
    let (shown, rest) = violations.split_at(violations.len().min(BLOCKS));
    for violation in shown {
        one_line(screen, violation.finding);
    }
    counts(screen, rest);
}

/// A finding in one line, if it fits.
pub(super) fn one_line(screen: &mut Screen, finding: &Finding) {
    let severity = finding.check.severity;
    let label = format!("{severity}[{}]", finding.check.id);
    let place = format!("  {}: ", finding.location);
    let lead = [(Ink::Plain, place.as_str()), (severity.into(), &label), (Ink::Plain, ": ")];
    screen.wrapped(&lead, 6, (Ink::Plain, &finding.message));
}

/// What is not shown, by check.
fn counts(screen: &mut Screen, violations: &[Violation<'_>]) {
    if violations.is_empty() {
        return;
    }
    let mut counts = BTreeMap::new();
    for violation in violations {
        let check = &violation.finding.check;
        *counts.entry((std::cmp::Reverse(check.severity), &check.id)).or_insert(0_usize) += 1;
    }
    screen.gap();
    let head = format!("and {} more:", violations.len());
    screen.line(&[(Ink::Strong, &head)]);
    for ((std::cmp::Reverse(severity), id), count) in counts {
        let label = format!("{severity}[{id}]");
        let count = format!("{count:>7}  ");
        screen.line(&[(Ink::Plain, &count), (severity.into(), &label)]);
    }
    let hint = "see them with `--verbose` or `--format json`, or check fewer paths at a time";
    screen.wrapped(&[(Ink::Help, "  help"), (Ink::Plain, ": ")], 8, (Ink::Plain, hint));
}

fn blocks<'a>(violations: &[Violation<'a>]) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block<'a>> = Vec::new();
    let mut known = BTreeMap::new();
    for violation in violations {
        let finding = violation.finding;
        let key = (&finding.check.id, &finding.object, finding.location.source.name());
        // A refutation has a run of its own to show.
        let shared = violation.refutation.is_none();
        let index = if shared { known.get(&key).copied() } else { None };
        if let Some(block) = index.and_then(|index: usize| blocks.get_mut(index)) {
            block.all.push(*violation);
        } else {
            if shared {
                known.insert(key, blocks.len());
            }
            blocks.push(Block { first: *violation, all: vec![*violation] });
        }
    }
    blocks
}

impl Block<'_> {
    /// `new`: nothing of this check was shown before, so it is explained.
    fn show(&self, screen: &mut Screen, new: bool) {
        let finding = self.first.finding;
        let ink = Ink::from(finding.check.severity);
        let label = format!("{}[{}]", finding.check.severity, finding.check.id);
        let same = self.all.iter().all(|other| other.finding.message == finding.message);
        let message = match (self.all.len(), same) {
            (1, _) => finding.message.clone(),
            (count, true) => format!("{} ({count} places)", finding.message),
            (count, false) => format!("{}: {count} violations", finding.check.title),
        };
        screen.wrapped(&[(ink, &label), (Ink::Plain, ": ")], 4, (Ink::Strong, &message));
        let gutter = self.places(screen, ink, same);
        if let Some(refutation) = &self.first.refutation {
            run(screen, gutter, refutation);
        }
        self.help(screen, gutter, new);
    }

    /// Where it is, with the lines; returns the width of the line numbers.
    fn places(&self, screen: &mut Screen, ink: Ink, same: bool) -> usize {
        let object = self.first.finding.object.to_string();
        let (shown, rest) = self.all.split_at(self.all.len().min(screen.limit(PLACES)));
        let marks = |label: &dyn Fn(usize, &Violation<'_>) -> String| -> Vec<Mark<'_>> {
            let mark = |(index, violation)| {
                let label = label(index, violation);
                Mark { location: &violation.finding.location, label }
            };
            shown.iter().enumerate().map(mark).collect()
        };
        let silent = marks(&|_, _| String::new());
        let spoken = marks(&|_, violation| clean(&violation.finding.message));
        let numbered = marks(&|index, _| format!("({})", index + 1));
        let gutter = excerpt::gutter(&silent);
        let place = self.first.finding.location.to_string();
        if same && excerpt::fit_together(screen, &silent) {
            arrow(screen, gutter, &place, &object);
            excerpt::show(screen, ink, &silent);
        } else if shown.len() > 1 && excerpt::fit_together(screen, &spoken) {
            arrow(screen, gutter, &place, &object);
            excerpt::show(screen, ink, &spoken);
        } else if shown.len() > 1 && excerpt::fit_together(screen, &numbered) {
            arrow(screen, gutter, &place, &object);
            excerpt::show(screen, ink, &numbered);
            for (mark, violation) in numbered.iter().zip(shown) {
                note(screen, gutter, &mark.label, &violation.finding.message);
            }
        } else {
            for (mark, violation) in silent.iter().zip(shown) {
                arrow(screen, gutter, &mark.location.to_string(), &object);
                excerpt::show(screen, ink, std::slice::from_ref(mark));
                if !same {
                    note(screen, gutter, "here", &violation.finding.message);
                }
            }
        }
        if !rest.is_empty() {
            note(screen, gutter, "note", &format!("and {} more in this object", rest.len()));
        }
        gutter
    }

    fn help(&self, screen: &mut Screen, gutter: usize, new: bool) {
        let finding = self.first.finding;
        let mut proved = Vec::new();
        if let Some(Refutation { run, .. }) = &self.first.refutation {
            for remedy in run.remedies.iter().take(screen.limit(REMEDIES)) {
                let or = if proved.is_empty() { "" } else { "or " };
                let edits = in_words(remedy, &finding.location);
                let scope = "proved sufficient for every order of events";
                note(screen, gutter, "help", &format!("{or}set {edits}, {scope}"));
                proved.push(remedy.to_string());
            }
        }
        let own: BTreeSet<_> =
            self.all.iter().filter_map(|one| one.finding.remedy.as_deref()).collect();
        let own: Vec<_> = own
            .into_iter()
            .filter(|own| !proved.iter().any(|proved| own.contains(proved)))
            .collect();
        for remedy in own.iter().take(screen.limit(PLACES)) {
            note(screen, gutter, "help", remedy);
        }
        if !new {
            return;
        }
        if own.is_empty() && proved.is_empty() && !finding.check.remedy.is_empty() {
            note(screen, gutter, "help", &finding.check.remedy);
        }
        note(screen, gutter, "more", &format!("provost explain {}", finding.check.id));
    }
}

/// The edits of a remedy; where they are, when that is another file than `here`.
fn in_words(remedy: &Remedy, here: &Location) -> String {
    let edits = remedy.edits.iter().map(|edit| {
        if edit.location.source.name() == here.source.name() {
            edit.to_string()
        } else {
            format!("{edit} ({})", edit.location)
        }
    });
    edits.collect::<Vec<_>>().join(" and ")
}

/// What breaks, for which values, and how it comes about.
pub(super) fn run(screen: &mut Screen, gutter: usize, refutation: &Refutation<'_>) {
    let run = refutation.run;
    let steps = match run.steps.len() {
        0 | 1 => String::new(),
        2 => " after 1 step".to_owned(),
        more => format!(" after {} steps", more - 1),
    };
    note(screen, gutter, "trace", &format!("breaks `{}`{steps}, replayed", refutation.property));
    if !run.parameters.is_empty() {
        let values: Vec<_> =
            run.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        note(screen, gutter, "with", &values.join(", "));
    }
    if let Some(when) = &run.fails_when {
        note(screen, gutter, "when", &format!("fails exactly when {when}"));
    }
    trace::show(screen, run, gutter + 3);
    if let Some(step) = run.back_to {
        let text = format!("and then on from step {step} again, for ever");
        let lead = format!("{:indent$}", "", indent = gutter + 3);
        screen.wrapped(&[(Ink::Plain, &lead)], gutter + 5, (Ink::Strong, &text));
    }
}

/// The line that says where.
pub(super) fn arrow(screen: &mut Screen, gutter: usize, place: &str, object: &str) {
    let arrow = format!("{:gutter$}--> ", "");
    let object = if object.is_empty() { String::new() } else { format!("  {object}") };
    screen.line(&[(Ink::Gutter, &arrow), (Ink::Plain, place), (Ink::Faint, &object)]);
}

/// A remark under an excerpt.
pub(super) fn note(screen: &mut Screen, gutter: usize, label: &str, text: &str) {
    let lead = format!("{:gutter$} = ", "");
    let hang = lead.len() + label.len() + 2;
    let lead = [(Ink::Gutter, lead.as_str()), (Ink::Help, label), (Ink::Plain, ": ")];
    screen.wrapped(&lead, hang, (Ink::Plain, text));
}
