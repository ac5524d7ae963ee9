use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-seccomp-restricted",
    page: provost_sdk::page!("pss-seccomp-restricted"),
    level: Level::Restricted,
    since: Version::minor(19),
    check,
};

/// The first version that asks nothing of a pod that says it runs on Windows.
const WINDOWS_EXEMPT: Version = Version::minor(25);
const FIELD: &str = "/securityContext/seccompProfile";

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    if pod.version >= WINDOWS_EXEMPT && seen.judge(pod.is_windows()) != Some(false) {
        return;
    }
    // Whether a profile is a good one is for the rule of `baseline` to report.
    if seen.judge(pod.spec.at(FIELD).has_mapping()) != Some(false) {
        return;
    }
    for container in pod.containers(seen) {
        let profile = container.at(FIELD);
        if seen.judge(profile.has_mapping()) == Some(false) {
            seen.violation(
                &profile,
                format!(
                    "{container} runs without a seccompProfile: neither it nor the pod sets one"
                ),
                "set `seccompProfile: {type: RuntimeDefault}` in the `securityContext` of the pod",
                None,
            );
        }
    }
}
