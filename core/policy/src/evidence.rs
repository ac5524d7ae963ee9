use jiff::Timestamp;
use provost_model::{CheckResult, Finding, Severity, Waiver};

/// What a change is decided on, besides the change itself.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
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
    /// Violations of one check that no exception covers.
    pub(crate) fn left(self, result: &'a CheckResult) -> impl Iterator<Item = &'a Finding> {
        result.findings.iter().filter(move |finding| !self.waives(finding))
    }

    fn waives(self, finding: &Finding) -> bool {
        self.waivers.iter().any(|waiver| waiver.finding == *finding)
    }
}
