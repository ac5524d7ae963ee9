use provost_sdk::{Place, Seen, escape};

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-labels",
    page: provost_sdk::page!("hygiene-labels"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    judge(workload, &workload.object.at("/metadata/labels"), "the object", seen);
    if workload.kind() != "Pod" {
        judge(workload, &workload.pod("/metadata/labels"), "the pod template", seen);
    }
}

fn judge(workload: &Subject<'_>, labels: &Place<'_>, called: &str, seen: &mut Seen<'_>) {
    for label in &workload.settings.required_labels {
        let path = format!("/{}", escape(label));
        let place = labels.at(&path);
        if matches!(seen.judge(place.text()), Some(None | Some(""))) {
            seen.violation(
                &place,
                format!("{called} has no label `{label}`"),
                &format!("add the label `{label}`"),
                None,
            );
        }
    }
}
