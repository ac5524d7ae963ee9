#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use proptest::prelude::*;
use provost_model::{Change, Document, Hidden, Node, Source, Value};
use serde_json::{Value as Json, json};

use crate::{Limits, read_source};

fn read(text: &str) -> Change {
    read_source(&Source::new("plan.json", text), &Limits::default())
}

fn read_json(plan: &Json) -> Change {
    read(&plan.to_string())
}

/// A plan of one resource that is changed like this.
fn plan(change: Json) -> Json {
    let mut resource = json!({
        "address": "module.shop.aws_db_instance.orders", "module_address": "module.shop",
        "mode": "managed", "type": "aws_db_instance", "name": "orders",
        "provider_name": "registry.example/hashicorp/aws",
    });
    resource["change"] = change;
    json!({"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": [resource]})
}

fn names(change: &Change) -> [Vec<String>; 3] {
    let names = |documents: &[std::sync::Arc<Document>]| -> Vec<String> {
        documents.iter().map(|document| document.object.to_string()).collect()
    };
    [names(&change.documents), names(&change.before), names(&change.deleted)]
}

fn told(change: &Change) -> Vec<String> {
    change.problems.iter().map(ToString::to_string).collect()
}

/// Everything that a report may show of a change.
fn shown(change: &Change) -> String {
    let mut text = String::new();
    for document in change.documents.iter().chain(&change.before).chain(&change.deleted) {
        text +=
            &format!("{} {} {}", document.source.text(), document.root.to_json(), document.object);
    }
    for problem in &change.problems {
        let location = problem.location.as_ref().map(|location| location.source.text());
        text += &format!("{problem} {}", location.unwrap_or_default());
    }
    text
}

#[test]
fn a_resource_has_the_form_that_the_documentation_says() {
    let change = read_json(&plan(json!({
        "actions": ["update"],
        "before": {"engine": "postgres", "size": 10},
        "after": {"engine": "postgres", "size": 20},
        "after_unknown": {},
    })));
    assert_eq!(told(&change), [""; 0]);
    let document = &change.documents[0];
    assert_eq!(
        document.root.to_json(),
        json!({
            "apiVersion": "terraform.io/aws", "kind": "aws_db_instance",
            "address": "module.shop.aws_db_instance.orders", "module_address": "module.shop",
            "mode": "managed", "type": "aws_db_instance", "name": "orders",
            "provider_name": "registry.example/hashicorp/aws",
            "actions": ["update"], "values": {"engine": "postgres", "size": 20},
        })
    );
    let object = &document.object;
    assert_eq!((object.group(), object.namespace.as_deref()), ("terraform.io", None));
    assert_eq!(object.to_string(), "module.shop.aws_db_instance.orders");
    assert_eq!(change.before[0].root.at("/values/size").unwrap().as_integer(), Some(10));
}

#[test]
fn actions_say_what_becomes_of_a_resource() {
    let name = "module.shop.aws_db_instance.orders";
    let none: &[&str] = &[];
    for (actions, after, before, deleted) in [
        (json!(["create"]), &[name][..], none, none),
        (json!(["update"]), &[name], &[name], none),
        (json!(["delete", "create"]), &[name], &[name], &[name][..]),
        (json!(["create", "delete"]), &[name], &[name], &[name]),
        (json!(["create", "forget"]), &[name], &[name], none),
        (json!(["delete"]), none, &[name], &[name]),
    ] {
        let change = read_json(&plan(json!({"actions": actions, "before": {}, "after": {}})));
        assert_eq!(names(&change), [after, before, deleted].map(|one| one.to_vec()), "{actions}");
        assert_eq!((told(&change), change.skipped.len()), (vec![], 0), "{actions}");
        assert_eq!(change.objects(), 1, "{actions}");
    }
    for (actions, reason) in [
        (json!(["no-op"]), "left as it is by the plan"),
        (json!(["read"]), "only read by the plan"),
        (json!(["forget"]), "no longer managed, and not destroyed"),
    ] {
        let change = read_json(&plan(json!({"actions": actions, "before": {}, "after": {}})));
        assert!(change.is_empty() && change.problems.is_empty(), "{actions}");
        assert_eq!(change.skipped[0].subject, format!("plan.json: {name}"));
        assert_eq!(change.skipped[0].reason, reason);
    }
    let mut data = plan(json!({"actions": ["create"], "before": null, "after": {}}));
    data["resource_changes"][0]["mode"] = json!("data");
    assert_eq!(read_json(&data).skipped[0].reason, "only read by the plan");
}

