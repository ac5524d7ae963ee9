#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use serde_json::{Value as Json, json};

use super::*;

fn read(text: &str) -> Json {
    let source = Source::new("a.yml", text);
    let parsed = provost_syntax::read(&source, &provost_syntax::Limits::default());
    let mut root = parsed.documents.into_iter().next().unwrap();
    as_github_reads(text, &mut root);
    root.to_json()
}

/// Scalars of YAML 1.1, and what the core schema of YAML 1.2.2 (chapter 10.3) makes of them.
#[test]
fn scalars_are_those_of_yaml_1_2() {
    let cases = [
        ("yes", json!("yes")),
        ("No", json!("No")),
        ("on", json!("on")),
        ("OFF", json!("OFF")),
        ("y", json!("y")),
        ("true", json!(true)),
        ("False", json!(false)),
        ("'no'", json!("no")),
        ("~", json!(null)),
        ("10", json!(10)),
        ("010", json!(10)),
        ("-010", json!(-10)),
        ("+7", json!(7)),
        ("0", json!(0)),
        ("00", json!(0)),
        ("0o17", json!(15)),
        ("0x1F", json!(31)),
        ("-0x1F", json!("-0x1F")),
        ("0X1F", json!("0X1F")),
        ("0b11", json!("0b11")),
        ("1_000", json!("1_000")),
        ("3.10", json!(3.1)),
        ("1e3", json!(1000)),
        ("22:22", json!("22:22")),
    ];
    for (text, expected) in cases {
        assert_eq!(read(&format!("a: {text}\n"))["a"], expected, "{text}");
        assert_eq!(read(&format!("a:\n- [{text}, x]\n"))["a"][0][0], expected, "{text}");
    }
}

#[test]
fn a_scalar_behind_an_alias_keeps_its_value() {
    let expected = json!({"a": "no", "b": false, "c": {"d": "yes"}, "e": {"d": "yes"}});
    assert_eq!(read("a: &a no\nb: *a\nc: &c { d: yes }\ne: *c\n"), expected);
}
