//! The cache of compiled plugins: used when it can be trusted, mended when not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use provost_host::{Host, Limits};
use serde_json::json;

use crate::guests::{component, document, echo, hostile};

fn run(directory: &Path) {
    let host = Host::new(Some(directory.to_owned())).unwrap();
    let plugin =
        host.load("echo", &echo(), &json!("/metadata/name"), &[], Limits::default()).unwrap();
    assert_eq!(
        plugin.check(&[document("a", &json!({}))], &Arc::default()).findings[0].message,
        r#""a""#
    );
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(directory.join("compiled"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cwasm"))
        .collect();
    entries.sort();
    entries
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

#[test]
fn a_compiled_plugin_is_kept_privately_and_used_again() {
    let directory = tempfile::tempdir().unwrap();
    run(directory.path());
    let [entry] = &entries(directory.path())[..] else { panic!("one entry") };
    let written = modified(entry);
    run(directory.path());
    assert_eq!(modified(entry), written, "it was loaded, not compiled again");

    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let compiled = directory.path().join("compiled");
    assert_eq!(mode(&compiled), 0o700);
    for file in fs::read_dir(&compiled).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        assert_ne!(path.extension(), Some("tmp".as_ref()), "nothing is left behind");
    }
}

#[test]
fn whatever_happened_to_an_entry_it_is_compiled_again_and_replaced() {
    let directory = tempfile::tempdir().unwrap();
    run(directory.path());
    let entry = entries(directory.path()).remove(0);
    let good = fs::read(&entry).unwrap();
    let altered = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let damaged = [
        altered(0),
        altered(40),
        altered(good.len() / 2),
        altered(good.len() - 1),
        good[..good.len() - 1].to_vec(),
        good[..10].to_vec(),
        Vec::new(),
        [good.as_slice(), b"more"].concat(),
    ];
    for bytes in damaged {
        fs::write(&entry, &bytes).unwrap();
        run(directory.path());
        assert_ne!(fs::read(&entry).unwrap(), bytes, "it was replaced");
        let replaced = modified(&entry);
        run(directory.path());
        assert_eq!(modified(&entry), replaced, "the new entry is good");
    }
}

#[test]
fn an_entry_cannot_stand_in_for_another_plugin() {
    let directory = tempfile::tempdir().unwrap();
    run(directory.path());
    let echo = entries(directory.path()).remove(0);
    let host = Host::new(Some(directory.path().to_owned())).unwrap();
    let other = component(&hostile("trap.wat"), "1.0.0");
    host.load("trap", &other, &json!({}), &[], Limits::default()).unwrap();
    let trap = entries(directory.path()).into_iter().find(|path| *path != echo).unwrap();
    fs::copy(trap, &echo).unwrap();
    run(directory.path());
}

#[test]
fn entries_under_another_key_are_not_loaded() {
    let (mine, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(mine.path());
    run(theirs.path());
    let entry = entries(mine.path()).remove(0);
    let foreign = fs::read(entries(theirs.path()).remove(0)).unwrap();
    fs::write(&entry, &foreign).unwrap();
    run(mine.path());
    assert_ne!(fs::read(&entry).unwrap(), foreign);
}

#[test]
fn a_cache_that_others_can_enter_or_that_cannot_be_made_is_not_used() {
    let shared = tempfile::tempdir().unwrap();
    let compiled = shared.path().join("compiled");
    fs::create_dir(&compiled).unwrap();
    fs::set_permissions(&compiled, fs::Permissions::from_mode(0o755)).unwrap();
    run(shared.path());
    assert_eq!(fs::read_dir(&compiled).unwrap().count(), 0);

    let linked = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), linked.path().join("compiled")).unwrap();
    run(linked.path());
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);

    let file = tempfile::NamedTempFile::new().unwrap();
    run(&file.path().join("below"));
}
