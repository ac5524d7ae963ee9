//! The cluster that requests come to, as far as a snapshot says what is there.

use std::path::PathBuf;
use std::sync::Arc;

use provost_engine::{Circumstances, Snapshot};
use provost_model::{Change, Document, Problem};

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
    read: ReadCluster,
    /// Files and folders that it is read from.
    pub(crate) files: Vec<PathBuf>,
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
        self.cluster = Some(Known { snapshot: snapshot(&read)?, reading: 1, read, files });
        self.warm_around();
        Ok(self)
    }

    /// The same with the cluster as its files are now.
    ///
    /// # Errors
    /// Every problem of the files.
    pub(crate) fn with_cluster_again(&self) -> Result<Self, Vec<Problem>> {
        let mut loaded = self.clone();
        if let Some(known) = &mut loaded.cluster {
            known.snapshot = snapshot(&known.read)?;
            known.reading += 1;
        }
        Ok(loaded)
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
        let snapshot = self.cluster.as_ref().map(|known| &*known.snapshot);
        Circumstances { alone: snapshot.is_none(), snapshot, ..AS_ASKED }
    }

    /// What the solver proves once for all values of specifications that look around.
    fn warm_around(&self) {
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
