//! `provost explain`: the page of a check.

use provost_engine::Bundle;
use provost_model::{CheckInfo, Problem};

use crate::arguments::{Arguments, Explain};
use crate::check::cache_folder;
use crate::config::gate;
use crate::exit::Exit;
use crate::{print, terminal};

/// Show a page, or the list of all.
pub fn run(arguments: &Arguments, explain: &Explain) -> Exit {
    let style = terminal::style(arguments);
    let bundle = match gate(arguments).and_then(|gate| Bundle::load(&gate, cache_folder())) {
        Ok(bundle) => bundle,
        Err(problems) => {
            terminal::problems(&problems, &style);
            return Exit::Usage;
        }
    };
    let checks = bundle.checks();
    let Some(id) = &explain.id else {
        print(&list(&checks));
        return Exit::Allowed;
    };
    if let Some(check) = checks.iter().find(|check| check.id == *id) {
        print(&provost_report::page(check, &style));
        return Exit::Allowed;
    }
    let near = provost_engine::suggest(id, checks.iter().map(|check| check.id.as_str()));
    let help = near.map_or_else(
        || "`provost explain` lists every check".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    let unknown = Problem::about("unknown-check", id, "there is no such rule or specification");
    terminal::problems(&[unknown.help(help)], &style);
    Exit::Usage
}

fn list(checks: &[&CheckInfo]) -> String {
    let widest = checks.iter().map(|check| check.id.len()).max().unwrap_or(0);
    let line = |check: &&CheckInfo| {
        format!("{:widest$}  {:8}  {}\n", check.id, check.severity, check.title)
    };
    checks.iter().map(line).collect()
}
