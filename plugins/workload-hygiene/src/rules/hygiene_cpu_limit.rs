use provost_sdk::Seen;

use crate::resource::judge_limits;
use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-cpu-limit",
    page: provost_sdk::page!("hygiene-cpu-limit"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    judge_limits("cpu", "set `resources.limits.cpu`", workload, seen);
}
