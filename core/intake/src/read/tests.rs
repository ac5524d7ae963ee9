#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::fs;
use std::sync::Mutex;

use super::*;

fn pod(name: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n")
}

fn names(change: &Change) -> Vec<String> {
    change.documents.iter().map(|document| document.object.name.clone()).collect()
}

#[test]
fn inputs_are_read_in_their_order() {
    let root = tempfile::tempdir().unwrap();
    for number in 0..50 {
        fs::write(root.path().join(format!("{number:02}.yaml")), pod(&format!("p{number:02}")))
            .unwrap();
    }
    let first = root.path().join("no-extension");
    fs::write(&first, pod("first")).unwrap();
    let inputs =
        [Input::Path(first), Input::Stdin, Input::Path(root.path().to_owned()), Input::Stdin];
    let told = Mutex::new(Vec::new());
    let change = read(&inputs, &mut pod("piped").as_bytes(), &Limits::default(), &|done, all| {
        told.lock().unwrap().push((done, all));
    });
    let mut expected = vec!["first".to_owned(), "piped".to_owned()];
    expected.extend((0..50).map(|number| format!("p{number:02}")));
    assert_eq!(names(&change), expected);
    assert_eq!(change.documents[1].source.name(), "<stdin>");
    assert!(change.problems.is_empty());
    let mut told = told.into_inner().unwrap();
    told.sort_unstable();
    assert_eq!(told, (1..=52).map(|done| (done, 52)).collect::<Vec<_>>());
}

#[test]
fn one_bad_file_does_not_hide_its_neighbours() {
    let root = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(root.path().join(name), bytes).unwrap();
    write("a.yaml", pod("a").as_bytes());
    write("b.yaml", b"a: [");
    write("c.yaml", b"\x00\x01\x02");
    write("d.yaml", "x".repeat(1001).as_bytes());
    write(
        "e.yaml",
        b"\xFF\xFEk\0i\0n\0d\0:\0 \0P\0o\0d\0\n\0a\0p\0i\0V\0e\0r\0s\0i\0o\0n\0:\0 \0v\x001\0",
    );
    write("f.yaml", b"replicaCount: 1\n");
    write("g.yaml", pod("g").as_bytes());
    let limits = Limits { file_bytes: 1000, ..Limits::default() };
    let inputs = [Input::Path(root.path().to_owned()), Input::Path(root.path().join("missing"))];
    let change = read(&inputs, &mut io::empty(), &limits, &|_, _| {});
    assert_eq!(names(&change), ["a", "(unnamed)", "g"]);
    let codes: Vec<_> = change.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["not-found", "yaml-syntax", "not-text", "too-large"]);
    assert!(change.problems.iter().all(|problem| problem.help.is_some()));
    assert_eq!(change.skipped.len(), 1);
    assert!(change.skipped[0].subject.ends_with("f.yaml"));
}

#[test]
fn more_from_standard_input_than_allowed_is_a_problem() {
    let limits = Limits { file_bytes: 1000, ..Limits::default() };
    let change = read(&[Input::Stdin], &mut io::repeat(b'#'), &limits, &|_, _| {});
    assert_eq!(
        change.problems[0].to_string(),
        "<stdin>: is larger than 1000 bytes [too-large]; split it, or raise `limits.fileBytes` in the gate file if it is trusted"
    );
}
