use provost_sdk::{Patch, Place};

use crate::{Level, Rule, Seen, Subject, Version};

pub(super) const RULE: Rule = Rule {
    id: "pss-sysctls",
    page: provost_sdk::page!("pss-sysctls"),
    level: Level::Baseline,
    since: Version::FIRST,
    check,
};

/// Each safe sysctl with the first version that allows it.
const SAFE: [(&str, Version); 14] = [
    ("kernel.shm_rmid_forced", Version::FIRST),
    ("net.ipv4.ip_local_port_range", Version::FIRST),
    ("net.ipv4.tcp_syncookies", Version::FIRST),
    ("net.ipv4.ping_group_range", Version::FIRST),
    ("net.ipv4.ip_unprivileged_port_start", Version::FIRST),
    ("net.ipv4.ip_local_reserved_ports", Version::minor(27)),
    ("net.ipv4.tcp_keepalive_time", Version::minor(29)),
    ("net.ipv4.tcp_fin_timeout", Version::minor(29)),
    ("net.ipv4.tcp_keepalive_intvl", Version::minor(29)),
    ("net.ipv4.tcp_keepalive_probes", Version::minor(29)),
    ("net.ipv4.tcp_rmem", Version::minor(32)),
    ("net.ipv4.tcp_wmem", Version::minor(32)),
    ("net.ipv4.tcp_slow_start_after_idle", Version::minor(37)),
    ("net.ipv4.tcp_notsent_lowat", Version::minor(37)),
];

fn check(pod: &Subject<'_>, seen: &mut Seen<'_>) {
    let sysctls = pod.spec.at("/securityContext/sysctls").items();
    for sysctl in seen.judge(sysctls).unwrap_or_default() {
        let name = sysctl.at("/name");
        let Some(value) = seen.judge(name.text()) else { continue };
        let value = value.unwrap_or_default();
        if !SAFE.iter().any(|(safe, since)| *safe == value && *since <= pod.version) {
            seen.violation(
                &name,
                format!("the pod sets the forbidden sysctl `{value}`"),
                &format!("remove `{value}`, or set it on the nodes that need it"),
                removal(&sysctl, &name, value),
            );
        }
    }
}

fn removal(sysctl: &Place<'_>, name: &Place<'_>, value: &str) -> Option<Patch> {
    Some(Patch::default().test(&name.pointer(), value).remove(&sysctl.pointer()))
}
