//! Plugins observe: every rule of every plugin over the documents it wants.

use std::collections::BTreeMap;
use std::sync::Arc;

use provost_host::{Plugin, Surroundings};
use provost_model::{Change, CheckResult, Document};
use rayon::prelude::*;

use crate::bundle::Bundle;
use crate::circumstances::Circumstances;

/// Documents per call: enough that an instance costs little, few enough to share out.
const BATCH: usize = 64;

/// One result per rule that is not disabled.
pub(crate) fn observe(
    bundle: &Bundle,
    change: &Change,
    documents: &[Arc<Document>],
    under: &Circumstances,
    done: &(dyn Fn(usize) + Sync),
) -> Vec<CheckResult> {
    let around = if bundle.plugins.iter().any(Plugin::looks_up) {
        Surroundings::new(documents, change.cluster.as_deref())
    } else {
        Surroundings::default()
    };
    let around = Arc::new(around.until(under.until));
    let results = bundle.plugins.iter().map(|plugin| ask(bundle, plugin, documents, &around, done));
    results.flatten().collect()
}

fn ask(
    bundle: &Bundle,
    plugin: &Plugin,
    documents: &[Arc<Document>],
    around: &Arc<Surroundings>,
    done: &(dyn Fn(usize) + Sync),
) -> Vec<CheckResult> {
    let accepted = documents.iter().filter(|document| plugin.accepts(&document.object));
    let wanted: Vec<Arc<Document>> = accepted.cloned().collect();
    let reports: Vec<_> = wanted
        .par_chunks(BATCH)
        .map(|batch| {
            let report = plugin.check(batch, around);
            done(batch.len());
            report
        })
        .collect();
    let mut results: BTreeMap<String, CheckResult> = plugin
        .rules()
        .iter()
        .map(|rule| (rule.id.clone(), CheckResult::new(Arc::clone(rule))))
        .collect();
    for result in results.values_mut() {
        result.subjects = wanted.len();
    }
    for report in reports {
        if let Some(failure) = &report.failure {
            tracing::warn!(plugin = %plugin.description().name, %failure, "a call failed");
        }
        for (level, message) in &report.logs {
            tracing::info!(plugin = %plugin.description().name, ?level, "{message}");
        }
        for finding in report.findings {
            if let Some(result) = results.get_mut(&finding.check.id) {
                result.findings.push(finding);
            }
        }
        for (check, unknown) in report.unknowns {
            if let Some(result) = results.get_mut(&check.id) {
                result.unknowns.push(unknown);
            }
        }
    }
    results.into_values().filter(|result| !bundle.is_disabled(&result.check.id)).collect()
}
