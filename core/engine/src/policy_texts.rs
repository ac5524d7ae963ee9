//! What holds of policies for all requests: those of a gate, or of files.

use std::env::var_os;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use provost_analysis::{Cvc5, Guarantees, Means, analyze, compare, failing, guaranteed};
use provost_model::{Analysis, Approval, Comparison, Digest, Principal, Problem, Source};
use provost_policy::{TypedPolicies, is_other, is_person};
use provost_verify::Budget;

use crate::answers::store;
use crate::gate::Gate;
use crate::packs::{packs, policy_files, policy_schema};
use crate::sources::{collect, unreadable};

pub use provost_analysis::guarantee_schema as guarantees_schema;

/// How files of guarantees end.
const GUARANTEES: [&str; 2] = [".guarantees.yaml", ".guarantees.yml"];

/// The policies of which it is not known whether they can fail.
///
/// # Errors
/// The policies that fail on some request, each with it.
pub(crate) fn cannot_fail(
    gate: &Gate,
    schema: &Arc<Source>,
    texts: &[Arc<Source>],
    cache: Option<&Path>,
) -> Result<Vec<Problem>, Vec<Problem>> {
    let parts = std::iter::once(schema).chain(texts).map(|source| source.text().as_bytes());
    let digest = Digest::of_parts(parts).to_string();
    let base = [provost_analysis::revision(), provost_verify::version(), digest];
    let key = Digest::of_parts(base.iter().map(String::as_bytes));
    let store = store(cache);
    if store.as_ref().is_some_and(|store| store.load(key).as_deref() == Some(NONE)) {
        return Ok(Vec::new());
    }
    match failing(&TypedPolicies::load(schema, texts)?, &means(gate)) {
        Ok(failing) if failing.is_empty() => {
            if let Some(store) = store {
                store.keep(key, NONE);
            }
            Ok(Vec::new())
        }
        Ok(failing) => Err(failing),
        // One that fails when it is asked makes the answer a denial, and says so.
        Err(open) => {
            for problem in &open {
                tracing::warn!(%problem, "a policy may fail");
            }
            Ok(open)
        }
    }
}

/// What is kept of policies of which none can fail.
const NONE: &[u8] = b"none";

fn means(gate: &Gate) -> Means {
    let limits = &gate.form.limits;
    Means {
        budget: Budget {
            resources: limits.solver_resources,
            wall: std::time::Duration::from_secs(limits.solver_seconds),
        },
        second: Cvc5::find(var_os("CVC5"), var_os("PATH")),
    }
}

/// Policies to be analysed, with the guarantees that stand beside them.
pub struct PolicyTexts {
    policies: TypedPolicies,
    guarantees: Vec<Guarantees>,
    means: Means,
}

