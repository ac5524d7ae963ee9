//! Everything a gate judges by, loaded: plugins, specifications and policies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use provost_builtins::SPECIFICATIONS;
use provost_host::Plugin;
use provost_model::{
    CheckInfo, Digest, ObjectReference, PolicyReference, Problem, Severity, Source,
};
use provost_policy::Policies;
use provost_spec::{Kinds, Models, Specification};
use provost_verify::Verifier;
use rayon::prelude::*;

use crate::circumstances::Circumstances;
use crate::enforcement::{EnforcementForm, unknown_ids};
use crate::form::OnUnknown;
use crate::gate::Gate;
use crate::metrics::{Meter, PluginMetrics};
use crate::names;
use crate::packs::{policies, refused_grants};
use crate::plugins::{lookups, plugins};
use crate::sources::sources;

/// What a gate judges by. Immutable; to change it, load another.
pub struct Bundle {
    pub(crate) plugins: Vec<(Plugin, Meter)>,
    /// What plugins say that they look up, by their name.
    lookups: BTreeMap<String, Kinds>,
    specifications: Vec<Specification>,
    pub(crate) policies: Policies,
    pub(crate) verifier: Verifier,
    /// The same, where the solver is left out.
    pub(crate) at_hand: Verifier,
    /// Specifications that look at other objects than the one they are asked about.
    looking_around: BTreeSet<String>,
    pub(crate) enforcement: Vec<EnforcementForm>,
    pub(crate) blocking: Severity,
    pub(crate) on_unknown: OnUnknown,
    disabled: Vec<String>,
    problems: Vec<Problem>,
    /// Policies of which nobody knows whether they can fail.
    pub(crate) doubts: Vec<Problem>,
    digest: Digest,
}

