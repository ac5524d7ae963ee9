use provost_sdk::Seen;

use crate::resource::judge_limits;
use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-memory-limit",
    page: provost_sdk::page!("hygiene-memory-limit"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    judge_limits("memory", "set `resources.limits.memory`", workload, seen);
}
