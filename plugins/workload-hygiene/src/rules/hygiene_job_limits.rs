use provost_sdk::Seen;

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-job-limits",
    page: provost_sdk::page!("hygiene-job-limits"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    let spec = match workload.kind() {
        "Job" => "/spec",
        "CronJob" => "/spec/jobTemplate/spec",
        _ => return,
    };
    let spec = workload.object.at(spec);
    let retries = spec.at("/backoffLimit");
    if seen.judge(retries.integer()) == Some(None) {
        seen.violation(
            &retries,
            "nothing says how often to try again".to_owned(),
            "set `backoffLimit`; without it a job is tried seven times",
            None,
        );
    }
    let deadline = spec.at("/activeDeadlineSeconds");
    let of_pod = workload.pod("/spec/activeDeadlineSeconds");
    let set = [&deadline, &of_pod].map(|place| seen.judge(place.integer()));
    if set == [Some(None); 2] {
        seen.violation(
            &deadline,
            "nothing ends the job when it hangs".to_owned(),
            "set `activeDeadlineSeconds` to longer than it ever takes",
            None,
        );
    }
}
