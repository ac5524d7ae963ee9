//! Plugins observe: every rule of every plugin over the documents it wants.

use std::collections::BTreeMap;
use std::sync::Arc;

use provost_host::{Level, Plugin, Report, Surroundings};
use provost_model::{Assessment, Change, CheckResult, Document};
use rayon::prelude::*;
use tracing::field::Empty;

use crate::alone::alone;
use crate::assess::SPANS;
use crate::bundle::Bundle;
use crate::circumstances::Circumstances;
use crate::metrics::PluginMetrics;
use crate::snapshot::Snapshot;

/// Documents per call: enough that an instance costs little, few enough to share out.
const BATCH: usize = 64;

/// One result per rule that is not disabled.
pub(crate) fn observe(
    bundle: &Bundle,
    change: &Change,
    documents: &[Arc<Document>],
    under: &Circumstances<'_>,
    done: &(dyn Fn(usize) + Sync),
) -> Vec<CheckResult> {
    let around = if bundle.plugins().any(Plugin::looks_up) {
        match under.snapshot {
            Some(snapshot) => Surroundings::over(snapshot.surroundings(), documents),
            None => Surroundings::new(documents, change.cluster.as_deref()),
        }
    } else {
        Surroundings::default()
    };
    let around = Arc::new(around.until(under.until));
    let known = under.snapshot.and_then(Snapshot::known);
    let unsure = known.map(|_| Arc::new(around.unsure()));
    let mut results = Vec::new();
    for (plugin, meter) in &bundle.plugins {
        let name = plugin.description().name.as_str();
        // What it looks up is known, or it must not conclude anything from what is not found.
        let is_known = known.is_none_or(|known| {
            bundle.looks_up(plugin).is_some_and(|kinds| kinds.is_subset(known))
        });
        let around = unsure.as_ref().filter(|_| !is_known).unwrap_or(&around);
        let span = tracing::info_span!(
            target: SPANS, "plugin",
            provost.plugin = name,
            provost.failures = Empty,
        );
        let observed = span.in_scope(|| ask(plugin, documents, around, done));
        // OTLP has no other whole numbers.
        let failures = i64::try_from(observed.failures.len()).unwrap_or(i64::MAX);
        span.record("provost.failures", failures);
        for failure in &observed.failures {
            tracing::warn!(plugin = name, %failure, "a call failed");
        }
        for (level, message) in &observed.logs {
            tracing::info!(plugin = name, ?level, "{message}");
        }
        let cost = &observed.metrics;
        tracing::debug!(
            plugin = name,
            documents = cost.documents,
            calls = cost.calls,
            failures = cost.failures,
            instructions = cost.fuel,
            memory_bytes = cost.memory_bytes,
            busy = ?cost.busy,
            "asked"
        );
        meter.add(cost);
        results.extend(observed.results);
    }
    results.retain(|result| !bundle.is_disabled(&result.check.id));
    results
}

/// What one plugin alone says of a change: no specification is proved, no policy decides.
pub struct Observation {
    /// Any violation counts, whatever its severity.
    pub assessment: Assessment,
    /// How many objects the plugin asked for.
    pub subjects: usize,
    /// What it logged.
    pub logs: Vec<(Level, String)>,
    /// What it cost.
    pub metrics: PluginMetrics,
}

impl Observation {
    /// Asks a plugin. `done` is told how many more objects were judged.
    pub fn new(plugin: &Plugin, change: &Change, done: &(dyn Fn(usize) + Sync)) -> Self {
        let around = Arc::new(Surroundings::new(&change.documents, change.cluster.as_deref()));
        let observed = ask(plugin, &change.documents, &around, done);
        let is_wanted = |one: &&Arc<Document>| plugin.accepts(&one.object);
        Self {
            assessment: alone(change, plugin.digest(), "observe", observed.results),
            subjects: change.documents.iter().filter(is_wanted).count(),
            logs: observed.logs,
            metrics: observed.metrics,
        }
    }
}

/// What one plugin said of the documents that it asks for.
struct Observed {
    results: Vec<CheckResult>,
    failures: Vec<String>,
    logs: Vec<(Level, String)>,
    metrics: PluginMetrics,
}

fn ask(
    plugin: &Plugin,
    documents: &[Arc<Document>],
    around: &Arc<Surroundings>,
    done: &(dyn Fn(usize) + Sync),
) -> Observed {
    let accepted = documents.iter().filter(|document| plugin.accepts(&document.object));
    let wanted: Vec<Arc<Document>> = accepted.cloned().collect();
    let reports: Vec<_> = wanted
        .par_chunks(BATCH)
        .map(|batch| {
            let report = plugin.check(batch, around);
            done(batch.len());
            (PluginMetrics::of(&report, batch.len()), report)
        })
        .collect();
    let mut metrics = PluginMetrics::default();
    for (more, _) in &reports {
        metrics.add(more);
    }
    collect(plugin, wanted.len(), reports.into_iter().map(|(_, report)| report), metrics)
}

/// The reports of all batches as one.
fn collect(
    plugin: &Plugin,
    subjects: usize,
    reports: impl Iterator<Item = Report>,
    metrics: PluginMetrics,
) -> Observed {
    let mut results: BTreeMap<&str, CheckResult> = BTreeMap::new();
    for rule in plugin.rules() {
        let result = CheckResult { subjects, ..CheckResult::new(Arc::clone(rule)) };
        results.insert(&rule.id, result);
    }
    let (mut failures, mut logs) = (Vec::new(), Vec::new());
    for report in reports {
        failures.extend(report.failure);
        logs.extend(report.logs);
        for finding in report.findings {
            if let Some(result) = results.get_mut(finding.check.id.as_str()) {
                result.findings.push(finding);
            }
        }
        for (check, unknown) in report.unknowns {
            if let Some(result) = results.get_mut(check.id.as_str()) {
                result.unknowns.push(unknown);
            }
        }
    }
    Observed { results: results.into_values().collect(), failures, logs, metrics }
}
