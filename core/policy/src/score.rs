//! One figure for how much of what was judged holds.

use provost_model::Severity;

use crate::known::{Judged, Known};

/// What a check counts for. The weights are those of OpenSSF Scorecard (critical 10, high 7.5,
/// medium 5, low 2.5) in units of 2.5; what is only worth knowing counts for nothing.
fn weight(severity: Severity) -> usize {
    match severity {
        Severity::Critical => 4,
        Severity::High => 3,
        Severity::Medium => 2,
        Severity::Low => 1,
        Severity::Info => 0,
    }
}

impl Judged<'_> {
    /// Nothing is violated that no exception covers, and nothing is unknown. Whoever counts a
    /// covered violation elsewhere (`violated`, `blocking`, `counts`) would count it here too.
    fn holds(&self) -> bool {
        self.violations == 0 && !self.is_unknown
    }
}

impl Known<'_> {
    /// The weight of what holds in percent of the weight of what was judged, rounded down:
    /// 0 to 100. Nothing where nothing of weight was judged.
    pub fn score(&self) -> Option<usize> {
        score(&self.checks)
    }
}

fn score(checks: &[Judged<'_>]) -> Option<usize> {
    let judged = || checks.iter().filter(|check| !check.is_idle);
    let all: usize = judged().map(|check| weight(check.severity)).sum();
    let holds: usize =
        judged().filter(|check| check.holds()).map(|check| weight(check.severity)).sum();
    (holds * 100).checked_div(all)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn judged(severity: Severity, violations: usize, is_unknown: bool) -> Judged<'static> {
        Judged {
            id: "check",
            severity,
            is_specification: true,
            is_proved: violations == 0 && !is_unknown,
            is_unknown,
            is_idle: false,
            violations,
        }
    }

    fn checks() -> impl Strategy<Value = Vec<Judged<'static>>> {
        let severity = proptest::sample::select(&Severity::ALL[..]);
        let check = (severity, 0..3_usize, any::<bool>(), any::<bool>());
        let check = check.prop_map(|(severity, violations, is_unknown, is_idle)| {
            // What is idle has found nothing.
            let is_idle = is_idle && violations == 0 && !is_unknown;
            Judged { is_idle, ..judged(severity, violations, is_unknown) }
        });
        proptest::collection::vec(check, 0..12)
    }

    #[test]
    fn a_score_is_weighted_by_severity_and_rounded_down() {
        use Severity::{Critical, High, Info, Low, Medium};
        let holds = |severity| judged(severity, 0, false);
        let violated = |severity| judged(severity, 2, false);
        assert_eq!(score(&[]), None);
        assert_eq!(score(&[violated(Info)]), None);
        assert_eq!(score(&[violated(Critical)]), Some(0));
        // 2.5 of 12.5; 7.5 of 22.5; 5 of 7.5.
        assert_eq!(score(&[violated(Critical), holds(Low)]), Some(20));
        assert_eq!(score(&[violated(Critical), holds(High), judged(Medium, 0, true)]), Some(33));
        assert_eq!(score(&[holds(Medium), violated(Low), violated(Info)]), Some(66));
        let idle = Judged { is_idle: true, ..holds(Critical) };
        assert_eq!(score(&[idle, violated(Low)]), Some(0));
    }

    proptest! {
        #[test]
        fn what_gets_worse_never_scores_better(checks in checks(), index: prop::sample::Index) {
            prop_assume!(!checks.is_empty());
            let mut worse = checks.clone();
            let index = index.index(worse.len());
            prop_assume!(!worse[index].is_idle);
            worse[index].violations += 1;
            prop_assert!(score(&worse) <= score(&checks));
            worse[index] = Judged { is_unknown: true, ..checks[index].clone() };
            prop_assert!(score(&worse) <= score(&checks));
        }

        #[test]
        fn only_what_holds_altogether_scores_a_hundred(checks in checks()) {
            let weighs = |check: &&Judged<'_>| !check.is_idle && check.severity > Severity::Info;
            let all = checks.iter().filter(weighs).all(Judged::holds);
            match score(&checks) {
                None => prop_assert!(!checks.iter().any(|check| weighs(&check))),
                Some(score) => {
                    prop_assert!(score <= 100);
                    prop_assert_eq!(score == 100, all);
                }
            }
        }
    }
}
