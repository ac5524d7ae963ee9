//! Specs prove: every specification about every object it is for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use provost_model::{CheckResult, Document, Finding, Inconclusive, Proof, ProofRecord};
use provost_spec::{Cluster, Specification, is_not_known};
use provost_verify::{Judgement, Verifier};
use rayon::prelude::*;

use crate::world::{Beside, Met, Scene, Seen, Worse};

/// What specifications say.
pub(crate) struct Answers {
    /// One per specification.
    pub(crate) results: Vec<CheckResult>,
    /// Objects of the cluster that the change does not name, and that something is said of.
    pub(crate) beside: Vec<Document>,
}

/// One result per specification about the objects of a change, and about those of the cluster
/// that the change makes worse.
pub(crate) fn prove(
    asked: &[&Specification],
    verifier: &Verifier,
    scene: &Scene<'_>,
    done: &(dyn Fn(usize) + Sync),
) -> Answers {
    let before = scene.cluster_before();
    let after = scene.cluster_after(before.as_ref());
    let beside = before.as_ref().map(|before| Beside::new(scene, before, &after));
    let (results, met): (Vec<_>, Vec<_>) = asked
        .par_iter()
        .map(|specification| {
            let subjects = specification.subjects(scene.written);
            let asked: Vec<(Seen<'_>, (Judgement, bool))> = subjects
                .into_par_iter()
                .map(|document| {
                    let answer = decide(verifier, specification, &after, &document);
                    done(1);
                    (Seen::Own(document), answer)
                })
                .collect();
            let mut unseen = asked.iter().any(|(_, (_, unseen))| *unseen);
            let judged = asked.into_iter().map(|(subject, (judgement, _))| (subject, judgement));
            let mut judged: Vec<(Seen<'_>, Judgement)> = judged.collect();
            let mut late = 0;
            // What is about everything is asked once.
            let again = !specification.is_about_everything() || judged.is_empty();
            if let Some(beside) = beside.as_ref().filter(|_| again) {
                let met = beside.judge(specification, verifier);
                late = met.late;
                unseen |= met.unseen;
                let Met { worse, .. } = met;
                for Worse { subject, records } in worse {
                    judged.push((subject, Judgement::Judged(records)));
                }
            }
            explain(specification, verifier, &after, &mut judged);
            let met = judged.iter().filter_map(|(subject, _)| subject.beside().cloned());
            let met: Vec<Document> = met.collect();
            let judgements = judged.into_iter().map(|(_, judgement)| judgement);
            let mut result = collect(specification, judgements);
            (result.late, result.unseen) = (late, unseen);
            (result, met)
        })
        .unzip();
    let mut beside: Vec<Document> = met.into_iter().flatten().collect();
    beside.sort_by(|a, b| a.object.cmp(&b.object));
    beside.dedup_by(|a, b| a.object == b.object);
    Answers { results, beside }
}

/// Asks a specification about an object. What hangs on a kind that is not known of the cluster is
/// left out of the answer; was there any?
pub(crate) fn decide(
    verifier: &Verifier,
    specification: &Specification,
    cluster: &Cluster<'_>,
    subject: &Document,
) -> (Judgement, bool) {
    if cluster.known().is_none() {
        return (verifier.decide(specification, cluster, subject), false);
    }
    let missed = AtomicBool::new(false);
    let noting = Cluster::noting(cluster, &missed);
    let judgement = verifier.decide(specification, &noting, subject);
    let Judgement::Judged(mut records) = judgement else { return (judgement, false) };
    // Both: a reason may quote what an object says.
    if !missed.load(Ordering::Relaxed) {
        return (Judgement::Judged(records), false);
    }
    let asked = records.len();
    records.retain(|record| match &record.proof {
        Proof::Unknown(reason) => !is_not_known(reason),
        _ => true,
    });
    let unseen = records.len() < asked;
    let is_left = !records.is_empty();
    (if is_left { Judgement::Judged(records) } else { Judgement::NotApplicable }, unseen)
}

/// Explains what is refuted: always the same ones, whoever is judged first.
fn explain(
    specification: &Specification,
    verifier: &Verifier,
    after: &Cluster<'_>,
    judged: &mut [(Seen<'_>, Judgement)],
) {
    let refuted = judged.iter_mut().flat_map(|(subject, judgement)| {
        let records = match judgement {
            Judgement::Judged(records) => records.as_mut_slice(),
            Judgement::NotApplicable => &mut [],
        };
        let refuted = records.iter_mut().filter(|r| matches!(r.proof, Proof::Refuted(_)));
        let subject: &Document = (*subject).as_ref();
        refuted.map(move |record| (subject, record))
    });
    let explained: Vec<_> = refuted.take(EXPLAINED).collect();
    explained.into_par_iter().for_each(|(subject, record)| {
        verifier.explain(specification, after, subject, record);
    });
}

/// How many refuted properties of one specification are explained: what makes them provable is
/// proved for each, which costs more than the answer, and who has so many begins with the first.
const EXPLAINED: usize = 100;

/// What is not said of the results.
pub(crate) fn unexplained(results: &[CheckResult]) -> impl Iterator<Item = String> + '_ {
    results.iter().filter_map(|result| {
        let refuted = result.proofs.iter().filter(|r| matches!(r.proof, Proof::Refuted(_)));
        let count = refuted.count();
        (count > EXPLAINED).then(|| {
            format!(
                "`{}` is refuted {count} times: remedies were looked for in the first {EXPLAINED}; \
                 check fewer objects at a time to see more",
                result.check.id
            )
        })
    })
}

fn collect(specification: &Specification, judged: impl Iterator<Item = Judgement>) -> CheckResult {
    let mut result = CheckResult::new(Arc::clone(&specification.check));
    for judgement in judged {
        let Judgement::Judged(records) = judgement else { continue };
        result.subjects += 1;
        for record in &records {
            if let Proof::Refuted(counterexample) = &record.proof {
                result.findings.push(Finding {
                    check: Arc::clone(&specification.check),
                    message: counterexample.message.clone(),
                    object: record.object.clone(),
                    location: counterexample.blame.clone(),
                    remedy: counterexample.remedies.first().map(ToString::to_string),
                    patch: None,
                });
            }
        }
        result.unknowns.extend(unknowns(&records));
        result.proofs.extend(records);
    }
    result
}

/// What is not known of one object: one entry per reason. Where no property could be
/// judged for one and the same reason, which is that of the object, none is named.
fn unknowns(records: &[ProofRecord]) -> Vec<Inconclusive> {
    let mut reasons: Vec<(&ProofRecord, &str, Vec<&str>)> = Vec::new();
    for record in records {
        let Proof::Unknown(reason) = &record.proof else { continue };
        match reasons.iter_mut().find(|(_, known, _)| known == reason) {
            Some((_, _, properties)) => properties.push(&record.property),
            None => reasons.push((record, reason, vec![&record.property])),
        }
    }
    let unknown = |(record, reason, properties): (&ProofRecord, &str, Vec<&str>)| Inconclusive {
        object: Some(record.object.clone()),
        location: Some(record.location.clone()),
        reason: if properties.len() == records.len() {
            reason.to_owned()
        } else {
            format!("{}: {reason}", properties.join(", "))
        },
    };
    reasons.into_iter().map(unknown).collect()
}
