//! The cluster as it is now: its objects are listed and watched through the API server.
//!
//! One thread does all of it, so that a flood of events takes no time from requests. Each kind
//! that the gate looks at has a feed (`feed.rs`) that lists it by pages, then follows its
//! changes. What is said of it (`reader.rs`) is kept without what no check reads (`object.rs`), within
//! limits (`shelf.rs`). At most every so often they become a snapshot that does not change any more
//! (`publish.rs`), which is all that a request ever looks at.
//!
//! A kind is known or it is not: one that may not be listed, that is too large, or whose watch
//! has said nothing for too long is not, and what needs it is not judged.
//!
//! Why not `kube-runtime`, whose `watcher` does much of this: it keeps bookmarks to itself, and
//! without them nobody can tell a quiet kind from a connection that is dead.

mod connect;
mod failure;
mod feed;
mod object;
mod publish;
mod reader;
mod report;
mod shelf;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use provost_engine::{Kinds, Snapshot};
use provost_model::Problem;
use tokio::sync::watch;

use crate::state::State;
#[doc(hidden)]
pub use reader::replay;
pub(crate) use report::Report;
pub(crate) use shelf::Shelf;

/// Where the cluster is, and how much of it is kept.
#[derive(Clone, Debug)]
pub struct WatchOptions {
    /// A kubeconfig, in place of the service account of a pod, `KUBECONFIG` or `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// The context in it, in place of the current one.
    pub context: Option<String>,
    /// A kind whose watch has said nothing for longer is not known any more.
    pub age: Duration,
    /// Objects that are kept. Where there are more, the kind with the most is not known.
    pub objects: usize,
    /// Bytes of memory that they may take.
    pub bytes: usize,
    /// The least time from one snapshot to the next.
    pub every: Duration,
    /// For tests: called with the kind of a change that was followed, and with `snapshot` where one
    /// was made.
    #[doc(hidden)]
    pub probe: Option<fn(&str)>,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self {
            kubeconfig: None,
            context: None,
            age: Duration::from_secs(180),
            objects: 100_000,
            bytes: 256 << 20,
            every: Duration::from_millis(250),
            probe: None,
        }
    }
}

/// The cluster that is watched.
pub(crate) struct Watched {
    pub(crate) shelf: Arc<Shelf>,
    /// The kinds to watch; none to stop.
    wanted: watch::Sender<Option<Kinds>>,
}

impl Watched {
    /// Connects nothing yet: [`Watched::start`] does.
    pub(crate) fn new(options: &WatchOptions) -> Self {
        let (wanted, _) = watch::channel(Some(Kinds::new()));
        Self { shelf: Arc::new(Shelf::new(options)), wanted }
    }

    /// Starts the thread that watches.
    ///
    /// # Errors
    /// When there is no configuration, or it cannot be used.
    pub(crate) fn start(&self, state: &Arc<State>, options: &WatchOptions) -> Result<(), Problem> {
        let system =
            |error: std::io::Error| Problem::about("system", "the server", error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(system)?;
        let client = {
            let _entered = runtime.enter();
            connect::client(&runtime, options)?
        };
        let wanted = self.wanted.subscribe();
        let run = publish::run(Arc::downgrade(state), client, Arc::clone(&self.shelf), wanted);
        let thread = thread::Builder::new().name("provost-cluster".to_owned());
        let (shelf, state) = (Arc::clone(&self.shelf), Arc::downgrade(state));
        let watch = move || {
            // Nobody else would notice: what was known would count as current for a while.
            if catch_unwind(AssertUnwindSafe(|| runtime.block_on(run))).is_err() {
                shelf.abandon();
                tracing::error!(
                    "the watch of the cluster panicked, nothing is known. This is a bug"
                );
                if let Some(state) = state.upgrade() {
                    state.metrics.panicked();
                }
            }
        };
        thread.spawn(watch).map_err(system)?;
        Ok(())
    }

    /// Watches these kinds, and no others.
    pub(crate) fn want(&self, kinds: Kinds) {
        self.wanted.send_if_modified(|wanted| {
            let is_new = wanted.as_ref().is_some_and(|wanted| *wanted != kinds);
            if is_new {
                *wanted = Some(kinds);
            }
            is_new
        });
    }

    pub(crate) fn stop(&self) {
        let _ = self.wanted.send(None);
    }
}

/// A snapshot that is kept current.
#[derive(Clone)]
pub(crate) struct Current {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) shelf: Arc<Shelf>,
}

impl Current {
    /// The same for later, when another snapshot will be there: it does not hold this one.
    pub(crate) fn for_later(&self) -> Self {
        let nothing = Arc::new(Snapshot::knowing(Vec::new(), Kinds::new()));
        Self { snapshot: nothing, shelf: Arc::clone(&self.shelf) }
    }

    /// The same with the snapshot that is there now.
    pub(crate) fn by_now(&self) -> Self {
        let latest = self.shelf.latest();
        let snapshot = latest.unwrap_or_else(|| Arc::clone(&self.snapshot));
        Self { snapshot, shelf: Arc::clone(&self.shelf) }
    }

    /// May it be trusted? Not where whoever keeps it current has stopped to do so.
    pub(crate) fn is_kept(&self) -> bool {
        self.shelf.is_kept(Instant::now())
    }
}
