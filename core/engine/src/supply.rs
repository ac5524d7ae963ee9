//! Where the components of plugins come from, and which of them are trusted: the section
//! `trust` of a gate file, and the fields `path` and `oci` of a plugin.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use provost_model::Problem;
use provost_registry::{
    Error, Limits, NamedKey, Policy, PublicKey, Reference, ReferenceError, Registries, Repository,
    Scope, Trusted,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::form::PluginForm;
use crate::gate::Gate;
use crate::plugins::field;
use crate::sources::unreadable;

/// Where plugins may come from, and who must have signed them.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct TrustForm {
    /// The repositories that `oci` may name: `registry.example/acme/pods`, or `registry.example/acme/*` for
    /// all below. Without it, any.
    pub allow: Option<Vec<String>>,
    /// Keys, of which one must have signed a plugin from a registry. Without them, none
    /// has to be signed: the digest says what it is.
    pub signed_by: Vec<KeyForm>,
    /// Must components at a `path` be signed too?
    pub local_paths: LocalPaths,
    /// Registries (`host:port`) that are asked without TLS. Those on the loopback are.
    pub plain_http: Vec<String>,
}

/// A public key: Ed25519, as PEM. Exactly one of `keyPath` and `keyData`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct KeyForm {
    /// What it is called in messages.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its file, relative to the gate file.
    #[serde(default)]
    pub key_path: Option<PathBuf>,
    /// Its text.
    #[serde(default)]
    pub key_data: Option<String>,
}

/// Must components at a `path` be signed?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LocalPaths {
    /// Whoever may write the file is trusted.
    #[default]
    Unsigned,
    /// `pods.wasm` needs a signature in `pods.wasm.sigstore.json`.
    Signed,
}

/// Registries, and the policy that says what of them and of files is trusted.
pub struct Supply {
    /// Registries.
    pub registries: Registries,
    /// The policy.
    pub policy: Policy,
    /// Bytes of the largest component that some plugin may have.
    pub component_bytes: usize,
}

impl Supply {
    /// What a gate file says; what is pulled is kept below `cache`.
    ///
    /// # Errors
    /// Every problem of its section `trust`.
    pub fn of(gate: &Gate, cache: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let trust = &gate.form.trust;
        let mut problems = Vec::new();
        let mut keep = |problem| problems.push(problem);
        let scope = |(index, text): (usize, &String)| {
            text.parse::<Scope>().map_err(|error| {
                let message = format!("`{text}` names no repositories: {error}");
                let help = "write `registry.example/acme/pods`, or `registry.example/acme/*` for all below";
                located(gate, &format!("/trust/allow/{index}"), text, message).help(help)
            })
        };
        let scopes = trust.allow.as_ref().map(|texts| {
            texts.iter().enumerate().filter_map(|it| scope(it).map_err(&mut keep).ok()).collect()
        });
        let keys: Vec<_> = trust.signed_by.iter().enumerate().collect();
        let keys =
            keys.into_iter().filter_map(|(i, form)| key(gate, i, form).map_err(&mut keep).ok());
        let keys: Vec<_> = keys.collect();
        let sign_files = trust.local_paths == LocalPaths::Signed;
        match Policy::new(scopes, keys, sign_files) {
            _ if !problems.is_empty() => Err(problems),
            Some(policy) => {
                let request = Duration::from_secs(gate.form.limits.fetch_seconds);
                let limits = Limits { request, ..Limits::default() };
                let registries = Registries::new(limits, trust.plain_http.clone(), cache);
                let sizes = gate.form.plugins.values().map(|form| form.limits.component_bytes);
                let component_bytes = sizes.fold(limits.component_bytes, usize::max);
                Ok(Self { registries, policy, component_bytes })
            }
            None => {
                let message = "components must be signed, and no key is trusted to have";
                let help = "name the public keys in `trust.signedBy`";
                Err(vec![located(gate, "/trust/localPaths", "localPaths", message).help(help)])
            }
        }
    }

    /// The component that a gate file names for a plugin; `None` when it names none.
    pub(crate) fn component(
        &self,
        gate: &Gate,
        name: &str,
        form: &PluginForm,
    ) -> Option<Result<Trusted, Problem>> {
        let field = field(name);
        Some(match (&form.path, &form.oci) {
            (None, None) => return None,
            (Some(_), Some(_)) => {
                let message = format!("plugin `{name}` has both a `path` and an `oci`");
                let problem = located(gate, &format!("{field}/oci"), name, message);
                Err(problem.help("keep one of the two"))
            }
            (Some(path), None) => self.in_file(gate, &format!("{field}/path"), name, path),
            (None, Some(text)) => self.in_registry(gate, &field, name, text, form),
        })
    }

