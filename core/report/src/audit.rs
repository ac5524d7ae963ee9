//! An audit: every check of every object, with its result.
//!
//! The results have the names of OpenReports (`openreports.io/v1alpha1`), which took them
//! from the PolicyReport of the Kubernetes policy working group.

use std::collections::BTreeMap;

use provost_model::{Assessment, CheckInfo, Document, Leniency, Location, ObjectReference, Proof};
use serde::Serialize;

use crate::unknown::unknowns;
use crate::violation::{Spared, of_result};

/// An object, and the rules of plugins that judge it.
#[derive(Debug)]
pub struct Audited<'a> {
    /// The object.
    pub document: &'a Document,
    /// Rules that are asked about it. Which specifications judge it, their proofs tell.
    pub rules: Vec<&'a CheckInfo>,
}

/// What came of a check of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// Nothing is wrong.
    Pass,
    /// A violation that would be denied.
    Fail,
    /// A violation that would not: of a lower severity, or not enforced.
    Warn,
    /// It could not be judged.
    Error,
    /// A violation that an exception covers.
    Skip,
}

impl Status {
    pub(crate) const ALL: [Self; 5] = [Self::Pass, Self::Fail, Self::Warn, Self::Error, Self::Skip];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Skip => "skip",
        }
    }
}

/// One check of one object; one for each violation.
pub(crate) struct Entry<'a> {
    pub(crate) check: &'a CheckInfo,
    pub(crate) status: Status,
    pub(crate) message: String,
    pub(crate) location: Option<&'a Location>,
    /// What is done with it, where it is not enforced.
    pub(crate) leniency: Option<Leniency>,
}

/// Every entry of every object that something judges, in order of object.
pub(crate) type Entries<'a> = BTreeMap<Key<'a>, Vec<Entry<'a>>>;

/// What makes an object this object: group, kind, namespace, name.
pub(crate) type Key<'a> = (&'a str, &'a str, Option<&'a str>, &'a str);

pub(crate) fn key(object: &ObjectReference) -> Key<'_> {
    (object.group(), &object.kind, object.namespace.as_deref(), &object.name)
}

pub(crate) fn entries<'a>(assessment: &'a Assessment, audited: &[Audited<'a>]) -> Entries<'a> {
    let mut entries = Entries::new();
    let spared = Spared::of(assessment);
    for result in &assessment.results {
        let check = &*result.check;
        let mut add = |object: &'a ObjectReference, status, message: String, location, leniency| {
            let entry = Entry { check, status, message, location, leniency };
            entries.entry(key(object)).or_default().push(entry);
        };
        for violation in of_result(result, &spared) {
            let finding = violation.finding;
            let (status, message) = match violation.waiver {
                Some(waiver) => {
                    let why = (&waiver.policy.id, &waiver.reason, &waiver.expires);
                    let message = format!(
                        "{} (exception `{}` until {}: {})",
                        finding.message, why.0, why.2, why.1
                    );
                    (Status::Skip, message)
                }
                None if violation.blocks(assessment.blocking) => {
                    (Status::Fail, finding.message.clone())
                }
                None => (Status::Warn, finding.message.clone()),
            };
            let leniency = violation.leniency.filter(|_| status == Status::Warn);
            add(&finding.object, status, message, Some(&finding.location), leniency);
        }
        for unknown in unknowns(result) {
            if let Some(object) = unknown.object {
                add(object, Status::Error, unknown.reason.to_owned(), unknown.location, None);
            }
        }
    }
    passes(assessment, audited, &mut entries);
    for of_object in entries.values_mut() {
        of_object.sort_by(|a, b| a.check.id.cmp(&b.check.id));
    }
    entries
}

/// What judged an object and has nothing to say of it.
fn passes<'a>(assessment: &'a Assessment, audited: &[Audited<'a>], entries: &mut Entries<'a>) {
    let mut pass = |object: &'a ObjectReference, check: &'a CheckInfo| {
        let of_object = entries.entry(key(object)).or_default();
        if !of_object.iter().any(|entry| entry.check.id == check.id) {
            let (status, message) = (Status::Pass, String::new());
            of_object.push(Entry { check, status, message, location: None, leniency: None });
        }
    };
    for one in audited {
        for rule in &one.rules {
            pass(&one.document.object, rule);
        }
    }
    for result in &assessment.results {
        for record in &result.proofs {
            if matches!(record.proof, Proof::Proved(_)) {
                pass(&record.object, &result.check);
            }
        }
    }
}

/// How many entries have each status, in the order of [`Status::ALL`].
pub(crate) fn count<'e, 'a: 'e>(entries: impl Iterator<Item = &'e Entry<'a>>) -> [usize; 5] {
    let mut counts = [0; 5];
    for entry in entries {
        for (count, status) in counts.iter_mut().zip(Status::ALL) {
            *count += usize::from(entry.status == status);
        }
    }
    counts
}
