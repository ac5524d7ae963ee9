use provost_sdk::Seen;

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-stateful-set-service",
    page: provost_sdk::page!("hygiene-stateful-set-service"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    if workload.kind() != "StatefulSet" {
        return;
    }
    let service = workload.object.at("/spec/serviceName");
    if matches!(seen.judge(service.text()), Some(None | Some(""))) {
        seen.violation(
            &service,
            "the pods have no Service that gives them names".to_owned(),
            "set `serviceName` to a headless Service in the same namespace",
            None,
        );
    }
}