#[test]
fn what_is_known_after_apply_is_there_and_may_not_be_seen() {
    let change = read_json(&plan(json!({
        "actions": ["create"], "before": null,
        "after": {"name": "a", "tags": {"team": "x"}, "rules": [{"port": 1}, {}], "odd": "x", "null": null},
        "after_unknown": {
            "name": false, "id": true, "tags": {"owner": true}, "rules": [{"id": true}, {}],
            "odd": {"part": true}, "null": {"part": true, "other": false}, "list": [false], "a/b": {"c": [true]},
        },
    })));
    assert_eq!(told(&change), [""; 0]);
    let root = &change.documents[0].root;
    let unknown: Vec<String> = opaque(root).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(
        unknown,
        [
            "/values/a~1b/c",
            "/values/id",
            "/values/null/part",
            "/values/odd",
            "/values/rules/0/id",
            "/values/tags/owner",
        ]
    );
    assert_eq!(root.at("/values/rules/0/port").unwrap().as_integer(), Some(1));
    assert_eq!(root.at("/values/list"), None);
    // Where it stands is where the plan says that it is not known.
    let place = change.documents[0].locate("/values/id");
    let text = place.source.text();
    assert!(text[..place.span.start as usize].ends_with("\"id\":"), "{place}");
}

#[test]
fn a_mark_of_another_shape_hides_the_whole_value() {
    for (after, unknown) in [
        (json!({"a": [1]}), json!({"a": [false, true]})),
        (json!({"a": [1]}), json!({"a": {"b": true}})),
        (json!({"a": {"b": 1}}), json!({"a": [true]})),
        (json!({"a": "x"}), json!({"a": [[true]]})),
        (json!({}), json!({"a": [{}, {"b": true}]})),
    ] {
        let change = json!({"actions": ["create"], "after": after, "after_unknown": unknown});
        let change = read_json(&plan(change));
        assert_eq!(opaque(&change.documents[0].root)[0].0, "/values/a", "{after} {unknown}");
        let change = json!({"actions": ["create"], "after": after, "after_sensitive": unknown});
        let change = read_json(&plan(change));
        let root = &change.documents[0].root;
        match root.at("/values/a") {
            Some(_) => assert!(matches!(opaque(root)[0].1, Hidden::Sensitive(_)), "{after}"),
            None => assert_eq!(after, json!({})),
        }
    }
}

#[test]
fn nothing_sensitive_is_shown() {
    let mut plan = plan(json!({
        "actions": ["delete", "create"],
        "before": {"password": "hunter1", "key": "-----BEGIN", "user": "admin"},
        "after": {"password": "hunter2", "key": "-----BEGIN", "user": "admin", "pin": 4711, "none": null},
        "before_sensitive": {"key": true},
        "after_sensitive": {"password": true, "pin": true, "none": true},
        "generated_config": "hunter2",
    }));
    plan["variables"] = json!({"password": {"value": "hunter2"}});
    plan["planned_values"] =
        json!({"root_module": {"resources": [{"values": {"password": "hunter2"}}]}});
    plan["prior_state"] = json!({"values": {"password": "hunter1", "pin": 4711}});
    plan["errored"] = json!(true);
    let change = read_json(&plan);
    let shown = shown(&change);
    for secret in ["hunter", "BEGIN", "4711"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("admin") && shown.contains("(sensitive value)"), "{shown}");
    // It is no part of what is shown, and of what is approved.
    let digest = change.digest();
    plan["resource_changes"][0]["change"]["after"]["password"] = json!("hunter3");
    assert_ne!(read_json(&plan).digest(), digest);
    // An absent secret is absent.
    assert!(change.documents[0].root.at("/values/none").unwrap().is_null());
}

