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

/// The files of every pack, and the names of the packs.
fn every_pack() -> (Vec<String>, Vec<Arc<Source>>) {
    let mut packs: Vec<_> = fs::read_dir(folder())
        .expect("the packs")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("a name"))
        .collect();
    packs.sort();
    let mut files = Vec::new();
    for pack in &packs {
        let mut names: Vec<_> = fs::read_dir(folder().join(pack))
            .expect("a pack")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .filter(|name| name.ends_with(".cedar"))
            .collect();
        names.sort();
        files.extend(names.iter().map(|name| source(&format!("{pack}/{name}"))));
    }
    (packs, files)
}

#[test]
fn every_pack_loads_beside_every_other_and_its_page_names_its_policies() {
    let (packs, files) = every_pack();
    let policies = Policies::load(&schema(), &files).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    let index = fs::read_to_string(folder().join("README.md")).expect("the index");
    for pack in packs.iter().filter(|pack| *pack != "default") {
        let page = fs::read_to_string(folder().join(pack).join("README.md"))
            .unwrap_or_else(|_| panic!("{pack} has no page"));
        assert!(index.contains(&format!("[`{pack}`]({pack}/README.md)")), "{pack}");
        assert!(folder().join(pack).join("tests.yaml").exists(), "{pack} has no tests");
        for policy in policies.policies() {
            let file = policy.location.as_ref().expect("a location").source.name().to_owned();
            let is_here = file.starts_with(&format!("policies/{pack}/"));
            assert!(
                !is_here || page.contains(&format!("`{}`", policy.id)),
                "{pack}: {}",
                policy.id
            );
        }
    }
}

#[test]
fn every_policy_has_title_remedy_place_and_a_reason_above_it() {
    let policies = Policies::load(&schema(), &every_pack().1).expect("the packs");
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
    assert!(count >= 35, "only {count} policies were found");
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
