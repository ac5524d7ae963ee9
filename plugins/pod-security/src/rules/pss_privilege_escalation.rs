use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-privilege-escalation",
    page: provost_sdk::page!("pss-privilege-escalation"),
    level: Level::Restricted,
    since: Version::minor(8),
    check,
};

/// The first version that asks nothing of a pod that says it runs on Windows.
const WINDOWS_EXEMPT: Version = Version::minor(25);

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    if pod.version >= WINDOWS_EXEMPT && seen.judge(pod.is_windows()) != Some(false) {
        return;
    }
    for container in pod.containers(seen) {
        let allow = container.at("/securityContext/allowPrivilegeEscalation");
        let message = match seen.judge(allow.boolean()) {
            None | Some(Some(false)) => continue,
            Some(Some(true)) => format!("{container} allows privilege escalation"),
            Some(None) => format!("{container} does not forbid privilege escalation"),
        };
        let remedy = "set `allowPrivilegeEscalation: false` in its `securityContext`";
        seen.violation(&allow, message, remedy, allow.set(false));
    }
}
