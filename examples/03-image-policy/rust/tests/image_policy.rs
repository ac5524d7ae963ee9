//! The plugin as a function, without WebAssembly: quick to run, easy to debug.

use image_policy::ImagePolicy;
use provost_sdk::{MemoryDocument, check, check_among, validate};
use serde_json::{Value, json};

fn pod(image: Value) -> MemoryDocument {
    MemoryDocument::from(json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "shop", "namespace": "web"},
        "spec": {"containers": [{"name": "app", "image": image}]},
    }))
}

fn rules(image: &str, settings: &str) -> Vec<String> {
    let report = check::<ImagePolicy>(&[&pod(json!(image))], settings).unwrap();
    report.findings.into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn an_image_is_trusted_by_its_registry_and_pinned_by_its_tag() {
    assert_eq!(rules("registry.example/app:1", "{}"), [""; 0]);
    assert_eq!(rules("registry.example/app", "{}"), ["image-is-pinned"]);
    assert_eq!(rules("elsewhere.example/app:1", "{}"), ["image-from-trusted-registry"]);
    assert_eq!(rules("registry.example/app:1", r#"{"requireDigest": true}"#), ["image-is-pinned"]);
}

#[test]
fn a_namespace_can_be_exempt() {
    let namespace = |name: &str| {
        MemoryDocument::from(json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": {"image-policy.example/exempt": "true"}},
        }))
    };
    let found = |name: &str| {
        let pod = pod(json!("elsewhere.example/app:1"));
        let report = check_among::<ImagePolicy>(&[&pod], "{}", &[namespace(name)]).unwrap();
        report.findings.len()
    };
    assert_eq!(found("web"), 0);
    assert_eq!(found("other"), 1);
}

#[test]
fn what_is_not_text_is_not_judged() {
    let report = check::<ImagePolicy>(&[&pod(json!(7))], "{}").unwrap();
    assert!(report.findings.is_empty());
    assert_eq!(report.inconclusive.len(), 3);
}

#[test]
fn a_registry_ends_with_a_slash() {
    let error = validate::<ImagePolicy>(r#"{"registries": ["registry.example"]}"#).unwrap_err();
    assert_eq!(error, "the registry `registry.example` does not end with `/`");
}
