//! Files of tests of policies: found, read with the policies that they ask, and run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use provost_model::{PolicyReference, Problem, Source};
use provost_policy::{Policies, PolicyTests, Tested};

use crate::packs::{Pack, policy_schema};
use crate::sources::{collect, unreadable};

/// The kind that a file of tests says it is.
const KIND: &str = "PolicyTests";
/// How the versions of Provost's own files begin.
const PROVOST: &str = "provost.dev/";

/// What came of all cases of some files.
#[derive(Clone, Debug, Default)]
pub struct PolicyTestRun {
    /// How many files there were.
    pub files: usize,
    /// In order of file and line.
    pub cases: Vec<Tested>,
    /// Every policy that is tested, in order of file and line, and how many cases it
    /// determined.
    pub coverage: Vec<(PolicyReference, usize)>,
}

impl PolicyTestRun {
    /// Run every case of the files of tests at these paths: files, or folders of them.
    ///
    /// # Errors
    /// Every problem of the files and of the policies that they ask.
    pub fn of(paths: &[PathBuf]) -> Result<Self, Vec<Problem>> {
        let mut run = Self::default();
        let mut problems = Vec::new();
        let mut coverage = BTreeMap::new();
        for source in found(paths)? {
            match one(&source, &mut coverage) {
                Ok(cases) => run.cases.extend(cases),
                Err(found) => problems.extend(found),
            }
            run.files += 1;
        }
        run.coverage = coverage.into_values().collect();
        if problems.is_empty() { Ok(run) } else { Err(problems) }
    }

    /// How many cases had another answer than they say.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|case| !case.differences.is_empty()).count()
    }
}

/// Of each policy, by file and place, how many cases it determined.
type Coverage = BTreeMap<(String, u32), (PolicyReference, usize)>;

fn one(source: &Arc<Source>, coverage: &mut Coverage) -> Result<Vec<Tested>, Vec<Problem>> {
    let tests = PolicyTests::read(source)?;
    let mut problems = Vec::new();
    let packs = packs(&tests, &mut problems);
    let own = own(&tests, &mut problems);
    let folder = Path::new(source.name()).parent().unwrap_or(Path::new(""));
    let entities = tests.entities().map(|path| folder.join(path));
    let entities = entities.and_then(|path| {
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| {
            let message = unreadable(&path, &error);
            let problem = Problem::at("policy-tests", tests.locate("/entities"), message);
            problems.push(problem.help("paths are relative to this file"));
        });
        Some(Source::new(path.display().to_string(), text.ok()?))
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    if packs.is_empty() && own.is_empty() {
        let message = "these tests ask no policy";
        let problem = Problem::at("policy-tests", tests.locate("/kind"), message);
        let help = "name what is tested, as `packs: [default]` or `policies: [.]`";
        return Err(vec![problem.help(help)]);
    }
    let given = tests.given();
    let all: Vec<_> = packs.iter().chain(&own).chain([&given]).cloned().collect();
    // A pack is what is tested only where nothing else is: it has tests of its own.
    let subject = if own.is_empty() { &packs } else { &own };
    let policies = Policies::load(&policy_schema(), &all)?;
    let policies = match entities {
        Some(entities) => policies.with_entities(&entities)?,
        None => policies,
    };
    let cases = tests.run(&policies)?;
    for policy in policies.policies() {
        let Some(place) = &policy.location else { continue };
        if subject.iter().all(|file| file.name() != place.source.name()) {
            continue;
        }
        let determines = |case: &&Tested| case.determining.contains(&policy);
        let count = cases.iter().filter(determines).count();
        let key = (place.source.name().to_owned(), place.span.start);
        coverage.entry(key).or_insert_with(|| (policy.clone(), 0)).1 += count;
    }
    Ok(cases)
}

/// The packs that a file of tests asks.
fn packs(tests: &PolicyTests, problems: &mut Vec<Problem>) -> Vec<Arc<Source>> {
    let mut texts = Vec::new();
    let mut wrong = |pointer: String, message: String, help: String| {
        problems.push(Problem::at("policy-tests", tests.locate(&pointer), message).help(help));
    };
    for (index, name) in tests.packs().iter().enumerate() {
        match Pack::named(name) {
            Ok(pack) => texts.extend(pack.files),
            Err(help) => {
                let message = format!("there is no policy pack `{name}`");
                wrong(format!("/packs/{index}"), message, help);
            }
        }
    }
    texts
}

/// The policy files that a file of tests asks.
fn own(tests: &PolicyTests, problems: &mut Vec<Problem>) -> Vec<Arc<Source>> {
    let mut texts = Vec::new();
    let mut wrong = |pointer: String, message: String, help: String| {
        problems.push(Problem::at("policy-tests", tests.locate(&pointer), message).help(help));
    };
    let folder = Path::new(tests.source().name()).parent().unwrap_or(Path::new(""));
    for (index, path) in tests.policies().iter().enumerate() {
        // Without the `.` that stands for the folder itself: the paths are shown.
        let path: PathBuf = folder.join(path).components().collect();
        let mut files = Vec::new();
        let help = || "paths are relative to this file".to_owned();
        let pointer = || format!("/policies/{index}");
        if let Err(error) = collect(&path, &["cedar"], &mut files) {
            wrong(pointer(), unreadable(&path, &error), help());
        } else if files.is_empty() {
            wrong(pointer(), format!("no file in `{}` ends in `.cedar`", path.display()), help());
        }
        files.sort();
        for file in files {
            match std::fs::read_to_string(&file) {
                Ok(text) => texts.push(Source::new(file.display().to_string(), text)),
                Err(error) => wrong(pointer(), unreadable(&file, &error), help()),
            }
        }
    }
    texts
}

/// The files of tests at some paths, and what may have been meant for one. What a folder
/// holds besides is left alone.
fn found(paths: &[PathBuf]) -> Result<Vec<Arc<Source>>, Vec<Problem>> {
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        let mut files = Vec::new();
        let mut wrong = |path: &Path, error: &std::io::Error| {
            let name = path.display().to_string();
            problems.push(Problem::about("policy-tests", name, unreadable(path, error)));
        };
        if let Err(error) = collect(path, &["yaml", "yml"], &mut files) {
            wrong(path, &error);
        }
        files.sort();
        for file in files {
            match std::fs::read_to_string(&file) {
                Ok(text) => {
                    let source = Source::new(file.display().to_string(), text);
                    if file == *path || is_tests(&source) {
                        sources.push(source);
                    }
                }
                Err(error) => wrong(&file, &error),
            }
        }
    }
    if problems.is_empty() { Ok(sources) } else { Err(problems) }
}

