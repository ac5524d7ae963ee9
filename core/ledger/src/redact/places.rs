//! Known places of secrets.

use serde_json::{Map, Value};

use super::take_out as remove;

/// What is taken out of each kind: RFC 6901 pointers, in which `*` stands for every member or
/// item. Of an object at the end every member goes, and the keys stay.
///
/// The API group is not asked: a `Secret` of an unknown group is one as well.
const PLACES: &[(&str, &[&str])] = &[
    ("Secret", &["/data", "/stringData"]),
    ("ConfigMap", &["/binaryData"]),
    // authentication.k8s.io
    ("TokenRequest", &["/status/token"]),
    ("TokenReview", &["/spec/token"]),
    // client.authentication.k8s.io
    ("ExecCredential", &["/status/token", "/status/clientKeyData"]),
    // A kubeconfig.
    ("Config", &["/users/*/user", "/users/*/user/auth-provider", "/users/*/user/exec"]),
    // apiserver.config.k8s.io
    ("EncryptionConfiguration", &["/resources/*/providers/*/*/keys/*/secret"]),
    // kubeadm.k8s.io
    ("InitConfiguration", &["/bootstrapTokens/*/token", "/certificateKey"]),
    (
        "JoinConfiguration",
        &[
            "/discovery/bootstrapToken/token",
            "/discovery/tlsBootstrapToken",
            "/controlPlane/certificateKey",
        ],
    ),
    // helm.cattle.io, helm.toolkit.fluxcd.io, argoproj.io: values hold whatever a chart wants.
    ("HelmChart", &["/spec/valuesContent", "/spec/set"]),
    ("HelmRelease", &["/spec/values"]),
];

/// Annotations that hold the object as it was once applied, in whatever encoding.
const COPIES: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    "kapp.k14s.io/original",
    "objectset.rio.cattle.io/applied",
    "banzaicloud.com/last-applied",
    "helm.sh/release",
];

/// Bytes of an annotation that is kept; a longer one may be a copy of anything.
const ANNOTATION: usize = 4096;

/// Take the known secrets out of an object, wherever in another object it stands.
pub(super) fn take_out(object: &mut Map<String, Value>) {
    let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
    let places = PLACES.iter().filter(|(name, _)| name.eq_ignore_ascii_case(kind));
    let pointers: Vec<_> = places.flat_map(|(_, pointers)| *pointers).collect();
    for pointer in pointers {
        let tokens: Vec<_> = pointer.split('/').skip(1).collect();
        if let Some((token, rest)) = tokens.split_first() {
            within(object, token, rest);
        }
    }
    match object.get_mut("annotations") {
        Some(Value::Object(annotations)) => {
            annotations.iter_mut().for_each(|(name, value)| annotation(name, value));
        }
        Some(other) if !other.is_null() => remove(other),
        _ => {}
    }
}

fn annotation(name: &str, value: &mut Value) {
    let is_short = value.as_str().is_some_and(|text| text.len() <= ANNOTATION);
    if !is_short || COPIES.contains(&name) {
        remove(value);
    }
}

fn within(object: &mut Map<String, Value>, token: &str, rest: &[&str]) {
    if token == "*" {
        object.values_mut().for_each(|member| follow(member, rest));
    } else if let Some(member) = object.get_mut(token) {
        follow(member, rest);
    }
}

fn follow(value: &mut Value, tokens: &[&str]) {
    match (tokens.split_first(), value) {
        (None, Value::Object(members)) => members.values_mut().for_each(remove),
        // A place of another shape than is known: nothing of it is known to be harmless.
        (None, other) => remove(other),
        (Some((token, rest)), Value::Object(members)) => within(members, token, rest),
        (Some((&"*", rest)), Value::Array(items)) => {
            items.iter_mut().for_each(|item| follow(item, rest));
        }
        (Some(_), Value::Null) => {}
        (Some(_), other) => remove(other),
    }
}
