//! Bounded queues and the threads that judge: work never runs on the threads of connections,
//! and what cannot be judged in time is refused before it waits.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use rayon::ThreadPoolBuilder;

use crate::metrics::Metrics;

/// Which queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// What an API server waits for.
    Review,
    /// Dry runs: judged when nothing else waits.
    DryRun,
}

impl Lane {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::DryRun => "dry-run",
        }
    }
}

/// Something to do.
pub(crate) struct Job {
    /// After that nobody waits for it.
    pub(crate) until: Instant,
    /// It answers by itself. What panics in it is caught; then it is dropped unanswered.
    pub(crate) work: Box<dyn FnOnce() + Send>,
}

/// Why a job is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The queue is full.
    Full,
    /// The server stops.
    Stopped,
}

/// The queues, and what waits in them.
pub(crate) struct Lanes {
    queues: Mutex<Queues>,
    added: Condvar,
    limits: [usize; 2],
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Queues {
    review: VecDeque<Job>,
    dry_run: VecDeque<Job>,
    stopped: bool,
}

impl Lanes {
    /// Queues of these lengths.
    pub(crate) fn new(review: usize, dry_run: usize, metrics: Arc<Metrics>) -> Arc<Self> {
        let (queues, added) = (Mutex::default(), Condvar::new());
        Arc::new(Self { queues, added, limits: [review, dry_run], metrics })
    }

    /// Starts so many judging threads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(self: &Arc<Self>, judges: usize) -> std::io::Result<()> {
        for number in 0..judges.max(1) {
            let lanes = Arc::clone(self);
            let name = format!("provost-judge-{number}");
            thread::Builder::new().name(name).spawn(move || {
                // What the engine shares out stays on this thread: a review neither waits for
                // another, nor takes part in it.
                let pool = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
                if let Err(error) = &pool {
                    tracing::warn!(%error, "reviews share their threads");
                }
                lanes.work();
            })?;
        }
        Ok(())
    }

    /// Adds a job, if there is room.
    pub(crate) fn add(&self, lane: Lane, job: Job) -> Result<(), Refused> {
        let mut queues = self.lock();
        if queues.stopped {
            return Err(Refused::Stopped);
        }
        let [review, dry_run] = self.limits;
        let (queue, limit) = match lane {
            Lane::Review => (&mut queues.review, review),
            Lane::DryRun => (&mut queues.dry_run, dry_run),
        };
        if queue.len() >= limit {
            return Err(Refused::Full);
        }
        queue.push_back(job);
        let waiting = queue.len();
        drop(queues);
        self.metrics.waiting(lane, waiting);
        self.added.notify_one();
        Ok(())
    }

    /// Takes nothing more; what waits is still done.
    pub(crate) fn stop(&self) {
        self.lock().stopped = true;
        self.added.notify_all();
    }

    fn work(&self) {
        while let Some(job) = self.next() {
            if Instant::now() >= job.until {
                self.metrics.expired();
                continue;
            }
            // A panic is our bug, and that of one review alone: its sender is dropped, which
            // is an error, never an answer.
            if catch_unwind(AssertUnwindSafe(job.work)).is_err() {
                self.metrics.panicked();
                tracing::error!("a review panicked; it is answered with an error. This is a bug");
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut queues = self.lock();
        loop {
            let job = match queues.review.pop_front() {
                Some(job) => Some((Lane::Review, job, queues.review.len())),
                None => {
                    queues.dry_run.pop_front().map(|job| (Lane::DryRun, job, queues.dry_run.len()))
                }
            };
            if let Some((lane, job, waiting)) = job {
                drop(queues);
                self.metrics.waiting(lane, waiting);
                return Some(job);
            }
            if queues.stopped {
                return None;
            }
            queues = self.added.wait(queues).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
