//! What is judged by: a bundle and what the gate file says besides.

use std::path::PathBuf;
use std::sync::Arc;

use provost_engine::{Bundle, Circumstances, Gate};
use provost_intake::read_source;
use provost_model::{Approval, Change, Document, Facts, Problem, Source};
use provost_syntax::Limits;

use crate::known::Known;
use crate::reload::{Traces, traces};

/// A gate that was loaded, whole.
#[derive(Clone)]
pub struct Loaded {
    /// What changes are judged by.
    pub bundle: Arc<Bundle>,
    /// The environment that they go to.
    pub environment: Option<String>,
    /// Who approved which change.
    pub approvals: Vec<Approval>,
    /// What is known of the world besides.
    pub facts: Facts,
    /// The cluster that requests come to, where it is known.
    pub(crate) cluster: Option<Known>,
    /// What one object may cost to read.
    pub limits: Limits,
    /// Files and folders that it was read from.
    pub files: Vec<PathBuf>,
    /// What they were like before they were read.
    pub(crate) seen: Traces,
}

impl Loaded {
    /// Loads everything that a gate names.
    ///
    /// # Errors
    /// Every problem.
    pub fn new(gate: &Gate, cache: Option<PathBuf>) -> Result<Self, Vec<Problem>> {
        let form = &gate.form.limits;
        let seen = seen(gate);
        let loaded = Self {
            approvals: gate.approvals(None)?,
            facts: gate.facts(None)?,
            cluster: None,
            bundle: Arc::new(whole(Bundle::load(gate, cache)?)?),
            environment: gate.form.environment.clone(),
            limits: Limits {
                bytes: usize::try_from(form.file_bytes).unwrap_or(usize::MAX),
                depth: form.depth,
                documents: form.documents,
                nodes: form.nodes,
            },
            files: gate.files(),
            seen,
        };
        loaded.warm();
        Ok(loaded)
    }

    /// Judges samples in full: what the solver proves once for all values is remembered, and
    /// plugins have run once, before the first request.
    fn warm(&self) {
        for document in samples(SAMPLES) {
            let change = Change { documents: vec![document], ..Change::default() };
            self.rehearse(&change, &Circumstances { alone: true, ..Circumstances::default() });
        }
    }

    /// Judges a change in full, for what is remembered of it.
    pub(crate) fn rehearse(&self, change: &Change, under: &Circumstances<'_>) {
        let _ = self.bundle.assess_under(change, jiff::Timestamp::now(), under, &|_, _| {});
    }
}

/// The objects of a text that is part of this program.
pub(crate) fn samples(text: &str) -> Vec<Arc<Document>> {
    read_source(&Source::new("samples.yaml", text), &Default::default()).documents
}

/// What the files of a gate are like now; nothing where the gate file is another one already, so
/// that it is read again.
fn seen(gate: &Gate) -> Traces {
    let files = gate.files();
    let is_read = |text| {
        let now = files.first().and_then(|file| std::fs::read_to_string(file).ok());
        now.as_deref() == Some(text)
    };
    if gate.text().is_none_or(is_read) { traces(&files) } else { Traces::new() }
}

/// A bundle without problems: with a plugin that cannot be loaded, every review would be
/// unknown, and the last good bundle is better.
fn whole(bundle: Bundle) -> Result<Bundle, Vec<Problem>> {
    if bundle.problems().is_empty() { Ok(bundle) } else { Err(bundle.problems().to_vec()) }
}

/// Objects of the kinds that specifications of single objects are about.
const SAMPLES: &str = include_str!("samples.yaml");
