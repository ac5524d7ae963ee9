use provost_sdk::Seen;
use provost_sdk::workload::Role;

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-liveness-probe",
    page: provost_sdk::page!("hygiene-liveness-probe"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    judge("livenessProbe", "liveness probe", REMEDY, workload, seen);
}

const REMEDY: &str = "add a `livenessProbe` that fails only when a restart would help";

/// Reports each container of long-running pods that lacks a probe.
pub(super) fn judge(
    field: &str,
    called: &str,
    remedy: &str,
    workload: &Subject<'_>,
    seen: &mut Seen<'_>,
) {
    if seen.judge(workload.is_long_running()) != Some(true) {
        return;
    }
    let path = format!("/{field}");
    for container in workload.containers(&[Role::Main], seen) {
        let probe = container.at(&path);
        if seen.judge(probe.has_mapping()) == Some(false) {
            seen.violation(&probe, format!("{container} has no {called}"), remedy, None);
        }
    }
}
