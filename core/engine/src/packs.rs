//! Policy packs that the binary carries, and the policies of a gate.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use provost_builtins::{POLICIES, POLICY_GUARANTEES, POLICY_PAGES, POLICY_SCHEMA};
use provost_host::Plugin;
use provost_model::{Problem, Source, escape_pointer};
use provost_policy::Policies;

use crate::gate::Gate;
use crate::policy_texts::cannot_fail;
use crate::sources::sources;

/// A built-in policy pack: the policy files and the page of a folder of `policies/`.
#[derive(Clone, Debug)]
pub struct Pack {
    /// The name that a gate file asks for it by.
    pub name: &'static str,
    /// Its policy files, by their path in the repository.
    pub files: Vec<Arc<Source>>,
    /// What its policies guarantee, by the path in the repository.
    pub guarantees: Vec<Arc<Source>>,
    /// Its page, in Markdown.
    pub page: &'static str,
}

impl Pack {
    /// Every pack, in order of name.
    pub fn all() -> Vec<Self> {
        let names: BTreeSet<_> = POLICIES.iter().filter_map(|(path, _)| folder(path)).collect();
        names.into_iter().map(Self::of).collect()
    }

    /// The pack of this name, or else what was probably meant.
    ///
    /// # Errors
    /// What to do about a name that no pack has.
    pub fn named(name: &str) -> Result<Self, String> {
        let packs = Self::all();
        if let Some(pack) = packs.iter().find(|pack| pack.name == name) {
            return Ok(pack.clone());
        }
        let names = packs.iter().map(|pack| pack.name);
        Err(match provost_syntax::suggest(name, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the packs are `{}`", names.collect::<Vec<_>>().join("`, `")),
        })
    }

    /// What the first line of its page says it is.
    pub fn title(&self) -> &'static str {
        let line = self.page.lines().find(|line| line.starts_with("# ")).unwrap_or_default();
        let title = line.trim_start_matches("# ");
        title.split_once(": ").map_or(title, |(_, title)| title)
    }

    fn of(name: &'static str) -> Self {
        let here = |path: &'static str| folder(path) == Some(name);
        let files = POLICIES.iter().filter(|(path, _)| here(path));
        let guarantees = POLICY_GUARANTEES.iter().filter(|(path, _)| here(path));
        let page = POLICY_PAGES.iter().find(|(path, _)| here(path));
        Self {
            name,
            files: files.map(|(path, text)| Source::new(*path, *text)).collect(),
            guarantees: guarantees.map(|(path, text)| Source::new(*path, *text)).collect(),
            page: page.map_or("", |(_, text)| text),
        }
    }
}

/// The folder of a built-in file: `freeze` of `policies/freeze/freeze.cedar`.
fn folder(path: &'static str) -> Option<&'static str> {
    let (folder, _) = path.strip_prefix("policies/")?.split_once('/')?;
    Some(folder)
}

/// The schema that every policy is checked against.
pub(crate) fn policy_schema() -> Arc<Source> {
    let (name, text) = POLICY_SCHEMA.first().copied().unwrap_or_default();
    Source::new(name, text)
}

/// The policies of all built-in packs together.
pub(crate) fn every_pack() -> Option<Policies> {
    let files: Vec<_> = Pack::all().into_iter().flat_map(|pack| pack.files).collect();
    Policies::load(&policy_schema(), &files).ok()
}

/// The packs that a gate names.
pub(crate) fn packs(gate: &Gate, problems: &mut Vec<Problem>) -> Vec<Pack> {
    let mut packs = Vec::new();
    for (index, name) in gate.form.packs.iter().enumerate() {
        let mut wrong = |message: String, help: String| {
            let mut problem = Problem::about("unknown-pack", name, message).help(help);
            problem.location = gate.locate(&format!("/packs/{index}"));
            problems.push(problem);
        };
        match Pack::named(name) {
            _ if gate.form.packs.iter().take(index).any(|other| other == name) => {
                wrong(format!("the pack `{name}` is named twice"), "remove one".to_owned());
            }
            Ok(pack) => packs.push(pack),
            Err(help) => wrong(format!("there is no policy pack `{name}`"), help),
        }
    }
    packs
}

/// The policy files of a gate: those of its packs, then its own.
pub(crate) fn policy_files(gate: &Gate, problems: &mut Vec<Problem>) -> Vec<Arc<Source>> {
    let mut texts: Vec<_> = packs(gate, problems).into_iter().flat_map(|pack| pack.files).collect();
    texts.extend(sources(gate, "policies", &gate.form.policies, &["cedar"], problems));
    texts
}

/// The packs, the policy files and the entities of a gate. No policy can fail on any request, but
/// for those of the second part, where nobody knows.
///
/// # Errors
/// Every problem, and every policy that can fail.
pub(crate) fn policies(
    gate: &Gate,
    cache: Option<&Path>,
) -> Result<(Policies, Vec<Problem>), Vec<Problem>> {
    let mut problems = Vec::new();
    let texts = policy_files(gate, &mut problems);
    let entities = gate.entities().unwrap_or_else(|found| {
        problems.extend(found);
        None
    });
    let schema = policy_schema();
    let policies = Policies::load(&schema, &texts);
    let policies = policies.and_then(|policies| match &entities {
        Some(entities) => policies.with_entities(entities),
        None => Ok(policies),
    });
    match policies {
        Ok(policies) if problems.is_empty() => {
            let doubts = cannot_fail(gate, &schema, &texts, cache)?;
            Ok((policies, doubts))
        }
        Ok(_) => Err(problems),
        Err(found) => Err(problems.into_iter().chain(found).collect()),
    }
}

/// Abilities that the gate file grants a plugin that asks for them, and that policies refuse.
pub(crate) fn refused_grants(gate: &Gate, plugins: &[Plugin], policies: &Policies) -> Vec<Problem> {
    let mut problems = Vec::new();
    for plugin in plugins {
        let name = plugin.name();
        let form = gate.form.plugins.get(name).cloned().unwrap_or_default();
        let wanted = &plugin.description().capabilities;
        for (index, capability) in form.capabilities().into_iter().enumerate() {
            let is_wanted = wanted.contains(&capability);
            let built_in = form.is_built_in();
            let asked = || policies.grant(name, capability.name(), built_in, plugin.digest());
            let Some(refused) = is_wanted.then(asked).and_then(Result::err) else { continue };
            let message =
                format!("the plugin `{name}` may not have `{}`: {refused}", capability.name());
            let mut problem = Problem::about("refused-grant", name, message);
            let pointer = format!("/plugins/{}", escape_pointer(name));
            let grant = format!("{pointer}/grants/{index}");
            problem.location = gate.locate(&grant).or_else(|| gate.locate(&pointer));
            let help = "take the grant out of the gate file, or let a policy permit it; what \
                        the plugin needs is shown by `provost plugin inspect`";
            problems.push(problem.help(help));
        }
    }
    problems
}
