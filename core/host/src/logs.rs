use crate::bindings::provost::plugin::logging;
use crate::capabilities::{Capability, Unrequested};
use crate::limits::{Limit, Limits};
use crate::state::State;

/// How much a log message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the author of the plugin.
    Debug,
    /// For the curious.
    Info,
    /// For the operator.
    Warning,
    /// For the operator, soon.
    Error,
}

impl From<logging::Level> for Level {
    fn from(level: logging::Level) -> Self {
        match level {
            logging::Level::Debug => Self::Debug,
            logging::Level::Info => Self::Info,
            logging::Level::Warning => Self::Warning,
            logging::Level::Error => Self::Error,
        }
    }
}

/// The log messages of one check, capped.
///
/// Logs are never part of a verdict, so a plugin that talks too much loses
/// messages and not its answer.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    messages: Vec<(Level, String)>,
    bytes: usize,
    dropped: Option<(Limit, u64)>,
}

impl Logs {
    fn push(&mut self, level: Level, message: String, limits: &Limits) {
        let bytes = self.bytes.saturating_add(message.len());
        let over = if self.messages.len() >= limits.log_messages {
            Limit::LogMessages
        } else if bytes > limits.log_bytes {
            Limit::LogBytes
        } else {
            self.bytes = bytes;
            self.messages.push((level, message));
            return;
        };
        let (_, count) = self.dropped.get_or_insert((over, 0));
        *count += 1;
    }

    /// The messages, with a last one that says how many were dropped.
    pub(crate) fn into_messages(self, limits: &Limits) -> Vec<(Level, String)> {
        let mut messages = self.messages;
        if let Some((limit, count)) = self.dropped {
            let (field, allowed, remedy) = (limit.field(), limit.of(limits), limit.remedy());
            let note = format!(
                "{count} more messages were dropped, over the limit `{field}` of {allowed}: {remedy}"
            );
            messages.push((Level::Warning, note));
        }
        messages
    }
}

impl logging::Host for State {
    fn log(&mut self, level: logging::Level, message: String) -> wasmtime::Result<()> {
        if !self.granted.log {
            return Err(Unrequested(Capability::Log).into());
        }
        self.meter.call(message.len())?;
        self.logs.push(level.into(), message, &self.limits);
        Ok(())
    }
}
