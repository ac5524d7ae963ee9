//! `provost explain`: the page of a check, a policy pack or a policy.

use provost_engine::{Bundle, Pack};
use provost_model::{CheckInfo, Problem};

use crate::arguments::{Arguments, Explain};
use crate::check::cache_folder;
use crate::config::gate;
use crate::exit::Exit;
use crate::terminal::{print, problems, style};

/// Show a page, or the list of all.
pub fn run(arguments: &Arguments, explain: &Explain) -> Result<Exit, Vec<Problem>> {
    let style = style(arguments);
    let bundle = Bundle::load(&gate(arguments)?, cache_folder())?;
    let checks = bundle.checks();
    let Some(id) = &explain.id else {
        problems(bundle.problems(), &style);
        return Ok(print(&list(&bundle, &checks), Exit::Allowed));
    };
    if let Some(check) = checks.iter().find(|check| check.id == *id) {
        return Ok(print(&provost_report::page(check, &style), Exit::Allowed));
    }
    if let Ok(pack) = Pack::named(id) {
        return Ok(print(pack.page, Exit::Allowed));
    }
    if let Some((policy, text)) = bundle.policy(id) {
        return Ok(print(&provost_report::policy(&policy, &text, &style), Exit::Allowed));
    }
    let policies = bundle.policy_ids();
    let packs = Pack::all();
    let ids = checks.iter().map(|check| check.id.as_str());
    let ids: Vec<_> = ids
        .chain(packs.iter().map(|p| p.name))
        .chain(policies.iter().map(String::as_str))
        .collect();
    let help = match meant(id, &ids).as_slice() {
        [] => "`provost explain` lists every check and policy pack".to_owned(),
        ids => format!("did you mean `{}`?", ids.join("` or `")),
    };
    let message = "there is no such rule, specification, policy pack or policy";
    let unknown = Problem::about("unknown-check", id, message);
    // It may be a check of a plugin that could not be loaded.
    Err(bundle.problems().iter().cloned().chain([unknown.help(help)]).collect())
}

/// The nearest id, or else those that contain what was written.
fn meant<'a>(id: &str, ids: &[&'a str]) -> Vec<&'a str> {
    let ids = ids.iter().copied();
    match provost_engine::suggest(id, ids.clone()) {
        Some(near) => vec![near],
        None => ids.filter(|known| known.contains(&id.to_lowercase())).take(5).collect(),
    }
}

fn list(bundle: &Bundle, checks: &[&CheckInfo]) -> String {
    let widest = checks.iter().map(|check| check.id.len()).max().unwrap_or(0);
    let line = |check: &&CheckInfo| {
        let disabled = if bundle.is_disabled(&check.id) { " (disabled)" } else { "" };
        format!("{:widest$}  {:8}  {}{disabled}\n", check.id, check.severity, check.title)
    };
    let packs = Pack::all();
    let pack = |pack: &Pack| format!("{:widest$}  {:8}  {}\n", pack.name, "pack", pack.title());
    checks.iter().map(line).chain(packs.iter().map(pack)).collect()
}
