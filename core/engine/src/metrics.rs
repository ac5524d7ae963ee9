//! What the plugins of a bundle cost, for whoever operates it. None of it takes part in a
//! verdict.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use provost_host::Report;

/// What the calls of one plugin came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PluginMetrics {
    /// Calls, each in a fresh instance.
    pub calls: u64,
    /// Batches of documents of which at least one call went wrong.
    pub failures: u64,
    /// Documents judged.
    pub documents: u64,
    /// Violations found.
    pub findings: u64,
    /// Answers that are unknown.
    pub unknowns: u64,
    /// Messages that it logged.
    pub log_messages: u64,
    /// Instructions of the guest, and work of the host for it.
    pub fuel: u64,
    /// The most memory that one instance had, in bytes.
    pub memory_bytes: usize,
    /// Wall-clock time, summed over calls that may run side by side.
    pub busy: Duration,
}

impl PluginMetrics {
    pub(crate) fn of(report: &Report, documents: usize) -> Self {
        Self {
            calls: report.calls,
            failures: u64::from(report.failure.is_some()),
            documents: documents as u64,
            findings: report.findings.len() as u64,
            unknowns: report.unknowns.len() as u64,
            log_messages: report.logs.len() as u64,
            fuel: report.fuel_used,
            memory_bytes: report.memory_bytes,
            busy: report.elapsed,
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.failures += other.failures;
        self.documents += other.documents;
        self.findings += other.findings;
        self.unknowns += other.unknowns;
        self.log_messages += other.log_messages;
        self.fuel = self.fuel.saturating_add(other.fuel);
        self.memory_bytes = self.memory_bytes.max(other.memory_bytes);
        self.busy += other.busy;
    }
}

/// Metrics that many threads add to.
#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<PluginMetrics>);

impl Meter {
    pub(crate) fn add(&self, more: &PluginMetrics) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(more);
    }

    pub(crate) fn read(&self) -> PluginMetrics {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
