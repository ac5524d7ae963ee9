//! From what is kept to a snapshot that does not change any more.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use kube_client::Client;
use provost_engine::{Kinds, Snapshot};
use provost_model::Source;
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::Current;
use super::feed::Feed;
use super::reader::Reader;
use super::shelf::{Kind, Shelf, Status, shown};
use crate::metrics::Metrics;
use crate::state::State;

/// How often it is looked whether a watch became too old.
const TICK: Duration = Duration::from_millis(500);
/// A snapshot takes no more than this part of the time of the thread that watches.
const SHARE: u32 = 5;

/// Feeds, by what they feed. They end with it.
struct Feeds {
    client: Client,
    shelf: Arc<Shelf>,
    lists: Arc<Semaphore>,
    source: Arc<Source>,
    running: BTreeMap<Kind, AbortHandle>,
}

impl Feeds {
    fn set(&mut self, kinds: &Kinds) {
        self.running.retain(|kind, feed| {
            let is_wanted = kinds.contains(kind);
            if !is_wanted {
                feed.abort();
            }
            is_wanted
        });
        self.shelf.keep(kinds);
        for kind in kinds {
            if self.running.contains_key(kind) {
                continue;
            }
            let feed = Feed {
                client: self.client.clone(),
                reader: Reader {
                    kind: kind.clone(),
                    shelf: Arc::clone(&self.shelf),
                    source: Arc::clone(&self.source),
                },
                lists: Arc::clone(&self.lists),
            };
            let running = tokio::spawn(feed.run()).abort_handle();
            self.running.insert(kind.clone(), running);
        }
    }

    /// Kinds whose feed panicked are not known any more: a feed ends by itself for no other reason.
    fn mourn(&mut self, metrics: &Metrics) {
        self.running.retain(|kind, feed| {
            let is_dead = feed.is_finished();
            if is_dead {
                let why = "following it panicked".to_owned();
                self.shelf.is(kind, Status::Unreadable(why));
                tracing::error!(
                    kind = shown(kind),
                    "is not known: following it panicked. This is a bug"
                );
                metrics.panicked();
            }
            !is_dead
        });
    }
}

/// Watches what is wanted, and makes snapshots of it, until nothing is wanted any more.
pub(super) async fn run(
    state: Weak<State>,
    client: Client,
    shelf: Arc<Shelf>,
    mut wanted: watch::Receiver<Option<Kinds>>,
) {
    let source = Source::new("the cluster", "");
    let lists = Arc::new(Semaphore::new(1));
    let running = BTreeMap::new();
    let mut feeds = Feeds { client, shelf: Arc::clone(&shelf), lists, source, running };
    let mut published = Kinds::new();
    wanted.mark_changed();
    loop {
        if wanted.has_changed().is_err() {
            return;
        }
        if wanted.has_changed().unwrap_or_default() {
            let Some(kinds) = wanted.borrow_and_update().clone() else { return };
            feeds.set(&kinds);
        }
        let Some(state) = state.upgrade() else { return };
        feeds.mourn(&state.metrics);
        let taken = shelf.take(&published);
        let mut wait = Duration::ZERO;
        if let Some((documents, kinds)) = taken {
            let started = Instant::now();
            published.clone_from(&kinds);
            let objects = documents.len();
            let snapshot = Arc::new(Snapshot::knowing(documents, kinds));
            shelf.probe("snapshot");
            shelf.is_latest(&snapshot);
            state.set_current(Current { snapshot, shelf: Arc::clone(&shelf) });
            let cost = started.elapsed();
            state.metrics.snapshot(cost);
            tracing::debug!(objects, ?cost, "a snapshot of the cluster");
            wait = shelf.every.max(cost * SHARE);
        }
        shelf.is_in_force();
        drop(state);
        sleep(wait).await;
        tokio::select! {
            _ = timeout(TICK, shelf.changed.notified()) => {}
            _ = wanted.changed() => wanted.mark_changed(),
        }
    }
}
