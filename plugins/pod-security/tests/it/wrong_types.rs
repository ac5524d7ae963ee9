//! A field of a wrong type is inconclusive for the rules that read it, and never
//! silently fine.

use serde_json::{Value, json};

use crate::{check, good_pod, inconclusive, violations};

/// The good pod with one field of its only container, or of its spec, set.
fn pod_with(pointer: &str, value: Value) -> Value {
    let mut pod = good_pod();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    pod.pointer_mut(parent).unwrap()[field] = value;
    pod
}

fn seen(pod: &Value) -> Vec<String> {
    let report = check(pod, &json!({"level": "restricted"}));
    assert_eq!(violations(&report), [""; 0]);
    inconclusive(&report)
}

const CONTEXT: &str = "/spec/containers/0/securityContext";

#[test]
fn a_leaf_of_a_wrong_type_is_inconclusive_for_its_rule() {
    let cases = [
        ("privileged", json!("yes"), "pss-privileged-containers", "text, not a boolean"),
        ("procMount", json!(1), "pss-proc-mount-baseline", "a whole number, not text"),
        (
            "allowPrivilegeEscalation",
            json!("false"),
            "pss-privilege-escalation",
            "text, not a boolean",
        ),
        ("runAsNonRoot", json!(1), "pss-run-as-non-root", "a whole number, not a boolean"),
        ("runAsUser", json!("0"), "pss-run-as-user", "text, not a whole number"),
        ("runAsUser", json!(0.5), "pss-run-as-user", "a number, not a whole number"),
        ("appArmorProfile", json!([]), "pss-apparmor-profile", "a list, not a mapping"),
        ("seLinuxOptions", json!(true), "pss-selinux-options", "a boolean, not a mapping"),
        ("windowsOptions", json!("x"), "pss-windows-host-process", "text, not a mapping"),
    ];
    for (field, value, rule, what) in cases {
        let pod = pod_with(&format!("{CONTEXT}/{field}"), value);
        assert_eq!(seen(&pod), [format!("{rule} {CONTEXT}/{field}: `{field}` is {what}")]);
    }
}

#[test]
fn deeper_fields_of_a_wrong_type_are_named_where_they_stand() {
    let at = |pointer: &str, value| seen(&pod_with(pointer, value));
    assert_eq!(
        at("/spec/hostNetwork", json!("true")),
        ["pss-host-namespaces /spec/hostNetwork: `hostNetwork` is text, not a boolean"]
    );
    assert_eq!(
        at("/spec/containers/0/ports", json!([{"hostPort": "80"}])),
        ["pss-host-ports /spec/containers/0/ports/0/hostPort: \
          `hostPort` is text, not a whole number"]
    );
    assert_eq!(
        at("/spec/containers/0/livenessProbe", json!("exec")),
        ["pss-host-probes /spec/containers/0/livenessProbe: \
          `livenessProbe` is text, not a mapping"]
    );
    assert_eq!(
        at("/spec/securityContext/sysctls", json!({"name": "kernel.msgmax"})),
        ["pss-sysctls /spec/securityContext/sysctls: `sysctls` is a mapping, not a list"]
    );
    assert_eq!(
        at(&format!("{CONTEXT}/capabilities/drop"), json!(["ALL", 7])),
        [format!(
            "pss-capabilities-restricted {CONTEXT}/capabilities/drop/1: \
             item 1 is a whole number, not text"
        )]
    );
    assert_eq!(
        at("/spec/volumes", json!([{"name": "a", "configMap": "text"}, 3])),
        [
            "pss-host-path-volumes /spec/volumes/1: item 1 is a whole number, not a mapping",
            "pss-volume-types /spec/volumes/0/configMap: `configMap` is text, not a mapping",
            "pss-volume-types /spec/volumes/1: item 1 is a whole number, not a mapping",
        ]
    );
    assert_eq!(
        at("/metadata/annotations", json!("none")),
        ["pss-apparmor-profile /metadata/annotations: `annotations` is text, not a mapping"]
    );
}

#[test]
fn what_decides_an_exemption_must_be_readable_too() {
    let os = seen(&pod_with("/spec/os", json!("windows")));
    let expected =
        ["pss-capabilities-restricted", "pss-privilege-escalation", "pss-seccomp-restricted"]
            .map(|rule| format!("{rule} /spec/os: `os` is text, not a mapping"));
    assert_eq!(os, expected);
    let users = seen(&pod_with("/spec/hostUsers", json!("false")));
    let expected = [
        "pss-proc-mount-baseline",
        "pss-proc-mount-restricted",
        "pss-run-as-non-root",
        "pss-run-as-user",
    ]
    .map(|rule| format!("{rule} /spec/hostUsers: `hostUsers` is text, not a boolean"));
    assert_eq!(users, expected);
}

