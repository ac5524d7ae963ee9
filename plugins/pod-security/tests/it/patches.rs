//! A suggested patch mends what it is suggested for, and breaks nothing else.

use serde_json::{Value, json};

use crate::{check, good_pod};

/// Applies an RFC 6902 patch; `None` when a `test` in it refuses.
pub fn apply(document: &Value, patch: &str) -> Option<Value> {
    let mut document = document.clone();
    for operation in serde_json::from_str::<Vec<Value>>(patch).unwrap() {
        let path = operation["path"].as_str().unwrap();
        let value = operation["value"].clone();
        if operation["op"] == "test" {
            if document.pointer(path) != Some(&value) {
                return None;
            }
            continue;
        }
        let (parent, token) = path.rsplit_once('/').unwrap();
        let token = token.replace("~1", "/").replace("~0", "~");
        let parent = document.pointer_mut(parent).expect("the parent exists");
        match (operation["op"].as_str().unwrap(), parent) {
            ("add", Value::Object(entries)) => assert_eq!(entries.insert(token, value), None),
            ("add", Value::Array(items)) if token == "-" => items.push(value),
            ("replace", Value::Object(entries)) => {
                entries.insert(token, value).expect("there is something to replace");
            }
            ("remove", Value::Object(entries)) => {
                entries.remove(&token).expect("there is something to remove");
            }
            ("remove", Value::Array(items)) => {
                items.remove(token.parse().unwrap());
            }
            (other, parent) => panic!("no rule suggests `{other}` in {parent}"),
        }
    }
    Some(document)
}

/// Checks every patch suggested for a document; says how many there are.
pub fn judge(document: &Value, settings: &Value) -> usize {
    let before = check(document, settings);
    let mut patches = 0;
    for finding in &before.findings {
        let Some(patch) = &finding.patch else { continue };
        patches += 1;
        let patched = apply(document, &patch.to_string()).unwrap();
        let after = check(&patched, settings);
        assert_eq!(after.inconclusive, before.inconclusive);
        // One finding less; those after it may have moved up in a list.
        assert_eq!(after.findings.len() + 1, before.findings.len(), "{finding:?}");
        let same = |other: &&provost_sdk::Finding| {
            (&other.rule, &other.message) == (&finding.rule, &finding.message)
        };
        let count = |findings: &[provost_sdk::Finding]| findings.iter().filter(same).count();
        assert_eq!(count(&after.findings) + 1, count(&before.findings), "{finding:?}");
    }
    patches
}

fn bad_pod() -> Value {
    let mut pod = good_pod();
    pod["metadata"]["annotations"] =
        json!({"container.apparmor.security.beta.kubernetes.io/app": "unconfined"});
    let spec = &mut pod["spec"];
    spec["hostNetwork"] = json!(true);
    spec["securityContext"] = json!({
        "runAsNonRoot": false,
        "appArmorProfile": {"type": "Unconfined"},
        "seccompProfile": {"type": "Unconfined"},
        "seLinuxOptions": {"type": "spc_t", "user": "u", "role": "r"},
        "sysctls": [{"name": "kernel.msgmax", "value": "1"}, {"name": "kernel.sem", "value": "1"}],
        "windowsOptions": {"hostProcess": true},
    });
    spec["containers"] = json!([
        {
            "name": "app",
            "ports": [{"hostPort": 80}],
            "livenessProbe": {"httpGet": {"host": "elsewhere.example"}},
            "securityContext": {
                "privileged": true,
                "procMount": "Unmasked",
                "capabilities": {"add": ["SYS_ADMIN", "CHOWN"], "drop": ["KILL"]},
            },
        },
        {"name": "bare"},
        {"name": "half", "securityContext": {}},
    ]);
    pod
}

#[test]
fn a_patch_mends_what_it_is_suggested_for() {
    assert_eq!(judge(&bad_pod(), &json!({"level": "restricted"})), 21);
}

#[test]
fn patches_of_one_pod_go_together_unless_they_say_otherwise() {
    let settings = json!({"level": "restricted"});
    let before = check(&bad_pod(), &settings);
    let mut pod = bad_pod();
    for patch in before.findings.iter().filter_map(|finding| finding.patch.as_ref()) {
        if let Some(patched) = apply(&pod, &patch.to_string()) {
            pod = patched;
        } else {
            assert!(patch.to_string().contains(r#""op":"test""#));
        }
    }
    let unmended: Vec<_> = check(&pod, &settings)
        .findings
        .into_iter()
        .filter(|finding| finding.patch.is_some())
        .map(|finding| finding.message)
        .collect();
    // The items that moved up when the first of their list went.
    assert_eq!(
        unmended,
        [
            "the pod sets the forbidden sysctl `kernel.sem`",
            "container `app` adds the capability `CHOWN`"
        ]
    );
}
