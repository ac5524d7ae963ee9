#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use super::*;

/// The name, and the problems, of one resource; each begins `a.yaml:line:column: `.
pub(super) fn judged(text: &str) -> Vec<String> {
    let source = Source::new("a.yaml", text);
    let change = crate::read_source(&source, &crate::Limits::default());
    let parts = change.documents.len() + change.skipped.len();
    // A resource is part of the change or wrong, never both and never neither.
    assert_eq!(parts, usize::from(change.problems.is_empty()), "{text}");
    assert!(change.problems.iter().all(|problem| problem.location.is_some()));
    change.problems.iter().map(ToString::to_string).collect()
}

fn resource_of(kind: &str, spec: &str) -> String {
    format!("apiVersion: provost.dev/v1\nkind: {kind}\nmetadata: {{ name: a }}\nspec:\n{spec}")
}

const KINDS: &str = "there are `Pipeline`, `Component`, `VerificationRecord`, and for configuration `Gate`, `Specification`, `Model`, `Approvals`";

#[test]
fn a_kind_there_is_not_is_told_with_those_there_are() {
    let text = |kind: &str| format!("apiVersion: provost.dev/v1\nkind: {kind}\n");
    for (text, expected) in [
        (
            text("Pipline"),
            "2:7: `Pipline` is no kind of `provost.dev` [unknown-kind]; did you mean `Pipeline`? ",
        ),
        (
            text("specification"),
            "2:7: `specification` is no kind of `provost.dev` [unknown-kind]; did you mean `Specification`? ",
        ),
        (text("Pod"), "2:7: `Pod` is no kind of `provost.dev` [unknown-kind]; "),
        (
            text("PipelineList"),
            "2:7: `PipelineList` is no kind of `provost.dev` [unknown-kind]; did you mean `Pipeline`? ",
        ),
        (text("3"), "2:7: `kind` is not text [unknown-kind]; "),
        (
            "apiVersion: provost.dev/v1\nmetadata: { name: a }\n".to_owned(),
            "1:1: `kind` is missing [unknown-kind]; ",
        ),
    ] {
        assert_eq!(judged(&text), [format!("a.yaml:{expected}{KINDS}")], "{text}");
    }
}

