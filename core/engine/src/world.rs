//! What specifications see: a change alone, or a change put over a snapshot of the cluster.
//!
//! The objects of the change are judged. Of those that are only in the snapshot, an answer is
//! given where the change makes it worse: a budget that is new, or an autoscaler that is gone,
//! is the change's doing, and what was wrong before is not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use provost_model::{Change, Document, Operation, Proof, ProofRecord};
use provost_spec::{Cluster, Specification, namespace_of};
use provost_verify::{Judgement, Verifier, is_not_at_hand};
use rayon::prelude::*;

use crate::prove::decide;

/// The objects of a change, and what they come to.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'c> {
    /// The objects as they are, as far as the change says so.
    pub(crate) before: &'c [Arc<Document>],
    /// The objects as they would be.
    pub(crate) written: &'c [Arc<Document>],
    /// The objects that would go away.
    pub(crate) deleted: &'c [Arc<Document>],
    /// Objects of the cluster that the change alters without holding them, as they would be.
    pub(crate) altered: &'c [Arc<Document>],
    /// The cluster that the change comes to, where one is known.
    pub(crate) around: Option<&'c Cluster<'c>>,
    /// When objects beside the change are not looked at any more.
    pub(crate) until: Option<Instant>,
}

impl<'c> Scene<'c> {
    /// Only what is written, and what was there before.
    pub(crate) fn of(change: &'c Change) -> Self {
        let (before, written) = (change.before.as_slice(), change.documents.as_slice());
        Self { before, written, deleted: &[], altered: &[], around: None, until: None }
    }

    /// What a change comes to. Of a deletion nothing is left to look at but what is around it.
    pub(crate) fn around(change: &'c Change, around: Option<&'c Cluster<'c>>) -> Self {
        let scene = Self { around, altered: &change.altered, ..Self::of(change) };
        match change.operation {
            operation if operation.leaves_documents() => scene,
            Operation::Delete => Self { written: &[], deleted: &change.documents, ..scene },
            // Nothing is written, so nothing is another.
            _ => Self { written: &[], before: &[], altered: &[], around: None, ..scene },
        }
    }

    /// The cluster before the change.
    pub(crate) fn cluster_before(&self) -> Option<Cluster<'c>> {
        Some(Cluster::over(self.around?, self.before.iter().map(AsRef::as_ref), []))
    }

    /// The cluster after the change, given what it was before. What was there before and is
    /// not written goes away, as it does without a snapshot.
    pub(crate) fn cluster_after<'w>(&self, before: Option<&'w Cluster<'w>>) -> Cluster<'w>
    where
        'c: 'w,
    {
        match (self.around, before) {
            (Some(around), Some(before)) => {
                let written = self.written.iter().chain(self.altered).map(AsRef::as_ref);
                let gone = self.before.iter().chain(self.deleted).map(AsRef::as_ref);
                Cluster::over(around, written, gone).with_cluster_before(before)
            }
            _ => Cluster::new(self.written).with_before(self.before.iter().map(AsRef::as_ref)),
        }
    }

    /// What the change writes, alters and takes away, as it was and as it would be.
    fn changed(&self) -> impl Iterator<Item = &'c Document> {
        let written = self.written.iter().chain(self.altered);
        written.chain(self.before).chain(self.deleted).map(AsRef::as_ref)
    }
}

/// Objects of the snapshot whose answer a change may alter.
pub(crate) struct Beside<'w> {
    changed: Vec<&'w Document>,
    /// Those that the change does not hold.
    altered: &'w [Arc<Document>],
    /// Where the change is, and what is in no namespace.
    namespaces: BTreeSet<&'w str>,
    before: &'w Cluster<'w>,
    after: &'w Cluster<'w>,
    until: Option<Instant>,
}

/// One object beside a change, and what the change makes of it.
pub(crate) struct Worse<'w> {
    pub(crate) subject: Seen<'w>,
    pub(crate) records: Vec<ProofRecord>,
}

/// What a change makes worse beside it.
#[derive(Default)]
pub(crate) struct Met<'w> {
    pub(crate) worse: Vec<Worse<'w>>,
    /// How many objects there was no time for.
    pub(crate) late: usize,
    /// Was something looked for that is not known of the cluster?
    pub(crate) unseen: bool,
}

/// What came of asking about one object.
enum Asked<'w> {
    Worse(Worse<'w>),
    Fine,
    Late,
    Unseen,
}

/// Who is asked about.
pub(crate) enum Seen<'w> {
    /// An object of the change, or what stands for everything.
    Own(Arc<Document>),
    /// An object that is only in the cluster.
    Beside(&'w Document),
}

impl<'w> Seen<'w> {
    /// The object, if it is only in the cluster.
    pub(crate) fn beside(&self) -> Option<&'w Document> {
        match self {
            Self::Own(_) => None,
            Self::Beside(document) => Some(document),
        }
    }
}

impl AsRef<Document> for Seen<'_> {
    fn as_ref(&self) -> &Document {
        match self {
            Self::Own(document) => document,
            Self::Beside(document) => document,
        }
    }
}

