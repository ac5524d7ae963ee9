use provost_sdk::{Patch, Place};
use serde::Serialize;

use super::pss_capabilities_baseline::{ALLOWED, judge_added};
use crate::{Container, Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-capabilities-restricted",
    page: provost_sdk::page!("pss-capabilities-restricted"),
    level: Level::Restricted,
    since: Version::minor(22),
    check,
};

/// The first version that asks nothing of a pod that says it runs on Windows.
const WINDOWS_EXEMPT: Version = Version::minor(25);

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    if pod.version >= WINDOWS_EXEMPT && seen.judge(pod.is_windows()) != Some(false) {
        return;
    }
    for container in pod.containers(seen) {
        judge_dropped(container, seen);
        judge_added(container, is_allowed, seen);
    }
}

/// What `baseline` forbids is for `baseline` to report.
fn is_allowed(capability: &str) -> bool {
    capability == "NET_BIND_SERVICE" || !ALLOWED.contains(&capability)
}

fn judge_dropped(container: &Container<'_>, seen: &mut Seen<'_>) {
    let drop = container.at("/securityContext/capabilities/drop");
    let Some(dropped) = seen.judge(drop.items()) else { return };
    let mut drops_all = false;
    for place in &dropped {
        drops_all |= seen.judge(place.text()) == Some(Some("ALL"));
    }
    if !drops_all {
        seen.violation(
            &drop,
            format!("{container} keeps capabilities that it could drop"),
            "set `drop: [ALL]` under `securityContext.capabilities`",
            addition(container, &drop, dropped.is_empty()),
        );
    }
}

#[derive(Serialize)]
struct Capabilities {
    drop: [&'static str; 1],
}

/// Adds `ALL` with as little around it as is missing.
fn addition(container: &Container<'_>, drop: &Place<'_>, is_empty: bool) -> Option<Patch> {
    if !is_empty {
        return Some(Patch::default().add(&format!("{}/-", drop.pointer()), "ALL"));
    }
    let capabilities = container.at("/securityContext/capabilities");
    drop.set(["ALL"]).or_else(|| capabilities.set(Capabilities { drop: ["ALL"] }))
}
