//! Everything a gate judges by, loaded: plugins, specifications and policies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use provost_builtins::{PLUGINS, POLICIES, POLICY_SCHEMA, SPECIFICATIONS};
use provost_host::{Host, Limits, Plugin};
use provost_model::{CheckInfo, Digest, Origin, Problem, Severity, Source};
use provost_policy::Policies;
use provost_spec::Specification;
use provost_verify::Verifier;
use rayon::prelude::*;

use crate::gate::{Gate, OnUnknown, PluginForm, PluginLimitsForm};

/// What a gate judges by. Immutable; to change it, load another.
pub struct Bundle {
    pub(crate) plugins: Vec<Plugin>,
    pub(crate) specifications: Vec<Specification>,
    pub(crate) policies: Policies,
    pub(crate) verifier: Verifier,
    pub(crate) blocking: Severity,
    pub(crate) on_unknown: OnUnknown,
    pub(crate) disabled: Vec<String>,
    digest: Digest,
}

impl Bundle {
    /// Load everything that a gate names, and the built-ins. Compiled plugins are kept in
    /// the folder `cache`.
    ///
    /// # Errors
    /// Every problem, each with its file and line where there is one. One bad plugin or
    /// file does not hide the problems of the others.
    pub fn load(gate: &Gate, cache: Option<PathBuf>) -> Result<Self, Vec<Problem>> {
        if let Err(reason) = provost_verify::supported() {
            return Err(vec![Problem::about("solver", "Z3", reason)]);
        }
        let mut problems = Vec::new();
        let plugins = plugins(gate, cache, &mut problems);
        let specifications = specifications(gate, &mut problems);
        let policies = policies(gate, &mut problems);
        let checks = plugins.iter().flat_map(|plugin| plugin.rules().iter());
        let checks: Vec<_> =
            checks.chain(specifications.iter().map(|specification| &specification.check)).collect();
        duplicates(&checks, &mut problems);
        unknown_ids(gate, &checks, &mut problems);
        let Some(policies) = policies.filter(|_| problems.is_empty()) else {
            return Err(problems);
        };
        let form = &gate.form;
        let settings = serde_json::json!([
            form.blocking_severity,
            form.on_unknown,
            form.disabled,
            form.plugins,
            form.limits,
        ]);
        let mut parts = vec![settings.to_string(), provost_verify::version()];
        parts.extend(plugins.iter().map(|plugin| plugin.digest().to_string()));
        parts.extend(specifications.iter().map(|specification| specification.digest.to_string()));
        parts.push(policies.digest().to_string());
        Ok(Self {
            digest: Digest::of_parts(parts.iter().map(String::as_bytes)),
            plugins,
            specifications,
            policies,
            verifier: Verifier::new(form.limits.verifier()),
            blocking: form.blocking_severity.into(),
            on_unknown: form.on_unknown,
            disabled: form.disabled.clone(),
        })
    }

    /// The digest of everything that a verdict depends on beside the change.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Every rule and specification, in order of id.
    pub fn checks(&self) -> Vec<&CheckInfo> {
        let rules = self.plugins.iter().flat_map(|plugin| plugin.rules().iter());
        let specifications = self.specifications.iter().map(|s| &s.check);
        let mut checks: Vec<_> = rules.chain(specifications).map(AsRef::as_ref).collect();
        checks.sort_by(|a, b| a.id.cmp(&b.id));
        checks
    }

    pub(crate) fn is_disabled(&self, id: &str) -> bool {
        self.disabled.iter().any(|disabled| disabled == id)
    }
}

fn plugins(gate: &Gate, cache: Option<PathBuf>, problems: &mut Vec<Problem>) -> Vec<Plugin> {
    let host = match Host::new(cache) {
        Ok(host) => host,
        Err(error) => {
            problems.push(Problem::about("plugin-host", "WebAssembly", error.to_string()));
            return Vec::new();
        }
    };
    let mut wanted: BTreeMap<&str, PluginForm> =
        PLUGINS.iter().map(|(name, _)| (*name, PluginForm::default())).collect();
    wanted.extend(gate.form.plugins.iter().map(|(name, form)| (name.as_str(), form.clone())));
    let wanted: Vec<_> = wanted.into_iter().filter(|(_, form)| form.enabled).collect();
    let loaded: Vec<Result<Plugin, Problem>> = wanted
        .par_iter()
        .map(|(name, form)| {
            let component = component(gate, name, form)?;
            let limits = limits(&form.limits);
            host.load(name, &component, &form.settings, &form.grants, limits).map_err(|error| {
                let mut problem = Problem::about("plugin", *name, error.to_string());
                problem.location = gate.locate(&format!("/plugins/{name}"));
                problem
            })
        })
        .collect();
    let mut plugins = Vec::new();
    for result in loaded {
        match result {
            Ok(plugin) => plugins.push(plugin),
            Err(problem) => problems.push(problem),
        }
    }
    plugins
}

fn component(gate: &Gate, name: &str, form: &PluginForm) -> Result<Vec<u8>, Problem> {
    if let Some(path) = &form.path {
        let path = gate.resolve(path);
        return std::fs::read(&path).map_err(|error| {
            let shown = path.display().to_string();
            let mut problem = Problem::about("plugin", shown, format!("cannot be read: {error}"));
            problem.location = gate.locate(&format!("/plugins/{name}/path"));
            problem.help("paths are relative to the gate file")
        });
    }
    let built_in = PLUGINS.iter().find(|(built_in, _)| *built_in == name);
    built_in.map(|(_, bytes)| bytes.to_vec()).ok_or_else(|| {
        let mut problem = Problem::about("plugin", name, format!("`{name}` is not built in"));
        problem.location = gate.locate(&format!("/plugins/{name}"));
        let near = provost_syntax::suggest(name, PLUGINS.iter().map(|(name, _)| *name));
        problem.help(near.map_or_else(
            || "give the component's `path`".to_owned(),
            |near| format!("did you mean `{near}`? Otherwise give the component's `path`"),
        ))
    })
}

