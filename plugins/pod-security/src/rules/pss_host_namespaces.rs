use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-host-namespaces",
    page: provost_sdk::page!("pss-host-namespaces"),
    level: Level::Baseline,
    since: Version::FIRST,
    check,
};

const FIELDS: [(&str, &str); 3] =
    [("/hostNetwork", "network"), ("/hostPID", "process"), ("/hostIPC", "IPC")];

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    for (field, namespace) in FIELDS {
        let shared = pod.spec.at(field);
        if seen.judge(shared.boolean()) == Some(Some(true)) {
            seen.violation(
                &shared,
                format!("the pod shares the {namespace} namespace of the host"),
                &format!("set `{}: false`, or leave it out", field.trim_start_matches('/')),
                shared.set(false),
            );
        }
    }
}
