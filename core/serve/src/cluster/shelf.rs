//! What is kept of the cluster, kind by kind, within limits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use provost_engine::{Kinds, Snapshot};
use provost_model::Document;
use tokio::sync::Notify;

use super::WatchOptions;
use super::object::{Kept, Key};

/// Group and kind; the core group is empty.
pub(super) type Kind = (String, String);

/// What is known of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It was not listed yet, for this reason if there is one.
    Waiting(Option<String>),
    /// All its objects are here.
    Listed,
    /// The server has no such kind, and so no object of it.
    NotServed,
    /// The server refuses to show it.
    Refused(String),
    /// There is more of it than is kept.
    TooLarge,
    /// The server said something of it that cannot be read.
    Unreadable(String),
}

impl Status {
    /// Is it clear what is known, and what not?
    pub(super) fn is_settled(&self) -> bool {
        !matches!(self, Self::Waiting(_))
    }

    pub(super) fn is_known(&self) -> bool {
        matches!(self, Self::Listed | Self::NotServed)
    }
}

/// One kind.
pub(super) struct Held {
    pub(super) status: Status,
    pub(super) objects: BTreeMap<Key, Kept>,
    bytes: usize,
    /// When it was last certain that nothing was missed.
    pub(super) good: Instant,
    /// What is wrong with the watch now, while it is still good.
    pub(super) trouble: Option<String>,
}

impl Held {
    fn new() -> Self {
        let (status, good) = (Status::Waiting(None), Instant::now());
        Self { status, objects: BTreeMap::new(), bytes: 0, good, trouble: None }
    }

    /// Forgets its objects, for a reason.
    fn clear(&mut self, status: Status) {
        self.status = status;
        self.objects = BTreeMap::new();
        self.bytes = 0;
    }

    fn is_good(&mut self) {
        self.good = Instant::now();
        self.trouble = None;
    }

    fn put(&mut self, key: Key, kept: Kept) {
        self.bytes += kept.bytes;
        if let Some(old) = self.objects.insert(key, kept) {
            self.bytes -= old.bytes;
        }
    }
}

/// Everything that is kept.
pub(super) struct Kinded {
    pub(super) kinds: BTreeMap<Kind, Held>,
    /// Did something change since the last snapshot?
    is_changed: bool,
    /// When snapshots were last looked after.
    beat: Instant,
    /// Will nobody look after them any more?
    pub(super) is_abandoned: bool,
    /// Was everything settled when a snapshot was last looked after?
    is_settled: bool,
    /// Was that so once, and is it in a snapshot?
    was_settled: bool,
}

/// What is kept of the cluster.
pub(crate) struct Shelf {
    inner: Mutex<Kinded>,
    /// Somebody should make a snapshot.
    pub(super) changed: Notify,
    /// The one that was made last.
    latest: Mutex<Weak<Snapshot>>,
    pub(super) age: Duration,
    pub(super) every: Duration,
    pub(super) objects: usize,
    pub(super) bytes: usize,
    probe: Option<fn(&str)>,
}

/// There is more than is kept.
#[derive(Debug)]
pub(super) struct TooLarge;

/// A listing that is not whole yet.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) objects: BTreeMap<Key, Kept>,
    bytes: usize,
}