#[test]
fn every_kind_that_is_part_of_a_change_has_a_schema() {
    for kind in PARTS {
        let schema = schema_of(kind).expect(kind);
        assert_eq!(schema["additionalProperties"], false, "{kind}");
        assert!(schema["properties"]["spec"].is_object(), "{kind}");
    }
    assert_eq!(schema_of("Gate"), None);
}

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A kind, its spec, and what is said of it; the spec begins on line 5.
const CASES: &[(&str, &str, &[&str])] = &[
    ("Component", "  { phase: Requirements, sources: [] }\n", &[]),
    (
        "Component",
        "  phase: Verification\n  dependsOn: [b, c.d-2]\n  sources: [src/**/*.rs, a b.txt, ./x]\n  specifications: [x/y-z]\n",
        &[],
    ),
    ("Component", "  phase: Testing\n", &["4:1: `sources` is missing in `spec` [missing-key]"]),
    (
        "Component",
        "  phase: testing\n  sources: []\n",
        &[
            "5:10: `phase` must be `Requirements`, `Specification`, `Verification`, `Implementation`, `Testing` or `Deployment`, not `testing` [invalid-value]; did you mean `Testing`?",
        ],
    ),
    (
        "Component",
        "  phase: Testing\n  source: []\n",
        &["6:3: unknown key `source` [unknown-key]; did you mean `sources`?"],
    ),
    (
        "Component",
        "  phase: Testing\n  sources: []\n  dependsOn: [b, a]\n",
        &["7:18: `a` depends on itself [component-dependency]; remove it"],
    ),
    (
        "Component",
        "  phase: Testing\n  sources: [x, x]\n  dependsOn: [B]\n",
        &[
            "6:3: `sources` has the same item more than once [invalid-value]",
            "7:15: `dependsOn[0]` must match `^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`, not `B` [invalid-value]",
        ],
    ),
    (
        "Component",
        "  phase: Testing\n  sources:\n  - /etc/passwd\n  - ../b\n  - a/../../b\n  - ''\n  - 'a\\b'\n  - C:/b\n  - a..b/...\n",
        &[
            "7:5: `/etc/passwd` is not relative [component-source]; write a path or glob below the folder of this file: `src/**/*.rs`",
            "8:5: `../b` leads out of the folder [component-source]; write a path or glob below the folder of this file: `src/**/*.rs`",
            "9:5: `a/../../b` leads out of the folder [component-source]; write a path or glob below the folder of this file: `src/**/*.rs`",
            "10:5: `` is no path [component-source]; write a path or glob below the folder of this file: `src/**/*.rs`",
            "11:5: `a\\b` has a `\\`, and `/` stands between the parts of a path [component-source]; write a path or glob below the folder of this file: `src/**/*.rs`",
            "12:5: `C:/b` is not relative [component-source]; write a path or glob below the folder of this file: `src/**/*.rs`",
        ],
    ),
    ("VerificationRecord", "  components: {}\n", &[]),
    (
        "VerificationRecord",
        "  components:\n    a: { status: Verified, digest: DIGEST, dependencies: { b: DIGEST }, at: 2026-03-01T12:00:00.5+01:00, by: ci }\n    b: { status: NotVerified, digest: DIGEST }\n",
        &[],
    ),
    (
        "VerificationRecord",
        "  components:\n    a: { status: verified, digest: sha256:abc }\n    b: { digest: DIGEST }\n",
        &[
            "6:18: `status` must be `NotVerified`, `InProgress`, `Verified`, `Failed` or `Timeout`, not `verified` [invalid-value]; did you mean `Verified`?",
            "6:36: `digest` must match `^sha256:[0-9a-f]{64}$`, not `sha256:abc` [invalid-value]",
            "7:5: `status` is missing in `b` [missing-key]",
        ],
    ),
    (
        "VerificationRecord",
        "  components:\n    a: { status: Failed, digest: DIGEST, dependencies: { b: x } }\n",
        &["6:126: `b` must match `^sha256:[0-9a-f]{64}$`, not `x` [invalid-value]"],
    ),
    (
        "VerificationRecord",
        "  components:\n    a/b: { status: Failed, digest: DIGEST, at: 2026-02-30T12:00:00Z }\n    c:\n      status: Failed\n      digest: DIGEST\n      dependencies:\n        C: DIGEST\n        c: DIGEST\n",
        &[
            "6:5: `a/b` is no name of a component [record-component]; write lower case letters, digits, `-` and `.`, with a letter or digit at both ends",
            "6:113: `2026-02-30T12:00:00Z` is no time [record-time]; write it as in `2026-03-01T12:00:00Z`",
            "11:9: `C` is no name of a component [record-component]; write lower case letters, digits, `-` and `.`, with a letter or digit at both ends",
            "12:9: `c` depends on itself [record-dependency]; remove it",
        ],
    ),
    (
        "VerificationRecord",
        "  components:\n    a: { status: Failed, digest: DIGEST, at: yesterday, By: me }\n",
        &["6:122: unknown key `By` [unknown-key]; did you mean `by`?"],
    ),
    (
        "VerificationRecord",
        "  components:\n    a: { status: Failed, digest: DIGEST, at: yesterday }\n",
        &["6:111: `yesterday` is no time [record-time]; write it as in `2026-03-01T12:00:00Z`"],
    ),
];

#[test]
fn every_resource_is_judged_as_stands_beside_it() {
    for (kind, spec, expected) in CASES {
        let text = resource_of(kind, &spec.replace("DIGEST", DIGEST));
        let expected: Vec<_> = expected.iter().map(|problem| format!("a.yaml:{problem}")).collect();
        assert_eq!(judged(&text), expected, "{text}");
    }
}

#[test]
fn every_resource_needs_this_version_and_a_name() {
    for kind in PARTS {
        let text =
            format!("apiVersion: provost.dev/v2\nkind: {kind}\nmetadata: {{}}\nspec: {{}}\n");
        let problems = judged(&text);
        assert_eq!(
            problems[0],
            "a.yaml:1:13: `apiVersion` must be `provost.dev/v1`, not `provost.dev/v2` [invalid-value]; did you mean `provost.dev/v1`?"
        );
        assert!(
            problems
                .contains(&"a.yaml:3:1: `name` is missing in `metadata` [missing-key]".to_owned()),
            "{problems:?}"
        );
    }
}

/// Places are looked for in time that grows with the text, and so only for the first.
#[test]
fn of_very_many_problems_the_first_are_told() {
    let entry = |at: &str| format!("{{ status: Failed, digest: \"{DIGEST}\"{at} }}");
    for entry in ["{}".to_owned(), entry(", at: now"), entry(", dependencies: { B: x }")] {
        let entries: String = (0..5000).map(|n| format!("    a{n}: {entry}\n")).collect();
        let problems =
            judged(&resource_of("VerificationRecord", &format!("  components:\n{entries}")));
        assert_eq!(problems.len(), 101, "{entry}");
    }
}
