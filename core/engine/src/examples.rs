//! The examples of a specification: the page beside it is its test.
//!
//! Reading what is between the fences is for whoever calls: the engine knows no bytes of a
//! change. See [`Page`] for what a page looks like.

mod page;

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use provost_builtins::SPECIFICATIONS;
use provost_model::{Change, Counterexample, Problem, Proof, ProofRecord, Scalar, Source};
use provost_spec::{Cluster, Models, Specification};
use provost_verify::{Judgement, Verifier};
use rayon::prelude::*;

use crate::bundle::built_in;
use crate::record::Development;
use crate::sources::{collect, unreadable};

pub use page::{Example, Outcome, Page};

/// A file of specifications and the page beside it.
#[derive(Debug)]
pub struct SpecificationFile {
    /// The file.
    pub path: PathBuf,
    /// What is in it.
    pub specifications: Vec<Specification>,
    /// The page of the same name that ends in `.md`, when there is one.
    pub page: Option<Page>,
}

/// What comes out for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// In one word.
    pub outcome: Outcome,
    /// In all words, as a page shows it.
    pub text: String,
}

/// Reads the files of an example; what is wrong with them is among the problems of the change.
pub type ReadFiles<'r> = dyn Fn(&[Arc<Source>]) -> Change + Sync + 'r;

