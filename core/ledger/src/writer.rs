//! The thread that writes. While one batch is made durable the next one gathers, so that the
//! cost of an `fsync` is shared by all who wait.

#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use provost_model::Digest;

use crate::checkpoint::Checkpoint;
use crate::ledger::{Durability, Options};
use crate::open::Tail;
use crate::storage::Storage;
use crate::{Error, entry};

pub(crate) type Answer = Result<Checkpoint, Error>;

/// A record to append, and who waits for it.
pub(crate) struct Request {
    /// Canonical JSON.
    pub(crate) record: String,
    pub(crate) answer: oneshot::Sender<Answer>,
}

pub(crate) struct Writer<S> {
    storage: S,
    /// The index of the next entry.
    next: u64,
    previous: Option<Digest>,
    /// Bytes of the segment that are known to be whole lines.
    bytes: u64,
    segment_bytes: u64,
    batch_bytes: usize,
    durability: Durability,
    /// Why nothing is appended any more.
    failure: Option<Error>,
}

impl<S: Storage> Writer<S> {
    pub(crate) fn new(storage: S, tail: &Tail, options: &Options) -> Self {
        Self {
            storage,
            next: tail.head.map_or(0, |head| head.index + 1),
            previous: tail.head.map(|head| head.hash),
            bytes: tail.bytes,
            segment_bytes: options.segment_bytes,
            batch_bytes: options.batch_bytes,
            durability: options.durability,
            failure: None,
        }
    }

    /// Write until nobody can ask any more.
    pub(crate) fn run(mut self, requests: &Receiver<Request>) {
        while let Ok(first) = requests.recv() {
            let mut bytes = first.record.len();
            let mut batch = vec![first];
            while bytes < self.batch_bytes {
                let Ok(request) = requests.try_recv() else { break };
                bytes += request.record.len();
                batch.push(request);
            }
            self.commit(batch);
        }
    }

    /// All of the batch is acknowledged, or nothing of it.
    fn commit(&mut self, batch: Vec<Request>) {
        let written = self.write(&batch);
        for (position, request) in batch.into_iter().enumerate() {
            let answer = match &written {
                Ok(checkpoints) => checkpoints.get(position).copied().ok_or(Error::Closed),
                Err(error) => Err(error.clone()),
            };
            // Whoever asked may have gone away.
            drop(request.answer.send(answer));
        }
    }

    fn write(&mut self, batch: &[Request]) -> Result<Vec<Checkpoint>, Error> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        self.rotate()?;
        let mut lines = Vec::new();
        let mut checkpoints = Vec::with_capacity(batch.len());
        let (mut index, mut previous) = (self.next, self.previous);
        for request in batch {
            let hash = entry::write(index, previous, &request.record, &mut lines);
            checkpoints.push(Checkpoint { index, hash });
            (index, previous) = (index + 1, Some(hash));
        }
        self.storage.append(&lines).map_err(|error| self.take_back(error))?;
        if self.durability == Durability::Disk {
            // After a failed `fsync` the system may have dropped the pages and call the next
            // one a success: only reading the file again shows what is there.
            self.storage.sync().map_err(|error| self.fail(error))?;
        }
        (self.next, self.previous) = (index, previous);
        self.bytes += lines.len() as u64;
        Ok(checkpoints)
    }

    fn rotate(&mut self) -> Result<(), Error> {
        if self.bytes < self.segment_bytes {
            return Ok(());
        }
        if self.durability == Durability::System {
            // What is on the disk of a later segment must not outlive an earlier one.
            self.storage.sync().map_err(|error| self.fail(error))?;
        }
        self.storage.rotate(self.next).map_err(|source| Error::NotWritten {
            path: self.storage.path().to_owned(),
            source: Arc::new(source),
        })?;
        self.bytes = 0;
        Ok(())
    }

    /// Remove what arrived of a batch that did not arrive as a whole.
    fn take_back(&mut self, error: io::Error) -> Error {
        match self.storage.truncate(self.bytes) {
            Ok(()) => {
                Error::NotWritten { path: self.storage.path().to_owned(), source: Arc::new(error) }
            }
            Err(_) => self.fail(error),
        }
    }

    fn fail(&mut self, error: io::Error) -> Error {
        let failure =
            Error::Failed { path: self.storage.path().to_owned(), source: Arc::new(error) };
        self.failure = Some(failure.clone());
        failure
    }
}
