//! A suggested patch mends what it is suggested for, and breaks nothing else.

use serde_json::{Value, json};

use crate::{check_with_budget, good};

/// Applies an RFC 6902 patch of the operations that rules suggest.
fn apply(document: &Value, patch: &str) -> Value {
    let mut document = document.clone();
    for operation in serde_json::from_str::<Vec<Value>>(patch).unwrap() {
        let (parent, token) = operation["path"].as_str().unwrap().rsplit_once('/').unwrap();
        let parent = document.pointer_mut(parent).expect("the parent exists");
        let old =
            parent.as_object_mut().unwrap().insert(token.to_owned(), operation["value"].clone());
        match operation["op"].as_str().unwrap() {
            "add" => assert_eq!(old, None),
            "replace" => assert!(old.is_some()),
            other => panic!("no rule suggests `{other}`"),
        }
    }
    document
}

#[test]
fn a_patch_mends_what_it_is_suggested_for() {
    let (mut deployment, _) = good("apps/v1", "Deployment");
    deployment["spec"].as_object_mut().unwrap().remove("replicas");
    let container = &mut deployment["spec"]["template"]["spec"]["containers"][0];
    container["image"] = json!("registry.example/app:latest");
    container["imagePullPolicy"] = json!("Never");
    let (mut few, _) = good("apps/v1", "StatefulSet");
    few["spec"]["replicas"] = json!(1);
    let (mut cron, _) = good("batch/v1", "CronJob");
    cron["spec"]["failedJobsHistoryLimit"] = json!(0);
    let mut mended = Vec::new();
    for object in [deployment, few, cron] {
        let before = check_with_budget(&object, &json!({}));
        for finding in &before.findings {
            let Some(patch) = &finding.patch else { continue };
            let after = check_with_budget(&apply(&object, &patch.to_string()), &json!({}));
            let others: Vec<_> = before.findings.iter().filter(|it| *it != finding).collect();
            assert_eq!(after.findings.iter().collect::<Vec<_>>(), others);
            assert_eq!(after.inconclusive, []);
            mended.push(finding.rule.clone());
        }
    }
    assert_eq!(
        mended,
        ["hygiene-image-pull-policy", "hygiene-replicas", "hygiene-replicas", "hygiene-cron-job"]
    );
}
