use provost_sdk::{Seen, escape};

use crate::resource::WITH_RESOURCES;
use crate::{Rule, Scope, Subject, quantity};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-limit-below-request",
    page: provost_sdk::page!("hygiene-limit-below-request"),
    scope: Scope::Workload,
    check,
};

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    for container in workload.containers(WITH_RESOURCES, seen) {
        let requests = container.at("/resources/requests");
        let Some(requests) = seen.judge(requests.entries()) else { continue };
        for (resource, request) in requests {
            let path = format!("/resources/limits/{}", escape(resource));
            let limit = container.at(&path);
            let (asked, most) = (seen.judge(quantity(&request)), seen.judge(quantity(&limit)));
            let (Some(Some(asked)), Some(Some(most))) = (asked, most) else { continue };
            if most < asked {
                seen.violation(
                    &limit,
                    format!("the {resource} limit of {container} is below its request"),
                    "raise the limit to the request, or lower the request",
                    None,
                );
            }
        }
    }
}
