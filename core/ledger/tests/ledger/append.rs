use std::fs;

use proptest::prelude::*;
use provost_ledger::{Checkpoint, Error, Ledger, Options, head, verify};
use provost_model::Problem;

use crate::{ids, log, now, options, record, segments, verified};

#[test]
fn what_is_appended_is_there_in_order_and_verifies() {
    let folder = tempfile::tempdir().unwrap();
    log(folder.path(), 5, 1 << 20);
    assert_eq!(ids(folder.path()), ["0", "1", "2", "3", "4"]);
    let found = verified(folder.path());
    assert!(found.is_intact());
    assert_eq!((found.lines, found.segments, found.first), (6, 1, Some(0)));
    assert_eq!(found.head, head(folder.path()).unwrap());
}

#[test]
fn a_record_is_acknowledged_with_the_checkpoint_of_its_entry() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path(), &Options::default(), now()).unwrap();
    let first = ledger.append(&record("a")).unwrap();
    let second = ledger.append(&record("b")).unwrap();
    assert_eq!((first.index, second.index), (1, 2));
    // The log is open still: what was acknowledged is there for others.
    assert_eq!(head(folder.path()).unwrap(), Some(second));
    for checkpoint in [first, second] {
        assert!(verify(folder.path(), Some(checkpoint)).unwrap().is_intact());
        assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint));
    }
    for wrong in ["", "1", "sha256:00", "x:sha256:00", &format!("+{first}")] {
        assert!(wrong.parse::<Checkpoint>().is_err(), "{wrong}");
    }
}

#[test]
fn the_chain_goes_on_across_segments_and_openings() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..4 {
        let options = Options { segment_bytes: 2000, ..options() };
        let ledger = Ledger::open(folder.path(), &options, now()).unwrap();
        for number in 0..5 {
            ledger.append(&record(&format!("{round}-{number}"))).unwrap();
        }
    }
    let found = verified(folder.path());
    assert!(found.is_intact(), "{:?}", found.faults);
    assert_eq!(found.lines, 21);
    assert!(found.segments > 4, "{}", found.segments);
    assert_eq!(ids(folder.path()).len(), 20);
    let names = segments(folder.path());
    assert!(names[0].ends_with("0000000000000000.jsonl"));
}

#[test]
fn no_two_logs_are_alike() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [a, b] = folders.each_ref().map(|folder| {
        log(folder.path(), 1, 1 << 20);
        head(folder.path()).unwrap().unwrap()
    });
    assert_eq!(a.index, b.index);
    assert_ne!(a.hash, b.hash);
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let first = Ledger::open(folder.path(), &options(), now()).unwrap();
    let error = Ledger::open(folder.path(), &options(), now()).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }));
    let problem = Problem::from(&error);
    assert_eq!(problem.subject, Some(folder.path().display().to_string()));
    drop(first);
    Ledger::open(folder.path(), &options(), now()).unwrap();
}

#[test]
fn a_second_writer_may_wait() {
    let folder = tempfile::tempdir().unwrap();
    let first = Ledger::open(folder.path(), &options(), now()).unwrap();
    std::thread::scope(|scope| {
        let second = scope.spawn(|| {
            let wait = std::time::Duration::from_secs(60);
            let ledger =
                Ledger::open(folder.path(), &Options { wait, ..options() }, now()).unwrap();
            ledger.append(&record("second")).unwrap();
        });
        first.append(&record("first")).unwrap();
        drop(first);
        second.join().unwrap();
    });
    assert_eq!(ids(folder.path()), ["first", "second"]);
}

#[test]
fn many_threads_share_a_log_and_nothing_is_lost_or_twice() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { segment_bytes: 20_000, ..options() };
    let ledger = Ledger::open(folder.path(), &options, now()).unwrap();
    let mut acknowledged: Vec<(u64, String)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|thread| {
                let ledger = &ledger;
                let append = move |number| {
                    let id = format!("{thread}-{number}");
                    (ledger.append(&record(&id)).unwrap().index, id)
                };
                scope.spawn(move || (0..50).map(append).collect::<Vec<_>>())
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    drop(ledger);
    acknowledged.sort();
    let expected: Vec<_> = acknowledged.into_iter().map(|(_, id)| id).collect();
    assert_eq!(ids(folder.path()), expected);
    assert!(verified(folder.path()).is_intact());
}

/// A runtime of one future: the log must not need any other.
fn block_on<F: IntoFuture>(future: F) -> F::Output {
    use std::sync::Arc;
    use std::task::{Context, Poll, Wake};
    struct Thread(std::thread::Thread);
    impl Wake for Thread {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Thread(std::thread::current())).into();
    let mut context = Context::from_waker(&waker);
    let mut future = std::pin::pin!(future.into_future());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::thread::park();
    }
}

#[test]
fn an_append_can_be_awaited() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path(), &Options::default(), now()).unwrap();
    let pending: Vec<_> =
        (0..100).map(|number| ledger.submit(&record(&number.to_string())).unwrap()).collect();
    for (number, pending) in pending.into_iter().enumerate() {
        assert_eq!(block_on(pending).unwrap().index, number as u64 + 1);
    }
}

#[test]
fn what_waits_is_written_before_the_log_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path(), &Options::default(), now()).unwrap();
    for number in 0..100 {
        drop(ledger.submit(&record(&number.to_string())).unwrap());
    }
    drop(ledger);
    assert_eq!(ids(folder.path()).len(), 100);
}

#[cfg(unix)]
#[test]
fn only_its_user_can_enter_a_log() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("a/log");
    log(&folder, 1, 1 << 20);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&segments(&folder)[0]), 0o600);
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Ledger::open(&file, &options(), now()).unwrap_err();
    let problem = Problem::from(&error).to_string();
    assert!(problem.starts_with(&file.display().to_string()), "{problem}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_sequence_of_appends_and_openings_comes_back(
        rounds in prop::collection::vec(prop::collection::vec("\\PC{0,20}", 0..8), 1..5),
        segment_bytes in 1_u64..5000,
        batch_bytes in 1_usize..5000,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { segment_bytes, batch_bytes, ..options() };
        for round in &rounds {
            let ledger = Ledger::open(folder.path(), &options, now()).unwrap();
            prop_assert_eq!(ledger.recovery(), None);
            let pending: Vec<_> =
                round.iter().map(|id| ledger.submit(&record(id)).unwrap()).collect();
            for pending in pending {
                pending.wait().unwrap();
            }
        }
        prop_assert_eq!(ids(folder.path()), rounds.concat());
        let found = verified(folder.path());
        prop_assert!(found.is_intact(), "{:?}", found.faults);
    }
}
