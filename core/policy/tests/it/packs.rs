//! The files of `policies/`, read as the binary embeds them, and its page.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::date;
use provost_model::Source;
use provost_policy::Policies;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

pub fn source(path: &str) -> Arc<Source> {
    let text = fs::read_to_string(folder().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    Source::new(format!("policies/{path}"), text)
}

pub fn schema() -> Arc<Source> {
    source("schema.cedarschema")
}

pub fn default_pack() -> Vec<Arc<Source>> {
    let mut paths: Vec<_> = fs::read_dir(folder().join("default"))
        .expect("the default pack")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .map(|name| format!("default/{name}"))
        .collect();
    paths.sort();
    paths.iter().map(|path| source(path)).collect()
}

#[test]
fn every_policy_of_the_default_pack_has_title_remedy_place_and_a_reason_above_it() {
    let policies = Policies::load(&schema(), &default_pack()).expect("the default pack");
    let mut count = 0;
    for policy in policies.policies() {
        count += 1;
        assert!(!policy.title.is_empty(), "{} has no title", policy.id);
        assert!(!policy.remedy.is_empty(), "{} has no remedy", policy.id);
        let location = policy.location.expect("a location");
        let text = location.source.text();
        let span = &text[location.span.start as usize..location.span.end as usize];
        assert_eq!(span, format!("@id(\"{}\")", policy.id));
        let above = text[..location.span.start as usize].trim_end();
        let above = above.rsplit('\n').next().unwrap_or_default();
        assert!(above.starts_with("//"), "{} is not preceded by its reason", policy.id);
    }
    assert!(count >= 7, "only {count} policies were found");
}

#[test]
fn the_page_names_every_default_policy() {
    let page = fs::read_to_string(folder().join("README.md")).expect("the page");
    let policies = Policies::load(&schema(), &default_pack()).expect("the default pack");
    for policy in policies.policies() {
        assert!(page.contains(&format!("`{}`", policy.id)), "the page lacks {}", policy.id);
    }
}

#[test]
fn every_policy_on_the_page_loads_beside_the_default_pack() {
    let page = fs::read_to_string(folder().join("README.md")).expect("the page");
    let blocks: Vec<_> = page
        .split("```cedar\n")
        .skip(1)
        .map(|rest| rest.split("```").next().expect("the end of a block"))
        .collect();
    assert!(blocks.len() >= 2, "the page shows no policies");
    let mut files = default_pack();
    files.push(Source::new("README.md", blocks.concat()));
    let policies = Policies::load(&schema(), &files).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    assert_eq!(policies.exception_faults(date(2026, 1, 1)), []);
}
