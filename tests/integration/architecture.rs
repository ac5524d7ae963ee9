//! The dependency table of `core/ARCHITECTURE.md` is the truth, and so are its sentences.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use provost_tests::root;

type Edges = BTreeMap<String, BTreeSet<String>>;

/// Rows `| crate | sentence | dependencies |` of the first table.
fn documented() -> Edges {
    let text = fs::read_to_string(root().join("core/ARCHITECTURE.md")).unwrap();
    let rows = text.lines().skip_while(|line| !line.starts_with("| crate |")).skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
            let names = |cell: &str| -> BTreeSet<String> {
                cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
            };
            (names(cells[0]).pop_first().unwrap(), names(cells[2]))
        })
        .collect()
}

/// What the manifests of `core/` say, without development and build dependencies.
fn declared() -> Edges {
    let folders = fs::read_dir(root().join("core")).unwrap().map(|entry| entry.unwrap().path());
    folders
        .filter(|folder| folder.join("Cargo.toml").exists())
        .map(|folder| {
            let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
            (name, dependencies(&folder.join("Cargo.toml")))
        })
        .collect()
}

fn dependencies(manifest: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(manifest).unwrap();
    let section = text.split("\n[").find(|section| section.starts_with("dependencies]"));
    let lines = section.unwrap_or_default().lines();
    lines
        .filter_map(|line| line.strip_prefix("provost-")?.split(['.', ' ', '=']).next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_dependency_edge_is_in_the_architecture_table() {
    assert_eq!(documented(), declared());
}

/// A crate that "names" a library is the only one that depends on it. Cedar has two: one asks
/// its authorizer, one its symbolic compiler, which takes and gives Cedar's own types.
#[test]
fn every_judge_is_named_by_one_crate() {
    let owners = [
        ("wasmtime", "core/host"),
        ("cedar-policy", "core/policy"),
        ("cedar-policy", "core/analysis"),
        ("cedar-policy-symcc", "core/analysis"),
        ("z3", "core/verify"),
        ("cel", "core/spec"),
        ("jsonschema", "core/syntax"),
        ("hyper", "core/serve"),
        ("rustls", "core/serve"),
        ("clap", "core/cli"),
    ];
    for entry in fs::read_dir(root().join("core")).unwrap() {
        let manifest = entry.unwrap().path().join("Cargo.toml");
        let Ok(text) = fs::read_to_string(&manifest) else { continue };
        let section = text.split("\n[").find(|section| section.starts_with("dependencies]"));
        for line in section.unwrap_or_default().lines() {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            let owners = owners.iter().filter(|(library, _)| *library == name);
            let owners: Vec<_> = owners.map(|(_, owner)| *owner).collect();
            assert!(
                owners.is_empty()
                    || owners.iter().any(|one| manifest.starts_with(root().join(one))),
                "{} depends on {name}, which belongs to {}",
                manifest.display(),
                owners.join(" and ")
            );
        }
    }
}

#[test]
fn every_crate_describes_itself_as_the_only_one() {
    for name in declared().keys().filter(|name| *name != "cli" && *name != "xtask") {
        let manifest = root().join("core").join(name).join("Cargo.toml");
        let text = fs::read_to_string(manifest).unwrap();
        assert!(text.contains("description = \"The only crate that"), "{name}");
    }
}
