use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-host-ports",
    page: provost_sdk::page!("pss-host-ports"),
    level: Level::Baseline,
    since: Version::FIRST,
    check,
};

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    for container in pod.containers(seen) {
        for port in seen.judge(container.at("/ports").items()).unwrap_or_default() {
            let host_port = port.at("/hostPort");
            match seen.judge(host_port.integer()) {
                None | Some(None | Some(0)) => {}
                Some(Some(number)) => seen.violation(
                    &host_port,
                    format!("{container} takes hostPort {number}"),
                    "remove `hostPort` and reach the pod through a Service",
                    host_port.removed(),
                ),
            }
        }
    }
}
