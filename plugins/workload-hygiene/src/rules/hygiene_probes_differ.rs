use provost_sdk::Seen;
use provost_sdk::workload::Role;

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-probes-differ",
    page: provost_sdk::page!("hygiene-probes-differ"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    for container in workload.containers(&[Role::Init, Role::Main], seen) {
        let (liveness, readiness) =
            (container.at("/livenessProbe"), container.at("/readinessProbe"));
        let both = [&liveness, &readiness].map(|probe| seen.judge(probe.has_mapping()));
        if both == [Some(true); 2] && liveness.same(&readiness) {
            seen.violation(
                &liveness,
                format!("the liveness probe of {container} equals its readiness probe"),
                "let the liveness probe ask less, or fail later, than the readiness probe",
                None,
            );
        }
    }
}
