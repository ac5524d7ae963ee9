//! Appending: many threads ask, one writes, and everybody waits for the same `fsync`.

use std::fs::File;
use std::future::IntoFuture;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;

use crate::checkpoint::Checkpoint;
use crate::lines::LINE_BYTES;
use crate::open::{Tail, lock};
use crate::record::{LogStart, Record, Recovery};
use crate::segment::Segment;
use crate::storage::{Segments, Storage, make_folder};
use crate::writer::{Answer, Request, Writer};
use crate::{Error, canonical};

/// How a log is written.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes after which another segment begins.
    pub segment_bytes: u64,
    /// Bytes written with one `fsync`, roughly.
    pub batch_bytes: usize,
    /// Records that may wait to be written.
    pub queue: usize,
    /// How long to wait for another process that appends.
    pub wait: Duration,
    /// When is a record acknowledged?
    pub durability: Durability,
}

/// When a record is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// When it is on the disk: nothing acknowledged is lost when the machine stops.
    Disk,
    /// When the system has it: nothing acknowledged is lost when the process is killed, but
    /// some may be when the machine stops.
    System,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            batch_bytes: 1 << 20,
            queue: 1024,
            wait: Duration::ZERO,
            durability: Durability::Disk,
        }
    }
}

/// A log that is open for appending, by this process alone.
///
/// Share it between threads by reference. Dropping it writes what waits and ends.
#[derive(Debug)]
pub struct Ledger {
    requests: Option<SyncSender<Request>>,
    thread: Option<JoinHandle<()>>,
    recovery: Option<Recovery>,
    /// Unlocked when it is closed.
    _lock: File,
}

/// An append that goes on: wait for it, or `await` it.
#[derive(Debug)]
pub struct Pending(oneshot::Receiver<Answer>);

impl Pending {
    /// Wait until the record is in the log for good.
    ///
    /// # Errors
    /// When it is not; see [`Error`].
    pub fn wait(self) -> Result<Checkpoint, Error> {
        self.0.recv().unwrap_or(Err(Error::Closed))
    }
}

/// The future of an append.
#[derive(Debug)]
pub struct Appended(oneshot::AsyncReceiver<Answer>);

impl Future for Appended {
    type Output = Result<Checkpoint, Error>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0)
            .poll(context)
            .map(|answer| answer.unwrap_or(Err(Error::Closed)))
    }
}

impl IntoFuture for Pending {
    type Output = Result<Checkpoint, Error>;
    type IntoFuture = Appended;

    fn into_future(self) -> Appended {
        Appended(self.0.into_future())
    }
}

impl Ledger {
    /// Open the log in a folder, or begin one, as of `now`.
    ///
    /// The beginning of a line that a crash left at the end was never acknowledged: it is cut
    /// off, and that is recorded (see [`Ledger::recovery`]).
    ///
    /// # Errors
    /// When the folder cannot be used, another process appends, or the last whole line is not
    /// as it was written.
    pub fn open(folder: &Path, options: &Options, now: Timestamp) -> Result<Self, Error> {
        let unusable = |error| Error::file(folder, "the folder cannot be used", error);
        make_folder(folder).map_err(unusable)?;
        let lock = lock(folder, options.wait)?;
        let tail = Tail::find(folder)?;
        let segment = tail.segment.clone().unwrap_or_else(|| Segment::new(folder, 0));
        let unopened = |error| Error::file(&segment.path, "the segment cannot be opened", error);
        let mut storage = Segments::open(folder, &segment).map_err(unopened)?;
        let recovery = tail.torn.map(|torn| Recovery::new(torn, now));
        if recovery.is_some() {
            let uncut = |error| Error::file(&segment.path, "the torn line cannot be cut", error);
            storage.truncate(tail.bytes).and_then(|()| storage.sync()).map_err(uncut)?;
        }
        let mut ledger = Self::start(storage, &tail, options, lock)?;
        if tail.head.is_none() {
            ledger.append(&Record::LogStart(LogStart::new(now)?))?;
        }
        if let Some(recovery) = recovery {
            ledger.append(&Record::Recovery(recovery.clone()))?;
            ledger.recovery = Some(recovery);
        }
        Ok(ledger)
    }

    /// Begin to write after the end that was found.
    pub(crate) fn start(
        storage: impl Storage,
        tail: &Tail,
        options: &Options,
        lock: File,
    ) -> Result<Self, Error> {
        let (requests, inbox): (_, Receiver<Request>) = sync_channel(options.queue);
        let writer = Writer::new(storage, tail, options);
        let thread = std::thread::Builder::new()
            .name("decision-log".to_owned())
            .spawn(move || writer.run(&inbox))
            .map_err(|error| Error::file("decision log", "no thread can be started", error))?;
        Ok(Self { requests: Some(requests), thread: Some(thread), recovery: None, _lock: lock })
    }

    /// What opening cut off, if a crash had left something.
    pub fn recovery(&self) -> Option<&Recovery> {
        self.recovery.as_ref()
    }

    /// Append a record and wait until it is there for good.
    ///
    /// # Errors
    /// When it is not, or may not be: the caller must not act as if it were recorded.
    pub fn append(&self, record: &Record) -> Result<Checkpoint, Error> {
        let (request, pending) = request(record)?;
        let requests = self.requests.as_ref().ok_or(Error::Closed)?;
        requests.send(request).map_err(|_| Error::Closed)?;
        pending.wait()
    }

    /// Begin to append a record, without waiting: for asynchronous callers.
    ///
    /// # Errors
    /// [`Error::Busy`] when [`Options::queue`] records wait already.
    pub fn submit(&self, record: &Record) -> Result<Pending, Error> {
        let (request, pending) = request(record)?;
        let requests = self.requests.as_ref().ok_or(Error::Closed)?;
        requests.try_send(request).map_err(|error| match error {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Disconnected(_) => Error::Closed,
        })?;
        Ok(pending)
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // The thread ends when nobody can ask any more, after what waits is written.
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// The record as canonical JSON, made on the caller's thread.
fn request(record: &Record) -> Result<(Request, Pending), Error> {
    let record = canonical::write(&record.to_json())?;
    // The other members of an entry take less than this.
    let bytes = record.len() + 512;
    if bytes > LINE_BYTES {
        return Err(Error::TooLong(bytes));
    }
    let (answer, answered) = oneshot::channel();
    Ok((Request { record, answer }, Pending(answered)))
}
