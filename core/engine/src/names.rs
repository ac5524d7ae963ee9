//! Ids of checks: each is defined once, and whoever names one means one that exists.

use std::collections::BTreeMap;
use std::sync::Arc;

use provost_model::{CheckInfo, Location, Origin, Problem};
use provost_policy::Mention;

use crate::gate::Gate;

/// Checks that have the id of another.
pub(crate) fn duplicates(checks: &[&Arc<CheckInfo>]) -> Vec<Problem> {
    let mut seen: BTreeMap<&str, &Origin> = BTreeMap::new();
    let mut problems = Vec::new();
    for check in checks {
        if let Some(other) = seen.insert(&check.id, &check.origin) {
            let (one, other) = (describe(other), describe(&check.origin));
            let message = format!("`{}` is defined twice: by {one} and by {other}", check.id);
            let problem = Problem::about("duplicate-check", &check.id, message);
            problems.push(problem.help("rename one, or leave one out of the gate file"));
        }
    }
    problems
}

fn describe(origin: &Origin) -> String {
    match origin {
        Origin::Plugin(name) => format!("the plugin `{name}`"),
        Origin::Specification => "a specification".to_owned(),
    }
}

/// Ids in the gate file and in policies that no check has. Left alone, a misspelt
/// `disabled` switches nothing off, and a policy that asks for a misspelt id never
/// applies, or always.
pub(crate) fn unknown(
    gate: &Gate,
    checks: &[&Arc<CheckInfo>],
    mentions: &[Mention],
    all_loaded: bool,
) -> Vec<Problem> {
    let known: Vec<_> = checks.iter().map(|check| check.id.as_str()).collect();
    // What a plugin that is switched off or could not be loaded calls its rules is not known:
    // then only what is nearly the id of another check is taken for a mistake.
    let all_known = all_loaded && gate.form.plugins.values().all(|plugin| plugin.enabled);
    let problem = |id: &str, location: Option<Location>| {
        if known.contains(&id) {
            return None;
        }
        let near = provost_syntax::suggest(id, known.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if all_known => "`provost explain` lists every check".to_owned(),
            None => return None,
        };
        let message = format!("there is no rule or specification `{id}`");
        let mut problem = Problem::about("unknown-check", id, message).help(help);
        problem.location = location;
        Some(problem)
    };
    let disabled = gate.form.disabled.iter().enumerate();
    let disabled =
        disabled.filter_map(|(index, id)| problem(id, gate.locate(&format!("/disabled/{index}"))));
    let mentioned = mentions
        .iter()
        .filter_map(|mention| problem(&mention.name, Some(mention.location.clone())));
    disabled.chain(mentioned).collect()
}
