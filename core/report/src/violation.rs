use std::collections::BTreeMap;

use provost_model::{
    Assessment, CheckResult, Counterexample, Finding, FindingIdentity, ObjectReference, Proof,
    Waiver,
};

/// A finding with what else is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Violation<'a> {
    pub(crate) finding: &'a Finding,
    /// The refutation behind it, when a specification was refuted.
    pub(crate) refutation: Option<Refutation<'a>>,
    /// The exception that covers it.
    pub(crate) waiver: Option<&'a Waiver>,
}

/// The run that breaks one property.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refutation<'a> {
    pub(crate) property: &'a str,
    pub(crate) run: &'a Counterexample,
}

/// The exception that covers each finding, where one does.
pub(crate) type Covered<'a> = BTreeMap<FindingIdentity<'a>, &'a Waiver>;

/// Waivers by what they cover.
pub(crate) fn covered(waivers: &[Waiver]) -> Covered<'_> {
    waivers.iter().rev().map(|waiver| (waiver.finding.identity(), waiver)).collect()
}

/// Every finding, waived or not, in order of file, line and check.
pub(crate) fn violations(assessment: &Assessment) -> Vec<Violation<'_>> {
    let covered = covered(&assessment.waivers);
    let results = assessment.results.iter();
    let mut violations: Vec<_> = results.flat_map(|result| of_result(result, &covered)).collect();
    // A waiver of something that no result holds is shown all the same.
    let mut known = covered;
    for violation in &violations {
        known.remove(&violation.finding.identity());
    }
    violations.extend(known.into_values().map(|waiver| Violation {
        finding: &waiver.finding,
        refutation: None,
        waiver: Some(waiver),
    }));
    violations.sort_by(|a, b| {
        let (a, b) = (a.finding, b.finding);
        (a.location.source.name().cmp(b.location.source.name()))
            .then(a.location.span.cmp(&b.location.span))
            .then_with(|| a.check.id.cmp(&b.check.id))
    });
    violations
}

/// The findings of one check, in its order.
pub(crate) fn of_result<'a>(result: &'a CheckResult, covered: &Covered<'a>) -> Vec<Violation<'a>> {
    result
        .findings
        .iter()
        .zip(refutations(result))
        .map(|(finding, refutation)| Violation {
            finding,
            refutation,
            waiver: covered.get(&finding.identity()).copied(),
        })
        .collect()
}

/// For each finding the refutation it tells of. A finding does not name its proof
/// record, so the closest free one about the same object is taken: first by
/// message and place, then by either, then any.
fn refutations(result: &CheckResult) -> Vec<Option<Refutation<'_>>> {
    let mut free: BTreeMap<&ObjectReference, Vec<Option<Refutation<'_>>>> = BTreeMap::new();
    for record in &result.proofs {
        let Proof::Refuted(run) = &record.proof else { continue };
        let refutation = Refutation { property: &record.property, run };
        free.entry(&record.object).or_default().push(Some(refutation));
    }
    let mut found: Vec<Option<Refutation<'_>>> = vec![None; result.findings.len()];
    for likeness in [2, 1, 0] {
        for (finding, place) in result.findings.iter().zip(&mut found) {
            let Some(candidates) = free.get_mut(&finding.object) else { continue };
            if place.is_none() {
                let best = candidates.iter_mut().find(|candidate| {
                    candidate.is_some_and(|candidate| alike(finding, &candidate) >= likeness)
                });
                *place = best.and_then(Option::take);
            }
        }
    }
    found
}

/// How many of message and place agree.
fn alike(finding: &Finding, refutation: &Refutation<'_>) -> usize {
    usize::from(finding.message == refutation.run.message)
        + usize::from(finding.location == refutation.run.blame)
}
