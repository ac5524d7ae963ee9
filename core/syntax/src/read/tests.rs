#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::fmt::Write as _;

use proptest::prelude::*;
use provost_model::{Entry, Value};
use serde_json::json;

use super::*;

fn parse(text: &str) -> Parsed {
    read(&Source::new("x.yaml", text), &Limits::default())
}

fn only(text: &str) -> Node {
    let parsed = parse(text);
    assert_eq!(parsed.problem, None, "{text}");
    assert_eq!(parsed.documents.len(), 1, "{text}");
    parsed.documents.into_iter().next().unwrap()
}

/// Every case of `cases.txt`: a text, and below it each document as JSON and each
/// problem. `BLESS=1` writes what is read now.
#[test]
fn every_case_reads_as_written_beside_it() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/read/cases.txt");
    let cases = std::fs::read_to_string(path).unwrap();
    let mut actual = String::new();
    let mut count = 0;
    for case in cases.split("##### ").skip(1) {
        let (title, rest) = case.split_once('\n').unwrap();
        let (text, _) = rest.split_once("#####\n").unwrap();
        // Signs for what an editor would not show or would change.
        let source = text
            .trim_end_matches('\n')
            .replace('→', "\t")
            .replace('␍', "\r")
            .replace("<BOM>", "\u{feff}")
            .replace("<NEL>", "\u{85}")
            .replace("<LS>", "\u{2028}");
        write!(actual, "##### {title}\n{text}#####\n").unwrap();
        let parsed = parse(&source);
        for document in &parsed.documents {
            writeln!(actual, "{}", document.to_json()).unwrap();
        }
        for problem in parsed.problem.iter().chain(&parsed.further) {
            writeln!(actual, "{problem}").unwrap();
        }
        actual.push('\n');
        count += 1;
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &actual).unwrap();
        return;
    }
    assert!(count > 50, "{count} cases");
    for (actual, expected) in actual.split("##### ").zip(cases.split("##### ")) {
        assert_eq!(actual.trim_end(), expected.trim_end());
    }
}

#[test]
fn spans_are_bytes_of_the_text() {
    let text = "é: ü # c\nlist:\n- 'a b' # d\n- {x: [1, 2 ] }\nnone:\nblock: |\n  one\n  two\n\nlast: \"€\"\n";
    let node = only(text);
    let slice = |pointer: &str| {
        let span = node.at(pointer).unwrap().span;
        &text[span.start as usize..span.end as usize]
    };
    assert_eq!(slice("/é"), "ü");
    assert_eq!(slice("/list"), "- 'a b' # d\n- {x: [1, 2 ] }");
    assert_eq!(slice("/list/0"), "'a b'");
    assert_eq!(slice("/list/1"), "{x: [1, 2 ] }");
    assert_eq!(slice("/list/1/x"), "[1, 2 ]");
    assert_eq!(slice("/none"), "");
    assert_eq!(slice("/block"), "one\n  two");
    assert_eq!(slice("/last"), "\"€\"");
    assert_eq!(slice(""), text.trim_end());
    let (key, _) = node.locate("/list");
    assert_eq!(&text[key.start as usize..key.end as usize], "list");
}

#[test]
fn block_lists_begin_at_their_first_dash() {
    for (text, pointer, expected) in [
        ("f:\n  - 1\n  - 2\n", "/f", "- 1\n  - 2"),
        ("f:\n- 1\n", "/f", "- 1"),
        ("f:\n- - 1\n", "/f", "- - 1"),
        ("f:\n- - 1\n", "/f/0", "- 1"),
        ("f: &x\n-   # c\n  a: 1\n- b", "/f", "-   # c\n  a: 1\n- b"),
        ("- - 1\n  - 2", "/0", "- 1\n  - 2"),
        ("- - 1\n  - 2", "", "- - 1\n  - 2"),
        ("? a\n: - b", "/a", "- b"),
    ] {
        let span = only(text).at(pointer).unwrap().span;
        assert_eq!(&text[span.start as usize..span.end as usize], expected, "{text}");
    }
}

#[test]
fn an_alias_stands_where_it_is_written_and_what_is_in_it_at_the_anchor() {
    let text = "a: &a {x: 1}\nb: *a\n";
    let node = only(text);
    let slice = |pointer: &str| {
        let span = node.at(pointer).unwrap().span;
        &text[span.start as usize..span.end as usize]
    };
    assert_eq!(slice("/b"), "*a");
    assert_eq!(slice("/b/x"), "1");
    assert_eq!(node.at("/b/x").unwrap().span, node.at("/a/x").unwrap().span);
}

