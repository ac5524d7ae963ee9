use provost_sdk::Place;

use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-windows-host-process",
    page: provost_sdk::page!("pss-windows-host-process"),
    level: Level::Baseline,
    since: Version::FIRST,
    check,
};

const FIELD: &str = "/securityContext/windowsOptions/hostProcess";

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    judge(&pod.spec.at(FIELD), || "the pod runs".to_owned(), seen);
    for container in pod.containers(seen) {
        judge(&container.at(FIELD), || format!("{container} runs"), seen);
    }
}

fn judge(host_process: &Place<'_>, who: impl Fn() -> String, seen: &mut Seen<'_>) {
    if seen.judge(host_process.boolean()) == Some(Some(true)) {
        seen.violation(
            host_process,
            format!("{} as a Windows HostProcess", who()),
            "set `hostProcess: false`, or leave it out",
            host_process.set(false),
        );
    }
}
