//! Plugins in registries: what is pushed, pulled, signed and trusted, and what a registry
//! may do to us.

use std::path::Path;
use std::time::{Duration, Instant};

use provost_builtins::PLUGINS;
use provost_model::Digest;
use provost_registry::signature::{BUNDLE, Bundle, Fault as Signature, Subject};
use provost_registry::{
    Error, Limits, NamedKey, Pinned, Policy, PrivateKey, Reference, Registries, Repository, Trusted,
};
use provost_tests::{Fault, TestRegistry};
use serde_json::{Value, json};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A component that is a plugin, and another one.
fn components() -> [&'static [u8]; 2] {
    ["workload-hygiene", "pod-security"]
        .map(|wanted| PLUGINS.iter().find(|(name, _)| *name == wanted).unwrap().1)
}

/// For servers that let one wait.
fn impatient() -> Limits {
    Limits { request: Duration::from_millis(400), ..Limits::default() }
}

fn reference(registry: &TestRegistry, rest: &str) -> Reference {
    format!("{}/{rest}", registry.host()).parse().unwrap()
}

fn without_store() -> Registries {
    Registries::new(Limits::default(), Vec::new(), None)
}

fn with_store(cache: &Path) -> Registries {
    Registries::new(Limits::default(), Vec::new(), Some(cache))
}

/// Somebody who signs, and a policy that trusts them.
fn signer() -> (PrivateKey, Policy) {
    let key = PrivateKey::generate().unwrap();
    let named = NamedKey { name: "release".into(), key: key.public() };
    (key, Policy::new(None, vec![named], true).unwrap())
}

fn pull(policy: &Policy, registries: &Registries, plugin: &Pinned) -> Result<Trusted, Error> {
    policy.pull(registries, plugin, &plugin.repository, Limits::default().component_bytes)
}

/// A registry with a plugin in it.
fn pushed() -> (TestRegistry, Pinned) {
    let registry = TestRegistry::start();
    let plugin = without_store().push(components()[0], &reference(&registry, "a/pods:1")).unwrap();
    (registry, plugin)
}