#[test]
fn a_plan_that_cannot_be_read_shows_nothing() {
    let text = plan(json!({
        "actions": ["create"], "after": {"password": "hunter2"},
        "after_sensitive": {"password": true},
    }));
    let text = text.to_string();
    let change = read(&text[..text.len() - 1]);
    assert_eq!(change.problems[0].code, "json-syntax");
    assert!(!shown(&change).contains("hunter2"), "{}", shown(&change));
    let twice = text
        .replace("\"password\":\"hunter2\"", "\"password\":\"hunter2\",\"password\":\"hunter2\"");
    let change = read(&twice);
    assert_eq!((change.problems[0].code, change.objects()), ("duplicate-key", 1));
    assert!(!shown(&change).contains("hunter2"), "{}", shown(&change));
}

#[test]
fn a_plan_that_is_not_all_is_a_problem() {
    let whole = plan(json!({"actions": ["create"], "after": {}}));
    for (key, value, expected) in [
        ("errored", json!(true), "planning failed"),
        ("complete", json!(false), "the plan is not complete"),
        ("deferred_changes", json!([{"reason": "unknown"}]), "the plan puts changes off"),
        ("format_version", json!("2.0"), "the format of this plan is not known"),
        ("format_version", json!(1), "the format of this plan is not known"),
        ("resource_changes", json!({}), "it must be a list"),
        ("resource_changes", json!([7]), "`address` is missing"),
    ] {
        let mut plan = whole.clone();
        plan[key] = value;
        let told = told(&read_json(&plan));
        assert!(told.len() == 1 && told[0].starts_with("plan.json:1:"), "{key}: {told:?}");
        assert!(told[0].contains(expected), "{told:?}");
    }
    for (change, expected) in [
        (json!({"actions": ["dance"]}), "`actions` are not known: `dance`"),
        (json!({"actions": []}), "`actions` are not known"),
        (json!(null), "`actions` are not known"),
    ] {
        let told = told(&read_json(&plan(change)));
        assert!(told[0].contains(expected), "{told:?}");
    }
    let resources = json!({"root_module": {"resources": [{}]}});
    let cut = json!({"format_version": "0.1", "planned_values": resources});
    assert!(told(&read_json(&cut))[0].contains("what changes is not said"));
}

#[test]
fn what_is_no_plan_is_counted() {
    let reason = |json: &Json| {
        let change = read_json(json);
        assert!(change.is_empty() && change.problems.is_empty(), "{json}");
        change.skipped[0].reason.clone()
    };
    let empty = json!({"format_version": "1.2", "planned_values": {"root_module": {}}});
    assert_eq!(reason(&empty), "a Terraform plan without resources");
    let state = json!({"format_version": "1.0", "terraform_version": "1.9.0", "values": {}});
    assert_eq!(reason(&state), "a Terraform state, not a plan");
    let nested = json!({"tfplan": empty});
    assert_eq!(reason(&nested), "no Kubernetes object, workflow or Terraform plan");
}

#[test]
fn a_deposed_object_is_another_one() {
    let mut plan = plan(json!({"actions": ["update"], "before": {}, "after": {}}));
    let mut deposed = plan["resource_changes"][0].clone();
    deposed["deposed"] = json!("1a2b3c4d");
    deposed["change"]["actions"] = json!(["delete"]);
    plan["resource_changes"].as_array_mut().unwrap().push(deposed);
    let change = read_json(&plan);
    assert_eq!(names(&change)[2], ["module.shop.aws_db_instance.orders (deposed object 1a2b3c4d)"]);
    assert_eq!(change.objects(), 2);
}

#[test]
fn a_wide_resource_takes_no_longer_than_its_size() {
    let wide: serde_json::Map<_, _> = (0..40_000).map(|n| (format!("k{n}"), json!(n))).collect();
    let marks: serde_json::Map<_, _> =
        (0..40_000).map(|n| (format!("k{}", 40_000 - n), json!(n % 2 == 0))).collect();
    let change = json!({
        "actions": ["create"], "after": wide, "after_unknown": marks, "after_sensitive": marks,
    });
    let start = std::time::Instant::now();
    let change = read_json(&plan(change));
    // Forty thousand squared would take minutes.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    assert_eq!(opaque(&change.documents[0].root).len(), 20_000);
}

