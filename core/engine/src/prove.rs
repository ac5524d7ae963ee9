//! Specs prove: every specification about every object it is for.

use std::sync::Arc;

use provost_model::{Change, CheckResult, Document, Finding, Inconclusive, Proof, ProofRecord};
use provost_spec::{Cluster, Specification};
use provost_verify::Judgement;
use rayon::prelude::*;

use crate::bundle::Bundle;

/// One result per specification.
pub(crate) fn prove(
    bundle: &Bundle,
    change: &Change,
    done: &(dyn Fn(usize) + Sync),
) -> Vec<CheckResult> {
    let cluster = Cluster::new(&change.documents);
    let results = bundle.specifications.iter().map(|specification| {
        let subjects: Vec<&Arc<Document>> = change
            .documents
            .iter()
            .filter(|document| specification.is_about(&document.object))
            .collect();
        let judged: Vec<Judgement> = subjects
            .par_iter()
            .map(|document| {
                let judgement = bundle.verifier.judge(specification, &cluster, document);
                done(1);
                judgement
            })
            .collect();
        collect(specification, judged)
    });
    results.collect()
}

fn collect(specification: &Specification, judged: Vec<Judgement>) -> CheckResult {
    let mut result = CheckResult::new(Arc::clone(&specification.check));
    for judgement in judged {
        let Judgement::Judged(records) = judgement else { continue };
        result.subjects += 1;
        for record in &records {
            match &record.proof {
                Proof::Proved(_) => {}
                Proof::Refuted(counterexample) => result.findings.push(Finding {
                    check: Arc::clone(&specification.check),
                    message: counterexample.message.clone(),
                    object: record.object.clone(),
                    location: counterexample.blame.clone(),
                    remedy: counterexample.remedies.first().map(ToString::to_string),
                }),
                Proof::Unknown(reason) => result.unknowns.push(unknown(record, reason)),
            }
        }
        result.proofs.extend(records);
    }
    result
}

fn unknown(record: &ProofRecord, reason: &str) -> Inconclusive {
    Inconclusive {
        object: Some(record.object.clone()),
        location: Some(record.location.clone()),
        reason: format!("{}: {reason}", record.property),
    }
}
