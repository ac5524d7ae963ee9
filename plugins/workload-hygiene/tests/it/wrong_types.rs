//! A field of a wrong type is inconclusive for the rules that read it, and never
//! silently fine.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{KINDS, check_among, check_with_budget, good, inconclusive, violations};

#[test]
fn a_field_of_a_wrong_type_is_named_where_it_stands() {
    let at = |pointer: &str, value| {
        let (mut object, _) = good("apps/v1", "Deployment");
        *object.pointer_mut(pointer).unwrap() = value;
        let report = check_with_budget(&object, &json!({}));
        assert_eq!(violations(&report), [""; 0]);
        inconclusive(&report)
    };
    const APP: &str = "/spec/template/spec/containers/0";
    assert_eq!(
        at(&format!("{APP}/livenessProbe"), json!("exec")),
        ["liveness-probe", "probes-differ", "probe-port"].map(|rule| format!(
            "hygiene-{rule} {APP}/livenessProbe: `livenessProbe` is text, not a mapping"
        ))
    );
    assert_eq!(
        at(&format!("{APP}/resources/limits/memory"), json!("64MB")),
        ["memory-limit", "limit-below-request"].map(|rule| format!(
            "hygiene-{rule} {APP}/resources/limits/memory: \
             `64MB` is not a quantity that can be read"
        ))
    );
    assert_eq!(
        at(&format!("{APP}/image"), json!("$(IMAGE)")),
        ["image-tag", "image-digest", "image-pull-policy"].map(|rule| format!(
            "hygiene-{rule} {APP}/image: `$(IMAGE)` is not an image reference"
        ))
    );
    assert_eq!(
        at("/spec/replicas", json!("two")),
        ["replicas", "spread", "disruption-budget"].map(|rule| format!(
            "hygiene-{rule} /spec/replicas: `replicas` is text, not a whole number"
        ))
    );
}

/// One that can be read and is about the workload is enough.
#[test]
fn another_object_that_cannot_be_read_is_named() {
    let (object, _) = good("apps/v1", "Deployment");
    let other = |kind: &str, group: &str, spec: Value| {
        let metadata = json!({"name": "odd", "namespace": "shop"});
        json!({"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec})
    };
    let budget = |selector| {
        let spec = json!({"maxUnavailable": 1, "selector": selector});
        other("PodDisruptionBudget", "policy/v1", spec)
    };
    let (odd, fine) = (budget(json!("all")), budget(json!({})));
    let spec = json!({"scaleTargetRef": {"kind": "Deployment", "name": 7}});
    let scaler = other("HorizontalPodAutoscaler", "autoscaling/v2", spec);
    let report = check_among(&object, &json!({}), &[odd.clone(), scaler.clone()]);
    assert_eq!(violations(&report), [""; 0]);
    assert_eq!(
        inconclusive(&report),
        [
            "hygiene-replicas : HorizontalPodAutoscaler `odd` at `/spec/scaleTargetRef/name`: \
             `name` is a whole number, not text",
            "hygiene-disruption-budget : PodDisruptionBudget `odd` at `/spec/selector`: `selector` \
             is text, not a mapping"
        ]
    );
    let spec = json!({"scaleTargetRef": {"kind": "Deployment", "name": "good"}, "minReplicas": 2});
    let good_scaler = other("HorizontalPodAutoscaler", "autoscaling/v2", spec);
    let report = check_among(&object, &json!({}), &[odd, fine, scaler, good_scaler]);
    assert_eq!((violations(&report), inconclusive(&report)), (vec![], vec![]));
    // Without a selector a budget is about nothing.
    let report = check_among(&object, &json!({}), &[budget(Value::Null)]);
    assert_eq!(violations(&report), ["hygiene-disruption-budget /spec/template/metadata/labels"]);
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

/// What no rule reads, or reads only to name it.
fn is_unread(place: &str) -> bool {
    let of_container = |field: &str| place.ends_with(&format!("/containers/0/{field}"));
    of_container("name")
        || ["/metadata/name", "/schedule", "/path", "/env/0/value"]
            .iter()
            .any(|end| place.ends_with(end))
        || place.contains("/topologySpreadConstraints/0/")
}

/// Any value but a whole number.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        "[ -~]{0,8}".prop_map(Value::from),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,4}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// What a value is, as far as a wrong one must differ from a right one. A quantity
/// or a port may be text or a number.
fn sort(place: &str, value: &Value) -> u8 {
    let either = ["/cpu", "/memory", "/port"].iter().any(|end| place.ends_with(end));
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) | Value::String(_) if either => 2,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn no_field_that_a_rule_reads_may_be_anything(
        kind in 0..KINDS.len(),
        place in any::<prop::sample::Index>(),
        wrong in anything(),
    ) {
        let (api_version, kind) = KINDS[kind];
        let (mut object, _) = good(api_version, kind);
        let mut all = Vec::new();
        places(&object, "", &mut all);
        all.retain(|place| !matches!(&**place, "/apiVersion" | "/kind") && !is_unread(place));
        let place = place.get(&all);
        let replicated = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];
        // Only equal pods are asked to be spread.
        prop_assume!(replicated.contains(&kind) || !place.contains("topologySpreadConstraints"));
        // A DaemonSet has no number of replicas.
        prop_assume!(kind != "DaemonSet" || place != "/spec/replicas");
        let was = object.pointer_mut(place).unwrap();
        prop_assume!(sort(place, was) != sort(place, &wrong));
        *was = wrong.clone();
        let report = check_with_budget(&object, &json!({}));
        let noticed = !report.findings.is_empty() || !report.inconclusive.is_empty();
        prop_assert!(noticed, "{kind} {place} = {wrong}");
    }
}
