//! The one path: plugins observe, specs prove, Cedar decides.
//!
//! A newcomer starts here. Every door (command line, webhook, tests) comes through
//! [`Bundle::assess`]; there is no second way to a verdict.

use jiff::Timestamp;
use provost_model::{Assessment, Change, CheckResult, ExceptionFault, Waiver, verdict};
use provost_policy::{Evidence, Waive};

use crate::bundle::Bundle;
use crate::gate::OnUnknown;
use crate::observe::observe;
use crate::prove::prove;

/// What an assessment is doing now, for progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Plugins look at documents.
    Observe,
    /// Specifications are proved.
    Prove,
}

impl Bundle {
    /// Judge a change as of `now`. Same change, bundle and time, same assessment.
    ///
    /// `progress` is told how many more objects a stage has judged.
    pub fn assess(
        &self,
        change: &Change,
        now: Timestamp,
        progress: &(dyn Fn(Stage, usize) + Sync),
    ) -> Assessment {
        let mut results = observe(self, change, &|more| progress(Stage::Observe, more));
        results.extend(prove(self, change, &|more| progress(Stage::Prove, more)));
        results.sort_by(|a, b| a.check.id.cmp(&b.check.id));

        let (waivers, exception_faults) = self.waive(change, &results, now);
        let evidence =
            Evidence { results: &results, waivers: &waivers, blocking: self.blocking, now };
        let decision = self.policies.decide(change, &evidence);

        let unknown = !change.problems.is_empty()
            || results.iter().any(|result| !result.unknowns.is_empty());
        let mut assessment = Assessment {
            verdict: verdict(false, decision.effect, false),
            documents: change.documents.len(),
            change: change.digest(),
            bundle: self.digest(),
            blocking: self.blocking,
            results,
            waivers,
            exception_faults,
            decision,
            problems: change.problems.clone(),
            skipped: change.skipped.clone(),
        };
        let violated =
            assessment.findings().iter().any(|finding| finding.check.severity >= self.blocking);
        let counts = unknown && self.on_unknown == OnUnknown::Deny;
        assessment.verdict = verdict(violated, assessment.decision.effect, counts);
        assessment
    }

    /// Ask Cedar about every violation that would block.
    fn waive(
        &self,
        change: &Change,
        results: &[CheckResult],
        now: Timestamp,
    ) -> (Vec<Waiver>, Vec<ExceptionFault>) {
        let mut waivers = Vec::new();
        let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
        let mut faults = self.policies.exception_faults(today);
        let blocking = results.iter().filter(|result| result.check.severity >= self.blocking);
        for finding in blocking.flat_map(|result| &result.findings) {
            match self.policies.waive(change, finding, now) {
                Waive::Waived(waiver) => waivers.push(waiver),
                Waive::Expired(fault) | Waive::Invalid(fault) => faults.push(fault),
                Waive::Failed(reason) => {
                    tracing::warn!(%reason, "an exception could not be evaluated; it does not apply");
                }
                Waive::No => {}
            }
        }
        faults.dedup();
        (waivers, faults)
    }
}