impl Bundle {
    /// Load everything that a gate names, and the built-ins. Compiled plugins and proofs are
    /// kept in the folder `cache`.
    ///
    /// A plugin that cannot be loaded leaves the others running: it is one of
    /// [`Bundle::problems`], and no assessment is complete without it.
    ///
    /// # Errors
    /// Every problem of anything else, each with its file and line where there is one. One
    /// bad file does not hide the problems of the others.
    pub fn load(gate: &Gate, cache: Option<PathBuf>) -> Result<Self, Vec<Problem>> {
        let verifier = gate.verifier_with(cache.as_deref())?;
        let (plugins, (specifications, policies)) = rayon::join(
            || plugins(gate, cache.clone()),
            || rayon::join(|| specifications(gate), || policies(gate, cache.as_deref())),
        );
        let parts = (plugins, specifications, policies);
        let (loaded, specifications, (policies, doubts)) = match parts {
            (Ok(loaded), Ok(specifications), Ok(policies)) => (loaded, specifications, policies),
            (plugins, specifications, policies) => {
                let problems = [plugins.err(), specifications.err(), policies.err()];
                return Err(problems.into_iter().flatten().flatten().collect());
            }
        };
        let plugins = loaded.plugins;
        let lookups = lookups(gate)?;
        let rules = plugins.iter().flat_map(|plugin| plugin.rules());
        let checks: Vec<_> = rules.chain(specifications.iter().map(|s| &s.check)).collect();
        let mut problems = names::duplicates(&checks);
        problems.extend(names::unknown(
            gate,
            &checks,
            policies.checks(),
            loaded.problems.is_empty(),
        ));
        problems.extend(misspelt_environment(gate, &policies));
        problems.extend(refused_grants(gate, &plugins, &policies));
        // What a plugin that could not be loaded calls its rules is not known.
        if loaded.problems.is_empty() {
            let references: Vec<_> = policies.policies().collect();
            let known = checks.iter().map(|check| check.id.as_str());
            let known: Vec<_> = known.chain(references.iter().map(|one| one.id.as_str())).collect();
            problems.extend(unknown_ids(gate, &known));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            digest: digest(gate, &plugins, &specifications, &policies),
            lookups,
            plugins: plugins.into_iter().map(|plugin| (plugin, Meter::default())).collect(),
            looking_around: ids(specifications.iter().filter(|one| one.looks_around())),
            specifications,
            policies,
            at_hand: verifier.at_hand(),
            verifier,
            enforcement: gate.form.enforcement.clone(),
            blocking: gate.form.blocking_severity.into(),
            on_unknown: gate.form.on_unknown,
            disabled: gate.form.disabled.clone(),
            problems: loaded.problems,
            doubts,
        })
    }

    /// The digest of everything that a verdict depends on beside the change.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Why plugins could not be loaded: what they would have judged is not judged.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Every rule and specification, in order of id; disabled ones too.
    pub fn checks(&self) -> Vec<&CheckInfo> {
        let rules = self.plugins().flat_map(|plugin| plugin.rules().iter());
        let specifications = self.specifications.iter().map(|s| &s.check);
        let mut checks: Vec<_> = rules.chain(specifications).map(AsRef::as_ref).collect();
        checks.sort_by(|a, b| a.id.cmp(&b.id));
        checks
    }

    /// The kinds that plugins and specifications are about: group and kind, and no group where
    /// every group with the kind is meant. `None` when a plugin wants to see every kind.
    pub fn kinds(&self) -> Option<BTreeSet<(Option<String>, String)>> {
        let mut kinds = BTreeSet::new();
        for plugin in self.plugins() {
            let wanted = &plugin.description().kinds;
            if wanted.is_empty() {
                return None;
            }
            kinds.extend(wanted.iter().map(|kind| match kind.rsplit_once('/') {
                Some((group, kind)) => (Some(group.to_owned()), kind.to_owned()),
                None => (None, kind.clone()),
            }));
        }
        let asked = self.asked().flat_map(|specification| &specification.kinds);
        kinds.extend(asked.map(|(group, kind)| (Some(group.clone()), kind.clone())));
        Some(kinds)
    }

    /// The kinds of a cluster that specifications and plugins look at, as group and kind: those
    /// that have to be known of it, and no more.
    pub fn kinds_around(&self) -> Kinds {
        let looking = self.plugins().filter(|plugin| plugin.looks_up());
        let looked_up = looking.filter_map(|plugin| self.looks_up(plugin)).flatten().cloned();
        let all = self.asked().flat_map(Specification::needs).chain(looked_up);
        // Those of Provost itself are in files only.
        all.filter(|(group, _)| group != "provost.dev").collect()
    }

    /// The kinds that a plugin looks up, if it says which.
    pub(crate) fn looks_up(&self, plugin: &Plugin) -> Option<&Kinds> {
        self.lookups.get(&plugin.description().name)
    }

    /// What each plugin cost since the bundle was loaded, by name.
    pub fn plugin_metrics(&self) -> Vec<(&str, PluginMetrics)> {
        let plugins = self.plugins.iter();
        plugins.map(|(plugin, meter)| (plugin.description().name.as_str(), meter.read())).collect()
    }

    /// Plugins that are asked.
    pub(crate) fn plugins(&self) -> impl Iterator<Item = &Plugin> {
        self.plugins.iter().map(|(plugin, _)| plugin)
    }

    /// The policy of this id, of this gate or else of a built-in pack that it does not ask,
    /// with its text.
    pub fn policy(&self, id: &str) -> Option<(PolicyReference, String)> {
        self.policies.text_of(id).or_else(|| crate::packs::every_pack()?.text_of(id))
    }

    /// Ids of every policy, of this gate and of built-in packs.
    pub fn policy_ids(&self) -> BTreeSet<String> {
        let packs = crate::packs::every_pack();
        let packs = packs.iter().flat_map(|packs| packs.policies());
        self.policies.policies().chain(packs).map(|policy| policy.id).collect()
    }

    /// Specifications that are asked.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &Specification> {
        self.specifications.iter().filter(|one| !self.is_disabled(&one.check.id))
    }

    /// Specifications that are not asked under some circumstances, though the object is one
    /// that they are about: they look at other objects, and none are known.
    pub fn not_asked(&self, object: &ObjectReference, under: &Circumstances<'_>) -> Vec<&str> {
        let around = self.asked().filter(|one| under.alone && self.looks_around(one));
        around.filter(|one| one.is_about(object)).map(|one| one.check.id.as_str()).collect()
    }

    /// Specifications that are about objects of a kind, or of a group where no kind is named.
    pub fn about(&self, group: &str, kind: Option<&str>) -> impl Iterator<Item = &str> {
        let is_about = move |one: &&Specification| {
            let mut kinds = one.kinds.iter();
            kinds.any(|(of, name)| of == group && kind.is_none_or(|kind| name == kind))
        };
        self.asked().filter(is_about).map(|one| one.check.id.as_str())
    }

    /// Specifications that are asked under some circumstances.
    pub(crate) fn asked_under(&self, under: &Circumstances<'_>) -> Vec<&Specification> {
        self.asked().filter(|one| !(under.alone && self.looks_around(one))).collect()
    }

    fn looks_around(&self, specification: &Specification) -> bool {
        self.looking_around.contains(&specification.check.id)
    }

    /// Is the check of this id switched off?
    pub fn is_disabled(&self, id: &str) -> bool {
        self.disabled.iter().any(|disabled| disabled == id)
    }
}

