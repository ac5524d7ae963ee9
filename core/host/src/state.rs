use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use provost_model::Document;
use wasmtime::ResourceLimiter;
use wasmtime::component::Resource;

use crate::capabilities::Granted;
use crate::engine::{MAX_CORE_INSTANCES, MAX_MEMORIES, MAX_TABLES};
use crate::limits::{Exceeded, Limit, Limits};
use crate::logs::Logs;
use crate::meter::Meter;
use crate::surroundings::Surroundings;

/// What a guest holds when it holds a document; its number is an index into
/// [`State::documents`]. It lives as long as the call, so nothing is ever freed.
pub struct DocumentHandle;

/// Everything that the host knows during one call.
pub(crate) struct State {
    pub(crate) limits: Limits,
    pub(crate) granted: Granted,
    /// Those of the call, then those that were found.
    pub(crate) documents: Vec<Arc<Document>>,
    /// Where in `documents` a found one is, by its address.
    found: HashMap<usize, u32>,
    pub(crate) surroundings: Arc<Surroundings>,
    pub(crate) meter: Meter,
    pub(crate) logs: Logs,
    /// Of all memories of the plugin.
    pub(crate) memory_bytes: usize,
    table_elements: usize,
}

impl State {
    /// The state of a call that starts now.
    pub(crate) fn new(
        limits: Limits,
        granted: Granted,
        documents: &[Arc<Document>],
        surroundings: Arc<Surroundings>,
        logs: Logs,
    ) -> Self {
        let until = surroundings.until;
        Self {
            limits,
            granted,
            documents: documents.to_vec(),
            found: HashMap::new(),
            surroundings,
            meter: Meter::new(limits, Instant::now(), until),
            logs,
            memory_bytes: 0,
            table_elements: 0,
        }
    }

    /// The document of a handle.
    pub(crate) fn document(
        &self,
        handle: &Resource<DocumentHandle>,
    ) -> wasmtime::Result<&Arc<Document>> {
        let document = self.documents.get(handle.rep() as usize);
        document.ok_or_else(|| wasmtime::Error::msg("no such document"))
    }

    /// The number of a document that was found: always the same for the same one.
    pub(crate) fn handle(&mut self, document: &Arc<Document>) -> u32 {
        let next = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        let number = *self.found.entry(Arc::as_ptr(document).addr()).or_insert(next);
        if number == next {
            self.documents.push(Arc::clone(document));
        }
        number
    }
}

/// What a plugin has in all once `current` becomes `desired`; `None` when the plugin's own
/// `maximum` forbids it.
fn grown(total: usize, current: usize, desired: usize, maximum: Option<usize>) -> Option<usize> {
    let allowed = maximum.is_none_or(|maximum| desired <= maximum);
    allowed.then(|| total.saturating_add(desired.saturating_sub(current)))
}

/// Sums all memories and all tables of the plugin: a limit for each of them
/// would be multiplied by their number.
impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let Some(total) = grown(self.memory_bytes, current, desired, maximum) else {
            return Ok(false);
        };
        if total > self.limits.memory_bytes {
            return Err(Exceeded::new(Limit::MemoryBytes, &self.limits).into());
        }
        self.memory_bytes = total;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let Some(total) = grown(self.table_elements, current, desired, maximum) else {
            return Ok(false);
        };
        if total > self.limits.table_elements {
            return Err(Exceeded::new(Limit::TableElements, &self.limits).into());
        }
        self.table_elements = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        MAX_CORE_INSTANCES as usize
    }

    fn tables(&self) -> usize {
        MAX_TABLES as usize
    }

    fn memories(&self) -> usize {
        MAX_MEMORIES as usize
    }
}
