//! What alert rules, the dashboard and the guide speak of is what a server measures.

use std::collections::BTreeSet;
use std::fs;

use provost_tests::{root, tool};
use serde_json::{Value, json};

use super::client::{Client, Http, block_on, page, pod, review};
use super::watching::{Setting, ready};

/// Names of metrics in a text, without what Prometheus adds to those of a family.
fn named(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !is_part(c)).filter(|word| word.starts_with("provost_"));
    let family = |word: &str| {
        let suffixes = ["_total", "_bucket", "_sum", "_count"];
        let found = suffixes.iter().find_map(|suffix| word.strip_suffix(suffix));
        found.unwrap_or(word).to_owned()
    };
    words.map(family).collect()
}

#[test]
fn every_metric_that_is_spoken_of_is_measured() {
    // One that watches a cluster measures that too.
    let setting = Setting::new();
    let server = setting.start();
    let measured = block_on(async {
        ready(&server).await;
        let body = review(&json!({ "object": pod(true) })).to_string();
        let mut client = Client::connect(&server, Http::Two).await;
        client.post("/validate", body).await;
        page(server.operations(), "/metrics").await.1
    });
    server.stop();
    let lines = measured.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let measured: BTreeSet<_> =
        lines.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(measured.len() > 15, "{measured:?}");
    for file in ["README.md", "observability/alerts.yaml", "observability/dashboard.json"] {
        let text = fs::read_to_string(root().join("core/serve").join(file)).unwrap();
        let spoken = named(&text);
        assert!(!spoken.is_empty(), "{file}");
        let unknown: Vec<_> = spoken.difference(&measured).collect();
        assert!(unknown.is_empty(), "{file} speaks of {unknown:?}");
    }
    let text = fs::read_to_string(root().join("core/serve/README.md")).unwrap();
    let unsaid: Vec<_> = measured.difference(&named(&text)).cloned().collect();
    assert!(unsaid.is_empty(), "the guide does not speak of {unsaid:?}");
}

/// Prometheus' own tool takes them, where `PROMTOOL` names it.
#[test]
fn alerts_are_loaded_by_prometheus() {
    let Some(promtool) = tool("PROMTOOL") else { return };
    let alerts = root().join("core/serve/observability/alerts.yaml");
    let mut command = std::process::Command::new(promtool);
    let output = command.args(["check", "rules", "--lint-fatal"]).arg(alerts).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("SUCCESS"), "{said}");
}

/// Every alert says what is wrong, and how bad that is.
#[test]
fn alerts_say_what_is_wrong() {
    let text = fs::read_to_string(root().join("core/serve/observability/alerts.yaml")).unwrap();
    let source = provost_model::Source::new("alerts.yaml", text);
    let parsed = provost_syntax::read(&source, &provost_syntax::Limits::default());
    let file = parsed.documents[0].to_json();
    let rules = file["groups"][0]["rules"].as_array().unwrap();
    assert!(rules.len() > 5);
    for rule in rules {
        for field in ["/alert", "/expr", "/labels/severity", "/annotations/summary"] {
            assert!(rule.pointer(field).is_some_and(Value::is_string), "{field} of {rule}");
        }
    }
}
