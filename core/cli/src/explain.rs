//! `provost explain`: the page of a check.

use provost_engine::Bundle;
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
    let help = match meant(id, &checks).as_slice() {
        [] => "`provost explain` lists every check".to_owned(),
        ids => format!("did you mean `{}`?", ids.join("` or `")),
    };
    let unknown = Problem::about("unknown-check", id, "there is no such rule or specification");
    // It may be a check of a plugin that could not be loaded.
    Err(bundle.problems().iter().cloned().chain([unknown.help(help)]).collect())
}

/// The nearest id, or else those that contain what was written.
fn meant<'a>(id: &str, checks: &[&'a CheckInfo]) -> Vec<&'a str> {
    let ids = || checks.iter().map(|check| check.id.as_str());
    match provost_engine::suggest(id, ids()) {
        Some(near) => vec![near],
        None => ids().filter(|known| known.contains(&id.to_lowercase())).take(5).collect(),
    }
}

fn list(bundle: &Bundle, checks: &[&CheckInfo]) -> String {
    let widest = checks.iter().map(|check| check.id.len()).max().unwrap_or(0);
    let line = |check: &&CheckInfo| {
        let disabled = if bundle.is_disabled(&check.id) { " (disabled)" } else { "" };
        format!("{:widest$}  {:8}  {}{disabled}\n", check.id, check.severity, check.title)
    };
    checks.iter().map(line).collect()
}