impl PolicyTexts {
    /// The policies of a gate, built-in ones too. `schema` takes the place of the built-in one.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn of_gate(gate: &Gate, schema: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let texts = policy_files(gate, &mut problems);
        // A pack that there is not was reported with its policies.
        let packs = packs(gate, &mut Vec::new()).into_iter();
        let mut guarantees: Vec<_> = packs.flat_map(|pack| pack.guarantees).collect();
        for path in &gate.form.policies {
            let (found, mut wrong) = texts_of(&gate.resolve(path), &["yaml", "yml"]);
            // A folder that cannot be read is reported with its policies.
            wrong.retain(|_| problems.is_empty());
            guarantees.extend(found.into_iter().filter(|file| is_guarantees(file.name())));
            problems.extend(wrong);
        }
        Self::of(gate, schema, texts, &guarantees, problems)
    }

    /// The policies in these files and folders alone. A `.cedarschema` among them is their
    /// schema, and a gate file stands for its policies.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn of_paths(
        gate: &Gate,
        paths: &[PathBuf],
        schema: Option<&Path>,
    ) -> Result<Self, Vec<Problem>> {
        if let [path] = paths
            && is_gate_file(path)
        {
            return Self::of_gate(&Gate::read(path)?, schema);
        }
        let (mut texts, mut problems) = (Vec::new(), Vec::new());
        for path in paths {
            let (found, wrong) = texts_of(path, &["cedar", "cedarschema", "yaml", "yml"]);
            texts.extend(found);
            problems.extend(wrong);
        }
        let mut take = |is_one: &dyn Fn(&str) -> bool| -> Vec<_> {
            texts.extract_if(.., |file| is_one(file.name())).collect()
        };
        let policies = take(&|name| name.ends_with(".cedar"));
        let guarantees = take(&is_guarantees);
        let schemas = take(&|name| name.ends_with(".cedarschema"));
        let beside = match (schema, schemas.as_slice()) {
            (Some(_), _) | (None, []) => None,
            (None, [one]) => Some(one),
            (None, [one, other, ..]) => {
                let message = format!("there is another schema, `{}`", other.name());
                let problem = Problem::about("policy-schema", one.name(), message);
                problems.push(problem.help("name the one that counts with `--schema`"));
                None
            }
        };
        let beside = beside.map(|source| PathBuf::from(source.name()));
        Self::of(gate, schema.or(beside.as_deref()), policies, &guarantees, problems)
    }

    fn of(
        gate: &Gate,
        schema: Option<&Path>,
        texts: Vec<Arc<Source>>,
        guarantees: &[Arc<Source>],
        mut problems: Vec<Problem>,
    ) -> Result<Self, Vec<Problem>> {
        let schema = schema.map_or_else(|| Ok(policy_schema()), read);
        let schema = schema.map_err(|problem| vec![problem])?;
        let policies = match TypedPolicies::load(&schema, &texts) {
            Ok(policies) => Some(policies),
            Err(found) => {
                problems.extend(found);
                None
            }
        };
        let mut read = Vec::new();
        for source in guarantees {
            match Guarantees::read(source) {
                Ok(file) => read.push(file),
                Err(found) => problems.extend(found),
            }
        }
        match policies {
            Some(policies) if problems.is_empty() => {
                Ok(Self { policies, guarantees: read, means: means(gate) })
            }
            _ => Err(problems),
        }
    }

    /// Adds files of guarantees.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn guarantee(&mut self, paths: &[PathBuf]) -> Result<(), Vec<Problem>> {
        for path in paths {
            let source = self::read(path).map_err(|problem| vec![problem])?;
            self.guarantees.push(Guarantees::read(&source)?);
        }
        Ok(())
    }

    /// How many policies there are.
    pub fn count(&self) -> usize {
        self.policies.policies.len()
    }

    /// What holds of them for all requests. `done` is told how many more steps are done.
    ///
    /// # Errors
    /// What is wrong with the expressions of guarantees.
    pub fn analyze(&self, done: &(dyn Fn(usize) + Sync)) -> Result<Analysis, Vec<Problem>> {
        let guaranteed = guaranteed(&self.policies, &self.guarantees, &self.means, done)?;
        let mut analysis = analyze(&self.policies, &self.means, done);
        analysis.guarantees.splice(..0, guaranteed);
        Ok(analysis)
    }

    /// What the new policies allow beyond these, and what no longer.
    pub fn compare(&self, new: &Self, done: &(dyn Fn(usize) + Sync)) -> Comparison {
        compare(&self.policies, &new.policies, &self.means, done)
    }
}

/// Who approved exactly this difference: somebody other than its author and, where a group is
/// named, one of its members.
pub fn approvers(
    comparison: &Comparison,
    approvals: &[Approval],
    author: &Principal,
    group: Option<&str>,
) -> Vec<String> {
    let digest = comparison.digest.to_string();
    let counts = |approval: &&Approval| {
        approval.change == digest
            && is_person(&approval.by)
            && is_other(&approval.by, author)
            && group.is_none_or(|group| approval.groups.iter().any(|one| one == group))
    };
    let mut names: Vec<_> = approvals.iter().filter(counts).map(|one| one.by.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn is_gate_file(path: &Path) -> bool {
    path.is_file()
        && path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
        && !is_guarantees(&path.display().to_string())
}

fn is_guarantees(name: &str) -> bool {
    GUARANTEES.iter().any(|ending| name.ends_with(ending))
}

fn read(path: &Path) -> Result<Arc<Source>, Problem> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Source::new(name, text)),
        Err(error) => Err(Problem::about("policy-files", name, unreadable(path, &error))),
    }
}

/// The texts of a file, or of the files of a folder with one of these extensions.
fn texts_of(path: &Path, extensions: &[&str]) -> (Vec<Arc<Source>>, Vec<Problem>) {
    let mut files = Vec::new();
    if let Err(error) = collect(path, extensions, &mut files) {
        let name = path.display().to_string();
        return (Vec::new(), vec![Problem::about("policy-files", name, unreadable(path, &error))]);
    }
    files.sort();
    let (mut texts, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        match read(&file) {
            Ok(text) => texts.push(text),
            Err(problem) => problems.push(problem),
        }
    }
    (texts, problems)
}
