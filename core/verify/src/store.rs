//! Answers that outlive the process.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use provost_model::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::judge::Limits;
use crate::solver::{Purse, version};

/// Where answers are kept between runs.
///
/// What [`Store::load`] returns is believed: it must be what [`Store::keep`] was given for the
/// same key, by the same user.
pub trait Store: Debug + Send + Sync {
    /// What was kept under a key.
    fn load(&self, key: Digest) -> Option<Vec<u8>>;
    /// Keep something under a key. A failure costs time in the next run, no more.
    fn keep(&self, key: Digest, value: &[u8]);
}

/// Answers of earlier runs of the same engine with the same solver and limits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    store: Option<Arc<dyn Store>>,
    /// All that answers depend on beside the question.
    base: String,
    /// Is only remembered, never asked?
    at_hand: bool,
}

/// Why a question that only the solver can answer has no answer here.
pub(crate) const NOT_AT_HAND: &str =
    "it needs the solver, which is not asked here, and no earlier run has answered it";

/// Is this why something is unknown: only because the solver was not asked?
pub fn is_not_at_hand(reason: &str) -> bool {
    reason.contains(NOT_AT_HAND)
}

/// Is an answer the same in every run? One that the clock cut short is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lasting {
    Yes,
    No,
}

impl Lasting {
    /// What was paid from this purse lasts, unless the clock cut it short.
    pub(crate) fn unless_late(purse: &Purse) -> Self {
        if purse.is_late() { Self::No } else { Self::Yes }
    }
}

impl Memory {
    pub(crate) fn new(store: Arc<dyn Store>, limits: &Limits) -> Self {
        let base = format!("{}\n{}\n{limits:?}", env!("PROVOST_PROVER"), version());
        Self { store: Some(store), base, at_hand: false }
    }

    /// The same answers, without ever asking for a new one.
    pub(crate) fn at_hand(&self) -> Self {
        Self { at_hand: true, ..self.clone() }
    }

    /// Is nothing asked that is not known?
    pub(crate) fn is_at_hand(&self) -> bool {
        self.at_hand
    }

    /// The answer of an earlier run, or else a new one; none where none is asked for.
    pub(crate) fn recall<T: Serialize + DeserializeOwned>(
        &self,
        kind: &str,
        about: &impl Hash,
        find: impl FnOnce() -> (T, Lasting),
    ) -> Option<T> {
        let Some(store) = &self.store else { return (!self.at_hand).then(|| find().0) };
        let mut bytes = Bytes(Vec::new());
        about.hash(&mut bytes);
        let key = Digest::of_parts([self.base.as_bytes(), kind.as_bytes(), &bytes.0]);
        let kept = store.load(key);
        // An entry that is not understood is as good as none.
        if let Some((answer,)) = kept.and_then(|kept| serde_json::from_slice::<(T,)>(&kept).ok()) {
            return Some(answer);
        }
        if self.at_hand {
            return None;
        }
        let (answer, lasting) = find();
        let answer = (answer,);
        if lasting == Lasting::Yes
            && let Ok(text) = serde_json::to_vec(&answer)
        {
            store.keep(key, &text);
        }
        Some(answer.0)
    }
}

/// The bytes of a `Hash` value: a digest of them is longer than what the standard hasher makes.
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
