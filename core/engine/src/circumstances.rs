use std::time::{Duration, Instant};

use provost_model::ObjectReference;

use crate::snapshot::Snapshot;

/// Under what a change is judged; by default as the command line does it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'s> {
    /// Is only the object itself known, and not what stands beside it in the cluster? Then
    /// specifications that look around are not asked ([`crate::Bundle::not_asked`]): what they
    /// would say of the object alone is not what holds in the cluster.
    pub alone: bool,
    /// Is the solver left out? Then what is neither remembered nor evaluated nor visited state
    /// by state is unknown.
    pub at_hand: bool,
    /// Is an object that names no namespace in none? Who asks for an API server's objects knows;
    /// in a manifest the namespace may be left out, which is then `default`.
    pub placed: bool,
    /// When an answer is of no use any more. What is not judged by then is unknown.
    pub until: Option<Instant>,
    /// The cluster that the change comes to, indexed for many changes. It counts in place of
    /// the change's own.
    pub snapshot: Option<&'s Snapshot>,
}

/// How long who waits for a request waits for objects beside it.
const BESIDE: Duration = Duration::from_millis(100);

impl Circumstances<'_> {
    /// When objects beside the change are not looked at any more.
    pub(crate) fn beside_until(&self) -> Option<Instant> {
        let soon = self.at_hand.then(|| Instant::now() + BESIDE);
        match (soon, self.until) {
            (Some(soon), Some(until)) => Some(soon.min(until)),
            (soon, until) => soon.or(until),
        }
    }

    /// The namespace that an object is in; empty for what is in none.
    pub fn namespace<'o>(&self, object: &'o ObjectReference) -> &'o str {
        if self.placed {
            object.namespace.as_deref().unwrap_or_default()
        } else {
            provost_spec::namespace(object)
        }
    }
}
