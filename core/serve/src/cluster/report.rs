//! What operators are told of what is kept.

use std::time::{Duration, Instant};

use super::shelf::{Held, Kind, Shelf, Status, shown};

/// What is said of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// `Pod`, `apps/Deployment`, …
    pub(crate) kind: String,
    /// How many objects of it there are.
    pub(crate) objects: usize,
    /// How long ago it was last certain that nothing was missed; none of what is not followed.
    pub(crate) age: Option<Duration>,
    /// Is it known?
    pub(crate) is_known: bool,
    /// What there is to say of it.
    pub(crate) said: Option<String>,
}

impl Shelf {
    /// What is said of each kind.
    pub(crate) fn reports(&self) -> Vec<Report> {
        let now = Instant::now();
        let inner = self.lock();
        let report = |(kind, held): (&Kind, &Held)| {
            let age = now.saturating_duration_since(held.good);
            let is_fresh = age <= self.age;
            let said = match &held.status {
                _ if inner.is_abandoned => Some("nobody follows it any more".to_owned()),
                Status::Waiting(None) => Some("it is not listed yet".to_owned()),
                Status::Waiting(Some(why)) => Some(format!("it cannot be listed: {why}")),
                Status::NotServed if is_fresh => None,
                Status::Listed | Status::NotServed => {
                    let why = held.trouble.as_deref().unwrap_or("the watch is silent");
                    (!is_fresh || held.trouble.is_some())
                        .then(|| format!("last known good {} s ago: {why}", age.as_secs()))
                }
                Status::Refused(why) => Some(format!("it may not be listed: {why}")),
                Status::TooLarge => Some(format!(
                    "there is too much of it: {} objects and {} MiB are kept in all",
                    self.objects,
                    self.bytes >> 20
                )),
                Status::Unreadable(why) => Some(format!("it cannot be read: {why}")),
            };
            let is_known = held.status.is_known() && is_fresh && !inner.is_abandoned;
            let is_followed = held.status.is_known() || !held.status.is_settled();
            let age = is_followed.then_some(age);
            Report { kind: shown(kind), objects: held.objects.len(), age, is_known, said }
        };
        inner.kinds.iter().map(report).collect()
    }
}