impl<'w> Beside<'w> {
    pub(crate) fn new<'c: 'w>(
        scene: &Scene<'c>,
        before: &'w Cluster<'w>,
        after: &'w Cluster<'w>,
    ) -> Self {
        // A version that is only in the snapshot may be what others depended on.
        let known = scene.changed().filter_map(|document| before.object(document));
        let changed: Vec<&Document> = scene.changed().chain(known).collect();
        let mut namespaces: BTreeSet<&str> =
            changed.iter().map(|document| namespace_of(document)).collect();
        namespaces.insert("");
        let is_namespace = |one: &&&Document| one.object.kind == "Namespace";
        let named = changed.iter().filter(is_namespace).map(|one| one.object.name.as_str());
        namespaces.extend(named);
        Self { changed, altered: scene.altered, namespaces, before, after, until: scene.until }
    }

    /// What the change makes worse of what a specification says of other objects.
    pub(crate) fn judge(&self, specification: &Specification, verifier: &Verifier) -> Met<'w> {
        let looked_at = self.changed.iter().any(|document| specification.reach.includes(document));
        let mut candidates = self.altered(specification);
        if looked_at {
            candidates.extend(self.candidates(specification));
        }
        let is_late = || self.until.is_some_and(|until| Instant::now() >= until);
        let asked: Vec<Asked<'w>> = candidates
            .into_par_iter()
            .map(|subject| match is_late() {
                true => Asked::Late,
                false => self.ask(specification, verifier, subject),
            })
            .collect();
        // Objects of a kind that is not known may be made worse too.
        let mut kinds = specification.kinds.iter();
        let unseen = looked_at && kinds.any(|(group, kind)| self.after.know(group, kind).is_err());
        let mut met = Met { unseen, ..Met::default() };
        for one in asked {
            match one {
                Asked::Worse(worse) => met.worse.push(worse),
                Asked::Fine => {}
                Asked::Late => met.late += 1,
                Asked::Unseen => met.unseen = true,
            }
        }
        met
    }

    /// What is altered and what the specification is about.
    fn altered(&self, specification: &Specification) -> Vec<Seen<'w>> {
        let about = self.altered.iter().filter(|one| specification.is_about(&one.object));
        about.map(|one| Seen::Beside(one)).collect()
    }

    /// What is as it was, and may depend on what is not.
    fn candidates(&self, specification: &Specification) -> Vec<Seen<'w>> {
        if specification.is_about_everything() {
            return vec![Seen::Own(specification.everything())];
        }
        let kinds = specification.kinds.iter();
        let objects = kinds.flat_map(|(group, kind)| self.after.of_group_kind(group, kind));
        let beside = objects.filter(|one| {
            let untouched = |before: &Document| std::ptr::eq(before, *one);
            self.namespaces.contains(namespace_of(one))
                && self.before.object(one).is_some_and(untouched)
        });
        beside.map(Seen::Beside).collect()
    }

    fn ask(
        &self,
        specification: &Specification,
        verifier: &Verifier,
        subject: Seen<'w>,
    ) -> Asked<'w> {
        let (after, unseen) = decide(verifier, specification, self.after, subject.as_ref());
        let fine = if unseen { Asked::Unseen } else { Asked::Fine };
        let Judgement::Judged(mut records) = after else { return fine };
        records.retain(|record| rank(&record.proof) > 0);
        if records.is_empty() {
            return fine;
        }
        let was = self.before.object(subject.as_ref()).unwrap_or(subject.as_ref());
        let is_altered = !std::ptr::eq(was, subject.as_ref());
        let (before, was_unseen) = decide(verifier, specification, self.before, was);
        if was_unseen {
            // What it was is not known, and so not whether it is worse.
            return Asked::Unseen;
        }
        let known: BTreeMap<_, _> = match before {
            Judgement::NotApplicable => BTreeMap::new(),
            Judgement::Judged(records) => {
                records.into_iter().map(|one| (one.property, one.proof)).collect()
            }
        };
        let mut is_late = false;
        records.retain(|record| match known.get(&record.property) {
            None => true,
            // Neither is at hand, so it may be worse. That is unknown of what the change alters,
            // as of all that it holds; for others there was no time.
            Some(was) if is_unasked(was) && matches!(record.proof, Proof::Unknown(_)) => {
                is_late |= !is_altered;
                is_altered
            }
            Some(was) => rank(&record.proof) > rank(was),
        });
        match (records.is_empty(), is_late) {
            (false, _) => Asked::Worse(Worse { subject, records }),
            (true, true) => Asked::Late,
            (true, false) => fine,
        }
    }
}

/// Was it left to be found out later?
fn is_unasked(proof: &Proof) -> bool {
    matches!(proof, Proof::Unknown(reason) if is_not_at_hand(reason))
}

/// How bad an answer is; what does not apply is as good as what is proved.
fn rank(proof: &Proof) -> u8 {
    match proof {
        Proof::Proved(_) => 0,
        Proof::Unknown(_) => 1,
        Proof::Refuted(_) => 2,
    }
}
