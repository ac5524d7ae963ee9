//! What a plugin costs: how long it takes to load and to answer.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use provost_host::{Capability, Host, HostError, Limits, Plugin, Report, Surroundings};
use provost_model::Document;
use serde::Serialize;
use serde_json::Value;

/// A row is measured no longer than this: slow plugins give fewer samples.
const PATIENCE: Duration = Duration::from_secs(5);

/// One thing measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measurement {
    /// What.
    pub what: String,
    /// How often.
    pub samples: usize,
    /// The median, in nanoseconds.
    pub p50: u64,
    /// The 99th percentile, in nanoseconds; the longest of fewer than 100 samples.
    pub p99: u64,
    /// Instructions of the guest and work of the host for it, the median; `None` while loading.
    pub instructions: Option<u64>,
    /// The most memory that one instance had, in bytes; `None` while loading.
    pub memory_bytes: Option<usize>,
}

/// A component to measure.
#[derive(Debug)]
pub struct Bench<'b> {
    /// The component.
    pub component: &'b [u8],
    /// Its settings.
    pub settings: &'b Value,
    /// The documents of the calls; those that the plugin does not ask for are left out.
    pub documents: &'b [Arc<Document>],
    /// How often each thing is done, after once to warm up.
    pub samples: usize,
    /// Where compiled plugins are kept.
    pub cache: Option<PathBuf>,
}

impl Bench<'_> {
    /// Measures loading, a call without documents, one call for each document (every call with
    /// one of them in turn) and one for all; every call in a fresh instance.
    ///
    /// # Errors
    /// A component that cannot be loaded, or why the plugin fails on a document.
    pub fn run(&self) -> Result<Vec<Measurement>, String> {
        let said = |error: HostError| error.to_string();
        let compiling = Host::new(None).map_err(said)?;
        let host = Host::new(self.cache.clone()).map_err(said)?;
        let load = |host: &Host| {
            let limits = Limits::default();
            host.load("plugin", self.component, self.settings, &Capability::ALL, limits)
        };
        let plugin = load(&host).map_err(said)?;
        let mut rows = vec![measure("compile and load", self.samples.min(5), || {
            load(&compiling).map(|_| None).map_err(said)
        })?];
        if self.cache.is_some() {
            rows.push(measure("load from the cache", self.samples, || {
                load(&host).map(|_| None).map_err(said)
            })?);
        }
        let accepted = self.documents.iter().filter(|document| plugin.accepts(&document.object));
        let documents: Vec<_> = accepted.cloned().collect();
        let around = Arc::new(Surroundings::new(self.documents, None));
        let call = |part: &[Arc<Document>]| asked(&plugin, part, &around).map(Some);
        rows.push(measure("call without documents", self.samples, || call(&[]))?);
        let mut turn = documents.chunks(1).cycle();
        let one = match documents.len() {
            0 => return Ok(rows),
            1 => "call for 1 document".to_owned(),
            many => format!("call for 1 document, of {many}"),
        };
        rows.push(measure(&one, self.samples, || call(turn.next().unwrap_or_default()))?);
        if documents.len() > 1 {
            let all = format!("call for all {}", documents.len());
            rows.push(measure(&all, self.samples, || call(&documents))?);
        }
        Ok(rows)
    }
}

fn asked(
    plugin: &Plugin,
    documents: &[Arc<Document>],
    around: &Arc<Surroundings>,
) -> Result<Report, String> {
    let mut report = plugin.check(documents, around);
    report.failure.take().map_or(Ok(report), Err)
}

/// Times `run` after a warm-up; what a report says it cost is noted too.
fn measure(
    what: &str,
    samples: usize,
    mut run: impl FnMut() -> Result<Option<Report>, String>,
) -> Result<Measurement, String> {
    run()?;
    let (mut times, mut fuel, mut memory) = (Vec::new(), Vec::new(), None);
    let begun = Instant::now();
    while times.len() < samples.max(1) && (times.is_empty() || begun.elapsed() < PATIENCE) {
        let start = Instant::now();
        let report = run()?;
        times.push(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX));
        if let Some(report) = report {
            fuel.push(report.fuel_used);
            memory = memory.max(Some(report.memory_bytes));
        }
    }
    Ok(Measurement {
        what: what.to_owned(),
        samples: times.len(),
        p50: percentile(&mut times, 50).unwrap_or(0),
        p99: percentile(&mut times, 99).unwrap_or(0),
        instructions: percentile(&mut fuel, 50),
        memory_bytes: memory,
    })
}

fn percentile(values: &mut [u64], percent: usize) -> Option<u64> {
    values.sort_unstable();
    let last = values.len().checked_sub(1)?;
    values.get((values.len() * percent / 100).min(last)).copied()
}
