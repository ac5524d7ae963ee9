//! A rule's page is its test: what it shows as allowed passes every rule of its
//! level, and what it shows as denied is reported with exactly these messages.

use std::path::Path;

use pod_security::{ALL, Level, Page, Rule};
use serde_json::json;

use crate::{check, inconclusive, yaml};

/// An object that a rule allows or denies.
struct Example<'p> {
    /// The version of the standards that it is judged by.
    version: &'p str,
    yaml: &'p str,
    /// `<pointer>: <message>` for each violation; none if it is allowed.
    violations: Vec<&'p str>,
}

#[test]
fn every_rule_has_a_page_that_says_who_it_is() {
    for rule in ALL {
        let text = page(rule);
        assert!(text.starts_with(rule.page), "{}: what is built in is not the page", rule.id);
        let page = Page::parse(&text).unwrap();
        assert_eq!(page.id, rule.id);
        assert_eq!(Page::parse(rule.page).as_ref(), Ok(&page), "{}", rule.id);
        assert!(!page.title.is_empty() && !page.title.ends_with('.'), "{}", rule.id);
        assert!(!page.rationale.is_empty() && !page.remedy.is_empty(), "{}", rule.id);
        assert!(page.controls.contains(&level(rule, "pss:").as_str()), "{}", rule.id);
        assert_eq!(rule.describe().remedy, page.remedy);
    }
}

#[test]
fn every_page_has_a_rule() {
    let pages = std::fs::read_dir(folder()).unwrap();
    let mut names: Vec<_> =
        pages.map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let mut ids: Vec<_> = ALL.iter().map(|rule| format!("{}.md", rule.id)).collect();
    ids.sort();
    assert_eq!(names, ids);
}

#[test]
fn every_example_of_a_page_is_judged_as_it_says() {
    for rule in ALL {
        let text = page(rule);
        let examples = examples(&text);
        assert!(examples.iter().any(|example| example.violations.is_empty()), "{}", rule.id);
        assert!(examples.iter().any(|example| !example.violations.is_empty()), "{}", rule.id);
        for example in examples {
            judge(rule, &example);
        }
    }
}

fn judge(rule: &Rule, example: &Example<'_>) {
    let settings = json!({"level": level(rule, ""), "version": example.version});
    let report = check(&yaml(rule.id, example.yaml), &settings);
    assert_eq!(inconclusive(&report), [""; 0], "{}", rule.id);
    let show = |found: &provost_sdk::Finding| format!("{}: {}", found.pointer, found.message);
    let seen: Vec<_> = report.findings.iter().map(show).collect();
    assert_eq!(seen, example.violations, "{} at {}", rule.id, example.version);
    for finding in &report.findings {
        assert_eq!(finding.rule, rule.id, "the example breaks another rule too");
        assert!(finding.remedy.as_ref().is_some_and(|remedy| !remedy.is_empty()));
    }
}

fn examples(page: &str) -> Vec<Example<'_>> {
    let (_, sections) = page.split_once("\n## Remedy\n").unwrap();
    let sections = sections.split("\n## ").skip(1);
    sections
        .map(|section| {
            let (heading, body) = section.split_once('\n').unwrap();
            let (verdict, version) = heading.split_once(" at ").unwrap_or((heading, "latest"));
            let violations: Vec<_> = block(body, "text").unwrap_or_default().lines().collect();
            match verdict {
                "Allowed" => assert!(violations.is_empty(), "{heading}"),
                "Denied" => assert!(!violations.is_empty(), "{heading}"),
                _ => panic!("`{heading}` is neither allowed nor denied"),
            }
            Example { version, yaml: block(body, "yaml").unwrap(), violations }
        })
        .collect()
}

/// The first fenced block of a language.
fn block<'p>(text: &'p str, language: &str) -> Option<&'p str> {
    let (_, rest) = text.split_once(&format!("```{language}\n"))?;
    rest.split_once("\n```").map(|(block, _)| block)
}

fn level(rule: &Rule, prefix: &str) -> String {
    let name = match rule.level {
        Level::Baseline => "baseline",
        Level::Restricted => "restricted",
        Level::Privileged => panic!("`privileged` asks for nothing"),
    };
    format!("{prefix}{name}")
}

fn page(rule: &Rule) -> String {
    std::fs::read_to_string(folder().join(rule.id).with_extension("md")).unwrap()
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/rules"))
}