/// What may not be seen, in order of its pointer.
fn opaque(root: &Node) -> Vec<(String, Hidden)> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if let Value::Opaque(opaque) = &node.value {
            assert_eq!(root.at(&opaque.pointer), Some(node));
            found.push((opaque.pointer.clone(), opaque.reason));
        }
        open.extend(node.items());
        open.extend(node.entries().iter().map(|entry| &entry.value));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// Values with texts that are found again wherever they are shown.
fn values() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|one| json!(one)),
        (0..1000_u32).prop_map(|one| json!(format!("secret-{one}-ö"))),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|items| json!(items)),
            proptest::collection::btree_map("[a-c]", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

/// Marks of any shape.
fn marks() -> impl Strategy<Value = Json> {
    any::<bool>().prop_map(|one| json!(one)).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|items| json!(items)),
            proptest::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

/// Every pointer that a mark says something of.
fn marked(mark: &Json, pointer: &str, found: &mut Vec<String>) {
    match mark {
        Json::Bool(true) => found.push(pointer.to_owned()),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| marked(item, &format!("{pointer}/{index}"), found)),
        Json::Object(map) => {
            map.iter().for_each(|(key, item)| marked(item, &format!("{pointer}/{key}"), found))
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn what_is_marked_unknown_can_never_be_read(after in values(), unknown in marks()) {
        let change = json!({"actions": ["create"], "after": after, "after_unknown": unknown});
        let change = read_json(&plan(change));
        prop_assert_eq!(told(&change), [""; 0]);
        let root = &change.documents[0].root;
        let mut pointers = Vec::new();
        marked(&unknown, "/values", &mut pointers);
        for pointer in pointers {
            // It, or something that it is in, may not be seen.
            let mut above = pointer.as_str();
            while root.at(above).is_none_or(|node| !matches!(node.value, Value::Opaque(_))) {
                above = above.rsplit_once('/').map_or("", |(above, _)| above);
                prop_assert!(!above.is_empty(), "{} can be read in {}", pointer, root.to_json());
            }
        }
    }

    #[test]
    fn what_is_marked_sensitive_is_never_shown(after in values(), sensitive in marks()) {
        let change = json!({
            "actions": ["update"], "before": after, "after": after, "after_sensitive": sensitive,
        });
        let change = read_json(&plan(change));
        let shown = shown(&change);
        let mut pointers = Vec::new();
        marked(&sensitive, "", &mut pointers);
        // A text that stands elsewhere too, without a mark, is no secret.
        let mut open = after.clone();
        let mut secrets = Vec::new();
        for pointer in &pointers {
            if let Some(value) = open.pointer_mut(pointer) {
                texts(value, &mut secrets);
                *value = json!(null);
            }
        }
        let mut others = Vec::new();
        texts(&open, &mut others);
        for secret in secrets.iter().filter(|secret| !others.contains(secret)) {
            prop_assert!(!shown.contains(&format!("{secret}-")), "{} in {}", secret, shown);
        }
    }

    #[test]
    fn any_text_like_a_plan_is_read_or_refused(text in "[\\[\\]{}:,\"a-c0-9 truefals]{0,40}") {
        let text = format!("{{\"format_version\":\"1.0\",\"resource_changes\":{text}}}");
        let change = read(&text);
        prop_assert!(
            !change.is_empty() || !change.problems.is_empty() || !change.skipped.is_empty()
        );
    }
}

/// The texts of a value, without what follows their number.
fn texts(value: &Json, found: &mut Vec<String>) {
    match value {
        Json::String(text) => found.push(text.trim_end_matches("-ö").to_owned()),
        Json::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Json::Object(map) => map.values().for_each(|item| texts(item, found)),
        _ => {}
    }
}
