use provost_sdk::workload::{Container, Role};
use provost_sdk::{Mismatch, Seen};

use crate::{Subject, quantity};

/// Containers that may ask for resources.
pub(crate) const WITH_RESOURCES: &[Role] = &[Role::Init, Role::Main];

/// Reports each container that has no limit of a resource, its own or the pod's.
pub(crate) fn judge_limits(resource: &str, remedy: &str, pod: &Subject<'_>, seen: &mut Seen<'_>) {
    let path = format!("/spec/resources/limits/{resource}");
    // A limit that cannot be read was said to be so; it is not missing.
    if seen.judge(quantity(&pod.pod(&path))) != Some(None) {
        return;
    }
    let path = format!("/resources/limits/{resource}");
    for container in pod.containers(WITH_RESOURCES, seen) {
        let place = container.at(&path);
        if seen.judge(quantity(&place)) == Some(None) {
            seen.violation(&place, format!("{container} has no {resource} limit"), remedy, None);
        }
    }
}

/// Reports each container that has no request of a resource. A limit is a request
/// too, where no other is made: the API server copies it.
pub(crate) fn judge_requests(resource: &str, remedy: &str, pod: &Subject<'_>, seen: &mut Seen<'_>) {
    for of in ["requests", "limits"] {
        let path = format!("/spec/resources/{of}/{resource}");
        if seen.judge(quantity(&pod.pod(&path))) != Some(None) {
            return;
        }
    }
    for container in pod.containers(WITH_RESOURCES, seen) {
        if seen.judge(asks(container, resource)) == Some(false) {
            let path = format!("/resources/requests/{resource}");
            let message = format!("{container} has no {resource} request");
            seen.violation(&container.at(&path), message, remedy, None);
        }
    }
}

fn asks(container: &Container<'_>, resource: &str) -> Result<bool, Mismatch> {
    for of in ["requests", "limits"] {
        if quantity(&container.at(&format!("/resources/{of}/{resource}")))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
