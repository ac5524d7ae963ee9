//! `provost plugin pull`.

use std::path::Path;

use provost_engine::Supply;
use provost_model::Problem;
use provost_registry::{Error, Pinned, Reference, Repository, Trusted};

use super::arguments::Pull;
use super::{failed, reference, supply};
use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::terminal::{print, say};

/// Fetch a plugin that is trusted, and print what exactly it is.
pub fn run(arguments: &Arguments, pull: &Pull) -> Result<Exit, Vec<Problem>> {
    let wanted = reference(&pull.reference)?;
    let signed_as = pull.signed_as.as_deref().map(repository).transpose()?;
    let supply = supply(arguments, pull.plain_http.then_some(&wanted))?;
    let (plugin, component) = match fetch(&supply, &wanted, signed_as) {
        Ok(found) => found,
        Err(error) => return failed(arguments, &pull.reference, &error),
    };
    if let Some(path) = &pull.output {
        write(path, component.bytes())?;
    }
    match component.signer() {
        Some(name) => say(&format!("signed by `{name}`")),
        None => say("no signature was asked for: the gate file names no key in `trust.signedBy`"),
    }
    Ok(print(&format!("{plugin}\n"), Exit::Allowed))
}

fn fetch(
    supply: &Supply,
    wanted: &Reference,
    signed_as: Option<Repository>,
) -> Result<(Pinned, Trusted), Error> {
    // Whoever is not allowed is not even asked what a tag means.
    supply.policy.permit(&wanted.repository)?;
    let plugin = supply.registries.resolve(wanted)?;
    let signed_as = signed_as.unwrap_or_else(|| plugin.repository.clone());
    let most = supply.component_bytes;
    let component = supply.policy.pull(&supply.registries, &plugin, &signed_as, most)?;
    Ok((plugin, component))
}

/// A repository, as an option names it.
pub fn repository(text: &str) -> Result<Repository, Vec<Problem>> {
    text.parse().map_err(|error: provost_registry::ReferenceError| {
        let message = format!("`{text}` is not a repository: {error}");
        vec![Problem::about("arguments", text, message).help(error.help())]
    })
}

fn write(path: &Path, component: &[u8]) -> Result<(), Vec<Problem>> {
    std::fs::write(path, component).map_err(|error| {
        let message = format!("`{}` cannot be written: {error}", path.display());
        vec![Problem::about("output", path.display().to_string(), message)]
    })
}
