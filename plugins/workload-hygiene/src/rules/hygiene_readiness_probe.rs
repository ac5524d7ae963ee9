use provost_sdk::Seen;

use super::hygiene_liveness_probe::judge;
use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-readiness-probe",
    page: provost_sdk::page!("hygiene-readiness-probe"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    judge("readinessProbe", "readiness probe", REMEDY, workload, seen);
}

const REMEDY: &str = "add a `readinessProbe` that succeeds once requests can be answered";
