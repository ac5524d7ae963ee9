use std::sync::Arc;
use std::time::Instant;

use provost_model::Document;
use wasmtime::ResourceLimiter;

use crate::engine::{MAX_CORE_INSTANCES, MAX_MEMORIES, MAX_TABLES};
use crate::limits::{Exceeded, Limit, Limits};
use crate::logs::Logs;
use crate::meter::Meter;

/// What a guest holds when it holds a document; its number is an index into
/// [`State::documents`]. The guest can only borrow it, so nothing is ever freed.
pub struct DocumentHandle;

/// Everything that the host knows during one call.
pub(crate) struct State {
    pub(crate) limits: Limits,
    pub(crate) documents: Vec<Arc<Document>>,
    pub(crate) meter: Meter,
    pub(crate) logs: Logs,
    memory_bytes: usize,
    table_elements: usize,
}

impl State {
    /// The state of a call that starts now.
    pub(crate) fn new(limits: Limits, documents: &[Arc<Document>], logs: Logs) -> Self {
        Self {
            limits,
            documents: documents.to_vec(),
            meter: Meter::new(limits, Instant::now()),
            logs,
            memory_bytes: 0,
            table_elements: 0,
        }
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