    fn in_file(
        &self,
        gate: &Gate,
        pointer: &str,
        name: &str,
        path: &Path,
    ) -> Result<Trusted, Problem> {
        let path = gate.resolve(path);
        let file = component_file(&path)
            .map_err(|(message, help)| located(gate, pointer, name, message).help(help))?;
        self.policy.read(&file).map_err(|error| match error {
            Error::File { error, .. } => {
                let problem = located(gate, pointer, name, unreadable(&file, &error));
                problem.help("paths are relative to the gate file")
            }
            error => at(gate, pointer, name, &error),
        })
    }

    fn in_registry(
        &self,
        gate: &Gate,
        field: &str,
        name: &str,
        text: &str,
        form: &PluginForm,
    ) -> Result<Trusted, Problem> {
        let pointer = format!("{field}/oci");
        let reference: Reference = text.parse().map_err(|error| {
            let problem = reference_problem(gate, &pointer, text, &error);
            match error {
                ReferenceError::Neither => problem.help("add the digest, `@sha256:…`"),
                _ => problem,
            }
        })?;
        let Some(plugin) = reference.pinned() else {
            let message = format!("`{text}` names a tag, which may mean something else tomorrow");
            let help = format!("name the digest that `provost plugin pull {text}` prints");
            return Err(located(gate, &pointer, name, message).help(help));
        };
        let signed_as = match &form.signed_as {
            Some(text) => text.parse::<Repository>().map_err(|error| {
                reference_problem(gate, &format!("{field}/signedAs"), text, &error)
            })?,
            None => plugin.repository.clone(),
        };
        let most = form.limits.component_bytes;
        let pulled = self.policy.pull(&self.registries, &plugin, &signed_as, most);
        pulled.map_err(|error| at(gate, &pointer, name, &error))
    }
}

/// The component that a path means: itself, or the only one in a folder or its `build/`.
///
/// # Errors
/// What is there instead, and what to do next.
pub fn component_file(path: &Path) -> Result<PathBuf, (String, String)> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let shown = path.display();
    let mut found = Vec::new();
    for folder in [path.join("build"), path.to_owned()] {
        match components(&folder) {
            Ok(components) => found.extend(components),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err((unreadable(&folder, &error), "check the folder".to_owned())),
        }
        if !found.is_empty() {
            break;
        }
    }
    match found.as_slice() {
        [component] => Ok(component.clone()),
        [] if path.join("plugin.yaml").is_file() => Err((
            format!("the plugin in `{shown}` is not built"),
            format!("run `provost plugin build {shown}`"),
        )),
        [] => Err((
            format!("no component (`*.wasm`) is in the folder `{shown}` or its `build/`"),
            "name the component itself".to_owned(),
        )),
        several => Err((
            format!("the folder `{shown}` has {} components", several.len()),
            format!(
                "name one of them, as `{}`",
                several.first().unwrap_or(&PathBuf::new()).display()
            ),
        )),
    }
}

fn components(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let files: Vec<_> = std::fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    let mut paths: Vec<_> = files.into_iter().map(|file| file.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "wasm") && path.is_file());
    paths.sort();
    Ok(paths)
}

fn key(gate: &Gate, index: usize, form: &KeyForm) -> Result<NamedKey, Problem> {
    let field = format!("/trust/signedBy/{index}");
    let name = form.name.as_str();
    let (pointer, text) = match (&form.key_path, &form.key_data) {
        (Some(path), None) => {
            let pointer = format!("{field}/keyPath");
            let path = gate.resolve(path);
            let text = std::fs::read_to_string(&path).map_err(|error| {
                let problem = located(gate, &pointer, name, unreadable(&path, &error));
                problem.help("paths are relative to the gate file")
            })?;
            (pointer, text)
        }
        (None, Some(text)) => (format!("{field}/keyData"), text.clone()),
        (path, _) => {
            let which = match path {
                Some(_) => "both `keyPath` and",
                None => "neither `keyPath` nor",
            };
            let message = format!("key `{name}` has {which} `keyData`");
            return Err(located(gate, &field, name, message).help("give one of the two"));
        }
    };
    let key = PublicKey::from_pem(&text).map_err(|error| {
        let message = format!("key `{name}` cannot be used: {error}");
        located(gate, &pointer, name, message).help(error.help())
    })?;
    Ok(NamedKey { name: name.to_owned(), key })
}

fn reference_problem(gate: &Gate, pointer: &str, text: &str, error: &ReferenceError) -> Problem {
    let message = format!("`{text}` is not a place in a registry: {error}");
    located(gate, pointer, text, message).help(error.help())
}

fn at(gate: &Gate, pointer: &str, name: &str, error: &Error) -> Problem {
    let mut problem = error.problem(name);
    problem.location = gate.locate(pointer);
    problem
}

fn located(gate: &Gate, pointer: &str, name: &str, message: impl Into<String>) -> Problem {
    let mut problem = Problem::about("plugin", name, message);
    problem.location = gate.locate(pointer);
    problem
}