/// Why the best signature of a plugin does not count.
fn fault(result: Result<Trusted, Error>) -> Signature {
    match result {
        Err(Error::NotVerified { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_pushed_lies_there_as_the_standards_say_and_is_pulled_by_its_digest() {
    let (registry, plugin) = pushed();
    let manifest = registry.manifest("a/pods", "1").unwrap();
    assert_eq!(manifest["schemaVersion"], 2);
    assert_eq!(manifest["mediaType"], MANIFEST);
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.wasm.config.v0+json");
    let digest = Digest::of(components()[0]).to_string();
    let size = components()[0].len();
    let layer = json!([{"mediaType": "application/wasm", "digest": digest, "size": size}]);
    assert_eq!(manifest["layers"], layer);
    let pulled = pull(&Policy::default(), &without_store(), &plugin).unwrap();
    assert!(pulled.bytes() == components()[0]);
    assert_eq!(pulled.signer(), None);
}

#[test]
fn the_same_component_has_the_same_digest_everywhere() {
    let (registry, plugin) = pushed();
    let again = without_store().push(components()[0], &reference(&registry, "b/c:2")).unwrap();
    assert_eq!(again.digest, plugin.digest);
    let wanted = reference(&registry, &format!("a/pods@{}", plugin.digest));
    assert_eq!(without_store().push(components()[0], &wanted).unwrap(), plugin);
    let refused = without_store().push(components()[1], &wanted);
    assert!(matches!(refused, Err(Error::Altered { .. })));
    let refused = without_store().push(b"\0asm\x0d\0\x01\0", &reference(&registry, "a/pods:2"));
    assert!(matches!(refused, Err(Error::NotAPlugin { .. })));
}

#[test]
fn a_tag_moves_and_a_digest_does_not() {
    let (registry, plugin) = pushed();
    let tag = reference(&registry, "a/pods:1");
    assert_eq!(without_store().resolve(&tag).unwrap(), plugin);
    let moved = without_store().push(components()[1], &tag).unwrap();
    assert_ne!(moved, plugin);
    assert_eq!(without_store().resolve(&tag).unwrap(), moved);
    let policy = Policy::default();
    assert!(pull(&policy, &without_store(), &plugin).unwrap().bytes() == components()[0]);
    assert!(pull(&policy, &without_store(), &moved).unwrap().bytes() == components()[1]);
}

#[test]
fn a_signature_counts_where_the_registry_lists_it_and_where_a_tag_does() {
    for lists in [true, false] {
        let (registry, plugin) = pushed();
        if !lists {
            registry.forget_referrers();
        }
        let (key, policy) = signer();
        let other = PrivateKey::generate().unwrap();
        for key in [&other, &key, &key] {
            without_store().sign(&plugin, key).unwrap();
        }
        let pulled = pull(&policy, &without_store(), &plugin).unwrap();
        assert_eq!(pulled.signer(), Some("release"));
        let tag = format!("sha256-{}", plugin.digest.hex());
        match registry.manifest("a/pods", &tag) {
            None => assert!(lists),
            // The third one was there.
            Some(list) => {
                assert_eq!((lists, list["manifests"].as_array().unwrap().len()), (false, 2))
            }
        }
    }
}

#[test]
fn of_what_is_not_signed_nothing_is_fetched() {
    let (registry, plugin) = pushed();
    registry.requests();
    let refused = pull(&signer().1, &without_store(), &plugin);
    assert!(matches!(refused, Err(Error::Unsigned(_))), "{refused:?}");
    assert!(registry.requests().iter().all(|request| !request.contains("/blobs/")));
}

#[test]
fn a_signature_by_another_key_does_not_count() {
    let (_registry, plugin) = pushed();
    without_store().sign(&plugin, &signer().0).unwrap();
    assert_eq!(fault(pull(&signer().1, &without_store(), &plugin)), Signature::Key);
}

/// Puts a bundle beside a plugin, as whoever may push can.
fn attach(registry: &TestRegistry, repository: &str, plugin: &Pinned, bundle: &[u8]) {
    let digest = registry.put_blob(repository, bundle).to_string();
    registry.put_manifest(
        repository,
        &json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": BUNDLE,
            "config": {
                "mediaType": "application/vnd.oci.empty.v1+json", "size": 2,
                "digest": registry.put_blob(repository, b"{}").to_string(),
            },
            "layers": [{"mediaType": BUNDLE, "digest": digest, "size": bundle.len()}],
            "subject": {"mediaType": MANIFEST, "digest": plugin.digest.to_string(), "size": 1},
        }),
    );
}

#[test]
fn a_signature_of_something_else_does_not_count() {
    let (registry, plugin) = pushed();
    let (key, policy) = signer();
    let other = without_store().push(components()[1], &reference(&registry, "a/pods:2")).unwrap();
    let bundle = Bundle::sign(&Subject::artifact(&other), &key).to_json();
    attach(&registry, "a/pods", &plugin, bundle.as_bytes());
    let found = fault(pull(&policy, &without_store(), &plugin));
    assert_eq!(found, Signature::Digest(other.digest.to_string()));
    // Nor does one of a file that happens to have the digest.
    let (registry, plugin) = pushed();
    let file = Subject { media_type: "application/wasm", ..Subject::artifact(&plugin) };
    attach(&registry, "a/pods", &plugin, Bundle::sign(&file, &key).to_json().as_bytes());
    assert_eq!(fault(pull(&policy, &without_store(), &plugin)), Signature::Kind);
}

#[test]
fn a_signature_from_another_repository_counts_only_for_a_copy_that_says_so() {
    let (registry, plugin) = pushed();
    let (key, policy) = signer();
    without_store().sign(&plugin, &key).unwrap();
    registry.copy("a/pods", "evil/pods");
    let name = format!("{}/evil/pods", registry.host());
    let copy = Pinned { repository: name.parse().unwrap(), digest: plugin.digest };
    let found = fault(pull(&policy, &without_store(), &copy));
    assert_eq!(found, Signature::Name(plugin.repository.to_string()));
    let most = Limits::default().component_bytes;
    assert!(policy.pull(&without_store(), &copy, &plugin.repository, most).is_ok());
}

#[test]
fn what_others_put_beside_a_plugin_hides_no_signature() {
    let (registry, plugin) = pushed();
    let (key, policy) = signer();
    without_store().sign(&plugin, &key).unwrap();
    attach(&registry, "a/pods", &plugin, b"{}");
    attach(&registry, "a/pods", &plugin, b"\xff\xfe");
    attach(&registry, "a/pods", &plugin, &vec![b' '; 100_000]);
    for layers in [json!([]), json!([{"mediaType": BUNDLE, "digest": "sha256:0", "size": 1}])] {
        registry.put_manifest(
            "a/pods",
            &json!({
                "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": BUNDLE, "layers": layers,
                "subject": {"digest": plugin.digest.to_string()},
            }),
        );
    }
    assert_eq!(pull(&policy, &without_store(), &plugin).unwrap().signer(), Some("release"));
}

#[test]
fn there_is_an_end_to_the_signatures_that_are_looked_at() {
    let (registry, plugin) = pushed();
    for number in 0..100 {
        attach(&registry, "a/pods", &plugin, format!("{{\"number\": {number}}}").as_bytes());
    }
    registry.requests();
    assert!(pull(&signer().1, &without_store(), &plugin).is_err());
    assert_eq!(registry.requests().len(), 1 + 2 * Limits::default().signatures);
}

#[test]
fn nobody_who_is_not_allowed_is_asked() {
    let (registry, plugin) = pushed();
    registry.requests();
    let allow = |scope: &str| vec![scope.replace("HOST", &registry.host()).parse().unwrap()];
    for scope in ["HOST/b/*", "HOST/a", "HOST/a/pod", "registry.example/*"] {
        let policy = Policy::new(Some(allow(scope)), Vec::new(), false).unwrap();
        let refused = pull(&policy, &without_store(), &plugin);
        assert!(matches!(refused, Err(Error::NotAllowed(_))), "{scope}");
    }
    let none = Policy::new(Some(Vec::new()), Vec::new(), false).unwrap();
    assert!(pull(&none, &without_store(), &plugin).is_err());
    assert_eq!(registry.requests(), Vec::<String>::new());
    for scope in ["HOST/*", "HOST/a/*", "HOST/a/pods"] {
        let policy = Policy::new(Some(allow(scope)), Vec::new(), false).unwrap();
        assert!(pull(&policy, &without_store(), &plugin).is_ok(), "{scope}");
    }
}

/// Everything that may be asked of a registry where something goes wrong, without a
/// panic and in time.
#[test]
fn nothing_that_a_registry_does_hurts_for_long() {
    let (registry, plugin) = pushed();
    let (key, policy) = signer();
    let faults = [
        Fault::Altered,
        Fault::Truncated,
        Fault::Endless,
        Fault::Silent,
        Fault::Trickling,
        Fault::Status(401),
        Fault::Status(403),
        Fault::Status(404),
        Fault::Status(429),
        Fault::Status(500),
        Fault::Circular,
        Fault::Elsewhere,
        Fault::Garbage,
    ];
    for fault in faults {
        registry.set_fault(Some(fault));
        let began = Instant::now();
        let waits = matches!(fault, Fault::Silent | Fault::Trickling);
        let limits = if waits { impatient() } else { Limits::default() };
        let small = Limits { manifest_bytes: 100_000, ..limits };
        let registries = Registries::new(small, Vec::new(), None);
        let error = pull(&Policy::default(), &registries, &plugin).unwrap_err();
        let fits = match fault {
            // Too long for the limit is as good as never.
            Fault::Altered | Fault::Garbage => matches!(error, Error::Altered { .. }),
            Fault::Truncated => error.to_string().contains("breaks off"),
            Fault::Endless => matches!(error, Error::TooLarge { .. }),
            Fault::Silent | Fault::Trickling => matches!(error, Error::Slow { .. }),
            Fault::Status(401 | 403) => matches!(error, Error::Unauthorized { .. }),
            Fault::Status(404) => matches!(error, Error::Missing(_)),
            Fault::Status(429 | 500) => error.is_unavailable(),
            Fault::Status(_) => false,
            Fault::Circular | Fault::Elsewhere => matches!(error, Error::Unreachable { .. }),
        };
        assert!(fits, "{fault:?}: {error:?}");
        // Nor do the other questions: whatever they come to, they come to it.
        assert!(pull(&policy, &registries, &plugin).is_err(), "{fault:?}");
        let tag = registries.resolve(&reference(&registry, "a/pods:1"));
        assert!(tag.is_err() || matches!(fault, Fault::Altered | Fault::Garbage), "{fault:?}");
        let _ = registries.push(components()[1], &reference(&registry, "a/pods:9"));
        let _ = registries.sign(&plugin, &key);
        assert!(began.elapsed() < Duration::from_secs(20), "{fault:?}: {:?}", began.elapsed());
    }
}

#[test]
fn a_component_has_no_more_bytes_than_it_may() {
    let (registry, plugin) = pushed();
    registry.requests();
    let repository = &plugin.repository;
    let most = components()[0].len() - 1;
    let refused = Policy::default().pull(&without_store(), &plugin, repository, most);
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
    // What the manifest says is enough to know.
    assert_eq!(registry.requests().len(), 1);
    // A manifest that lies about the size does not help.
    let layer = registry.put_blob("a/pods", components()[0]).to_string();
    let mut manifest = registry.manifest("a/pods", "1").unwrap();
    manifest["layers"] = json!([{"mediaType": "application/wasm", "digest": layer, "size": 1}]);
    let digest = registry.put_manifest("a/pods", &manifest);
    let lies = Pinned { repository: repository.clone(), digest };
    let refused = Policy::default().pull(&without_store(), &lies, repository, most);
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
}

#[test]
fn what_is_not_a_plugin_is_named() {
    let (registry, plugin) = pushed();
    let manifest = registry.manifest("a/pods", "1").unwrap();
    let with = |pointer: &str, value: Value| {
        let mut other = manifest.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        other
    };
    let layer = &manifest["layers"][0];
    for (other, reason) in [
        (
            with("/mediaType", json!("application/vnd.oci.image.index.v1+json")),
            "an index of several",
        ),
        (with("/mediaType", json!("text/plain")), "its media type is `text/plain`"),
        (with("/mediaType", json!(null)), "names no media type"),
        (
            with("/config/mediaType", json!("application/vnd.oci.image.config.v1+json")),
            "configuration",
        ),
        (
            with("/layers/0/mediaType", json!("application/x-tar")),
            "its layer is `application/x-tar`",
        ),
        (with("/layers", json!([])), "it has 0 layers"),
        (with("/layers", json!([layer, layer])), "it has 2 layers"),
        (with("/layers/0/digest", json!("sha512:00")), "not a SHA-256 digest"),
        (json!([]), "cannot be read"),
    ] {
        let digest = registry.put_manifest("a/pods", &other);
        let other = Pinned { repository: plugin.repository.clone(), digest };
        let error = pull(&Policy::default(), &without_store(), &other).unwrap_err();
        assert!(matches!(error, Error::NotAPlugin { .. }), "{error:?}");
        assert!(error.to_string().contains(reason), "{reason}: {error}");
    }
}

#[test]
fn what_was_pulled_needs_no_network_and_damage_is_noticed() {
    let (registry, plugin) = pushed();
    let (key, policy) = signer();
    without_store().sign(&plugin, &key).unwrap();
    let cache = tempfile::tempdir().unwrap();
    assert!(pull(&policy, &with_store(cache.path()), &plugin).is_ok());
    registry.set_fault(Some(Fault::Status(503)));
    registry.requests();
    let offline = pull(&policy, &with_store(cache.path()), &plugin).unwrap();
    assert_eq!((offline.signer(), offline.bytes() == components()[0]), (Some("release"), true));
    assert_eq!(registry.requests(), Vec::<String>::new());
    // What was kept under one policy counts for another only if it would have.
    assert!(pull(&signer().1, &with_store(cache.path()), &plugin).is_err());
    let elsewhere: Repository = format!("{}/evil/pods", registry.host()).parse().unwrap();
    let copy = Pinned { repository: elsewhere, digest: plugin.digest };
    assert!(pull(&policy, &with_store(cache.path()), &copy).is_err());

    let blobs = cache.path().join("plugins/blobs/sha256");
    let component = blobs.join(Digest::of(components()[0]).hex());
    std::fs::write(&component, components()[1]).unwrap();
    assert!(pull(&policy, &with_store(cache.path()), &plugin).unwrap_err().is_unavailable());
    registry.set_fault(None);
    let mended = pull(&policy, &with_store(cache.path()), &plugin).unwrap();
    assert!(mended.bytes() == components()[0]);
    assert!(std::fs::read(&component).unwrap() == components()[0]);

    let signatures = cache.path().join("plugins/signatures").join(plugin.digest.hex());
    for file in std::fs::read_dir(&signatures).unwrap() {
        std::fs::write(file.unwrap().path(), "{}").unwrap();
    }
    assert!(pull(&policy, &with_store(cache.path()), &plugin).is_ok());
}

#[test]
fn several_at_once_keep_whole_files() {
    let (_registry, plugin) = pushed();
    let cache = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let pull = || {
            let pulled = pull(&Policy::default(), &with_store(cache.path()), &plugin).unwrap();
            assert!(pulled.bytes() == components()[0]);
        };
        for _ in 0..8 {
            scope.spawn(pull);
        }
    });
}
