use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-host-probes",
    page: provost_sdk::page!("pss-host-probes"),
    level: Level::Baseline,
    since: Version::minor(34),
    check,
};

const PROBES: [(&str, &str); 5] = [
    ("/livenessProbe", "liveness probe"),
    ("/readinessProbe", "readiness probe"),
    ("/startupProbe", "startup probe"),
    ("/lifecycle/postStart", "postStart hook"),
    ("/lifecycle/preStop", "preStop hook"),
];

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    for container in pod.containers(seen) {
        for (field, called) in PROBES {
            let probe = container.at(field);
            if seen.judge(probe.has_mapping()) != Some(true) {
                continue;
            }
            for target in ["/httpGet/host", "/tcpSocket/host"] {
                let host = probe.at(target);
                match seen.judge(host.text()) {
                    None | Some(None | Some("")) => {}
                    Some(Some(name)) => seen.violation(
                        &host,
                        format!("the {called} of {container} is sent to the host `{name}`"),
                        "remove `host`, so that it goes to the pod itself",
                        host.removed(),
                    ),
                }
            }
        }
    }
}
