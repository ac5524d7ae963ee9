//! The keys of a mapping.

use provost_model::{Entry, Value};

/// The key of the next value of a mapping.
#[derive(Debug)]
pub(crate) enum Key {
    /// An ordinary key.
    Name(String),
    /// `<<`: the value is merged into the mapping.
    Merge,
}

/// Keys of a mapping that are there more than once.
#[derive(Debug, Default)]
pub(crate) struct Repeated {
    /// Where a key was written first, and where again; in order of the latter.
    pub(crate) written: Vec<(usize, usize)>,
    /// Entries that a later one overrides, in order.
    overridden: Vec<usize>,
}

impl Repeated {
    /// Finds them; `merged` are the entries that came by `<<`, in order.
    pub(crate) fn of(entries: &[Entry], merged: &[usize]) -> Self {
        const FEW: usize = 8;
        let unique = |(index, entry): (usize, &Entry)| {
            entries.iter().take(index).all(|earlier| earlier.key != entry.key)
        };
        let mut repeated = Self::default();
        if entries.len() <= FEW && entries.iter().enumerate().all(unique) {
            return repeated;
        }
        let mut order: Vec<(&str, usize)> =
            entries.iter().enumerate().map(|(index, entry)| (entry.key.as_str(), index)).collect();
        order.sort_unstable();
        for group in order.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
            let indices = group.iter().map(|(_, index)| *index);
            let mut written = indices.clone().filter(|index| merged.binary_search(index).is_err());
            if let Some(first) = written.next() {
                repeated.written.extend(written.map(|again| (first, again)));
            }
            repeated.overridden.extend(indices.take(group.len() - 1));
        }
        repeated.written.sort_unstable_by_key(|(_, again)| *again);
        repeated.overridden.sort_unstable();
        repeated
    }

    /// Leaves the last entry of each key, which is the one that counts to `kubectl`.
    pub(crate) fn settle(&self, entries: &mut Vec<Entry>) {
        let mut overridden = self.overridden.iter().peekable();
        let mut index = 0;
        if overridden.peek().is_some() {
            entries.retain(|_| {
                index += 1;
                overridden.next_if(|overridden| **overridden == index - 1).is_none()
            });
        }
    }
}

/// Appends the entries of a mapping, or of a list of mappings whose first counts most.
pub(crate) fn merge(value: Value, into: &mut Vec<Entry>) -> Option<()> {
    match value {
        Value::Map(entries) => into.extend(entries),
        Value::List(items) => {
            for item in items.into_iter().rev() {
                let Value::Map(entries) = item.value else {
                    return None;
                };
                into.extend(entries);
            }
        }
        _ => return None,
    }
    Some(())
}
