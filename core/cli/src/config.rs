//! `provost config`, and finding the gate file.

use provost_engine::Gate;
use provost_model::Problem;

use crate::arguments::{Arguments, Config};
use crate::exit::Exit;
use crate::{print, terminal};

/// Show what is in force.
pub fn run(arguments: &Arguments, config: &Config) -> Exit {
    let Config::Show = config;
    let style = terminal::style(arguments);
    let gate = match gate(arguments) {
        Ok(gate) => gate,
        Err(problems) => {
            terminal::problems(&problems, &style);
            return Exit::Usage;
        }
    };
    let settings = gate.settings();
    let rows = settings.iter().map(|s| (s.name.as_str(), s.value.to_string(), s.origin.as_str()));
    let rows: Vec<_> = rows.collect();
    let widest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or(0);
    let names = widest(&mut rows.iter().map(|(name, ..)| name.chars().count()));
    let values = widest(&mut rows.iter().map(|(_, value, _)| value.chars().count().min(40)));
    let mut text = String::new();
    for (name, value, origin) in rows {
        text.push_str(&format!("{name:names$}  {value:values$}  {origin}\n"));
    }
    print(&text);
    Exit::Allowed
}

/// The gate file that the arguments name, the nearest one upward, or defaults.
pub fn gate(arguments: &Arguments) -> Result<Gate, Vec<Problem>> {
    let found = || std::env::current_dir().ok().and_then(|here| Gate::find(&here));
    match arguments.config.clone().or_else(found) {
        Some(path) => Gate::read(&path),
        None => Ok(Gate::default()),
    }
}
