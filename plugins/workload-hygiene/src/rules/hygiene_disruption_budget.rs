use provost_sdk::{Seen, lookup};

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-disruption-budget",
    page: provost_sdk::page!("hygiene-disruption-budget"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    if !matches!(workload.kind(), "Deployment" | "StatefulSet") {
        return;
    }
    let Some(Some(replicas)) = seen.judge(workload.replicas()) else { return };
    if replicas < 2 || seen.judge(workload.has_budget()) != Some(false) {
        return;
    }
    let place = if lookup::knows_cluster() { "the namespace" } else { "this change" };
    seen.violation(
        &workload.pod("/metadata/labels"),
        format!("no disruption budget in {place} selects the {replicas} replicas"),
        "add a PodDisruptionBudget whose selector matches these labels",
        None,
    );
}
