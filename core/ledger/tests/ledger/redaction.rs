use proptest::prelude::*;
use provost_ledger::{REDACTED, Redacted, canonical};
use serde_json::{Value, json};

/// What is left of an object, as text.
fn left(object: Value) -> String {
    canonical::write(Redacted::object(object).value()).unwrap()
}

const SECRET: &str = "correct-horse-battery";

#[track_caller]
fn is_gone(object: Value) {
    let left = left(object.clone());
    assert!(!left.contains(SECRET), "{object} leaves {left}");
    assert!(left.contains(REDACTED), "{left}");
}

#[test]
fn known_places_are_taken_out() {
    let objects = [
        json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": SECRET}, "stringData": {"b": SECRET}}),
        json!({"apiVersion": "v1", "kind": "List", "items": [{"kind": "Secret", "data": {"a": SECRET}}]}),
        json!({"kind": "Template", "spec": {"objects": [[{"kind": "Secret", "stringData": {"a": SECRET}}]]}}),
        json!({"kind": "secret", "data": {"a": SECRET}}),
        json!({"kind": "ConfigMap", "binaryData": {"a": SECRET}}),
        json!({"kind": "Config", "users": [{"name": "x", "user": {"client-key-data": SECRET}}]}),
        json!({"kind": "InitConfiguration", "bootstrapTokens": [{"token": SECRET}]}),
        json!({"kind": "EncryptionConfiguration", "resources": [
            {"providers": [{"aescbc": {"keys": [{"name": "k", "secret": SECRET}]}}]}]}),
        json!({"kind": "HelmRelease", "spec": {"values": {"anything": {"x": SECRET}}}}),
        json!({"kind": "TokenReview", "spec": {"token": SECRET}}),
    ];
    objects.into_iter().for_each(is_gone);
}

#[test]
fn copies_in_annotations_are_taken_out() {
    for name in [
        "kubectl.kubernetes.io/last-applied-configuration",
        "kapp.k14s.io/original",
        "objectset.rio.cattle.io/applied",
    ] {
        let copy = format!("{{\"kind\":\"X\",\"data\":\"{SECRET}\"}}");
        is_gone(json!({"kind": "Pod", "metadata": {"annotations": {name: copy}}}));
        // Templates have annotations as well.
        is_gone(json!({"spec": {"template": {"metadata": {"annotations": {name: SECRET}}}}}));
    }
    // An unknown name that holds one, and a long one that may.
    let manifest = format!("kind: Secret\ndata: {{a: {SECRET}}}");
    is_gone(json!({"metadata": {"annotations": {"x.example/copy": manifest}}}));
    let long = format!("{SECRET}{}", "x".repeat(5000));
    is_gone(json!({"metadata": {"annotations": {"x.example/compressed": long}}}));
}

#[test]
fn what_is_called_like_a_credential_is_taken_out() {
    for name in [
        "PASSWORD",
        "DB_PASSWORD",
        "dbPassword",
        "API_KEY",
        "apiKey",
        "api-key",
        "GITHUB_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "connectionString",
        "CLIENT_SECRET",
        "passphrase",
        "SENTRY_DSN",
        "private_key",
        "PGPASSWORD_PWD",
        "accessKey",
        "tokens",
        "registry-credentials",
    ] {
        is_gone(json!({"env": [{"name": name, "value": SECRET}]}));
        is_gone(json!({"kind": "ConfigMap", "data": {name: SECRET}}));
        is_gone(json!({"metadata": {"annotations": {format!("x.example/{name}"): SECRET}}}));
        is_gone(json!({"spec": {"values": {name: [SECRET]}}}));
        is_gone(json!({"args": [format!("--{name}"), SECRET]}));
    }
}

#[test]
fn what_looks_like_a_credential_is_taken_out_wherever_it_is() {
    let texts = [
        format!("-----BEGIN RSA PRIVATE KEY-----\n{SECRET}"),
        format!("postgres://shop:{SECRET}@db/shop"),
        format!("Authorization: Bearer {SECRET}"),
        format!("--password={SECRET}"),
        format!("Server=db;Password={SECRET};"),
        format!("export API_KEY='{SECRET}'"),
        format!("{{\"secretKey\": \"{SECRET}\"}}"),
        format!("ghp_0123456789{}", SECRET.replace('-', "")),
        format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.{SECRET}"),
    ];
    for text in texts {
        let object = json!({"spec": {"containers": [{"command": ["sh", "-c", text]}]}});
        let left = left(object);
        assert!(left.contains(REDACTED), "{text} leaves {left}");
    }
}

