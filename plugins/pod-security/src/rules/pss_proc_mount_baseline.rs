use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-proc-mount-baseline",
    page: provost_sdk::page!("pss-proc-mount-baseline"),
    level: Level::Baseline,
    since: Version::FIRST,
    check,
};

/// The first version that asks nothing of a pod in a user namespace.
const USER_NAMESPACE_EXEMPT: Version = Version::minor(35);

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    let exempt = pod.version >= USER_NAMESPACE_EXEMPT;
    if exempt && seen.judge(pod.has_user_namespace()) != Some(false) {
        return;
    }
    judge_masks(pod, seen);
}

/// Judges how containers see `/proc`.
pub(super) fn judge_masks(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    for container in pod.containers(seen) {
        let proc_mount = container.at("/securityContext/procMount");
        match seen.judge(proc_mount.text()) {
            None | Some(None | Some("Default")) => {}
            Some(Some(value)) => seen.violation(
                &proc_mount,
                format!("{container} sets procMount to `{value}`"),
                "set `procMount: Default`, or leave it out",
                proc_mount.set("Default"),
            ),
        }
    }
}