#[test]
fn json_has_the_same_spans_as_yaml() {
    let text = "{\"a\": [1, \"é\", null], \"b\": {\"c\": true}}";
    let json = only(text);
    let yaml = crate::yaml::read(&Source::new("x", text), &Limits::default());
    assert_eq!(yaml.documents, [json]);
}

fn code(text: &str, limits: &Limits) -> (&'static str, String) {
    let parsed = read(&Source::new("x.yaml", text), limits);
    let problem = parsed.problem.expect("a problem");
    assert!(problem.help.is_some(), "{problem}");
    (problem.code, problem.message)
}

#[test]
fn every_limit_is_a_problem_that_names_it() {
    let limits = Limits { bytes: 200, depth: 5, documents: 3, nodes: 20 };
    for (text, expected) in [
        ("x".repeat(201), "too-large"),
        ("a: [[[[[]]]]]".to_owned(), "too-deep"),
        ("a:\n b:\n  c:\n   d:\n    e:\n     f: 1".to_owned(), "too-deep"),
        ("a: {b: [{c: [[]]}]}".to_owned(), "too-deep"),
        ("[[[[[[]]]]]]".to_owned(), "too-deep"),
        ("a: &a [[]]\nb: [[[*a]]]".to_owned(), "too-deep"),
        ("1\n---\n2\n---\n3\n---\n4\n".to_owned(), "too-many-documents"),
        ("{}{}{}{}".to_owned(), "too-many-documents"),
        (format!("[{}]", "1,".repeat(20)), "too-many-nodes"),
        (format!("[{}1]", "1,".repeat(20)), "too-many-nodes"),
        ("a: &a [1,1,1,1,1]\nb: [*a,*a,*a]".to_owned(), "too-many-nodes"),
        (format!("a: &a {}\nb: [*a,*a,*a,*a]", "x".repeat(60)), "too-large"),
    ] {
        assert_eq!(code(&text, &limits).0, expected, "{text}");
    }
    let fits = "a: &a [1,1]\nb: [*a,*a]\nc: {d: {e: {f: []}}}\n---\n2\n---\n3";
    assert_eq!(read(&Source::new("x", fits), &limits).problem, None);
}

#[test]
fn a_billion_laughs_is_refused_before_memory_is_spent() {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..30 {
        let alias = format!("*a{}", level - 1);
        let line = format!("a{level}: &a{level} [{}]\n", vec![alias; 10].join(", "));
        text.push_str(&line);
    }
    assert_eq!(code(&text, &Limits::default()).0, "too-many-nodes");
}

#[test]
fn depth_cannot_overflow_the_stack() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")] {
        let text = format!("{}{}", open.repeat(200_000), close.repeat(200_000));
        assert!(parse(&text).problem.is_some(), "{open}");
    }
    let nested: String = (0..5000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert_eq!(code(&nested, &Limits::default()).0, "too-deep");
}

#[test]
fn a_large_mapping_takes_no_quadratic_time() {
    let text: String = (0..200_000).map(|key| format!("k{key}: v\n")).collect();
    let text = format!("{text}k7: again\n");
    let parsed = parse(&text);
    assert_eq!(parsed.problem.unwrap().message, "key `k7` is on line 8 and again on line 200001");
    assert_eq!(parsed.documents[0].entries().len(), 200_000);
}

#[test]
fn many_duplicate_keys_end_the_reading() {
    let text = "a: 1\n".repeat(1000);
    let parsed = parse(&text);
    assert_eq!(parsed.further.len(), 100);
    assert!(parsed.documents.is_empty());
}

#[test]
fn a_json_file_that_is_neither_json_nor_yaml_is_told_as_json() {
    let parsed = read(&Source::new("x.json", "{\"a\": [1, 2}"), &Limits::default());
    assert_eq!(parsed.problem.unwrap().code, "json-syntax");
    let parsed = read(&Source::new("x.yaml", "{\"a\": [1, 2}"), &Limits::default());
    assert_eq!(parsed.problem.unwrap().code, "yaml-syntax");
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof![
        any::<String>(),
        "[a-z0-9:#&*!|>'\"%@`~ _.,{}\\[\\]-]{0,12}",
        Just("yes".to_owned()),
        Just("0x1f".to_owned()),
        Just("é\u{2028}\u{85}\u{feff}\u{7f}😀".to_owned()),
        "[ \t\r\n]{1,4}",
        "[a-z]{1200}",
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Into::into),
        text.clone().prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(text.clone(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Plain block YAML; texts are double-quoted, as JSON.
fn write_yaml(value: &serde_json::Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        serde_json::Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                write!(out, "\n{pad}? {}\n{pad}: ", quoted(key)).unwrap();
                write_yaml(value, indent + 2, out);
            }
        }
        serde_json::Value::Array(items) if !items.is_empty() => {
            for item in items {
                write!(out, "\n{pad}- ").unwrap();
                write_yaml(item, indent + 2, out);
            }
        }
        serde_json::Value::String(text) => out.push_str(&quoted(text)),
        other => write!(out, "{other}").unwrap(),
    }
}

