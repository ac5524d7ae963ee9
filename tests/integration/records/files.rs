//! The file of a record: read, believed or not, and written.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use provost_engine::RecordFile;

use super::outcomes::{proved, said};
use super::{asked, component, digest, folder, problems, text_at, told, version, write};

#[test]
fn a_file_cannot_say_what_is_found_out() {
    let change = told(
        "apiVersion: provost.dev/v1\nkind: Component\nmetadata: { name: a }\nspec: { phase: Testing, sources: [] }\nstatus: { needs: [] }\n",
    );
    assert!(problems(&change, Path::new(".")).contains("`status`"));
    assert!(change.documents.is_empty());
}

#[test]
fn records_that_contradict_each_other_count_for_nothing() {
    let record = |name: &str, status: &str| {
        let digest = "0".repeat(64);
        format!(
            "---\napiVersion: provost.dev/v1\nkind: VerificationRecord\nmetadata: {{ name: {name} }}\nspec:\n  components:\n    a: {{ status: {status}, digest: 'sha256:{digest}' }}\n"
        )
    };
    let a = component("a", "phase: Testing, sources: []");
    let change = told(&(a.clone() + &record("r", "Verified") + &record("s", "Verified")));
    assert_eq!(problems(&change, Path::new(".")), "");
    assert_eq!(text_at(&change, "a", "/needs/0/status"), "Verified");
    let change = told(&(a + &record("r", "Verified") + &record("s", "Failed")));
    assert!(
        problems(&change, Path::new(".")).contains("two records say different things about `a`")
    );
    assert_eq!(text_at(&change, "a", "/needs/0/status"), "NotVerified");
}

#[test]
fn a_record_is_written_whole_and_read_again() {
    let base = folder(&[("a.txt", "1"), ("b.txt", "1")]);
    let text =
        component("a", "phase: Testing, dependsOn: ['on'], sources: [a.txt], specifications: [s]")
            + &component("on", "phase: Testing, sources: [b.txt], specifications: [s]");
    write(base.path(), "c.yaml", &text);
    let path = base.path().join("record.yaml");
    let zeros = "0".repeat(64);
    let by_hand = format!(
        "apiVersion: provost.dev/v1\nkind: VerificationRecord\nmetadata: {{ name: shop }}\nspec:\n  components:\n    \"1\": {{ status: InProgress, digest: 'sha256:{zeros}', by: \"Ann: '#1'\" }}\n"
    );
    fs::write(&path, by_hand).unwrap();
    let prove = |files: &[&str], at: &str| {
        let (change, development) = asked(base.path(), files);
        let components = change.documents.iter().filter(|one| one.object.kind == "Component");
        let answers: Vec<_> = components.map(|one| (one.as_ref(), proved())).collect();
        let mut record = RecordFile::load(&path).unwrap();
        let now: Timestamp = at.parse().unwrap();
        record.update(&development, &[said("s", &answers)], now, "provost");
        record.write().unwrap();
        (change, fs::read_to_string(&path).unwrap())
    };
    let (change, first) = prove(&["c.yaml"], "2026-03-01T12:00:00Z");
    let (a, on) = (digest(&change, "a"), digest(&change, "on"));
    let below = version(&change, "on");
    let expected = format!(
        "# `provost prove` writes this file. What it is not asked about stays as it is.\n\
         apiVersion: provost.dev/v1\nkind: VerificationRecord\nmetadata: {{ name: shop }}\nspec:\n  components:\n    \
         \"1\":\n      status: InProgress\n      digest: sha256:{zeros}\n      by: \"Ann: '#1'\"\n    \
         a:\n      status: Verified\n      digest: {a}\n      dependencies:\n        \"on\": {below}\n      at: \"2026-03-01T12:00:00Z\"\n      by: \"provost\"\n    \
         \"on\":\n      status: Verified\n      digest: {on}\n      at: \"2026-03-01T12:00:00Z\"\n      by: \"provost\"\n"
    );
    assert_eq!(first, expected);
    let (change, second) = prove(&["c.yaml", "record.yaml"], "2026-03-02T12:00:00Z");
    assert_eq!(second, first, "what was known already is not news");
    assert_eq!(problems(&change, base.path()), "");
    assert_eq!(text_at(&change, "a", "/needs/1/verified"), on);
    write(base.path(), "b.txt", "2");
    let (_, third) = prove(&["c.yaml", "record.yaml"], "2026-03-03T12:00:00Z");
    assert_eq!(third.matches("2026-03-03").count(), 2, "{third}");
    let names: Vec<_> =
        fs::read_dir(base.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "nothing is left beside it: {names:?}");
}

#[test]
fn a_file_that_is_no_record_is_not_written_over() {
    let base =
        folder(&[("other.yaml", "apiVersion: v1\nkind: Pod\n"), ("two.yaml", "a: 1\n---\nb: 2\n")]);
    for file in ["other.yaml", "two.yaml"] {
        assert!(RecordFile::load(&base.path().join(file)).is_err(), "{file}");
    }
    let new = RecordFile::load(&base.path().join("shop.yaml")).unwrap();
    assert!(
        new.text().contains("metadata: { name: shop }") && new.text().contains("components: {}")
    );
    assert!(RecordFile::load(&base.path().join("no/such/folder.yaml")).unwrap().write().is_err());
}
