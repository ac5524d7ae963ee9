//! Specs prove: every specification about every object it is for.

use std::sync::Arc;

use provost_model::{CheckResult, Document, Finding, Inconclusive, Proof, ProofRecord};
use provost_spec::{Cluster, Specification};
use provost_verify::{Judgement, Verifier};
use rayon::prelude::*;

/// One result per specification about these documents; `before` is what was there before the
/// change, as far as that is known.
pub(crate) fn prove(
    asked: &[&Specification],
    verifier: &Verifier,
    (before, documents): (&[Arc<Document>], &[Arc<Document>]),
    done: &(dyn Fn(usize) + Sync),
) -> Vec<CheckResult> {
    let subjects: Vec<_> = asked.iter().map(|one| one.subjects(documents)).collect();
    let cluster = Cluster::new(documents).with_before(before.iter().map(AsRef::as_ref));
    let results = asked.par_iter().zip(&subjects).map(|(specification, subjects)| {
        let mut judged: Vec<Judgement> = subjects
            .par_iter()
            .map(|document| {
                let judgement = verifier.decide(specification, &cluster, document);
                done(1);
                judgement
            })
            .collect();
        let refuted = judged.iter_mut().zip(subjects).flat_map(|(judgement, subject)| {
            let records = match judgement {
                Judgement::Judged(records) => records.as_mut_slice(),
                Judgement::NotApplicable => &mut [],
            };
            let refuted = records.iter_mut().filter(|r| matches!(r.proof, Proof::Refuted(_)));
            refuted.map(move |record| (subject, record))
        });
        // Always the same ones, whoever is judged first.
        let explained: Vec<_> = refuted.take(EXPLAINED).collect();
        explained.into_par_iter().for_each(|(subject, record)| {
            verifier.explain(specification, &cluster, subject, record);
        });
        collect(specification, judged)
    });
    results.collect()
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

fn collect(specification: &Specification, judged: Vec<Judgement>) -> CheckResult {
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