fn quoted(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap();
    json.chars()
        .map(|c| match c {
            c if c.is_ascii() && c != '\u{7f}' => c.to_string(),
            c => format!("\\U{:08x}", u32::from(c)),
        })
        .collect()
}

/// As YAML has it: a float without a fraction is an integer.
fn as_kubectl(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Number(number) => match number.as_f64() {
            Some(float) if !number.is_i64() && float.fract() == 0.0 && float.abs() < 9.2e18 => {
                json!(float as i64)
            }
            _ => value.clone(),
        },
        serde_json::Value::Array(items) => items.iter().map(as_kubectl).collect(),
        serde_json::Value::Object(map) => serde_json::Value::Object(
            map.iter().map(|(key, value)| (key.clone(), as_kubectl(value))).collect(),
        ),
        _ => value.clone(),
    }
}

fn with_tabs(value: &serde_json::Value) -> String {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"\t");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    serde::Serialize::serialize(value, &mut serializer).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn walk(node: &Node, visit: &mut dyn FnMut(&Node)) {
    visit(node);
    node.items().iter().for_each(|item| walk(item, visit));
    node.entries().iter().for_each(|Entry { value, .. }| walk(value, visit));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_json_reads_back_compact_and_pretty(value in json_value()) {
        let value = json!([value]);
        for text in [value.to_string(), with_tabs(&value)] {
            let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
            let parsed = parse(&text);
            prop_assert_eq!(&parsed.problem, &None);
            prop_assert_eq!(parsed.documents[0].to_json(), expected);
        }
    }

    #[test]
    fn any_value_reads_back_from_yaml(value in json_value()) {
        let mut text = String::new();
        write_yaml(&value, 0, &mut text);
        let parsed = parse(&format!("--- {text}\n"));
        prop_assert_eq!(&parsed.problem, &None, "{}", text);
        prop_assert_eq!(parsed.documents[0].to_json(), as_kubectl(&value), "{}", text);
    }

    #[test]
    fn what_serde_json_accepts_is_accepted(text in "[\\[{][ \\t\\n\\[\\]{}:,\"a0e.+-]{0,16}") {
        if let Ok(expected) = serde_json::from_str::<serde_json::Value>(&text) {
            let parsed = parse(&text);
            if parsed.problem.as_ref().is_none_or(|problem| problem.code != "duplicate-key") {
                prop_assert_eq!(&parsed.problem, &None);
                prop_assert_eq!(parsed.documents[0].to_json(), expected);
            }
        } else if let Ok(parsed) = json::read(&Source::new("x", text), &Limits::default()) {
            // Only several values, or one too deep, are JSON to us alone.
            prop_assert!(parsed.documents.len() != 1 || parsed.problem.is_some());
        }
    }

    #[test]
    fn spans_lead_back_to_the_scalar(value in json_value()) {
        let mut text = String::new();
        write_yaml(&value, 0, &mut text);
        let text = format!("--- {text}\n");
        let parsed = parse(&text);
        let mut wrong = Vec::new();
        walk(&parsed.documents[0], &mut |node| {
            let slice = text.get(node.span.start as usize..node.span.end as usize);
            let fits = match (&node.value, slice) {
                (Value::Text(expected), Some(slice)) => slice == quoted(expected),
                (Value::Map(_) | Value::List(_), Some(_)) => true,
                (scalar, Some(slice)) => match serde_json::from_str::<serde_json::Value>(slice) {
                    Ok(json) => as_kubectl(&json) == Node::new(scalar.clone()).to_json(),
                    Err(_) => false,
                },
                (_, None) => false,
            };
            if !fits {
                wrong.push((node.clone(), slice));
            }
        });
        prop_assert!(wrong.is_empty(), "{:?}\n{}", wrong, text);
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn no_text_of_indicators_makes_it_panic(
        text in "([a-c\u{e9}\u{2028}0~ \n\t]|- |: |\\? |&a |\\*a|<<|!!str |!|%|---\n|\\.\\.\\.\n|[\\[\\]{},|>'\"#@\\\\])*"
    ) {
        let parsed = parse(&text);
        for node in &parsed.documents {
            walk(node, &mut |node| {
                assert!(text.get(node.span.start as usize..node.span.end as usize).is_some());
            });
        }
        for problem in parsed.problem.iter().chain(&parsed.further) {
            let span = problem.location.as_ref().unwrap().span;
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
        }
    }
}
