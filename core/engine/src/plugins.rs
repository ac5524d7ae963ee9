//! The plugins of a gate: the built-in ones, and those that the gate file names.

use std::collections::BTreeMap;
use std::path::PathBuf;

use provost_builtins::PLUGINS;
use provost_host::{Fault, Host, HostError, Limits, Plugin};
use provost_model::{Problem, escape_pointer};
use provost_registry::Trusted;
use provost_spec::{Kinds, parse_kind};
use rayon::prelude::*;

use crate::form::PluginForm;
use crate::gate::Gate;
use crate::supply::Supply;

/// Built-in plugins that are asked only where the gate file names them: what they find is
/// good practice, and whoever did not ask for it would call it noise.
const ON_REQUEST: &[&str] = &["workload-hygiene"];

/// What built-in plugins look up.
const LOOKUPS: &[(&str, &[(&str, &str)])] = &[(
    "workload-hygiene",
    &[("autoscaling", "HorizontalPodAutoscaler"), ("policy", "PodDisruptionBudget")],
)];

/// The kinds that the plugins of a gate look up, by plugin: of those that say which.
///
/// # Errors
/// Every name that is no kind.
pub(crate) fn lookups(gate: &Gate) -> Result<BTreeMap<String, Kinds>, Vec<Problem>> {
    let owned = |(group, kind): (&str, &str)| (group.to_owned(), kind.to_owned());
    let built_in = LOOKUPS.iter().map(|(name, kinds)| {
        ((*name).to_owned(), kinds.iter().map(|kind| owned(*kind)).collect::<Kinds>())
    });
    let mut lookups: BTreeMap<String, Kinds> = built_in.collect();
    let mut problems = Vec::new();
    for (name, form) in &gate.form.plugins {
        if !form.is_built_in() {
            lookups.remove(name);
        }
        for (index, kind) in form.lookups.iter().enumerate() {
            match parse_kind(kind) {
                Ok(kind) => {
                    lookups.entry(name.clone()).or_default().insert(owned(kind));
                }
                Err(message) => {
                    let mut problem = Problem::about("plugin-lookups", name, message);
                    problem.location = gate.locate(&format!("{}/lookups/{index}", field(name)));
                    problems.push(problem);
                }
            }
        }
    }
    if problems.is_empty() { Ok(lookups) } else { Err(problems) }
}

/// The plugins that are switched on.
pub(crate) struct Loaded {
    /// Those that can be asked, in order of name.
    pub(crate) plugins: Vec<Plugin>,
    /// What is wrong with the others.
    pub(crate) problems: Vec<Problem>,
}

/// Every plugin that is switched on: one that cannot be loaded leaves the others running.
///
/// # Errors
/// When no plugin at all can run here, and every problem of what is trusted.
pub(crate) fn plugins(gate: &Gate, cache: Option<PathBuf>) -> Result<Loaded, Vec<Problem>> {
    let supply = Supply::of(gate, cache.as_deref())?;
    let host = Host::new(cache).map_err(|error| vec![Problem::from(&error)])?;
    let mut wanted: BTreeMap<&str, PluginForm> =
        PLUGINS.iter().map(|(name, _)| (*name, PluginForm::default())).collect();
    wanted.retain(|name, _| !ON_REQUEST.contains(name));
    wanted.extend(gate.form.plugins.iter().map(|(name, form)| (name.as_str(), form.clone())));
    let wanted: Vec<_> = wanted.into_iter().filter(|(_, form)| form.enabled).collect();
    let loaded: Vec<_> =
        wanted.par_iter().map(|(name, form)| plugin(gate, &supply, &host, name, form)).collect();
    let mut all = Loaded { plugins: Vec::new(), problems: Vec::new() };
    for result in loaded {
        match result {
            Ok(plugin) => all.plugins.push(plugin),
            Err(found) => all.problems.extend(found),
        }
    }
    Ok(all)
}

fn plugin(
    gate: &Gate,
    supply: &Supply,
    host: &Host,
    name: &str,
    form: &PluginForm,
) -> Result<Plugin, Vec<Problem>> {
    let component = component(gate, supply, name, form)?;
    let (grants, limits) = (form.capabilities(), Limits::from(&form.limits));
    host.load(name, component.bytes(), &form.settings, &grants, limits)
        .map_err(|error| problems(gate, name, &error))
}

fn component(
    gate: &Gate,
    supply: &Supply,
    name: &str,
    form: &PluginForm,
) -> Result<Trusted, Vec<Problem>> {
    if let Some(component) = supply.component(gate, name, form) {
        return component.map_err(|problem| vec![problem]);
    }
    let field = field(name);
    let built_in = PLUGINS.iter().find(|(built_in, _)| *built_in == name);
    built_in.map(|(_, bytes)| Trusted::built_in(bytes)).ok_or_else(|| {
        let mut problem = Problem::about("plugin", name, format!("`{name}` is not built in"));
        problem.location = gate.locate(&field);
        let near = provost_syntax::suggest(name, PLUGINS.iter().map(|(name, _)| *name));
        vec![problem.help(near.map_or_else(
            || "give the component's `path`, or where it is in a registry as `oci`".to_owned(),
            |near| format!("did you mean `{near}`? Otherwise give the component's `path` or `oci`"),
        ))]
    })
}

/// What the host says of a plugin, at its place in the gate file: each setting that is
/// wrong at its own.
fn problems(gate: &Gate, name: &str, error: &HostError) -> Vec<Problem> {
    let field = field(name);
    let located = |mut problem: Problem, pointer: &str| {
        problem.location = gate.locate(pointer).or_else(|| gate.locate(&field));
        problem
    };
    let HostError::Plugin { fault: Fault::Settings(faults), .. } = error else {
        let mut problem = Problem::from(error);
        if let HostError::Plugin { fault, .. } = error {
            problem.message = format!("plugin `{name}` {fault}");
        }
        return vec![located(problem, &field)];
    };
    let settings = faults.iter().map(|fault| {
        // As `pointer: message` or `pointer: message; advice`.
        let (pointer, message) = fault.split_once(": ").unwrap_or(("", fault));
        let (message, help) = message.split_once("; ").unwrap_or((message, ""));
        let mut problem = Problem::about("plugin-settings", name, message);
        if !help.is_empty() {
            problem = problem.help(help);
        }
        located(problem, &format!("{field}/settings{}", pointer.trim_end_matches('/')))
    });
    settings.collect()
}

pub(crate) fn field(name: &str) -> String {
    format!("/plugins/{}", escape_pointer(name))
}
