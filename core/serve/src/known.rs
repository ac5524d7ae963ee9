//! The cluster that requests come to, as far as a snapshot says what is there.

use std::path::PathBuf;
use std::sync::Arc;

use provost_engine::{Circumstances, Snapshot};
use provost_model::{Change, Document, Problem};

use crate::cluster::Current;
use crate::judge::AS_ASKED;
use crate::judging::{Loaded, samples};

/// Reads the objects of the cluster again.
pub type ReadCluster = Arc<dyn Fn() -> Result<Vec<Arc<Document>>, Vec<Problem>> + Send + Sync>;

/// A cluster that is known.
#[derive(Clone)]
pub(crate) struct Known {
    snapshot: Arc<Snapshot>,
    /// How often it was read: answers about one cluster are none about the next.
    reading: u64,
    origin: Origin,
}

/// Where it is known from.
#[derive(Clone)]
enum Origin {
    /// Files and folders, and what reads them.
    Files(Vec<PathBuf>, ReadCluster),
    /// The API server, which is watched.
    Watch(Current),
}

impl Known {
    /// Files and folders that it is read from.
    pub(crate) fn files(&self) -> &[PathBuf] {
        match &self.origin {
            Origin::Files(files, _) => files,
            Origin::Watch(_) => &[],
        }
    }

    /// The snapshot, if it may be trusted.
    fn snapshot(&self) -> Option<&Snapshot> {
        let is_kept = match &self.origin {
            Origin::Files(..) => true,
            Origin::Watch(current) => current.is_kept(),
        };
        is_kept.then_some(&*self.snapshot)
    }
}

impl Loaded {
    /// With the cluster that requests come to, which these files hold and `read` reads.
    ///
    /// # Errors
    /// Every problem of the files.
    pub fn with_cluster(
        mut self,
        files: Vec<PathBuf>,
        read: ReadCluster,
    ) -> Result<Self, Vec<Problem>> {
        let snapshot = snapshot(&read)?;
        self.cluster = Some(Known { snapshot, reading: 1, origin: Origin::Files(files, read) });
        self.warm_around();
        Ok(self)
    }

    /// The same with the cluster as its files are now.
    ///
    /// # Errors
    /// Every problem of the files.
    pub(crate) fn with_cluster_again(&self) -> Result<Self, Vec<Problem>> {
        let mut loaded = self.clone();
        if let Some(known) = &mut loaded.cluster
            && let Origin::Files(_, read) = &known.origin
        {
            known.snapshot = snapshot(read)?;
            known.reading += 1;
        }
        Ok(loaded)
    }

    /// The same with the cluster as it is now.
    pub(crate) fn with_current(&self, current: Current) -> Self {
        let snapshot = Arc::clone(&current.snapshot);
        let known = Known { snapshot, reading: self.reading() + 1, origin: Origin::Watch(current) };
        Self { cluster: Some(known), ..self.clone() }
    }

    /// The same for later: many that wait must not each hold a cluster that is watched.
    pub(crate) fn for_later(self: &Arc<Self>) -> Arc<Self> {
        self.with_other(Current::for_later)
    }

    /// The same as it is by now.
    pub(crate) fn by_now(self: &Arc<Self>) -> Arc<Self> {
        self.with_other(Current::by_now)
    }

    fn with_other(self: &Arc<Self>, other: impl FnOnce(&Current) -> Current) -> Arc<Self> {
        match self.cluster.as_ref().map(|known| &known.origin) {
            Some(Origin::Watch(current)) => Arc::new(self.with_current(other(current))),
            _ => Arc::clone(self),
        }
    }

    /// Which reading of the cluster it is.
    pub(crate) fn reading(&self) -> u64 {
        self.cluster.as_ref().map_or(0, |known| known.reading)
    }

    /// How many objects of the cluster are known.
    pub(crate) fn objects(&self) -> Option<usize> {
        self.cluster.as_ref().map(|known| known.snapshot.len())
    }

    /// Under what requests are judged.
    pub(crate) fn circumstances(&self) -> Circumstances<'_> {
        let snapshot = self.cluster.as_ref().and_then(Known::snapshot);
        Circumstances { alone: snapshot.is_none(), snapshot, ..AS_ASKED }
    }

    /// What the solver proves once for all values of specifications that look around.
    pub(crate) fn warm_around(&self) {
        let documents = samples(SAMPLES);
        let change = Change { documents, ..Change::default() };
        self.rehearse(&change, &Circumstances::default());
    }
}

fn snapshot(read: &ReadCluster) -> Result<Arc<Snapshot>, Vec<Problem>> {
    Ok(Arc::new(Snapshot::projected(&read()?)))
}

/// Objects that stand beside each other.
const SAMPLES: &str = include_str!("samples-around.yaml");