#[test]
fn a_pod_that_cannot_be_read_at_all_is_inconclusive_for_every_rule() {
    let mut pod = good_pod();
    pod["spec"] = json!("everything");
    let all = seen(&pod);
    assert_eq!(all.len(), pod_security::ALL.len());
    for (line, rule) in all.iter().zip(pod_security::ALL) {
        assert_eq!(*line, format!("{} /spec: `spec` is text, not a mapping", rule.id));
    }
    // A list of containers that is none hides all of them.
    let containers = seen(&pod_with("/spec/containers", json!("app")));
    assert!(containers.len() > 10, "{containers:?}");
}

/// A pod with every field that any rule reads, all of them fine.
fn full_pod() -> Value {
    let probe = json!({"httpGet": {"host": "", "port": 80}, "tcpSocket": {"host": "", "port": 80}});
    let context = json!({
        "allowPrivilegeEscalation": false,
        "appArmorProfile": {"type": "RuntimeDefault"},
        "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
        "privileged": false,
        "procMount": "Default",
        "runAsNonRoot": true,
        "runAsUser": 1000,
        "seLinuxOptions": {"type": "container_t", "user": "", "role": ""},
        "seccompProfile": {"type": "RuntimeDefault"},
        "windowsOptions": {"hostProcess": false},
    });
    let container = json!({
        "name": "app",
        "lifecycle": {"postStart": probe, "preStop": probe},
        "livenessProbe": probe, "readinessProbe": probe, "startupProbe": probe,
        "ports": [{"containerPort": 80, "hostPort": 0}],
        "securityContext": context,
    });
    let mut pod_context = context.clone();
    for only_of_containers in
        ["allowPrivilegeEscalation", "capabilities", "privileged", "procMount"]
    {
        pod_context.as_object_mut().unwrap().remove(only_of_containers);
    }
    pod_context["sysctls"] = json!([{"name": "net.ipv4.tcp_syncookies", "value": "1"}]);
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"annotations": {
            "container.apparmor.security.beta.kubernetes.io/app": "runtime/default",
        }},
        "spec": {
            "hostNetwork": false, "hostPID": false, "hostIPC": false, "hostUsers": true,
            "os": {"name": "linux"},
            "containers": [container], "initContainers": [container],
            "ephemeralContainers": [container],
            "securityContext": pod_context,
            "volumes": [{"name": "data", "emptyDir": {}}],
        },
    })
}

/// Every place in a value, as pointers.
fn places(value: &Value, pointer: &str, out: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(entries) => {
            entries.iter().map(|(key, value)| (key.replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => return,
    };
    for (key, child) in children {
        let pointer = format!("{pointer}/{key}");
        places(child, &pointer, out);
        out.push(pointer);
    }
}

#[test]
fn no_field_that_a_rule_reads_may_be_anything() {
    let full = full_pod();
    let settings = json!({"level": "restricted"});
    let fine = check(&full, &settings);
    assert_eq!((violations(&fine), inconclusive(&fine)), (vec![], vec![]));
    let mut all = Vec::new();
    places(&full, "/spec", &mut Vec::new());
    places(&full["spec"], "/spec", &mut all);
    places(&full["metadata"], "/metadata", &mut all);
    // What no rule reads: names, and numbers or texts beside those that are read.
    let unread = ["/name", "/port", "/containerPort", "/value"];
    let judged = |place: &&String| {
        place.contains("os/name")
            || place.contains("/sysctls/0/name")
            || !unread.iter().any(|end| place.ends_with(end))
    };
    let judged: Vec<_> = all.iter().filter(judged).collect();
    assert!(judged.len() > 150, "{}", judged.len());
    for place in judged {
        for wrong in
            [json!(7.5), json!([[7.5]]), json!({"unknown": 7.5}), json!("7.5"), json!(true)]
        {
            let was = full.pointer(place).unwrap();
            // Of the right type it is another matter.
            if std::mem::discriminant(was) == std::mem::discriminant(&wrong) {
                continue;
            }
            let mut pod = full.clone();
            *pod.pointer_mut(place).unwrap() = wrong.clone();
            let report = check(&pod, &settings);
            let noticed = !report.findings.is_empty() || !report.inconclusive.is_empty();
            assert!(noticed, "{place} = {wrong}");
        }
    }
}
