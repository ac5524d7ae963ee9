#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::collections::BTreeMap;

use provost_model::Source;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::{Limits, decode, read};

/// A document a person writes, with every kind of type a schema can say.
#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sample {
    kind: Kind,
    severity: Severity,
    #[serde(default)]
    replicas: Option<u32>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    invariants: Vec<Invariant>,
    #[serde(default)]
    step: Option<Step>,
    #[serde(default)]
    shape: Option<Shape>,
    #[serde(default)]
    duration: Option<Duration>,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
enum Kind {
    Specification,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Low,
    Medium,
    High,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
struct Invariant {
    name: String,
    expr: String,
}

/// Externally tagged.
#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Step {
    Set(Invariant),
    Fail { count: u8 },
}

/// Internally tagged.
#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Shape {
    Circle { radius: u8 },
    Square { side: u8 },
}

/// Something only `Deserialize` can judge.
#[derive(Debug, JsonSchema, PartialEq)]
struct Duration(String);

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.ends_with('s') {
            Ok(Self(text))
        } else {
            Err(serde::de::Error::custom(format!("`{text}` is not a duration such as `30s`")))
        }
    }
}

const HEAD: &str = "kind: Specification\nseverity: high\n";

fn problems(text: &str) -> String {
    let source = Source::new("x.yaml", text);
    let parsed = read(&source, &Limits::default());
    assert_eq!(parsed.problem, None, "{text}");
    match decode::<Sample>(&source, &parsed.documents[0]) {
        Ok(_) => "fine".to_owned(),
        Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

#[test]
fn a_fitting_document_is_decoded() {
    let text = format!(
        "{HEAD}replicas: 3\nlabels: {{a: b}}\ninvariants: [{{name: x, expr: 'y'}}]\nstep: {{fail: {{count: 1}}}}\nshape: {{type: circle, radius: 2}}\nduration: 30s\n"
    );
    let source = Source::new("x.yaml", text);
    let parsed = read(&source, &Limits::default());
    let sample: Sample = decode(&source, &parsed.documents[0]).unwrap();
    assert_eq!(sample.step, Some(Step::Fail { count: 1 }));
    assert_eq!(sample.shape, Some(Shape::Circle { radius: 2 }));
    assert_eq!(sample.duration, Some(Duration("30s".to_owned())));
}

#[test]
fn every_violation_is_told_at_its_line() {
    let text = "kind: Specification\nsevrity: high\nreplicas: many\ninvariants:\n- name: x\n  exprs: y\n- 3\n";
    assert_eq!(
        problems(text),
        "x.yaml:2:1: unknown key `sevrity` [unknown-key]; did you mean `severity`?\n\
         x.yaml:3:11: `replicas` must be a whole number, not `many` [wrong-type]\n\
         x.yaml:6:3: unknown key `exprs` [unknown-key]; did you mean `expr`?\n\
         x.yaml:7:3: `invariants[1]` must be a mapping, not `3` [wrong-type]"
    );
}

#[test]
fn one_mistake_gives_one_message() {
    for (rest, expected) in [
        ("replicas: -1", "x.yaml:3:11: `replicas` must be at least 0, not `-1` [invalid-value]"),
        (
            "replicas:\n  a: 1",
            "x.yaml:3:1: `replicas` must be a whole number, not a mapping [wrong-type]",
        ),
        ("labels: {a: 1}", "x.yaml:3:13: `a` must be text, not `1` [wrong-type]"),
        ("labels: [a]", "x.yaml:3:1: `labels` must be a mapping, not a list [wrong-type]"),
        (
            "step: {sett: {name: a, expr: b}}",
            "x.yaml:3:8: unknown key `sett` [unknown-key]; did you mean `set`?",
        ),
        ("step: {set: {name: a}}", "x.yaml:3:8: `expr` is missing in `set` [missing-key]"),
        (
            "invariants: [{name: a}]",
            "x.yaml:3:15: `expr` is missing in `invariants[0]` [missing-key]",
        ),
        (
            "step: {fail: {count: 300}}",
            "x.yaml:3:22: `count` must be at most 255, not `300` [invalid-value]",
        ),
        ("step: run", "x.yaml:3:7: `step` must be a mapping, not `run` [invalid-value]"),
        (
            "shape: {type: cirle, radius: 1}",
            "x.yaml:3:15: `type` must be `circle` or `square`, not `cirle` [invalid-value]; did you mean `circle`?",
        ),
        ("shape: {type: square}", "x.yaml:3:1: `side` is missing in `shape` [missing-key]"),
        ("duration: 3 min", "x.yaml:3:11: `3 min` is not a duration such as `30s` [invalid-value]"),
        (
            "zzz: 1",
            "x.yaml:3:1: unknown key `zzz` [unknown-key]; known keys here: kind, severity, replicas, labels, invariants, step, shape, duration",
        ),
    ] {
        assert_eq!(problems(&format!("{HEAD}{rest}\n")), expected);
    }
    assert_eq!(
        problems("kind: Spec\nseverity: hihg\n"),
        "x.yaml:1:7: `kind` must be `Specification`, not `Spec` [invalid-value]\n\
         x.yaml:2:11: `severity` must be `low`, `medium` or `high`, not `hihg` [invalid-value]; did you mean `high`?"
    );
    assert_eq!(
        problems("- a\n"),
        "x.yaml:1:1: the document must be a mapping, not a list [wrong-type]"
    );
    assert_eq!(
        problems("---\n"),
        "x.yaml:1:4: the document must be a mapping, not empty [wrong-type]"
    );
}

#[test]
fn the_pointer_leads_to_what_is_wrong() {
    let source =
        Source::new("x.yaml", format!("{HEAD}invariants:\n- {{name: a, expr: b, a/b: 1}}\n"));
    let parsed = read(&source, &Limits::default());
    let problems = Schema::of::<Sample>().check(&source, &parsed.documents[0]);
    assert_eq!(problems[0].location.as_ref().unwrap().pointer, "/invariants/0/a~1b");
    assert_eq!(problems[0].location.as_ref().unwrap().to_string(), "x.yaml:4:22");
}

#[test]
fn a_value_without_a_text_is_checked_too() {
    let schema = Schema::new(&json!({
        "type": "object",
        "properties": {"allowed": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
        "additionalProperties": false,
    }))
    .unwrap();
    assert_eq!(schema.check_json(&json!({"allowed": ["a"]})), Vec::<String>::new());
    assert_eq!(
        schema.check_json(&json!({"allowed": [], "alowed": 1})),
        [
            "/: unknown key `alowed`; did you mean `allowed`?",
            "/allowed: `allowed` must not be empty",
        ]
    );
    assert_eq!(schema.check_json(&json!([])), ["/: the document must be a mapping, not a list"]);
}

#[test]
fn what_is_no_schema_is_refused() {
    assert!(Schema::new(&json!({"type": "nothing"})).is_err());
    assert!(Schema::new(&json!({"$ref": "#/$defs/missing"})).is_err());
    let remote = json!({"$ref": "https://schemas.invalid/x.json"});
    assert!(Schema::new(&remote).is_err());
}

#[test]
fn of_very_many_violations_the_first_are_told() {
    let labels: String = (0..250).map(|n| format!("  a{n:03}: []\n")).collect();
    let told = problems(&format!("{HEAD}labels:\n{labels}"));
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), 101, "{told}");
    assert!(lines[99].starts_with("x.yaml:103:3: `a099` must be text"), "{}", lines[99]);
    assert!(
        lines[100].starts_with("x.yaml:1:1: 150 more mistakes of form are in this document"),
        "{}",
        lines[100]
    );
}
