use provost_sdk::{Mismatch, Seen};

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-replicas",
    page: provost_sdk::page!("hygiene-replicas"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    let minimum = workload.settings.minimum_replicas;
    let Some(Some(replicas)) = seen.judge(workload.replicas()) else { return };
    // Zero is switched off on purpose.
    if replicas == 0 {
        return;
    }
    let Some(scaled) = seen.judge(workload.autoscaled_from()) else { return };
    let minimum = i64::from(minimum);
    let place = workload.object.at("/spec/replicas");
    match scaled {
        Some(least) if least < minimum => {
            let message = format!(
                "an autoscaler keeps as few as {least}, but at least {minimum} are asked for"
            );
            seen.violation(&place, message, "set `minReplicas` of the autoscaler higher", None);
        }
        None if replicas < minimum && seen.judge(is_scaled(workload)) == Some(false) => {
            seen.violation(
                &place,
                format!("replicas: {replicas}, but at least {minimum} are asked for"),
                "set `replicas` higher, or let an autoscaler with such a minimum set it",
                place.set(minimum),
            );
        }
        _ => {}
    }
}

/// Does the object show that something else sets its number of replicas?
fn is_scaled(workload: &Subject<'_>) -> Result<bool, Mismatch> {
    for entry in workload.object.at("/metadata/managedFields").items()? {
        let replicas = entry.at("/fieldsV1/f:spec/f:replicas");
        if entry.at("/subresource").text()? == Some("scale") && replicas.has_mapping()? {
            return Ok(true);
        }
    }
    Ok(false)
}