fn ids<'s>(specifications: impl Iterator<Item = &'s Specification>) -> BTreeSet<String> {
    specifications.map(|one| one.check.id.clone()).collect()
}

/// What the binary carries, by its path in the repository.
pub(crate) fn built_in(texts: &[(&str, &str)]) -> Vec<Arc<Source>> {
    texts.iter().map(|(name, text)| Source::new(*name, *text)).collect()
}

pub(crate) fn specifications(gate: &Gate) -> Result<Vec<Specification>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut texts = built_in(SPECIFICATIONS);
    let own = &gate.form.specifications;
    texts.extend(sources(gate, "specifications", own, &["yaml", "yml"], &mut problems));
    // With a model that is wrong, every specification that uses it would be wrong too.
    let models = match Models::load(&texts) {
        Ok(models) => models,
        Err(found) => return Err(problems.into_iter().chain(found).collect()),
    };
    let loaded: Vec<_> = texts.par_iter().map(|text| Specification::load(text, &models)).collect();
    let mut specifications = Vec::new();
    for result in loaded {
        match result {
            Ok(found) => specifications.extend(found),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(specifications) } else { Err(problems) }
}

/// An environment that differs from one that policies name in case or blanks only: it is
/// meant, and its policies would not apply.
fn misspelt_environment(gate: &Gate, policies: &Policies) -> Option<Problem> {
    let name = gate.form.environment.as_deref()?;
    let known = policies.environments();
    let same = |known: &&String| known.trim().eq_ignore_ascii_case(name.trim());
    let meant = known.iter().find(same).filter(|_| !known.contains(name))?;
    let message = format!("no policy speaks of the environment `{name}`");
    let mut problem = Problem::about("unknown-environment", name, message);
    problem.location = gate.locate("/environment").filter(|_| !gate.is_overridden("/environment"));
    Some(problem.help(format!("did you mean `{meant}`?")))
}

fn digest(
    gate: &Gate,
    plugins: &[Plugin],
    specifications: &[Specification],
    policies: &Policies,
) -> Digest {
    let form = &gate.form;
    let settings = serde_json::json!([
        form.blocking_severity,
        form.on_unknown,
        form.disabled,
        form.plugins,
        form.enforcement,
        form.limits,
    ]);
    let mut parts = vec![settings.to_string(), provost_verify::version()];
    parts.extend(plugins.iter().map(|plugin| plugin.digest().to_string()));
    parts.extend(specifications.iter().map(|specification| specification.digest.to_string()));
    parts.push(policies.digest().to_string());
    Digest::of_parts(parts.iter().map(String::as_bytes))
}
