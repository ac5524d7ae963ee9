use provost_model::{Assessment, Proof, Severity};

use crate::unknown::unknowns;
use crate::violation::violations;

/// How much of everything there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Violations that no exception covers, in the order of [`Severity::ALL`].
    violations: [usize; 5],
    /// Those at or above the severity that blocks.
    pub(crate) blocking: usize,
    /// Of those, what is not enforced.
    pub(crate) lenient: usize,
    pub(crate) waived: usize,
    pub(crate) unknown: usize,
    /// Properties proved, one for each property and object.
    pub(crate) proved: usize,
    /// Properties refuted, one for each property and object.
    pub(crate) refuted: usize,
    pub(crate) problems: usize,
    pub(crate) skipped: usize,
}

impl Tally {
    pub(crate) fn of(assessment: &Assessment) -> Self {
        let mut tally = Self {
            unknown: assessment.results.iter().map(|result| unknowns(result).len()).sum(),
            problems: assessment.problems.len(),
            skipped: assessment.skipped.len(),
            ..Self::default()
        };
        for violation in violations(assessment) {
            let severity = violation.finding.check.severity;
            if violation.waiver.is_some() {
                tally.waived += 1;
            } else {
                tally.blocking += usize::from(severity >= assessment.blocking);
                tally.lenient += usize::from(violation.leniency.is_some());
                for (count, of) in tally.violations.iter_mut().zip(Severity::ALL) {
                    *count += usize::from(of == severity);
                }
            }
        }
        for record in assessment.results.iter().flat_map(|result| &result.proofs) {
            match record.proof {
                Proof::Proved(_) => tally.proved += 1,
                Proof::Refuted(_) => tally.refuted += 1,
                Proof::Unknown(_) => {}
            }
        }
        tally
    }

    /// Violations of one severity that no exception covers.
    pub(crate) fn violations(&self, severity: Severity) -> usize {
        let counts = Severity::ALL.into_iter().zip(self.violations);
        counts.filter(|(of, _)| *of == severity).map(|(_, count)| count).sum()
    }

    /// Violations below the severity that blocks.
    pub(crate) fn below(&self) -> usize {
        self.violations.iter().sum::<usize>() - self.blocking
    }
}
