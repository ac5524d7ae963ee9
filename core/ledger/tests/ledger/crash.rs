use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use provost_ledger::{Error, Ledger, Options, head, verify};
use provost_model::Problem;

use crate::{ids, log, now, options, record, segments, verified};

/// Names the folder, for the process that is killed.
const FOLDER: &str = "PROVOST_TEST_LOG";

/// Not a test by itself: with [`FOLDER`] it appends for ever from four threads, and prints what
/// was acknowledged.
#[test]
fn appends_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let options = Options { segment_bytes: 20_000, ..Options::default() };
    let ledger = Ledger::open(Path::new(&folder), &options, now()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let ledger = &ledger;
            scope.spawn(move || {
                for number in 0_u64.. {
                    let id = format!("{}-{thread}-{number}", std::process::id());
                    let checkpoint = ledger.append(&record(&id)).unwrap();
                    // One write, so that a line is whole or not there.
                    let line = format!("\nacknowledged {id} {checkpoint}\n");
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                    std::io::stdout().flush().unwrap();
                }
            });
        }
    });
}

/// Kill a process that appends, after so many acknowledgements and so much time; what it had
/// acknowledged, each as `id checkpoint`.
fn killed(folder: &Path, acknowledgements: usize, more: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::appends_until_killed", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Vec::new();
    let mut note = |line: std::io::Result<String>| {
        acknowledged.extend(line.unwrap().strip_prefix("acknowledged ").map(str::to_owned));
        acknowledged.len()
    };
    while note(lines.next().expect("it appends until it is killed")) < acknowledgements {}
    std::thread::sleep(more);
    // SIGKILL.
    child.kill().unwrap();
    // What the pipe holds was printed before.
    lines.for_each(|line| {
        note(line);
    });
    child.wait().unwrap();
    // The last line may have been cut by the kill.
    acknowledged.retain(|line| line.rsplit(':').next().is_some_and(|hash| hash.len() == 64));
    acknowledged
}

#[test]
fn whenever_it_is_killed_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..40 {
        let more = Duration::from_micros(round * 137 % 3000);
        acknowledged.extend(killed(folder.path(), 1 + round as usize % 7, more));
        // A line that the kill cut is cut off by the next opening, which does the same again.
        let unfinished = verified(folder.path());
        assert!(unfinished.is_intact() || unfinished.is_unfinished(), "{:?}", unfinished.faults);
    }
    drop(Ledger::open(folder.path(), &options(), now()).unwrap());
    let found = verified(folder.path());
    assert!(found.is_intact(), "{:?}", found.faults);
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
    let recorded: std::collections::BTreeSet<_> = ids(folder.path()).into_iter().collect();
    for (position, line) in acknowledged.iter().enumerate() {
        let (id, checkpoint) = line.split_once(' ').unwrap();
        assert!(recorded.contains(id), "{id} was acknowledged and is not there");
        // Not only there, but where it was said to be.
        if position % 50 == 0 {
            let found = verify(folder.path(), Some(checkpoint.parse().unwrap())).unwrap();
            assert!(found.is_intact(), "{:?}", found.faults);
        }
    }
}

/// Every prefix of the last line, as a crash may leave it.
#[test]
fn a_line_torn_at_any_byte_is_cut_off_and_that_is_recorded() {
    let original = tempfile::tempdir().unwrap();
    log(original.path(), 3, 1 << 20);
    let bytes = fs::read(&segments(original.path())[0]).unwrap();
    let whole = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for end in whole..bytes.len() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("0000000000000000.jsonl");
        fs::write(&path, &bytes[..end]).unwrap();
        let torn = end - whole;
        let found = verified(folder.path());
        assert_eq!((found.is_intact(), found.is_unfinished()), (torn == 0, torn > 0));

        let ledger = Ledger::open(folder.path(), &options(), now()).unwrap();
        let recovery = ledger.recovery().cloned();
        assert_eq!(recovery.map_or(0, |recovery| recovery.bytes), torn as u64);
        ledger.append(&record("after")).unwrap();
        drop(ledger);
        let found = verified(folder.path());
        assert!(found.is_intact(), "{end}: {:?}", found.faults);
        assert_eq!(found.recoveries, u64::from(torn > 0));
        assert_eq!(ids(folder.path()), ["0", "1", "after"]);
    }
}

/// Blocks that were never written hold zeros where the machine stopped.
#[test]
fn zeros_at_the_end_are_a_torn_line() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 3, 1 << 20);
    let path = segments(folder.path()).pop().unwrap();
    let bytes = fs::metadata(&path).unwrap().len();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(bytes + 8192).unwrap();
    let ledger = Ledger::open(folder.path(), &options(), now()).unwrap();
    assert_eq!(ledger.recovery().unwrap().bytes, 8192);
    drop(ledger);
    assert!(verified(folder.path()).is_intact());
}

#[test]
fn a_crash_before_the_first_line_of_a_segment_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 8, 2000);
    let next = head(folder.path()).unwrap().unwrap().index + 1;
    for torn in ["", "{\"hash\":\"sha2"] {
        let empty = folder.path().join(format!("{next:016}.jsonl"));
        fs::write(&empty, torn).unwrap();
        let ledger = Ledger::open(folder.path(), &options(), now()).unwrap();
        assert_eq!(ledger.recovery().is_some(), !torn.is_empty());
        drop(ledger);
        let found = verified(folder.path());
        assert!(found.is_intact(), "{:?}", found.faults);
        assert_eq!(ids(folder.path()).len(), 8);
        if torn.is_empty() {
            fs::remove_file(&empty).unwrap();
        }
    }
}

/// A crash in the very first line.
#[test]
fn a_log_that_was_hardly_begun_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("0000000000000000.jsonl"), "{\"hash\"").unwrap();
    let ledger = Ledger::open(folder.path(), &options(), now()).unwrap();
    assert_eq!(ledger.recovery().unwrap().bytes, 7);
    ledger.append(&record("a")).unwrap();
    drop(ledger);
    let found = verified(folder.path());
    assert!(found.is_intact(), "{:?}", found.faults);
    assert_eq!((found.lines, found.recoveries), (3, 1));
}

/// A whole line that is not as it was written is no work of a crash: nothing is cut off.
#[test]
fn a_damaged_last_line_is_refused_and_left_as_it_is() {
    for damage in ["altered", "not json", "more than a crash leaves"] {
        let folder = tempfile::tempdir().unwrap();
        log(folder.path(), 3, 1 << 20);
        let path = segments(folder.path()).pop().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        match damage {
            "altered" => {
                let at = bytes.len() - 10;
                bytes[at] ^= 1;
            }
            "not json" => bytes.extend_from_slice(b"hello\n"),
            _ => bytes.resize(bytes.len() + (40 << 20), 0),
        }
        fs::write(&path, &bytes).unwrap();
        let error = Ledger::open(folder.path(), &options(), now()).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        assert!(Problem::from(&error).help.unwrap().contains("provost log verify"));
        assert!(fs::read(&path).unwrap() == bytes, "{damage}: it was touched");
    }
}

/// Without the segment before it, nobody can say what an empty segment follows.
#[test]
fn a_lone_empty_segment_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("0000000000000007.jsonl"), "").unwrap();
    let error = Ledger::open(folder.path(), &options(), now()).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}
