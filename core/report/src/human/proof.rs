use std::collections::{BTreeMap, BTreeSet};

use provost_model::{CheckResult, Proof, ProofRecord, Proved, Scope};
use unicode_width::UnicodeWidthStr as _;

use super::ink::Ink;
use super::screen::Screen;

/// Specifications proved for at least one object, one line each.
pub(super) fn show(screen: &mut Screen, results: &[CheckResult]) {
    let lines: Vec<_> = results.iter().filter_map(Line::of).collect();
    if lines.is_empty() {
        return;
    }
    let ids = lines.iter().map(|line| line.id.width()).max().unwrap_or(0);
    let counts = lines.iter().map(|line| line.objects.len()).max().unwrap_or(0);
    screen.gap();
    for line in lines {
        let id = format!("{}{:pad$}  ", line.id, "", pad = ids.saturating_sub(line.id.width()));
        let count = format!("{:counts$}  ", line.objects);
        let lead = [(Ink::Good, "proved "), (Ink::Plain, id.as_str()), (Ink::Plain, &count)];
        screen.wrapped(&lead, 4, (Ink::Faint, &line.scope));
        if screen.verbose {
            for (record, proved) in line.records {
                details(screen, record, proved);
            }
        }
    }
}

/// One specification.
struct Line<'a> {
    id: &'a str,
    objects: String,
    scope: String,
    records: Vec<(&'a ProofRecord, &'a Proved)>,
}

impl<'a> Line<'a> {
    fn of(result: &'a CheckResult) -> Option<Self> {
        let mut objects = BTreeMap::new();
        let mut records = Vec::new();
        let mut unknowns = BTreeSet::new();
        for record in &result.proofs {
            let proved = matches!(record.proof, Proof::Proved(_));
            *objects.entry(&record.object).or_insert(true) &= proved;
        }
        // An object of which one property is refuted is not proved.
        for record in &result.proofs {
            let Proof::Proved(proved) = &record.proof else {
                continue;
            };
            if objects.get(&record.object) == Some(&true) {
                if let Scope::Every(ranges) = &proved.scope {
                    unknowns.extend(ranges.iter().cloned());
                }
                records.push((record, proved));
            }
        }
        let all = objects.len();
        let count = objects.values().filter(|proved| **proved).count();
        (count > 0).then(|| Self {
            id: &result.check.id,
            objects: match (count, all) {
                (1, 1) => "1 object".to_owned(),
                (count, all) if count == all => format!("{count} objects"),
                (count, all) => format!("{count} of {all} objects"),
            },
            scope: match unknowns.is_empty() {
                true => Scope::Values.to_string(),
                false => Scope::Every(unknowns.into_iter().collect()).to_string(),
            },
            records,
        })
    }
}

fn details(screen: &mut Screen, record: &ProofRecord, proved: &Proved) {
    let text = format!(
        "{}: `{}` by {}, for {}",
        record.object, record.property, proved.technique, proved.scope
    );
    screen.wrapped(&[(Ink::Plain, "  ")], 4, (Ink::Faint, &text));
    let mut places: Vec<_> = proved.rests_on.iter().map(ToString::to_string).collect();
    places.dedup();
    if !places.is_empty() {
        let text = places.join(", ");
        screen.wrapped(&[(Ink::Plain, "    rests on ")], 6, (Ink::Faint, &text));
    }
}
