//! `provost config`, and finding the gate file.

use std::path::Path;

use provost_engine::Gate;
use provost_model::Problem;
use serde_json::Value;

use crate::arguments::{Arguments, Config};
use crate::exit::Exit;
use crate::terminal::print;

/// Show what is in force.
pub fn run(arguments: &Arguments, config: &Config) -> Result<Exit, Vec<Problem>> {
    let Config::Show = config;
    let settings = gate(arguments)?.settings();
    let rows: Vec<_> =
        settings.iter().map(|s| (s.name.as_str(), shown(&s.value), s.origin.as_str())).collect();
    let names = rows.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    // A long list does not push the origins of all others out of sight.
    let values = rows.iter().map(|(_, value, _)| value.chars().count().min(40)).max().unwrap_or(0);
    let line = |(name, value, origin): &(&str, String, &str)| {
        format!("{name:names$}  {value:values$}  {origin}\n")
    };
    Ok(print(&rows.iter().map(line).collect::<String>(), Exit::Allowed))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The gate file that the arguments name, the nearest one upward, or defaults.
pub fn gate(arguments: &Arguments) -> Result<Gate, Vec<Problem>> {
    let origin = arguments.environment_origin;
    gate_at(arguments.config.as_deref(), arguments.environment.as_deref(), origin)
}

/// The same for what was taken from the arguments before: a server reads the file again.
pub fn gate_at(
    config: Option<&Path>,
    environment: Option<&str>,
    origin: &str,
) -> Result<Gate, Vec<Problem>> {
    let path = match (config, std::env::current_dir()) {
        (Some(path), _) => Some(path.to_owned()),
        (None, Ok(here)) => Gate::find(&here)?,
        (None, Err(_)) => None,
    };
    let mut gate = path.map_or_else(|| Ok(Gate::default()), |path| Gate::read(&path))?;
    if let Some(environment) = environment {
        gate.override_environment(environment.to_owned(), origin);
    }
    Ok(gate)
}