/// Does it say so, or may it have been meant to? A file of Provost that cannot be read, or
/// whose kind is missing or nearly this one, is not left out in silence: reading it tells
/// what is wrong.
fn is_tests(source: &Arc<Source>) -> bool {
    let parsed = provost_syntax::read(source, &provost_syntax::Limits::default());
    if parsed.problem.is_some() && source.text().contains(PROVOST) {
        return true;
    }
    parsed.documents.iter().any(|root| {
        let text = |key: &str| root.get(key).and_then(provost_model::Node::as_text);
        let is_ours = text("apiVersion").is_some_and(|version| version.starts_with(PROVOST));
        match text("kind") {
            Some(KIND) => true,
            Some(kind) => is_ours && provost_syntax::suggest(kind, [KIND]).is_some(),
            None => is_ours && root.get("cases").is_some(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str) -> bool {
        is_tests(&Source::new("a.yaml", text))
    }

    #[test]
    fn what_may_have_been_meant_for_a_file_of_tests_is_not_left_out() {
        assert!(is("apiVersion: provost.dev/v1\nkind: PolicyTests\ncases: []\n"));
        assert!(is("apiVersion: provost.dev/v1\nkind: PolicyTest\ncases: []\n"));
        assert!(is("apiVersion: provost.dev/v1\ncases: []\n"));
        assert!(is("apiVersion: provost.dev/v1\nkind: PolicyTests\ncases: [\n"));
    }

    #[test]
    fn what_is_something_else_is_left_out() {
        assert!(!is("apiVersion: v1\nkind: ConfigMap\n"));
        assert!(!is("apiVersion: provost.dev/v1\nkind: PolicyGuarantees\nguarantees: []\n"));
        assert!(!is("apiVersion: provost.dev/v1\nkind: PluginCases\ncases: []\n"));
        assert!(!is("a template: {{ .Values\n"));
    }
}
