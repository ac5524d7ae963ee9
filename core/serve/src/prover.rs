//! What was not at hand is found out beside the requests, for the next one that asks it.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

use provost_engine::is_not_at_hand;
use provost_model::{Assessment, Change, CheckResult};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::judging::Loaded;

/// Changes that wait for the solver. More are let go: they are asked again when they come again.
const WAITING: usize = 64;
/// KiB of the requests that wait for the solver: so many changes of the largest size would be
/// more memory than all requests under way may take.
const WAITING_KIB: usize = 16 << 10;
/// Changes that are remembered as asked, so that a refusal that repeats costs one proof.
const REMEMBERED: usize = 10_000;

/// A change that waits, and its part of the room.
type Waiting = (Arc<Loaded>, Change, OwnedSemaphorePermit);

/// The thread that asks the solver.
pub(crate) struct Prover {
    sender: SyncSender<Waiting>,
    /// A permit for each KiB that waits.
    room: Arc<Semaphore>,
    asked: Mutex<BTreeSet<String>>,
}

impl Prover {
    pub(crate) fn start() -> io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        thread::Builder::new().name("provost-prover".to_owned()).spawn(move || work(&receiver))?;
        let room = Arc::new(Semaphore::new(WAITING_KIB));
        Ok(Self { sender, room, asked: Mutex::default() })
    }

    /// Asks later what an assessment could not answer at once, if that is why; the request had
    /// so many bytes.
    pub(crate) fn consider(
        &self,
        loaded: &Arc<Loaded>,
        change: &Change,
        said: &Assessment,
        bytes: usize,
    ) {
        let is_open = |result: &CheckResult| {
            result.late > 0 || result.unknowns.iter().any(|one| is_not_at_hand(&one.reason))
        };
        if !said.results.iter().any(is_open) {
            return;
        }
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= REMEMBERED {
            asked.clear();
        }
        let name = format!("{} {} {}", said.bundle, said.change, loaded.reading());
        // A full queue is no reason to wait; what it does not take is asked when it comes again.
        if !asked.contains(&name) && self.adds(loaded, change, bytes) {
            asked.insert(name);
        }
    }

    fn adds(&self, loaded: &Arc<Loaded>, change: &Change, bytes: usize) -> bool {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(kib);
        let add = |room| self.sender.try_send((loaded.for_later(), change.clone(), room)).is_ok();
        room.is_ok_and(add)
    }
}

fn work(receiver: &Receiver<Waiting>) {
    for (loaded, change, _room) in receiver {
        let loaded = loaded.by_now();
        let judge = || loaded.rehearse(&change, &loaded.circumstances());
        // A panic here is a bug that no request waits for.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(judge)).is_err() {
            tracing::error!("a proof beside the requests panicked. This is a bug");
        }
    }
}
