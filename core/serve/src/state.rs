//! What all connections share: what is judged by, and how it is.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use provost_model::Problem;
use tokio::sync::Semaphore;

use crate::cluster::{Current, Watched};
use crate::decision::Recorder;
use crate::judging::Loaded;
use crate::lanes::Lanes;
use crate::metrics::Metrics;
use crate::options::Options;
use crate::prover::Prover;

/// Loads what the gate file says now.
pub type Load = Box<dyn Fn() -> Result<Loaded, Vec<Problem>> + Send + Sync>;

/// What all connections share.
pub(crate) struct State {
    pub(crate) options: Options,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) prover: Prover,
    /// Where decisions are recorded, besides lines of the log.
    pub(crate) recorder: Option<Box<dyn Recorder>>,
    /// A permit for each KiB of bodies that are being read or judged.
    pub(crate) bodies: Arc<Semaphore>,
    /// The cluster, where it is watched.
    pub(crate) watched: Option<Watched>,
    loaded: RwLock<Option<Arc<Loaded>>>,
    /// What could not be reloaded, by what it is.
    stale: RwLock<BTreeMap<&'static str, String>>,
    serving: AtomicBool,
    stopping: AtomicBool,
}

impl State {
    pub(crate) fn new(
        options: Options,
        recorder: Option<Box<dyn Recorder>>,
    ) -> io::Result<Arc<Self>> {
        let metrics = Arc::new(Metrics::new());
        let lanes = Lanes::new(options.queue, options.dry_run_queue, Arc::clone(&metrics));
        let bodies = Arc::new(Semaphore::new(options.bodies_bytes.div_ceil(1024)));
        Ok(Arc::new(Self {
            watched: options.cluster.as_ref().map(Watched::new),
            options,
            metrics,
            lanes,
            prover: Prover::start()?,
            recorder,
            bodies,
            loaded: RwLock::default(),
            stale: RwLock::default(),
            serving: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
        }))
    }

    /// What is judged by now; a review keeps it until it is answered.
    pub(crate) fn loaded(&self) -> Option<Arc<Loaded>> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Loads what the gate file says now; where the cluster is watched, also what is proved once
    /// of specifications that look at it.
    pub(crate) fn load(&self, load: &Load) -> Result<Loaded, Vec<Problem>> {
        let loaded = load()?;
        if self.watched.is_some() {
            loaded.warm_around();
        }
        Ok(loaded)
    }

    pub(crate) fn set_loaded(&self, mut loaded: Loaded) {
        let digest = loaded.bundle.digest().to_string();
        if let Some(watched) = &self.watched {
            watched.want(loaded.bundle.kinds_around());
        }
        let mut known = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = known.as_ref().filter(|_| self.watched.is_some()) {
            // The cluster is still what it was.
            loaded.cluster.clone_from(&before.cluster);
        }
        *known = Some(Arc::new(loaded));
        drop(known);
        self.metrics.in_force(&digest);
        self.is_current("bundle");
    }

    /// The same with the cluster as the API server has it now.
    pub(crate) fn set_current(&self, current: Current) {
        let mut known = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        let new = known.as_ref().map(|loaded| Arc::new(loaded.with_current(current)));
        let old = std::mem::replace(&mut *known, new);
        drop(known);
        // What nobody looks at any more may take a while to drop: not while others wait.
        drop(old);
    }

    /// The same with the cluster as it is now.
    pub(crate) fn set_cluster(&self, loaded: Loaded) {
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(loaded));
        self.is_current("cluster");
    }

    /// What is in force is what the files say.
    pub(crate) fn is_current(&self, of: &'static str) {
        self.stale.write().unwrap_or_else(PoisonError::into_inner).remove(of);
        self.metrics.reloaded(of, true);
    }

    /// The files cannot be used; what was in force stays.
    pub(crate) fn is_stale(&self, of: &'static str, why: String) {
        tracing::error!(of, problem = why, "cannot be reloaded; what was in force stays");
        self.stale.write().unwrap_or_else(PoisonError::into_inner).insert(of, why);
        self.metrics.reloaded(of, false);
    }

    /// What could not be reloaded, and why.
    pub(crate) fn stale(&self) -> BTreeMap<&'static str, String> {
        self.stale.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn serve(&self) {
        self.serving.store(true, Ordering::SeqCst);
    }

    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Is nothing under way any more?
    pub(crate) fn is_drained(&self) -> bool {
        self.bodies.available_permits() == self.options.bodies_bytes.div_ceil(1024)
    }

    pub(crate) fn is_serving(&self) -> bool {
        self.serving.load(Ordering::SeqCst)
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}
