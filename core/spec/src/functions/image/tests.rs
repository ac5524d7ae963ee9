#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use regex::Regex;

use super::*;

fn sha256() -> String {
    format!("sha256:{}", "0f".repeat(32))
}

/// Registry, repository, tag and digest.
fn parts(reference: &str) -> (String, String, Option<String>, Option<String>) {
    let image = read(reference).unwrap_or_else(|said| panic!("{said}"));
    (image.registry, image.repository, image.tag, image.digest)
}

#[test]
fn references_are_completed_as_docker_does() {
    let cases = [
        ("nginx", "docker.io", "library/nginx", None),
        ("nginx:1.27", "docker.io", "library/nginx", Some("1.27")),
        ("bitnami/redis:7", "docker.io", "bitnami/redis", Some("7")),
        ("docker.io/nginx", "docker.io", "library/nginx", None),
        ("index.docker.io/nginx", "docker.io", "library/nginx", None),
        ("docker.io/library/nginx", "docker.io", "library/nginx", None),
        ("docker.io/a/b/c", "docker.io", "a/b/c", None),
        ("registry.example/org/app:v1", "registry.example", "org/app", Some("v1")),
        ("registry.example/app", "registry.example", "app", None),
        ("localhost/app", "localhost", "app", None),
        ("localhost:5000/app", "localhost:5000", "app", None),
        ("host:5000/app:tag", "host:5000", "app", Some("tag")),
        ("host:5000", "docker.io", "library/host", Some("5000")),
        ("Registry/app", "Registry", "app", None),
        ("127.0.0.1:443/app", "127.0.0.1:443", "app", None),
        ("[::1]:5000/app:x", "[::1]:5000", "app", Some("x")),
        ("[2001:db8::1]/app", "[2001:db8::1]", "app", None),
        ("registry.k8s.io/pause:3.10", "registry.k8s.io", "pause", Some("3.10")),
        ("a.b/c__d/e--f_g.h:_X-.y", "a.b", "c__d/e--f_g.h", Some("_X-.y")),
    ];
    for (reference, registry, repository, tag) in cases {
        let tag = tag.map(str::to_owned);
        let wanted = (registry.to_owned(), repository.to_owned(), tag, None);
        assert_eq!(parts(reference), wanted, "{reference}");
        let digested = (wanted.0, wanted.1, wanted.2, Some(sha256()));
        assert_eq!(parts(&format!("{reference}@{}", sha256())), digested, "{reference}");
    }
    let long = format!("a@sha512:{}", "a".repeat(128));
    assert_eq!(parts(&long).3.unwrap().len(), 7 + 128);
}

#[test]
fn what_is_no_reference_is_a_fault() {
    let identifier = "0f".repeat(32);
    let long = format!("a/{}", "b".repeat(250));
    let tag = format!("a:{}", "t".repeat(129));
    let upper = sha256().to_uppercase().replace("SHA256", "sha256");
    let cases: Vec<(&str, &str)> = vec![
        ("", "its name has lowercase"),
        (" nginx", "its name"),
        ("Nginx", "its name"),
        ("nginx:", "its tag"),
        ("nginx:-a", "its tag"),
        ("nginx:a b", "its tag"),
        (&tag, "its tag"),
        ("nginx@", "its digest"),
        ("nginx@sha256:abc", "its digest"),
        ("nginx@md5:d41d8cd98f00b204e9800998ecf8427e", "its digest"),
        ("https://registry.example/app", "its registry"),
        ("-a.b/app", "its registry"),
        ("a.b:/app", "its registry"),
        ("a.b:x/app", "its registry"),
        ("a..b/app", "its registry"),
        ("[::1/app", "its registry"),
        ("a//b", "its name"),
        ("a/", "its name"),
        ("/a", "its name"),
        ("a___b", "its name"),
        ("a._b", "its name"),
        ("-a", "its name"),
        ("a-", "its name"),
        ("registry.example/Org/app", "its name"),
        (&identifier, "identifier"),
        (&long, "longer than 255 bytes"),
        ("$(REGISTRY)/app", "its registry"),
        ("{{ .Values.image }}", "its name"),
    ];
    for (reference, wanted) in cases {
        let said = read(reference).unwrap_err();
        assert!(said.contains("is not a reference to an image"), "{reference}: {said}");
        assert!(said.contains(wanted), "{reference}: {said}");
    }
    let digest = format!("nginx@{upper}");
    assert!(read(&digest).unwrap_err().contains("its digest"));
}

/// `ReferenceRegexp` of github.com/distribution/reference.
fn grammar() -> Regex {
    let part = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    let host = format!(r"(?:{part}(?:\.{part})*|\[(?:[a-fA-F0-9:]+)\])");
    let domain = format!("{host}(?::[0-9]+)?");
    let component = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*";
    let name = format!("(?:{domain}/)?{component}(?:/{component})*");
    Regex::new(&format!("^{name}(?::[0-9A-Za-z_][0-9A-Za-z_.-]{{0,127}})?$")).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The grammar, written a second time as it is written there. It takes more for a host than
    /// a Docker client does, which never takes a path for one.
    #[test]
    fn what_is_read_is_what_the_grammar_says(
        text in "[aZ0._:/-]{0,9}|([a-zA-Z][.:]?[a-z0]?/)?[a-z]{1,2}([._/-]{0,2}[a-z]){0,2}(:[a-z.-]{0,2})?"
    ) {
        let grammatical = grammar().is_match(&text);
        match read(&text) {
            Ok(image) => {
                prop_assert!(grammatical, "{}: {:?}", text, image);
                // What is completed is complete: read again it is the same.
                let tag = image.tag.as_ref().map_or(String::new(), |tag| format!(":{tag}"));
                let whole = format!("{}/{}{tag}", image.registry, image.repository);
                prop_assert_eq!(read(&whole), Ok(image), "{}", text);
            }
            Err(said) => prop_assert!(!grammatical, "{}: {}", text, said),
        }
    }
}
