use std::collections::BTreeSet;

use jiff::Timestamp;
use provost_model::{CheckResult, Digest, Finding, Severity, Waiver};

/// What a change is decided on, besides the change itself.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// [`provost_model::Change::digest`] of the change.
    pub change: Digest,
    /// What every check saw.
    pub results: &'a [CheckResult],
    /// Violations that an exception covers.
    pub waivers: &'a [Waiver],
    /// Violations at or above this severity block.
    pub blocking: Severity,
    /// The moment of the decision.
    pub now: Timestamp,
}

impl<'a> Evidence<'a> {
    /// Violations that no exception covers, each with its check's result.
    pub(crate) fn left(self) -> Vec<(&'a CheckResult, Vec<&'a Finding>)> {
        let waived: BTreeSet<_> = self.waivers.iter().map(|w| w.finding.identity()).collect();
        let left = |result: &'a CheckResult| {
            let findings = result.findings.iter();
            findings.filter(|f| waived.is_empty() || !waived.contains(&f.identity())).collect()
        };
        self.results.iter().map(|result| (result, left(result))).collect()
    }
}
