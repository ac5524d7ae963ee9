//! The rules, those of `baseline` first, each list by id.
//!
//! The API server replaces some controls of `baseline` by stricter ones at
//! `restricted`. Here both are applied, and the rule of `restricted` reports only
//! what the other lets pass: together they deny the same pods, and what `baseline`
//! forbids is as severe at every level.

mod pss_apparmor_profile;
mod pss_capabilities_baseline;
mod pss_capabilities_restricted;
mod pss_host_namespaces;
mod pss_host_path_volumes;
mod pss_host_ports;
mod pss_host_probes;
mod pss_privilege_escalation;
mod pss_privileged_containers;
mod pss_proc_mount_baseline;
mod pss_proc_mount_restricted;
mod pss_run_as_non_root;
mod pss_run_as_user;
mod pss_seccomp_baseline;
mod pss_seccomp_restricted;
mod pss_selinux_options;
mod pss_sysctls;
mod pss_volume_types;
mod pss_windows_host_process;

use crate::Rule;

/// Every rule.
pub const ALL: &[Rule] = &[
    pss_apparmor_profile::RULE,
    pss_capabilities_baseline::RULE,
    pss_host_namespaces::RULE,
    pss_host_path_volumes::RULE,
    pss_host_ports::RULE,
    pss_host_probes::RULE,
    pss_privileged_containers::RULE,
    pss_proc_mount_baseline::RULE,
    pss_seccomp_baseline::RULE,
    pss_selinux_options::RULE,
    pss_sysctls::RULE,
    pss_windows_host_process::RULE,
    pss_capabilities_restricted::RULE,
    pss_privilege_escalation::RULE,
    pss_proc_mount_restricted::RULE,
    pss_run_as_non_root::RULE,
    pss_run_as_user::RULE,
    pss_seccomp_restricted::RULE,
    pss_volume_types::RULE,
];
