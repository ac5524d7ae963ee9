//! `provost plugin push|pull|keygen|sign|verify`: plugins in registries, and who made them.

mod arguments;
mod keygen;
mod pull;
mod push;
mod sign;
mod verify;

use std::path::{Path, PathBuf};

use provost_engine::{Gate, Supply, component_file};
use provost_model::Problem;
use provost_registry::{Error, PrivateKey, Reference, ReferenceError};

use crate::arguments::Arguments;
use crate::check::cache_folder;
use crate::config::gate;
use crate::exit::Exit;
use crate::terminal::{problems, style};

pub use arguments::Distribution;

/// Do what is asked.
pub fn run(arguments: &Arguments, distribution: &Distribution) -> Result<Exit, Vec<Problem>> {
    match distribution {
        Distribution::Push(push) => push::run(arguments, push),
        Distribution::Pull(pull) => pull::run(arguments, pull),
        Distribution::Keygen(keygen) => keygen::run(keygen),
        Distribution::Sign(sign) => sign::run(arguments, sign),
        Distribution::Verify(verify) => verify::run(arguments, verify),
    }
}

/// A plugin that a command is about.
enum Subject {
    File(PathBuf),
    Registry(Reference),
}

impl Subject {
    /// A file or folder if there is one of this name, and else a reference.
    fn read(text: &str) -> Result<Self, Vec<Problem>> {
        let path = Path::new(text);
        if path.exists() {
            return file(path).map(Self::File);
        }
        reference(text).map(Self::Registry).map_err(|mut problems| {
            for problem in &mut problems {
                problem.message = format!("there is no file `{text}`, and {}", problem.message);
            }
            problems
        })
    }
}

/// The component that a path means.
fn file(path: &Path) -> Result<PathBuf, Vec<Problem>> {
    component_file(path).map_err(|(message, help)| {
        vec![Problem::about("plugin", path.display().to_string(), message).help(help)]
    })
}

fn reference(text: &str) -> Result<Reference, Vec<Problem>> {
    text.parse().map_err(|error: ReferenceError| {
        let message = format!("`{text}` is not a place in a registry: {error}");
        vec![Problem::about("arguments", text, message).help(error.help())]
    })
}

/// What the gate file trusts, and registries as it says.
fn supply(arguments: &Arguments, plain_http: Option<&Reference>) -> Result<Supply, Vec<Problem>> {
    supply_of(gate(arguments)?, plain_http)
}

fn supply_of(mut gate: Gate, plain_http: Option<&Reference>) -> Result<Supply, Vec<Problem>> {
    let registry = plain_http.map(|reference| reference.repository.registry().to_owned());
    gate.form.trust.plain_http.extend(registry);
    Supply::of(&gate, cache_folder().as_deref())
}

fn private_key(path: &Path) -> Result<PrivateKey, Vec<Problem>> {
    let text = text(path)?;
    PrivateKey::from_pem(&text).map_err(|error| {
        let message = format!("`{}` cannot sign: {error}", path.display());
        vec![Problem::about("key", path.display().to_string(), message).help(error.help())]
    })
}

fn text(path: &Path) -> Result<String, Vec<Problem>> {
    std::fs::read_to_string(path).map_err(|error| {
        let message = format!("`{}` cannot be read: {error}", path.display());
        vec![
            Problem::about("unreadable", path.display().to_string(), message)
                .help("check the path"),
        ]
    })
}

/// How it ends when it went wrong: what the policy refuses is 1, what may work another time
/// 4, and everything else 2.
fn failed(arguments: &Arguments, subject: &str, error: &Error) -> Result<Exit, Vec<Problem>> {
    let problem = error.problem(subject);
    let exit = match error {
        error if error.is_refusal() => Exit::Denied,
        error if error.is_unavailable() => Exit::Incomplete,
        _ => return Err(vec![problem]),
    };
    problems(&[problem], &style(arguments));
    Ok(exit)
}
