use provost_sdk::Seen;

use crate::resource::judge_requests;
use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-memory-request",
    page: provost_sdk::page!("hygiene-memory-request"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    judge_requests("memory", "set `resources.requests.memory` to what it needs", workload, seen);
}
