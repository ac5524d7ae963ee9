//! Which objects are judged, and where their pods stand.

use provost_sdk::Plugin;
use serde_json::json;

use crate::{KINDS, check_with_budget, good, inconclusive, violations};

#[test]
fn the_pod_is_found_in_every_kind_that_has_one() {
    for (api_version, kind) in KINDS {
        let (object, at) = good(api_version, kind);
        let report = check_with_budget(&object, &json!({}));
        assert_eq!((violations(&report), inconclusive(&report)), (vec![], vec![]), "{kind}");
        let mut bad = object;
        let image = format!("{at}/spec/containers/0/image");
        *bad.pointer_mut(&image).unwrap() = json!("registry.example/app");
        let expected = ["tag", "digest", "pull-policy"].map(|rule| match rule {
            "pull-policy" => {
                format!("hygiene-image-pull-policy {at}/spec/containers/0/imagePullPolicy")
            }
            rule => format!("hygiene-image-{rule} {image}"),
        });
        assert_eq!(violations(&check_with_budget(&bad, &json!({}))), expected, "{kind}");
    }
}

#[test]
fn every_kind_that_is_judged_is_asked_for() {
    let asked = workload_hygiene::WorkloadHygiene::description().kinds;
    for kind in ["Pod", "apps/Deployment", "batch/CronJob", "extensions/Ingress"] {
        assert!(asked.contains(&kind.to_owned()), "{kind}");
    }
    let mut once = asked.clone();
    once.dedup();
    assert_eq!(once, asked);
}

#[test]
fn another_group_is_none_of_its_business() {
    for (api_version, kind) in [("example.com/v1", "Pod"), ("example.com/v1beta1", "Ingress")] {
        let object = json!({"apiVersion": api_version, "kind": kind, "spec": {}});
        let report = check_with_budget(&object, &json!({}));
        assert_eq!((report.findings, report.inconclusive), (vec![], vec![]), "{kind}");
    }
}

#[test]
fn replicas_that_something_else_sets_are_left_alone() {
    let (mut object, _) = good("apps/v1", "Deployment");
    object["spec"]["replicas"] = json!(1);
    let too_few = ["hygiene-replicas /spec/replicas"];
    assert_eq!(violations(&check_with_budget(&object, &json!({}))), too_few);
    object["metadata"]["managedFields"] = json!([{
        "manager": "someone", "fieldsV1": {"f:spec": {"f:replicas": {}}},
    }]);
    assert_eq!(violations(&check_with_budget(&object, &json!({}))), too_few);
    object["metadata"]["managedFields"][0]["subresource"] = json!("scale");
    assert_eq!(violations(&check_with_budget(&object, &json!({}))), [""; 0]);
    object["metadata"]["managedFields"] = json!("all");
    let report = check_with_budget(&object, &json!({}));
    assert_eq!(violations(&report), [""; 0]);
    assert_eq!(inconclusive(&report).len(), 1);
    object["spec"]["replicas"] = json!(0);
    assert_eq!(check_with_budget(&object, &json!({})).inconclusive, []);
}

#[test]
fn pods_that_end_need_no_probes() {
    let (mut pod, _) = good("v1", "Pod");
    let container = pod["spec"]["containers"][0].as_object_mut().unwrap();
    container.remove("livenessProbe");
    container.remove("readinessProbe");
    let lacking = [
        "hygiene-liveness-probe /spec/containers/0/livenessProbe",
        "hygiene-readiness-probe /spec/containers/0/readinessProbe",
    ];
    assert_eq!(violations(&check_with_budget(&pod, &json!({}))), lacking);
    pod["spec"]["restartPolicy"] = json!("Always");
    assert_eq!(violations(&check_with_budget(&pod, &json!({}))), lacking);
    for policy in ["Never", "OnFailure"] {
        pod["spec"]["restartPolicy"] = json!(policy);
        assert_eq!(violations(&check_with_budget(&pod, &json!({}))), [""; 0]);
    }
}
