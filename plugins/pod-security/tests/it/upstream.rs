//! The fixtures of the Kubernetes project for its own admission: each is a pod, a
//! level, a version, and whether an API server lets it in.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{check, inconclusive, patches, violations, yaml};

/// A folder with `cases.jsonl`, where there is one; `PSS_CORPUS` names another.
fn corpus() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpora/pss");
    let folder =
        std::env::var_os("PSS_CORPUS").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    folder.join("cases.jsonl").is_file().then_some(folder)
}

/// The rules that may deny a pod that breaks a control of this name.
fn rules(control: &str) -> &'static [&'static str] {
    match control {
        "allowprivilegeescalation" => &["pss-privilege-escalation"],
        "apparmorprofile" => &["pss-apparmor-profile"],
        "capabilities_baseline" => &["pss-capabilities-baseline"],
        "capabilities_restricted" => &["pss-capabilities-baseline", "pss-capabilities-restricted"],
        "hostnamespaces" => &["pss-host-namespaces"],
        "hostpathvolumes" => &["pss-host-path-volumes"],
        "hostports" => &["pss-host-ports"],
        "hostprobesandhostlifecycle" => &["pss-host-probes"],
        "privileged" => &["pss-privileged-containers"],
        "procmount" | "procmount_restricted" => {
            &["pss-proc-mount-baseline", "pss-proc-mount-restricted"]
        }
        "restrictedvolumes" => &["pss-host-path-volumes", "pss-volume-types"],
        "runasnonroot" => &["pss-run-as-non-root"],
        "runasuser" => &["pss-run-as-user"],
        "seccompprofile_baseline" => &["pss-seccomp-baseline"],
        "seccompprofile_restricted" => &["pss-seccomp-baseline", "pss-seccomp-restricted"],
        "selinuxoptions" => &["pss-selinux-options"],
        "sysctls" => &["pss-sysctls"],
        "windowshostprocess" => &["pss-windows-host-process"],
        other => panic!("no rule for `{other}`"),
    }
}

fn read(folder: &Path, file: &str) -> Value {
    yaml(file, &std::fs::read_to_string(folder.join(file)).unwrap())
}

#[test]
fn every_upstream_fixture_is_judged_as_the_api_server_judges_it() {
    let Some(folder) = corpus() else {
        eprintln!("SKIPPED: no upstream fixtures beside this repository");
        return;
    };
    let index = std::fs::read_to_string(folder.join("cases.jsonl")).unwrap();
    let mut wrong = Vec::new();
    let (mut cases, mut suggested) = (0, 0);
    for line in index.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |field: &str| case[field].as_str().unwrap();
        let pod = read(&folder, text("file"));
        let settings = json!({"level": text("level"), "version": text("version")});
        let report = check(&pod, &settings);
        cases += 1;
        let as_expected = match text("expected") {
            "allow" => report.findings.is_empty(),
            _ => {
                let rules = rules(text("control"));
                report.findings.iter().any(|finding| rules.contains(&&*finding.rule))
            }
        };
        if !as_expected || !report.inconclusive.is_empty() {
            let (found, unknown) = (violations(&report), inconclusive(&report));
            wrong.push(format!("{}: {found:?} {unknown:?}", text("file")));
        }
        suggested += patches::judge(&pod, &settings);
    }
    assert!(wrong.is_empty(), "{} of {cases} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 1297, "only {cases} cases");
    assert!(suggested > 0);
    println!("{cases} cases agree, {suggested} suggested patches mend them");
}
