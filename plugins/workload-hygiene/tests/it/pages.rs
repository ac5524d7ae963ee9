//! A rule's page is its test: what it shows as allowed passes the rule, and what
//! it shows as denied is reported by it with exactly these messages. Examples show
//! what matters to their rule, so other rules may have something to say of them.

use std::path::Path;

use provost_sdk::page::Page;
use serde_json::Value;
use workload_hygiene::{ALL, Rule};

use crate::{check, check_among, documents};

/// An object that a rule allows or denies, and objects beside it in the cluster.
struct Example<'p> {
    settings: Value,
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
    let documents = documents(rule.id, example.yaml);
    let (judged, beside) = documents.split_first().unwrap();
    let report = match beside {
        [] => check(judged, &example.settings),
        beside => check_among(judged, &example.settings, beside),
    };
    assert_eq!(report.inconclusive, [], "{}", rule.id);
    let own: Vec<_> = report.findings.iter().filter(|found| found.rule == rule.id).collect();
    let seen: Vec<_> =
        own.iter().map(|found| format!("{}: {}", found.pointer, found.message)).collect();
    assert_eq!(seen, example.violations, "{} with {}", rule.id, example.settings);
    for finding in own {
        assert!(finding.remedy.as_ref().is_some_and(|remedy| !remedy.is_empty()));
    }
}

fn examples(page: &str) -> Vec<Example<'_>> {
    let (_, sections) = page.split_once("\n## Remedy\n").unwrap();
    let sections = sections.split("\n## ").skip(1);
    sections
        .map(|section| {
            let (heading, body) = section.split_once('\n').unwrap();
            let (verdict, settings) = heading.split_once(" with ").unwrap_or((heading, "{}"));
            let violations: Vec<_> = block(body, "text").unwrap_or_default().lines().collect();
            match verdict {
                "Allowed" => assert!(violations.is_empty(), "{heading}"),
                "Denied" => assert!(!violations.is_empty(), "{heading}"),
                _ => panic!("`{heading}` is neither allowed nor denied"),
            }
            let settings = serde_json::from_str(settings).unwrap();
            Example { settings, yaml: block(body, "yaml").unwrap(), violations }
        })
        .collect()
}

/// The first fenced block of a language.
fn block<'p>(text: &'p str, language: &str) -> Option<&'p str> {
    let (_, rest) = text.split_once(&format!("```{language}\n"))?;
    rest.split_once("\n```").map(|(block, _)| block)
}

fn page(rule: &Rule) -> String {
    std::fs::read_to_string(folder().join(rule.id).with_extension("md")).unwrap()
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/rules"))
}
