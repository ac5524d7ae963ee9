use super::pss_proc_mount_baseline::judge_masks;
use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-proc-mount-restricted",
    page: provost_sdk::page!("pss-proc-mount-restricted"),
    level: Level::Restricted,
    since: Version::minor(35),
    check,
};

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    // Any other pod is for the rule of `baseline` to report.
    if seen.judge(pod.has_user_namespace()) == Some(true) {
        judge_masks(pod, seen);
    }
}
