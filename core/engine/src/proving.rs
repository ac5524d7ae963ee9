//! Specifications alone: no plugin observes and no policy decides.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use provost_model::{Assessment, Change, CheckInfo, Digest, Document, Obligation, Problem, Proof};
use provost_spec::{Cluster, Specification};
use provost_verify::{Exported, Verifier};
use rayon::prelude::*;

use crate::alone::alone;
use crate::bundle::specifications;
use crate::examples::SpecificationFile;
use crate::gate::Gate;
use crate::names;
use crate::notes::affected;
use crate::prove::{Answers, prove, unexplained};
use crate::world::Scene;

/// Specifications that are ready to be asked.
pub struct Library {
    specifications: Vec<Specification>,
    verifier: Verifier,
    digest: Digest,
}

impl Library {
    /// The built-in specifications and those that a gate names, without those that it
    /// disables. Answers of the verifier are kept below the folder `cache`.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn load(gate: &Gate, cache: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let mut found = specifications(gate)?;
        let problems = names::duplicates(&found.iter().map(|one| &one.check).collect::<Vec<_>>());
        if !problems.is_empty() {
            return Err(problems);
        }
        found.retain(|one| !gate.form.disabled.contains(&one.check.id));
        Self::of(gate, gate.verifier_with(cache)?, found)
    }

    /// The specifications in these files and folders alone.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn load_files(gate: &Gate, paths: &[PathBuf]) -> Result<Self, Vec<Problem>> {
        let files = SpecificationFile::load_all(paths)?;
        let specifications = files.into_iter().flat_map(|file| file.specifications).collect();
        Self::of(gate, gate.verifier()?, specifications)
    }

    fn of(
        gate: &Gate,
        verifier: Verifier,
        specifications: Vec<Specification>,
    ) -> Result<Self, Vec<Problem>> {
        let mut library = Self { specifications, verifier, digest: Digest::of(b"") };
        let limits = serde_json::json!(gate.form.limits).to_string();
        let mut parts = vec![limits, provost_verify::version()];
        parts.extend(library.specifications.iter().map(|one| one.digest.to_string()));
        library.digest = Digest::of_parts(parts.iter().map(String::as_bytes));
        Ok(library)
    }

    /// What there is, in order of loading.
    pub fn checks(&self) -> impl Iterator<Item = &Arc<CheckInfo>> {
        self.specifications.iter().map(|one| &one.check)
    }

    /// Ask only the specification of this id.
    ///
    /// # Errors
    /// When there is none.
    pub fn restrict(&mut self, id: &str) -> Result<(), Problem> {
        if self.checks().any(|check| check.id == id) {
            self.specifications.retain(|one| one.check.id == id);
            return Ok(());
        }
        let known = self.checks().map(|check| check.id.as_str());
        let help = match provost_syntax::suggest(id, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`provost explain` lists every check".to_owned(),
        };
        Err(Problem::about("unknown-check", id, "there is no such specification").help(help))
    }

    /// Is any specification about any object of this change?
    pub fn is_about(&self, change: &Change) -> bool {
        self.specifications.iter().any(|asked| !asked.subjects(&change.documents).is_empty())
    }

    /// Every property of every object. One that is refuted counts, whatever its severity; so
    /// does one that is unknown. `done` is told how many more objects were judged.
    pub fn prove(&self, change: &Change, done: &(dyn Fn(usize) + Sync)) -> Assessment {
        let asked: Vec<_> = self.specifications.iter().collect();
        let snapshot = change.cluster.as_deref().map(Cluster::new);
        let scene = Scene::around(change, snapshot.as_ref());
        let Answers { mut results, beside } = prove(&asked, &self.verifier, &scene, done);
        results.sort_by(|a, b| a.check.id.cmp(&b.check.id));
        let mut assessment = alone(change, self.digest, "prove", results);
        assessment.notes.extend(affected(&beside));
        assessment.notes.extend(unexplained(&assessment.results));
        assessment
    }
}

impl Library {
    /// Add its parts to every proof of an assessment of this change. What the solver had no part
    /// in has none.
    pub fn explain(&self, change: &Change, assessment: &mut Assessment) {
        let snapshot = change.cluster.as_deref().map(Cluster::new);
        let scene = Scene::around(change, snapshot.as_ref());
        let before = scene.cluster_before();
        let cluster = scene.cluster_after(before.as_ref());
        for result in &mut assessment.results {
            let id = &result.check.id;
            let Some(specification) = self.specifications.iter().find(|one| one.check.id == *id)
            else {
                continue;
            };
            let subjects = specification.subjects(&change.documents);
            result.proofs.par_iter_mut().for_each(|record| {
                let Proof::Proved(proved) = &mut record.proof else { return };
                // Of two objects with one name the place tells which is meant.
                let is_meant = |one: &&Arc<Document>| {
                    one.object == record.object && one.locate("").span == record.location.span
                };
                let Some(subject) = subjects.iter().find(is_meant) else { return };
                let parts =
                    self.verifier.obligations(specification, &cluster, subject, &record.property);
                match parts {
                    Ok(parts) => proved.obligations = parts.into_iter().map(obligation).collect(),
                    Err(reason) => tracing::debug!(%id, %reason, "a proof without parts"),
                }
            });
        }
    }
}

fn obligation(part: Exported) -> Obligation {
    Obligation { name: part.name, script: part.script, resources: part.resources }
}
