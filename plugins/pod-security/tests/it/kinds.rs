//! Where the pod stands in objects of each kind.

use provost_sdk::Plugin;
use serde_json::{Value, json};

use crate::{check, good_pod, violations};

/// An object of a kind around a pod, and where the pod stands in it.
fn wrapped(api_version: &str, kind: &str, pod: &Value) -> (Value, &'static str) {
    let template = json!({"metadata": pod["metadata"], "spec": pod["spec"]});
    let object = |spec| json!({"apiVersion": api_version, "kind": kind, "spec": spec});
    match kind {
        "Pod" => (pod.clone(), ""),
        "PodTemplate" => {
            (json!({"apiVersion": api_version, "kind": kind, "template": template}), "/template")
        }
        "CronJob" => (
            object(json!({"jobTemplate": {"spec": {"template": template}}})),
            "/spec/jobTemplate/spec/template",
        ),
        _ => (object(json!({"template": template})), "/spec/template"),
    }
}

const KINDS: [(&str, &str); 9] = [
    ("v1", "Pod"),
    ("v1", "PodTemplate"),
    ("v1", "ReplicationController"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "ReplicaSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
];

#[test]
fn the_pod_is_found_in_every_kind_that_has_one() {
    let mut bad = good_pod();
    let annotation = "container.apparmor.security.beta.kubernetes.io/app";
    bad["metadata"]["annotations"] = json!({annotation: "unconfined"});
    bad["spec"]["hostPID"] = json!(true);
    for (api_version, kind) in KINDS {
        let (object, at) = wrapped(api_version, kind, &bad);
        let expected = [
            format!(
                "pss-apparmor-profile {at}/metadata/annotations/{}",
                annotation.replace('/', "~1")
            ),
            format!("pss-host-namespaces {at}/spec/hostPID"),
        ];
        assert_eq!(violations(&check(&object, &json!({}))), expected, "{kind}");
        let (good, _) = wrapped(api_version, kind, &good_pod());
        assert_eq!(violations(&check(&good, &json!({"level": "restricted"}))), [""; 0], "{kind}");
    }
}

#[test]
fn the_kinds_asked_for_are_those_judged() {
    let expected: Vec<_> = KINDS
        .iter()
        .map(|(api_version, kind)| match api_version.split_once('/') {
            Some((group, _)) => format!("{group}/{kind}"),
            None => (*kind).to_owned(),
        })
        .collect();
    assert_eq!(pod_security::PodSecurity::description().kinds, expected);
}

#[test]
fn another_group_or_kind_is_none_of_its_business() {
    let mut bad = good_pod();
    bad["spec"]["hostPID"] = json!(true);
    for (api_version, kind) in [("example.com/v1", "Pod"), ("v1", "Deployment"), ("v1", "Service")]
    {
        let mut object = bad.clone();
        object["apiVersion"] = json!(api_version);
        object["kind"] = json!(kind);
        let report = check(&object, &json!({"level": "restricted"}));
        assert_eq!((report.findings, report.inconclusive), (vec![], vec![]), "{kind}");
    }
}

#[test]
fn a_level_or_a_disabled_rule_asks_for_less() {
    let mut bad = good_pod();
    bad["spec"]["hostPID"] = json!(true);
    bad["spec"]["securityContext"]["runAsNonRoot"] = json!(false);
    let seen = |settings| violations(&check(&bad, &settings));
    let (root, host) = (
        "pss-run-as-non-root /spec/securityContext/runAsNonRoot",
        "pss-host-namespaces /spec/hostPID",
    );
    assert_eq!(seen(json!({"level": "restricted"})), [host, root]);
    assert_eq!(seen(json!({})), [host]);
    assert_eq!(seen(json!({"level": "privileged"})), [""; 0]);
    assert_eq!(seen(json!({"disabledRules": ["pss-host-namespaces"]})), [""; 0]);
}
