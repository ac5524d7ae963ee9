//! What was not at hand is found out beside the requests, for the next one that asks it.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

use jiff::Timestamp;
use provost_engine::is_not_at_hand;
use provost_model::{Assessment, Change};

use crate::judge::AS_ASKED;
use crate::judging::Loaded;

/// Changes that wait for the solver. More are let go: they are asked again when they come again.
const WAITING: usize = 64;
/// Changes that are remembered as asked, so that a refusal that repeats costs one proof.
const REMEMBERED: usize = 10_000;

/// The thread that asks the solver.
pub(crate) struct Prover {
    sender: SyncSender<(Arc<Loaded>, Change)>,
    asked: Mutex<BTreeSet<String>>,
}

impl Prover {
    pub(crate) fn start() -> io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        thread::Builder::new().name("provost-prover".to_owned()).spawn(move || work(&receiver))?;
        Ok(Self { sender, asked: Mutex::default() })
    }

    /// Asks later what an assessment could not answer at once, if that is why.
    pub(crate) fn consider(&self, loaded: &Arc<Loaded>, change: &Change, said: &Assessment) {
        let mut unknowns = said.results.iter().flat_map(|result| &result.unknowns);
        if !unknowns.any(|one| is_not_at_hand(&one.reason)) {
            return;
        }
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= REMEMBERED {
            asked.clear();
        }
        if asked.insert(format!("{} {}", said.bundle, said.change)) {
            // A full queue is no reason to wait.
            let _ = self.sender.try_send((Arc::clone(loaded), change.clone()));
        }
    }
}

fn work(receiver: &Receiver<(Arc<Loaded>, Change)>) {
    for (loaded, change) in receiver {
        let judge = || loaded.bundle.assess_under(&change, Timestamp::now(), &AS_ASKED, &|_, _| {});
        // A panic here is a bug that no request waits for.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(judge)).is_err() {
            tracing::error!("a proof beside the requests panicked. This is a bug");
        }
    }
}
