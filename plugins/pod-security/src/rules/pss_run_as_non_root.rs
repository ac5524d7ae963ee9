use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-run-as-non-root",
    page: provost_sdk::page!("pss-run-as-non-root"),
    level: Level::Restricted,
    since: Version::FIRST,
    check,
};

/// The first version that asks nothing of a pod in a user namespace.
const USER_NAMESPACE_EXEMPT: Version = Version::minor(35);
const FIELD: &str = "/securityContext/runAsNonRoot";
const REMEDY: &str = "set `runAsNonRoot: true`, and a numeric user in the image or `runAsUser`";

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    let exempt = pod.version >= USER_NAMESPACE_EXEMPT;
    if exempt && seen.judge(pod.has_user_namespace()) != Some(false) {
        return;
    }
    let of_pod = pod.spec.at(FIELD);
    let for_all = seen.judge(of_pod.boolean());
    if for_all == Some(Some(false)) {
        let message = "the pod may run as root: it sets `runAsNonRoot: false`".to_owned();
        seen.violation(&of_pod, message, REMEDY, of_pod.set(true));
    }
    for container in pod.containers(seen) {
        let own = container.at(FIELD);
        let message = match seen.judge(own.boolean()) {
            Some(Some(false)) => {
                format!("{container} may run as root: it sets `runAsNonRoot: false`")
            }
            // What the pod sets, or what it sets in a way that cannot be read,
            // was reported at the pod.
            Some(None) if for_all == Some(None) => {
                format!("{container} may run as root: neither it nor the pod sets `runAsNonRoot`")
            }
            _ => continue,
        };
        seen.violation(&own, message, REMEDY, own.set(true));
    }
}
