use provost_sdk::{Mismatch, Seen};

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-cron-job",
    page: provost_sdk::page!("hygiene-cron-job"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    if workload.kind() != "CronJob" {
        return;
    }
    let policy = workload.object.at("/spec/concurrencyPolicy");
    match seen.judge(policy.text()) {
        None | Some(Some("Allow" | "Forbid" | "Replace")) => {}
        Some(Some(other)) => {
            let reason = format!("`{other}` is none of `Allow`, `Forbid`, `Replace`");
            seen.inconclusive(Mismatch::new(policy.pointer(), reason));
        }
        Some(None) => seen.violation(
            &policy,
            "nothing says whether runs may overlap".to_owned(),
            "set `concurrencyPolicy` to `Forbid`, `Replace` or, on purpose, `Allow`",
            None,
        ),
    }
    let deadline = workload.object.at("/spec/startingDeadlineSeconds");
    if seen.judge(deadline.integer()) == Some(None) {
        seen.violation(
            &deadline,
            "nothing says how late a missed run may still start".to_owned(),
            "set `startingDeadlineSeconds`, to 10 or more",
            None,
        );
    }
    let kept = workload.object.at("/spec/failedJobsHistoryLimit");
    if seen.judge(kept.integer()) == Some(Some(0)) {
        seen.violation(
            &kept,
            "failed runs are deleted at once".to_owned(),
            "keep at least one failed run to look at",
            kept.set(1),
        );
    }
}