fn limits(form: &PluginLimitsForm) -> Limits {
    let default = Limits::default();
    let deadline = form.deadline_milliseconds.map(Duration::from_millis);
    Limits {
        fuel: form.fuel.unwrap_or(default.fuel),
        deadline: deadline.unwrap_or(default.deadline),
        memory_bytes: form.memory_bytes.unwrap_or(default.memory_bytes),
        table_elements: form.table_elements.unwrap_or(default.table_elements),
        stack_bytes: form.stack_bytes.unwrap_or(default.stack_bytes),
        component_bytes: form.component_bytes.unwrap_or(default.component_bytes),
        output_bytes: form.output_bytes.unwrap_or(default.output_bytes),
        findings: form.findings.unwrap_or(default.findings),
        log_bytes: form.log_bytes.unwrap_or(default.log_bytes),
        log_messages: form.log_messages.unwrap_or(default.log_messages),
        host_calls: form.host_calls.unwrap_or(default.host_calls),
        host_bytes: form.host_bytes.unwrap_or(default.host_bytes),
    }
}

fn specifications(gate: &Gate, problems: &mut Vec<Problem>) -> Vec<Specification> {
    let mut sources: Vec<_> =
        SPECIFICATIONS.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    sources.extend(sources_of(gate, "specifications", &gate.form.specifications, problems));
    let loaded: Vec<_> = sources.par_iter().map(Specification::load).collect();
    let mut specifications = Vec::new();
    for result in loaded {
        match result {
            Ok(found) => specifications.extend(found),
            Err(found) => problems.extend(found),
        }
    }
    specifications.retain(|s| !gate.form.disabled.contains(&s.check.id));
    specifications
}

fn policies(gate: &Gate, problems: &mut Vec<Problem>) -> Option<Policies> {
    let (name, text) = POLICY_SCHEMA.first()?;
    let schema = Source::new(*name, *text);
    let mut files: Vec<_> = POLICIES.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    files.extend(sources_of(gate, "policies", &gate.form.policies, problems));
    match Policies::load(&schema, &files) {
        Ok(policies) => Some(policies),
        Err(found) => {
            problems.extend(found);
            None
        }
    }
}

/// The texts of files and of the files in folders, in order of path.
fn sources_of(
    gate: &Gate,
    field: &str,
    paths: &[PathBuf],
    problems: &mut Vec<Problem>,
) -> Vec<Arc<Source>> {
    let extensions: &[&str] = if field == "policies" { &["cedar"] } else { &["yaml", "yml"] };
    let mut sources = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        let mut files = Vec::new();
        let resolved = gate.resolve(path);
        let read = collect(&resolved, extensions, &mut files).and_then(|()| {
            files.sort();
            for file in &files {
                let text = std::fs::read_to_string(file)?;
                sources.push(Source::new(file.display().to_string(), text));
            }
            Ok(())
        });
        if let Err(error) = read {
            let shown = resolved.display().to_string();
            let mut problem = Problem::about("gate-file", shown, format!("cannot be read: {error}"));
            problem.location = gate.locate(&format!("/{field}/{index}"));
            problems.push(problem.help("paths are relative to the gate file"));
        } else if files.is_empty() {
            let shown = resolved.display().to_string();
            let what = format!("no .{} file in this folder", extensions.join(" or ."));
            let mut problem = Problem::about("gate-file", shown, what);
            problem.location = gate.locate(&format!("/{field}/{index}"));
            problems.push(problem);
        }
    }
    sources
}

fn collect(path: &Path, extensions: &[&str], into: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        into.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        let listed = path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x));
        if path.is_dir() || listed {
            collect(&path, extensions, into)?;
        }
    }
    Ok(())
}

fn duplicates(checks: &[&Arc<CheckInfo>], problems: &mut Vec<Problem>) {
    let mut seen: BTreeMap<&str, &Origin> = BTreeMap::new();
    for check in checks {
        if let Some(other) = seen.insert(&check.id, &check.origin) {
            let message = format!(
                "`{}` is defined twice: by {} and by {}",
                check.id,
                describe(other),
                describe(&check.origin)
            );
            problems.push(
                Problem::about("duplicate-check", &check.id, message)
                    .help("rename one, or leave one out of the gate file"),
            );
        }
    }
}

fn describe(origin: &Origin) -> String {
    match origin {
        Origin::Plugin(name) => format!("the plugin `{name}`"),
        Origin::Specification => "a specification".to_owned(),
    }
}

fn unknown_ids(gate: &Gate, checks: &[&Arc<CheckInfo>], problems: &mut Vec<Problem>) {
    let built_in = SPECIFICATIONS.iter().filter_map(|(path, _)| {
        Path::new(path).file_stem().and_then(|stem| stem.to_str())
    });
    let known: Vec<&str> = checks.iter().map(|check| check.id.as_str()).chain(built_in).collect();
    for (index, id) in gate.form.disabled.iter().enumerate() {
        if known.contains(&id.as_str()) {
            continue;
        }
        let mut problem = Problem::about("unknown-check", id, format!("there is no check `{id}`"));
        problem.location = gate.locate(&format!("/disabled/{index}"));
        let near = provost_syntax::suggest(id, known.iter().copied());
        problems.push(problem.help(near.map_or_else(
            || "`provost explain` lists every check".to_owned(),
            |near| format!("did you mean `{near}`?"),
        )));
    }
}
