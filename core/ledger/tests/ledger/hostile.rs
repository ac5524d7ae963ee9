use std::fs;
use std::io::Write as _;

use proptest::prelude::*;
use provost_ledger::{Entry, FaultKind, LINE_BYTES, Ledger, Read, read};

use crate::{faults, log, now, options, record, segments, verified};

/// What verifying says of a log of one entry and then these bytes.
fn after(bytes: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 0, 1 << 20);
    let path = segments(folder.path()).pop().unwrap();
    fs::OpenOptions::new().append(true).open(path).unwrap().write_all(bytes).unwrap();
    faults(&verified(folder.path()))
}

#[test]
fn lines_that_are_no_entries_are_named() {
    let zeros = "0".repeat(64);
    let with = |record: &str| {
        format!(
            "{{\"hash\":\"sha256:{zeros}\",\"index\":1,\"previous\":\"sha256:{zeros}\",\"record\":{record}}}"
        )
    };
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".into(), "expected a value"),
        (b"\xff\xfe".into(), "it is not UTF-8 from byte 0 on"),
        (b"{}".into(), "it does not have the members of an entry"),
        (b"[]".into(), "it does not have the members of an entry"),
        (b"null\r".into(), "expected the end at byte 4"),
        (b"{\"hash\":1,\"hash\":1}".into(), "a key that repeats or is out of order"),
        (with("{\"a\":1,\"a\":2}").into(), "a key that repeats or is out of order"),
        (with("{\"b\":1,\"a\":2}").into(), "a key that repeats or is out of order"),
        (with("{\"a\": 1}").into(), "expected a value"),
        (with("{\"a\":1e999}").into(), "a number that is written in another way"),
        (with("{\"a\":\"\\ud800\"}").into(), "an escape that is not needed"),
        (with("\"text\"").into(), "it does not have the members of an entry"),
        (with("{},\"zz\":1").into(), "it does not have the members of an entry"),
        (with(&"[".repeat(1_000_000)).into(), "nested too deep"),
        (with(&"{\"a\":".repeat(1_000_000)).into(), "nested too deep"),
        (with("{}").replace(":1,", ":01,").into(), "a number that is written in another way"),
        (with("{}").replace(":1,", ":1.5,").into(), "it does not have the members of an entry"),
        (with("{}").replace(":1,", ":99999999999999999999,").into(), "another way"),
        (with("{}").replacen(&zeros, &"G".repeat(64), 1).into(), "members of an entry"),
    ];
    for (mut line, expected) in cases {
        let shown = String::from_utf8_lossy(&line).chars().take(120).collect::<String>();
        line.push(b'\n');
        let found = after(&line);
        assert_eq!(found.len(), 1, "{shown}: {found:?}");
        assert!(found[0].starts_with("2: altered: this is no entry: "), "{shown}: {found:?}");
        assert!(found[0].contains(expected), "{shown}: {found:?}");
    }
    // An entry, and a wrong one.
    let forged = after(format!("{}\n", with("{}")).as_bytes());
    assert_eq!(forged.len(), 2, "{forged:?}");
    assert!(forged[0].contains("entry 1 does not follow"), "{forged:?}");
    assert!(forged[1].contains("this is not entry 1 as it was written"), "{forged:?}");
}

#[test]
fn a_line_of_any_length_is_passed_over_in_bounded_memory() {
    let mut long = vec![b'x'; 3 * LINE_BYTES];
    long.push(b'\n');
    let found = after(&long);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("it has more than 16777216 bytes"), "{found:?}");
    long.pop();
    let found = after(&long);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn the_line_after_a_bad_one_is_still_judged() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 4, 1 << 20);
    let path = segments(folder.path()).pop().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    lines[1] = "garbage";
    lines.remove(3);
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    let found = verified(folder.path());
    assert!(matches!(found.faults[0].kind, FaultKind::Malformed(_)));
    assert_eq!(found.faults[1].kind, FaultKind::Missing { from: 3, to: 3 });
    assert_eq!(found.faults[1].line, 4);
}

#[test]
fn of_very_many_faults_the_first_are_kept_and_the_others_counted() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 0, 1 << 20);
    let path = segments(folder.path()).pop().unwrap();
    fs::OpenOptions::new().append(true).open(path).unwrap().write_all(&[b'\n'; 100_000]).unwrap();
    let found = verified(folder.path());
    assert_eq!((found.faults.len(), found.omitted), (100, 99_900));
}

#[test]
fn names_of_any_length_and_content_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path(), &options(), now()).unwrap();
    for id in ["\0\u{1b}[2J\n\r\t\"\\", "\u{202e}\u{feff}😀", "", &"x".repeat(1 << 20)] {
        ledger.append(&record(id)).unwrap();
    }
    let error = ledger.append(&record(&"x".repeat(LINE_BYTES))).unwrap_err();
    assert!(error.to_string().contains("more than the 16777216 of a line"), "{error}");
    ledger.append(&record("after")).unwrap();
    drop(ledger);
    let found = verified(folder.path());
    assert!(found.is_intact() && found.lines == 6, "{:?}", found.faults);
}

#[test]
fn other_files_in_the_folder_are_not_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 2, 1 << 20);
    for name in ["notes.txt", "1.jsonl", "000000000000000a.jsonl", "0000000000000009.jsonl.bak"] {
        fs::write(folder.path().join(name), "not of the log").unwrap();
    }
    assert!(verified(folder.path()).is_intact());
}

/// Used by the fuzz target too.
fn parses_without_panic(bytes: &[u8]) {
    if let Ok(entry) = Entry::parse(bytes) {
        assert!(provost_ledger::canonical::check(entry.record).is_ok());
        // What is an entry for us is JSON for everybody.
        let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(value["index"], entry.index);
        assert_eq!(value["hash"], entry.hash.to_string());
    }
}

proptest! {
    #[test]
    fn any_bytes_can_be_parsed(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        parses_without_panic(&bytes);
    }

    #[test]
    fn any_bytes_can_be_read_as_a_log(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("0000000000000000.jsonl"), &bytes).unwrap();
        verified(folder.path());
        let mut lines = 0;
        let mut each = |line: Read<'_>| {
            lines += 1;
            assert_eq!(line.line, lines);
            Ok(())
        };
        read(folder.path(), &mut each).unwrap();
        // Opening cuts off at most what no line feed ends.
        drop(Ledger::open(folder.path(), &options(), now()));
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let now = fs::read(folder.path().join("0000000000000000.jsonl")).unwrap();
        prop_assert_eq!(&now[..whole], &bytes[..whole]);
    }
}
