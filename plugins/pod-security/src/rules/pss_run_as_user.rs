use provost_sdk::Place;

use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-run-as-user",
    page: provost_sdk::page!("pss-run-as-user"),
    level: Level::Restricted,
    since: Version::minor(23),
    check,
};

/// The first version that asks nothing of a pod in a user namespace.
const USER_NAMESPACE_EXEMPT: Version = Version::minor(35);
const FIELD: &str = "/securityContext/runAsUser";

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    let exempt = pod.version >= USER_NAMESPACE_EXEMPT;
    if exempt && seen.judge(pod.has_user_namespace()) != Some(false) {
        return;
    }
    judge(&pod.spec.at(FIELD), || "the pod runs".to_owned(), seen);
    for container in pod.containers(seen) {
        judge(&container.at(FIELD), || format!("{container} runs"), seen);
    }
}

fn judge(user: &Place<'_>, who: impl Fn() -> String, seen: &mut Seen<'_>) {
    if seen.judge(user.integer()) == Some(Some(0)) {
        seen.violation(
            user,
            format!("{} as user 0, which is root", who()),
            "set `runAsUser` to a number above 0, or leave it to the image",
            None,
        );
    }
}
