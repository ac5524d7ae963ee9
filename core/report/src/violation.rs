use provost_model::{
    Assessment, CheckResult, Counterexample, Finding, ObjectReference, Proof, Waiver,
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
    object: &'a ObjectReference,
    pub(crate) property: &'a str,
    pub(crate) run: &'a Counterexample,
}

impl Violation<'_> {
    /// Does this exception cover it?
    pub(crate) fn is_of(&self, waiver: &Waiver) -> bool {
        *self.finding == waiver.finding
    }
}

/// Every finding, waived or not, in order of file, line and check.
pub(crate) fn violations(assessment: &Assessment) -> Vec<Violation<'_>> {
    let mut violations: Vec<_> = assessment
        .results
        .iter()
        .flat_map(|result| of_result(result, &assessment.waivers))
        .collect();
    for waiver in &assessment.waivers {
        if !violations.iter().any(|violation| violation.is_of(waiver)) {
            let finding = &waiver.finding;
            violations.push(Violation { finding, refutation: None, waiver: Some(waiver) });
        }
    }
    violations.sort_by(|a, b| {
        let (a, b) = (a.finding, b.finding);
        (a.location.source.name().cmp(b.location.source.name()))
            .then(a.location.span.cmp(&b.location.span))
            .then_with(|| a.check.id.cmp(&b.check.id))
    });
    violations
}

/// The findings of one check, in its order.
pub(crate) fn of_result<'a>(result: &'a CheckResult, waivers: &'a [Waiver]) -> Vec<Violation<'a>> {
    result
        .findings
        .iter()
        .zip(refutations(result))
        .map(|(finding, refutation)| Violation {
            finding,
            refutation,
            waiver: waivers.iter().find(|waiver| waiver.finding == *finding),
        })
        .collect()
}

/// For each finding the refutation it tells of. A finding does not name its proof
/// record, so the closest free one about the same object is taken: first by
/// message and place, then by either, then any.
fn refutations(result: &CheckResult) -> Vec<Option<Refutation<'_>>> {
    let mut free: Vec<_> = result
        .proofs
        .iter()
        .filter_map(|record| match &record.proof {
            Proof::Refuted(run) => {
                Some(Refutation { object: &record.object, property: &record.property, run })
            }
            Proof::Proved(_) | Proof::Unknown(_) => None,
        })
        .map(Some)
        .collect();
    let mut found: Vec<Option<Refutation<'_>>> = vec![None; result.findings.len()];
    for likeness in [2, 1, 0] {
        for (finding, place) in result.findings.iter().zip(&mut found) {
            if place.is_none() {
                let best = free.iter_mut().find(|candidate| {
                    candidate.is_some_and(|candidate| alike(finding, &candidate) >= Some(likeness))
                });
                *place = best.and_then(Option::take);
            }
        }
    }
    found
}

/// How many of message and place agree; nothing for another object.
fn alike(finding: &Finding, refutation: &Refutation<'_>) -> Option<usize> {
    (finding.object == *refutation.object).then(|| {
        usize::from(finding.message == refutation.run.message)
            + usize::from(finding.location == refutation.run.blame)
    })
}