#[test]
fn what_is_no_secret_stays() {
    let object = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "annotations": {"owner": "team-shop"}, "labels": {"app": "shop"}},
        "spec": {
            "replicas": 3,
            "template": {"spec": {
                "automountServiceAccountToken": false,
                "containers": [{
                    "name": "web",
                    "image": "registry.example/shop/web:1.4@sha256:0123",
                    "args": ["--port", "8080", "--secret-name=web-tls", "--verbose"],
                    "env": [
                        {"name": "LOG_LEVEL", "value": "info"},
                        {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
                        {"name": "SECRET_NAME", "value": "db"},
                        {"name": "UPSTREAM", "value": "https://api.example:8443/v1"},
                    ],
                }],
                "volumes": [{"name": "tls", "secret": {"secretName": "web-tls"}}],
            }},
        },
    });
    let left = Redacted::object(object.clone());
    // Of all this, the argument is taken out: it cannot be told from a secret by its form.
    let mut expected = object;
    expected["spec"]["template"]["spec"]["containers"][0]["args"][2] = json!(REDACTED);
    assert_eq!(left.value(), &expected);
}

#[test]
fn keys_of_a_secret_stay_and_say_nothing_of_the_values() {
    let secret =
        |value: &str| json!({"kind": "Secret", "metadata": {"name": "db"}, "data": {"a": value}});
    assert_eq!(left(secret("x")), left(secret("a longer one")));
    let expected = json!({"kind": "Secret", "metadata": {"name": "db"}, "data": {"a": REDACTED}});
    assert_eq!(Redacted::object(secret("x")).value(), &expected);
}

#[test]
fn secrets_of_other_shapes_than_is_known_are_taken_out() {
    for data in [
        json!(SECRET),
        json!([SECRET]),
        json!([[{"a": SECRET}]]),
        json!({"a": {"b": {"c": SECRET}}}),
        json!({"a": [SECRET, {"b": SECRET}]}),
    ] {
        is_gone(json!({"kind": "Secret", "data": data}));
    }
    is_gone(json!({"metadata": {"annotations": [SECRET]}}));
    is_gone(json!({"metadata": {"annotations": SECRET}}));
    is_gone(json!({"metadata": {"annotations": {"a": {"b": SECRET}}}}));
    is_gone(json!({"kind": "Config", "users": SECRET}));
    is_gone(json!({"kind": "TokenReview", "spec": [SECRET]}));
    is_gone(json!({"env": [{"value": {"x": SECRET}, "name": "PASSWORD"}]}));
}

#[test]
fn nesting_of_any_depth_hides_nothing() {
    let secret = || json!({"kind": "Secret", "data": {"a": SECRET}});
    for depth in [1, 10, 62, 63, 64, 65, 100, 1000] {
        let lists = (0..depth).fold(secret(), |inner, _| json!([inner]));
        is_gone(json!({"items": lists}));
        let objects = (0..depth).fold(secret(), |inner, _| json!({"spec": inner}));
        is_gone(objects);
    }
}

#[test]
fn large_integers_are_written_as_text() {
    assert_eq!(
        left(json!({"a": i64::MAX, "b": 7, "c": 1.5})),
        "{\"a\":\"9223372036854775807\",\"b\":7,\"c\":1.5}"
    );
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(json!(SECRET)), any::<i64>().prop_map(Value::from), Just(Value::Null)];
    leaf.prop_recursive(6, 60, 5, |inner| {
        let key = prop_oneof![Just("kind".to_owned()), Just("data".to_owned()), "[a-z*/~]{0,4}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_the_data_of_a_secret_nothing_of_it_is_left(data in tree(), around in 0_usize..80) {
        let secret = json!({"kind": "Secret", "data": data, "stringData": data});
        let object = (0..around).fold(secret, |inner, n| if n % 2 == 0 { json!([inner]) } else { json!({"x": inner}) });
        prop_assert!(!left(object).contains(SECRET));
    }

    #[test]
    fn what_is_left_is_canonical_and_stays_as_it_is(object in tree()) {
        let once = Redacted::object(object);
        prop_assert!(canonical::write(once.value()).is_ok());
        prop_assert_eq!(Redacted::object(once.value().clone()), once);
    }
}
