//! Files that change under way: the gate with all that it names, and certificates.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

use provost_model::Problem;

use crate::certificates::Certificates;
use crate::judging::Loaded;
use crate::options::{Identity, Options};
use crate::state::{Load, State};

/// What says that a file is another: path, length, time and number.
pub(crate) type Traces = Vec<(PathBuf, u64, Option<SystemTime>, u64)>;

/// Looks at the files again and again, and loads what changed; a message asks at once. It ends
/// with the sender of messages.
///
/// A folder of Kubernetes is changed by one symbolic link, so files are looked at where links
/// lead, and what was read while they changed is read again.
pub(crate) fn watch(
    state: &Arc<State>,
    certificates: &Certificates,
    load: &Load,
    asked: &Receiver<()>,
) {
    let mut bundle_seen = state.loaded().map(|loaded| loaded.seen.clone()).unwrap_or_default();
    let mut again = Again::default();
    let mut cluster_seen = traces(&cluster_files(state));
    if !cluster_seen.is_empty() {
        state.is_current("cluster");
    }
    let mut certificates_seen = traces(&certificate_files(&state.options));
    loop {
        let force = match asked.recv_timeout(state.options.reload) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let bundle_now = traces(&bundle_files(state));
        let is_changed = bundle_now != bundle_seen;
        if force || is_changed || again.is_due() {
            // The new gate may name other files.
            bundle_seen = if reload_bundle(state, load) {
                again = Again::default();
                state.loaded().map(|loaded| loaded.seen.clone()).unwrap_or_default()
            } else {
                again = again.after(state.options.reload, force || is_changed);
                bundle_now
            };
        }
        let cluster_now = traces(&cluster_files(state));
        if force || cluster_now != cluster_seen {
            cluster_seen = cluster_now;
            reload_cluster(state);
        }
        let certificates_now = traces(&certificate_files(&state.options));
        if force || certificates_now != certificates_seen || certificates.is_due() {
            certificates_seen = certificates_now;
            match certificates.renew(&state.options) {
                Ok(()) => {
                    tracing::info!("the certificate was loaded again");
                    state.is_current("certificate");
                }
                Err(problem) => state.is_stale("certificate", problem.to_string()),
            }
        }
    }
}

/// The longest time from one try to the next.
const LONGEST: Duration = Duration::from_secs(30);

/// When to load again what could not be loaded: a file that only the new gate names is mended, or
/// a registry comes back, and nothing that is looked at changes.
#[derive(Default)]
struct Again(Option<(Instant, Duration)>);

impl Again {
    fn is_due(&self) -> bool {
        self.0.is_some_and(|(at, _)| Instant::now() >= at)
    }

    /// Each time after twice as long as before, and soon where something changed.
    fn after(self, first: Duration, soon: bool) -> Self {
        let before = self.0.filter(|_| !soon);
        let wait = before.map_or(first, |(_, wait)| (wait * 2).min(LONGEST.max(first)));
        Self(Some((Instant::now() + wait, wait)))
    }
}

/// Was it loaded?
fn reload_bundle(state: &State, load: &Load) -> bool {
    let before = state.loaded().map(|loaded| loaded.bundle.digest());
    match state.load(load) {
        Ok(loaded) => {
            let digest = loaded.bundle.digest();
            state.set_loaded(loaded);
            if before != Some(digest) {
                tracing::info!(bundle = %digest, "the bundle was loaded again");
            }
            true
        }
        Err(problems) => {
            state.is_stale("bundle", said(&problems));
            false
        }
    }
}

fn reload_cluster(state: &State) {
    let is_read = |loaded: &Arc<Loaded>| {
        loaded.cluster.as_ref().is_some_and(|known| !known.files().is_empty())
    };
    let Some(loaded) = state.loaded().filter(is_read) else { return };
    match loaded.with_cluster_again() {
        Ok(loaded) => {
            tracing::info!(objects = loaded.objects(), "the cluster was read again");
            state.set_cluster(loaded);
        }
        Err(problems) => state.is_stale("cluster", said(&problems)),
    }
}

/// Problems in one line.
pub(crate) fn said(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn bundle_files(state: &State) -> Vec<PathBuf> {
    state.loaded().map(|loaded| loaded.files.clone()).unwrap_or_default()
}

fn cluster_files(state: &State) -> Vec<PathBuf> {
    let loaded = state.loaded();
    let known = loaded.as_ref().and_then(|loaded| loaded.cluster.as_ref());
    known.map(|known| known.files().to_vec()).unwrap_or_default()
}

fn certificate_files(options: &Options) -> Vec<PathBuf> {
    let mut files: Vec<_> = options.client_ca.iter().cloned().collect();
    if let Identity::Files { certificate, key } = &options.identity {
        files.extend([certificate.clone(), key.clone()]);
    }
    files
}

pub(crate) fn traces(paths: &[PathBuf]) -> Traces {
    let mut traces = Vec::new();
    for path in paths {
        trace(path, 0, &mut traces);
    }
    traces.sort();
    traces
}

/// Folders in folders that are looked into; links may lead in circles.
const DEPTH: usize = 8;

fn trace(path: &Path, depth: usize, into: &mut Traces) {
    let Ok(metadata) = path.metadata() else {
        into.push((path.to_owned(), 0, None, 0));
        return;
    };
    if !metadata.is_dir() {
        let number = number(&metadata);
        into.push((path.to_owned(), metadata.len(), metadata.modified().ok(), number));
    } else if depth < DEPTH {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        entries.for_each(|entry| trace(&entry.path(), depth + 1, into));
    }
}

#[cfg(unix)]
fn number(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn number(_: &std::fs::Metadata) -> u64 {
    0
}
