use provost_sdk::{Mismatch, Seen};

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-recreate-strategy",
    page: provost_sdk::page!("hygiene-recreate-strategy"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    if workload.kind() != "Deployment" {
        return;
    }
    let strategy = workload.object.at("/spec/strategy/type");
    match seen.judge(strategy.text()) {
        Some(Some("Recreate")) => {}
        None | Some(None | Some("RollingUpdate")) => return,
        Some(Some(other)) => {
            let reason = format!("`{other}` is none of `Recreate`, `RollingUpdate`");
            seen.inconclusive(Mismatch::new(strategy.pointer(), reason));
            return;
        }
    }
    let Some(Some(replicas)) = seen.judge(workload.replicas()) else { return };
    if replicas > 1 {
        seen.violation(
            &strategy,
            format!("every update stops all {replicas} replicas at once"),
            "use `RollingUpdate`, or one replica if there must never be two versions",
            None,
        );
    }
}