impl Shelf {
    pub(super) fn new(options: &WatchOptions) -> Self {
        let inner = Kinded {
            kinds: BTreeMap::new(),
            is_changed: false,
            beat: Instant::now(),
            is_abandoned: false,
            is_settled: false,
            was_settled: false,
        };
        Self {
            inner: Mutex::new(inner),
            changed: Notify::new(),
            latest: Mutex::default(),
            age: options.age,
            every: options.every,
            objects: options.objects,
            bytes: options.bytes,
            probe: options.probe,
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Kinded> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is kept of a kind, if it is still wanted.
    fn with<R>(&self, kind: &Kind, change: impl FnOnce(&mut Held) -> R) -> Option<R> {
        let mut inner = self.lock();
        inner.is_changed = true;
        let result = inner.kinds.get_mut(kind).map(change);
        drop(inner);
        self.changed.notify_one();
        result
    }

    /// Keeps these kinds and no others.
    pub(super) fn keep(&self, kinds: &Kinds) {
        let mut inner = self.lock();
        inner.kinds.retain(|kind, _| kinds.contains(kind));
        for kind in kinds {
            inner.kinds.entry(kind.clone()).or_insert_with(Held::new);
        }
        inner.is_changed = true;
    }

    /// Are the objects of a kind kept? Others may have needed the room.
    pub(super) fn is_here(&self, kind: &Kind) -> bool {
        self.lock().kinds.get(kind).is_some_and(|held| held.status == Status::Listed)
    }

    /// It is certain that nothing was missed of a kind.
    pub(super) fn is_good(&self, kind: &Kind) {
        if let Some(held) = self.lock().kinds.get_mut(kind) {
            held.is_good();
        }
    }

    /// The watch of a kind does not work now; what is known of it is as good as it is old. Is that
    /// new?
    pub(super) fn is_troubled(&self, kind: &Kind, why: &str) -> bool {
        let mut inner = self.lock();
        let Some(held) = inner.kinds.get_mut(kind) else { return false };
        let reason = match &mut held.status {
            Status::Waiting(reason) => reason,
            _ => &mut held.trouble,
        };
        let is_new = reason.as_deref() != Some(why);
        *reason = Some(why.to_owned());
        is_new
    }

    /// A kind has no objects that are known, for this reason. Is that new?
    pub(super) fn is(&self, kind: &Kind, status: Status) -> bool {
        let changed = self.with(kind, |held| {
            let is_new = held.status != status;
            held.clear(status);
            held.is_good();
            is_new
        });
        changed.unwrap_or_default()
    }

    /// Adds an object to a listing; what is known already of the same version is shared.
    pub(super) fn add(
        &self,
        kind: &Kind,
        listing: &mut Listing,
        key: Key,
        version: &str,
        make: impl FnOnce() -> Kept,
    ) -> Result<(), TooLarge> {
        let known = self.lock().kinds.get(kind).and_then(|held| held.objects.get(&key).cloned());
        let kept = known.filter(|known| known.version == version).unwrap_or_else(make);
        listing.bytes += kept.bytes;
        if let Some(old) = listing.objects.insert(key, kept) {
            listing.bytes -= old.bytes;
        }
        self.make_room(&mut self.lock(), kind, listing.objects.len(), listing.bytes)
    }

    /// Makes room for so much of a kind: the kind that takes most is not kept.
    fn make_room(
        &self,
        inner: &mut Kinded,
        kind: &Kind,
        objects: usize,
        bytes: usize,
    ) -> Result<(), TooLarge> {
        loop {
            let others = || inner.kinds.iter().filter(|(one, _)| *one != kind);
            let all_objects = objects + others().map(|(_, held)| held.objects.len()).sum::<usize>();
            let all_bytes = bytes + others().map(|(_, held)| held.bytes).sum::<usize>();
            if all_objects <= self.objects && all_bytes <= self.bytes {
                return Ok(());
            }
            let largest = others().max_by_key(|(_, held)| held.bytes);
            let largest = largest.filter(|(_, held)| held.bytes > bytes);
            let Some(largest) = largest.map(|(kind, _)| kind.clone()) else {
                return Err(TooLarge);
            };
            if let Some(held) = inner.kinds.get_mut(&largest) {
                held.clear(Status::TooLarge);
                inner.is_changed = true;
                tracing::warn!(kind = shown(&largest), "is not known any more: it is too large");
            }
        }
    }

    /// A kind was listed, whole. Was it not known before?
    pub(super) fn is_listed(&self, kind: &Kind, listing: Listing) -> bool {
        let changed = self.with(kind, |held| {
            let is_new = held.status != Status::Listed;
            *held = Held {
                status: Status::Listed,
                objects: listing.objects,
                bytes: listing.bytes,
                good: Instant::now(),
                trouble: None,
            };
            is_new
        });
        changed.unwrap_or_default()
    }

    /// An object is new, or another.
    pub(super) fn put(&self, kind: &Kind, key: Key, kept: Kept) -> Result<(), TooLarge> {
        let mut inner = self.lock();
        let Some(held) = inner.kinds.get_mut(kind) else { return Ok(()) };
        if held.status != Status::Listed {
            return Err(TooLarge);
        }
        held.put(key, kept);
        held.is_good();
        let (objects, bytes) = (held.objects.len(), held.bytes);
        inner.is_changed = true;
        let room = self.make_room(&mut inner, kind, objects, bytes);
        drop(inner);
        self.changed.notify_one();
        room
    }

    /// An object is gone.
    pub(super) fn remove(&self, kind: &Kind, key: &Key) {
        self.with(kind, |held| {
            if let Some(old) = held.objects.remove(key) {
                held.bytes -= old.bytes;
            }
            held.is_good();
        });
    }

    /// All objects of what is known, and which kinds that is, if that changed. Kinds whose watch
    /// said nothing for too long are not.
    pub(super) fn take(&self, published: &Kinds) -> Option<(Vec<Arc<Document>>, Kinds)> {
        let now = Instant::now();
        let mut inner = self.lock();
        inner.beat = now;
        inner.is_settled = inner.kinds.values().all(|held| held.status.is_settled());
        let is_known = |held: &Held| held.status.is_known() && now - held.good <= self.age;
        let known: Vec<_> = inner.kinds.iter().filter(|(_, held)| is_known(held)).collect();
        let kinds: Kinds = known.iter().map(|(kind, _)| (*kind).clone()).collect();
        if !inner.is_changed && kinds == *published {
            return None;
        }
        let objects = known.iter().flat_map(|(_, held)| held.objects.values());
        let documents = objects.map(|kept| Arc::clone(&kept.document)).collect();
        inner.is_changed = false;
        Some((documents, kinds))
    }

    pub(super) fn is_latest(&self, snapshot: &Arc<Snapshot>) {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(snapshot);
    }

    /// What was taken is in force.
    pub(super) fn is_in_force(&self) {
        let mut inner = self.lock();
        inner.was_settled |= inner.is_settled;
    }

    /// The snapshot that was made last.
    pub(super) fn latest(&self) -> Option<Arc<Snapshot>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }

    /// Are snapshots looked after?
    pub(super) fn is_kept(&self, now: Instant) -> bool {
        let inner = self.lock();
        !inner.is_abandoned && now.saturating_duration_since(inner.beat) <= self.age
    }

    /// Whoever looked after it has ended: nothing is known any more.
    pub(super) fn abandon(&self) {
        self.lock().is_abandoned = true;
    }

    /// Why nothing of it will ever be known again.
    pub(crate) fn failed(&self) -> Option<&'static str> {
        self.lock().is_abandoned.then_some("the watch of the cluster panicked")
    }

    /// Was it clear of every kind once whether it is known, and is it looked after?
    pub(crate) fn was_settled(&self) -> bool {
        let inner = self.lock();
        inner.was_settled && !inner.is_abandoned
    }

    /// Tells a test what happened.
    pub(super) fn probe(&self, what: &str) {
        if let Some(probe) = self.probe {
            probe(what);
        }
    }

    /// Objects and bytes that are kept, and the bytes of the objects that are there.
    pub(super) fn weighed(&self) -> (usize, usize, usize) {
        let inner = self.lock();
        let objects = || inner.kinds.values().flat_map(|held| held.objects.values());
        let bytes = inner.kinds.values().map(|held| held.bytes).sum();
        (objects().count(), bytes, objects().map(|kept| kept.bytes).sum())
    }

    /// Bytes that are kept.
    pub(crate) fn bytes(&self) -> usize {
        self.lock().kinds.values().map(|held| held.bytes).sum()
    }
}

/// `Pod`, or `apps/Deployment`.
pub(super) fn shown((group, kind): &Kind) -> String {
    if group.is_empty() { kind.clone() } else { format!("{group}/{kind}") }
}
