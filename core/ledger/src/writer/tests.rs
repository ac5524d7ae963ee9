#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::Error;
use crate::ledger::{Ledger, Options};
use crate::lines::Lines;
use crate::open::Tail;
use crate::record::{LogStart, Record};
use crate::storage::Storage;

/// What a storage holds, was told, and fails at.
#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    synced: usize,
    events: Vec<&'static str>,
    /// Bytes of the next append that arrive before it fails.
    torn: Option<usize>,
    fails: Vec<&'static str>,
}

#[derive(Clone, Default)]
struct Faulty(Arc<Mutex<State>>);

impl Faulty {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn event(&self, event: &'static str) -> io::Result<()> {
        let mut state = self.state();
        state.events.push(event);
        if state.fails.contains(&event) { Err(io::Error::other(event)) } else { Ok(()) }
    }

    fn lines(&self) -> usize {
        self.state().bytes.iter().filter(|byte| **byte == b'\n').count()
    }
}

impl Storage for Faulty {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.event("append")?;
        let mut state = self.state();
        if let Some(torn) = state.torn.take() {
            state.bytes.extend_from_slice(&lines[..torn.min(lines.len())]);
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.bytes.extend_from_slice(lines);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.event("sync")?;
        let mut state = self.state();
        state.synced = state.bytes.len();
        Ok(())
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.event("truncate")?;
        self.state().bytes.truncate(usize::try_from(bytes).unwrap());
        Ok(())
    }

    fn rotate(&mut self, _first: u64) -> io::Result<()> {
        self.event("rotate")
    }

    fn path(&self) -> &Path {
        Path::new("segment")
    }
}

fn ledger(storage: &Faulty, options: &Options) -> Ledger {
    let tail = Tail { segment: None, bytes: 0, head: None, torn: None };
    Ledger::start(storage.clone(), &tail, options, tempfile::tempfile().unwrap()).unwrap()
}

fn record() -> Record {
    Record::LogStart(LogStart::new("2026-03-31T12:00:00Z".parse().unwrap()).unwrap())
}

#[test]
fn a_record_is_acknowledged_after_it_was_synced() {
    let storage = Faulty::default();
    let ledger = ledger(&storage, &Options::default());
    for number in 1..20 {
        ledger.append(&record()).unwrap();
        let state = storage.state();
        assert_eq!(state.synced, state.bytes.len());
        assert_eq!(state.events.len(), 2 * number);
    }
}

#[test]
fn what_arrived_of_a_failed_write_is_taken_back_and_the_next_one_counts() {
    for torn in [0, 1, 50, 100_000] {
        let storage = Faulty::default();
        let ledger = ledger(&storage, &Options::default());
        let first = ledger.append(&record()).unwrap();
        storage.state().torn = Some(torn);
        let error = ledger.append(&record()).unwrap_err();
        assert!(matches!(error, Error::NotWritten { .. }), "{error}");
        assert_eq!(storage.lines(), 1);
        let second = ledger.append(&record()).unwrap();
        assert_eq!((first.index, second.index), (0, 1));
        assert_eq!(storage.lines(), 2);
    }
}

#[test]
fn after_what_cannot_be_taken_back_nothing_is_appended() {
    let storage = Faulty::default();
    let ledger = ledger(&storage, &Options::default());
    storage.state().torn = Some(10);
    storage.state().fails = vec!["truncate"];
    for _ in 0..3 {
        let error = ledger.append(&record()).unwrap_err();
        assert!(matches!(error, Error::Failed { .. }), "{error}");
    }
    assert_eq!(storage.state().events, ["append", "truncate"]);
}

/// A second `fsync` may succeed without the pages that the first one lost.
#[test]
fn after_a_failed_sync_nothing_is_acknowledged_any_more() {
    let storage = Faulty::default();
    let ledger = ledger(&storage, &Options::default());
    ledger.append(&record()).unwrap();
    storage.state().fails = vec!["sync"];
    assert!(matches!(ledger.append(&record()).unwrap_err(), Error::Failed { .. }));
    storage.state().fails.clear();
    assert!(matches!(ledger.append(&record()).unwrap_err(), Error::Failed { .. }));
    assert_eq!(storage.state().events, ["append", "sync", "append", "sync"]);
}

#[test]
fn a_segment_that_cannot_be_begun_is_tried_again() {
    let storage = Faulty::default();
    let ledger = ledger(&storage, &Options { segment_bytes: 1, ..Options::default() });
    ledger.append(&record()).unwrap();
    storage.state().fails = vec!["rotate"];
    assert!(matches!(ledger.append(&record()).unwrap_err(), Error::NotWritten { .. }));
    storage.state().fails.clear();
    assert_eq!(ledger.append(&record()).unwrap().index, 1);
    assert_eq!(storage.lines(), 2);
}

/// Everybody in a batch is told, and nobody of the next one.
#[test]
fn a_batch_is_acknowledged_as_a_whole_or_not_at_all() {
    let storage = Faulty::default();
    let ledger = ledger(&storage, &Options::default());
    for _ in 0..50 {
        storage.state().torn = Some(1000);
        let pending: Vec<_> = (0..20).map(|_| ledger.submit(&record()).unwrap()).collect();
        let acknowledged = pending.into_iter().filter_map(|pending| pending.wait().ok());
        let last = acknowledged.map(|checkpoint| checkpoint.index + 1).max();
        if let Some(last) = last {
            assert_eq!(storage.lines() as u64, last);
        }
        storage.state().torn = None;
    }
    let bytes = storage.state().bytes.clone();
    let mut lines = Lines::new(bytes.as_slice());
    let mut next = 0;
    while let Some(line) = lines.next().unwrap() {
        let crate::lines::Line::Whole(line) = line else { panic!("a torn line") };
        assert_eq!(crate::Entry::parse(line).unwrap().index, next);
        next += 1;
    }
}

#[test]
fn with_a_full_queue_an_asynchronous_caller_is_told_at_once() {
    let storage = Faulty::default();
    // A batch is one record: what the writer has taken out of the queue is no more than that.
    let options = Options { queue: 2, batch_bytes: 1, ..Options::default() };
    let ledger = ledger(&storage, &options);
    // While this is held, the writer cannot go on.
    let state = storage.state();
    let answers: Vec<_> = (0..10).map(|_| ledger.submit(&record())).collect();
    drop(state);
    let busy = answers.iter().filter(|answer| matches!(answer, Err(Error::Busy))).count();
    assert!(busy >= 7, "{busy}");
    for pending in answers.into_iter().flatten() {
        pending.wait().unwrap();
    }
}
