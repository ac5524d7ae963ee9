use provost_sdk::{Patch, Place};

use crate::{Container, Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-capabilities-baseline",
    page: provost_sdk::page!("pss-capabilities-baseline"),
    level: Level::Baseline,
    since: Version::FIRST,
    check,
};

/// What container runtimes give by default, without `NET_RAW`.
pub(super) const ALLOWED: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    for container in pod.containers(seen) {
        judge_added(container, |capability| ALLOWED.contains(&capability), seen);
    }
}

/// Judges the capabilities that a container adds.
pub(super) fn judge_added(
    container: &Container<'_>,
    is_allowed: impl Fn(&str) -> bool,
    seen: &mut Seen<'_>,
) {
    let added = container.at("/securityContext/capabilities/add").items();
    for place in seen.judge(added).unwrap_or_default() {
        let Some(capability) = seen.judge(place.text()) else { continue };
        let capability = capability.unwrap_or_default();
        if !is_allowed(capability) {
            seen.violation(
                &place,
                format!("{container} adds the capability `{capability}`"),
                &format!("remove `{capability}` from `add`"),
                removal(&place, capability),
            );
        }
    }
}

fn removal(place: &Place<'_>, capability: &str) -> Option<Patch> {
    let pointer = place.pointer();
    Some(Patch::default().test(&pointer, capability).remove(&pointer))
}