impl SpecificationFile {
    /// Every file at these paths, folders included, in order of path.
    ///
    /// # Errors
    /// Every problem of every file and page.
    pub fn load_all(paths: &[PathBuf]) -> Result<Vec<Self>, Vec<Problem>> {
        let mut files = Vec::new();
        let mut problems = Vec::new();
        for path in paths {
            let mut found = Vec::new();
            if let Err(error) = collect(path, &["yaml", "yml"], &mut found) {
                problems.push(not_read(path, &error));
            }
            if path.is_dir() && found.is_empty() {
                let message = "no file in it ends in `.yaml` or `.yml`";
                problems.push(Problem::about("specification", path.display().to_string(), message));
            }
            found.sort();
            files.append(&mut found);
        }
        let mut seen = std::collections::BTreeSet::new();
        files.retain(|file| seen.insert(file.clone()));
        let models = models(&files)?;
        let loaded: Vec<_> = files.par_iter().map(|file| Self::load(file, &models)).collect();
        let mut all = Vec::new();
        for file in loaded {
            match file {
                Ok(file) => all.push(file),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(all) } else { Err(problems) }
    }

    /// The specifications of a file, and its page.
    ///
    /// # Errors
    /// Every problem of both.
    pub fn load(path: &Path, models: &Models) -> Result<Self, Vec<Problem>> {
        let specification = source(path).map_err(|error| vec![not_read(path, &error)])?;
        let page = path.with_extension("md");
        let page = match source(&page) {
            Ok(source) => Some(Page::parse(&source)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => Some(Err(vec![not_read(&page, &error)])),
        };
        match (Specification::load(&specification, models), page.transpose()) {
            (Ok(specifications), Ok(page)) => {
                Ok(Self { path: path.to_owned(), specifications, page })
            }
            (specifications, page) => {
                let problems = [specifications.err(), page.err()];
                Err(problems.into_iter().flatten().flatten().collect())
            }
        }
    }

    /// Its examples, in order; none without a page.
    pub fn examples(&self) -> &[Example] {
        self.page.as_ref().map_or(&[], Page::examples)
    }

    /// What comes out for each of its examples, in order.
    pub fn answers(&self, verifier: &Verifier, read: &ReadFiles<'_>) -> Vec<Answer> {
        let examples = self.examples().par_iter();
        examples.map(|example| answer(verifier, &self.specifications, example, read)).collect()
    }
}

/// The models in these files, and the built-in ones.
fn models(files: &[PathBuf]) -> Result<Models, Vec<Problem>> {
    // A file that cannot be read is reported when its specifications are.
    let own: Vec<_> = files.iter().filter_map(|file| source(file).ok()).collect();
    Ok(Models::load(&own)?.or(Models::load(&built_in(SPECIFICATIONS))?))
}

fn source(path: &Path) -> io::Result<Arc<Source>> {
    Ok(Source::new(path.display().to_string(), fs::read_to_string(path)?))
}

fn not_read(path: &Path, error: &io::Error) -> Problem {
    Problem::about("specification", path.display().to_string(), unreadable(path, error))
}

/// What comes out when the specifications of a file judge an example.
pub fn answer(
    verifier: &Verifier,
    specifications: &[Specification],
    example: &Example,
    read: &ReadFiles<'_>,
) -> Answer {
    let before = read(&example.before);
    let mut change = read(&example.files);
    change.problems.extend(before.problems);
    change.before = before.documents;
    Development::of_example(&change, &example.files).tell(&mut change);
    if !change.problems.is_empty() {
        let said = change.problems.iter().map(|problem| format!("not read: {problem}\n"));
        return Answer { outcome: Outcome::Unknown, text: said.collect() };
    }
    let mut answer = Answer { outcome: Outcome::Nothing, text: String::new() };
    for specification in specifications {
        let several = specifications.len() > 1;
        let label = if several { format!("{} ", specification.check.id) } else { String::new() };
        judge(verifier, specification, &change, &label, &mut answer);
    }
    if answer.outcome == Outcome::Nothing {
        answer.text.push_str("no object here is one that the specification is about\n");
    }
    answer
}

/// What one specification says, added to the answer; `label` stands before each property.
fn judge(
    verifier: &Verifier,
    specification: &Specification,
    change: &Change,
    label: &str,
    answer: &mut Answer,
) {
    let subjects = specification.subjects(&change.documents);
    let before = change.before.iter().map(AsRef::as_ref);
    let cluster = Cluster::new(&change.documents).with_before(before);
    for document in &subjects {
        let object = &document.object;
        match verifier.judge(specification, &cluster, document) {
            Judgement::NotApplicable => {
                answer.add(Outcome::Allowed);
                let _ = writeln!(answer.text, "{object}: {label}does not apply");
            }
            Judgement::Judged(records) => {
                for record in records {
                    answer.add(match record.proof {
                        Proof::Proved(_) => Outcome::Allowed,
                        Proof::Refuted(_) => Outcome::Refuted,
                        Proof::Unknown(_) => Outcome::Unknown,
                    });
                    describe(&record, label, &mut answer.text);
                }
            }
        }
    }
}

impl Answer {
    /// A refutation outweighs what is unknown; what is unknown outweighs the rest.
    fn add(&mut self, outcome: Outcome) {
        let weight = |outcome| match outcome {
            Outcome::Nothing => 0,
            Outcome::Allowed => 1,
            Outcome::Unknown => 2,
            Outcome::Refuted => 3,
        };
        if weight(outcome) > weight(self.outcome) {
            self.outcome = outcome;
        }
    }
}

fn describe(record: &ProofRecord, label: &str, said: &mut String) {
    let ProofRecord { object, property, proof, .. } = record;
    let _ = write!(said, "{object}: {label}{property}: ");
    let _ = match proof {
        Proof::Proved(proved) => writeln!(said, "proved for {}", proved.scope),
        Proof::Unknown(reason) => writeln!(said, "unknown: {}", without_place(reason)),
        Proof::Refuted(counterexample) => {
            let _ = writeln!(said, "refuted: {}", counterexample.message);
            refuted(counterexample, said)
        }
    };
}

fn refuted(counterexample: &Counterexample, said: &mut String) -> std::fmt::Result {
    let Counterexample { blame, variables, steps, remedies, .. } = counterexample;
    let file = match blame.source.name() {
        page::UNNAMED => String::new(),
        name => format!("{name} "),
    };
    writeln!(said, "  blame: {file}line {} {}", blame.position().line, blame.pointer)?;
    let mut before: &[Scalar] = &[];
    // Without a machine nothing happens, and there is no state to show.
    for (number, step) in steps.iter().enumerate().filter(|_| !variables.is_empty()) {
        let named = variables.iter().zip(&step.state).enumerate();
        let changed = named.filter(|(place, (_, value))| before.get(*place) != Some(*value));
        let state: Vec<_> = changed.map(|(_, (name, value))| format!("{name} {value}")).collect();
        let state = if state.is_empty() { "nothing changes".to_owned() } else { state.join(", ") };
        writeln!(said, "  {number}: {} ({state})", step.action)?;
        before = &step.state;
    }
    if let Some(step) = counterexample.back_to {
        writeln!(said, "  and then on from {step} again, for ever")?;
    }
    if let Some(when) = &counterexample.fails_when {
        writeln!(said, "  fails exactly when {when}")?;
    }
    remedies.iter().try_for_each(|remedy| writeln!(said, "  remedy: {remedy}"))
}

/// A reason without the place in a specification at its end: what a page says must not change
/// with the folder that it is read from.
fn without_place(reason: &str) -> &str {
    match reason.rsplit_once(" (") {
        Some((before, place)) if place.contains(".yaml:") || place.contains(".yml:") => before,
        _ => reason,
    }
}
