use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-privileged-containers",
    page: provost_sdk::page!("pss-privileged-containers"),
    level: Level::Baseline,
    since: Version::FIRST,
    check,
};

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    for container in pod.containers(seen) {
        let privileged = container.at("/securityContext/privileged");
        if seen.judge(privileged.boolean()) == Some(Some(true)) {
            seen.violation(
                &privileged,
                format!("{container} runs privileged"),
                "set `privileged: false` and add only the capabilities that are needed",
                privileged.set(false),
            );
        }
    }
}
