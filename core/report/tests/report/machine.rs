use std::collections::BTreeSet;
use std::fs;

use jsonschema::Validator;
use provost_model::{Assessment, Source, Span};
use provost_report::{Format, Style, json_schema, render};
use serde_json::{Value, json};

use crate::cases;
use crate::expected::{expect, path};

const SCHEMA: &str = "schema/assessment.v1.json";

fn machine(assessment: &Assessment, format: Format) -> (String, Value) {
    let text = render(assessment, format, &Style::default());
    let value = serde_json::from_str(&text).expect("JSON");
    (text, value)
}

#[test]
fn every_case_is_rendered_as_expected() {
    for (name, assessment) in cases::all() {
        let (text, _) = machine(&assessment, Format::Json);
        expect(&format!("tests/cases/{name}.json"), &text);
        let (text, _) = machine(&assessment, Format::Sarif);
        // So that a release does not touch every case.
        let text = text.replace(env!("CARGO_PKG_VERSION"), "0.0.0");
        expect(&format!("tests/cases/{name}.sarif"), &text);
    }
}

#[test]
fn the_committed_schema_is_the_schema() {
    let schema = serde_json::to_string_pretty(&json_schema()).expect("JSON");
    expect(SCHEMA, &format!("{schema}\n"));
}

#[test]
fn every_report_follows_the_schema_and_says_nothing_beyond_it() {
    let mut schema: Value =
        serde_json::from_str(&fs::read_to_string(path(SCHEMA)).expect("committed")).expect("JSON");
    close(&mut schema);
    let validator = validator(&schema);
    for (name, assessment) in cases::all().into_iter().chain([("many", cases::many())]) {
        let (_, mut report) = machine(&assessment, Format::Json);
        assert_valid(&validator, &report, name);
        report["verdict"] = json!("perhaps");
        assert!(!validator.is_valid(&report), "the schema refuses what is no report");
    }
}

/// Readers must expect new fields; this test does not.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.contains_key("properties") {
                map.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn every_sarif_log_follows_the_standard() {
    let file = path("tests/sarif/sarif-schema-2.1.0.json");
    let mut schema: Value =
        serde_json::from_str(&fs::read_to_string(file).expect("committed")).expect("JSON");
    // Their pattern of languages has a bracket too many; no language is written.
    for owner in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][owner]["properties"]["language"];
        assert!(language.as_object_mut().expect("a property").remove("pattern").is_some());
    }
    let validator = validator(&schema);
    for (name, assessment) in cases::all().into_iter().chain([("many", cases::many())]) {
        let (_, mut log) = machine(&assessment, Format::Sarif);
        assert_valid(&validator, &log, name);
        indices_agree(&log["runs"][0]);
        log["runs"][0]["columnKind"] = json!("bytes");
        assert!(!validator.is_valid(&log), "the schema refuses what is no log");
    }
}

/// What the standard demands beyond its schema.
fn indices_agree(run: &Value) {
    let driver = &run["tool"]["driver"];
    let mut fingerprints = BTreeSet::new();
    for result in run["results"].as_array().expect("results") {
        let rule = &driver["rules"][index(&result["ruleIndex"])];
        assert_eq!(rule["id"], result["ruleId"]);
        assert_eq!(result["kind"] == "open", result["level"] == "none");
        let fingerprint =
            result["partialFingerprints"]["provost/v1"].as_str().expect("a fingerprint");
        assert!(fingerprints.insert(fingerprint.to_owned()), "{fingerprint} is unique");
        let locations = result["locations"].as_array().expect("locations");
        assert!(!locations.is_empty(), "code scanning refuses results without a place");
        for location in locations {
            let artifact = &location["physicalLocation"]["artifactLocation"];
            let named = &run["artifacts"][index(&artifact["index"])]["location"]["uri"];
            assert_eq!(named, &artifact["uri"]);
        }
    }
    for rule in driver["rules"].as_array().into_iter().flatten() {
        for relationship in rule["relationships"].as_array().into_iter().flatten() {
            let target = &relationship["target"];
            let component = &target["toolComponent"];
            let taxonomy = &run["taxonomies"][index(&component["index"])];
            assert_eq!(taxonomy["name"], component["name"]);
            assert_eq!(taxonomy["taxa"][index(&target["index"])]["id"], target["id"]);
        }
    }
}

fn index(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("an index")).expect("a small index")
}

#[test]
fn fingerprints_survive_lines_that_move_and_files_that_are_renamed() {
    let case = || cases::all().into_iter().find(|(name, _)| *name == "plugins").expect("a case").1;
    let before = case();
    let mut after = case();
    for finding in after.results.iter_mut().flat_map(|result| &mut result.findings) {
        let text = format!("# one\n# two\n{}", finding.location.source.text());
        finding.location.source = Source::new("renamed.yaml", text);
        let Span { start, end } = finding.location.span;
        finding.location.span = Span { start: start + 12, end: end + 12 };
    }
    let fingerprints = |assessment| {
        let (_, log) = machine(assessment, Format::Sarif);
        let results = log["runs"][0]["results"].as_array().expect("results").clone();
        results.into_iter().map(|result| result["partialFingerprints"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(fingerprints(&before), fingerprints(&after));
}

fn validator(schema: &Value) -> Validator {
    jsonschema::options().should_validate_formats(true).build(schema).expect("a schema")
}

fn assert_valid(validator: &Validator, value: &Value, name: &str) {
    let errors: Vec<_> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}
