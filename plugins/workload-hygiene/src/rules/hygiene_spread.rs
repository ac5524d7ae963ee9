use provost_sdk::{Mismatch, Seen};

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-spread",
    page: provost_sdk::page!("hygiene-spread"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    let Some(Some(replicas)) = seen.judge(workload.replicas()) else { return };
    if replicas >= 2 && seen.judge(is_spread(workload)) == Some(false) {
        seen.violation(
            &workload.pod("/spec/topologySpreadConstraints"),
            format!("nothing keeps the {replicas} replicas from running on one node"),
            "add `topologySpreadConstraints` or a `podAntiAffinity` over nodes or zones",
            None,
        );
    }
}

fn is_spread(workload: &Subject<'_>) -> Result<bool, Mismatch> {
    let mut any = false;
    for list in [
        "/spec/topologySpreadConstraints",
        "/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution",
        "/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution",
    ] {
        for item in workload.pod(list).items()? {
            any |= item.has_mapping()?;
        }
    }
    Ok(any)
}
