use std::collections::BTreeMap;

use provost_model::{
    Assessment, CheckResult, Counterexample, Finding, FindingIdentity, Leniency, ObjectReference,
    Proof, Severity, Waiver,
};

/// A finding with what else is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Violation<'a> {
    pub(crate) finding: &'a Finding,
    /// The refutation behind it, when a specification was refuted.
    pub(crate) refutation: Option<Refutation<'a>>,
    /// The exception that covers it.
    pub(crate) waiver: Option<&'a Waiver>,
    /// What is done with it, where it is not enforced.
    pub(crate) leniency: Option<Leniency>,
}

impl Violation<'_> {
    /// Does it block: severe enough, enforced, and not waived?
    pub(crate) fn blocks(&self, blocking: Severity) -> bool {
        self.waiver.is_none() && self.leniency.is_none() && self.finding.check.severity >= blocking
    }
}

/// The run that breaks one property.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refutation<'a> {
    pub(crate) property: &'a str,
    pub(crate) run: &'a Counterexample,
}

/// Why findings do not block, where they do not.
pub(crate) struct Spared<'a> {
    /// Exceptions by what they cover.
    waivers: BTreeMap<FindingIdentity<'a>, &'a Waiver>,
    /// What is not enforced, by check and object.
    lenient: BTreeMap<(&'a str, &'a ObjectReference), Leniency>,
}

impl<'a> Spared<'a> {
    pub(crate) fn of(assessment: &'a Assessment) -> Self {
        let waivers = assessment.waivers.iter().rev();
        let lenient = assessment.lenient.iter();
        Self {
            waivers: waivers.map(|waiver| (waiver.finding.identity(), waiver)).collect(),
            lenient: lenient.map(|((id, object), how)| ((id.as_str(), object), *how)).collect(),
        }
    }

    fn leniency(&self, finding: &'a Finding) -> Option<Leniency> {
        self.lenient.get(&(finding.check.id.as_str(), &finding.object)).copied()
    }
}

/// Every finding, waived or not, in order of file, line and check.
pub(crate) fn violations(assessment: &Assessment) -> Vec<Violation<'_>> {
    let spared = Spared::of(assessment);
    let results = assessment.results.iter();
    let mut violations: Vec<_> = results.flat_map(|result| of_result(result, &spared)).collect();
    // A waiver of something that no result holds is shown all the same.
    let mut known = spared.waivers;
    for violation in &violations {
        known.remove(&violation.finding.identity());
    }
    violations.extend(known.into_values().map(|waiver| Violation {
        finding: &waiver.finding,
        refutation: None,
        waiver: Some(waiver),
        leniency: None,
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
pub(crate) fn of_result<'a>(result: &'a CheckResult, spared: &Spared<'a>) -> Vec<Violation<'a>> {
    result
        .findings
        .iter()
        .zip(refutations(result))
        .map(|(finding, refutation)| Violation {
            finding,
            refutation,
            waiver: spared.waivers.get(&finding.identity()).copied(),
            leniency: spared.leniency(finding),
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
