use provost_sdk::Seen;

use crate::resource::judge_requests;
use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-cpu-request",
    page: provost_sdk::page!("hygiene-cpu-request"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    judge_requests("cpu", "set `resources.requests.cpu` to what it uses when busy", workload, seen);
}
