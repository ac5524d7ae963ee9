//! `provost plugin inspect`: what a component says of itself, and what it can do.

use std::fmt::Write as _;

use provost_host::{Capability, Host, Limits};
use provost_model::Problem;
use serde_json::Value;

use crate::arguments::PluginInspect;
use crate::check::cache_folder;
use crate::exit::Exit;
use crate::plugin::component;
use crate::terminal::print;

/// Load a component, with default settings, and show it.
pub fn run(inspect: &PluginInspect) -> Result<Exit, Vec<Problem>> {
    let bytes = component(&inspect.component)?;
    let host = Host::new(cache_folder()).map_err(|error| vec![Problem::from(&error)])?;
    let name = inspect.component.file_stem().unwrap_or_default().to_string_lossy();
    let load = host.load(&name, &bytes, &Value::Null, &Capability::ALL, Limits::default());
    let plugin = load.map_err(|error| vec![Problem::from(&error)])?;
    let description = plugin.description();
    let list = |words: Vec<&str>, none: &str| match words.is_empty() {
        true => none.to_owned(),
        false => words.join(", "),
    };
    let kinds = description.kinds.iter().map(String::as_str).collect();
    let capabilities = description.capabilities.iter().map(|it| it.name()).collect();
    let mut shown = format!(
        "{} {}\n  file          {}\n  size          {} KiB\n  digest        {}\n  kinds         {}\n  \
         capabilities  {}\n",
        description.name,
        description.version,
        inspect.component.display(),
        bytes.len().div_ceil(1 << 10),
        plugin.digest(),
        list(kinds, "all"),
        list(capabilities, "none"),
    );
    let _ = writeln!(shown, "\nrules");
    for rule in plugin.rules() {
        let _ = writeln!(shown, "  {}  {} ({})", rule.id, rule.title, rule.severity);
    }
    let _ = writeln!(shown, "\nsettings\n{:#}", description.settings_schema);
    Ok(print(&shown, Exit::Allowed))
}
