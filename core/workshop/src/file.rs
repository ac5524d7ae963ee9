//! Files of ours: one YAML document of a known form.

use std::path::Path;
use std::sync::Arc;

use provost_model::{Location, Node, Problem, Source};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

/// A file that was read, with the places of what it says.
pub(crate) struct File<T> {
    pub(crate) form: T,
    pub(crate) source: Arc<Source>,
    pub(crate) root: Node,
}

impl<T: DeserializeOwned + JsonSchema> File<T> {
    /// Reads a file of a kind.
    ///
    /// # Errors
    /// Every problem of it, each at its line.
    pub(crate) fn read(path: &Path, kind: &str, help: &str) -> Result<Self, Vec<Problem>> {
        Self::parse(&source(path, help)?, kind)
    }

    fn parse(source: &Arc<Source>, kind: &str) -> Result<Self, Vec<Problem>> {
        let root = provost_syntax::only_document(source, kind)?;
        let form = provost_syntax::decode(source, &root)?;
        Ok(Self { form, source: Arc::clone(source), root })
    }

    /// The place of a field.
    pub(crate) fn locate(&self, pointer: &str) -> Location {
        let mut location = Location::new(&self.source, self.root.locate(pointer).0);
        pointer.clone_into(&mut location.pointer);
        location
    }
}

fn source(path: &Path, help: &str) -> Result<Arc<Source>, Vec<Problem>> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Source::new(name, text)),
        Err(error) => {
            let message = format!("`{name}` cannot be read: {error}");
            Err(vec![Problem::about("unreadable", name, message).help(help)])
        }
    }
}

/// Settings of a plugin, from a file of YAML or JSON.
///
/// # Errors
/// Every problem of it, each at its line.
pub fn read_settings(path: &Path) -> Result<serde_json::Value, Vec<Problem>> {
    let source = source(path, "name a file of settings, as under `settings` in a gate file")?;
    Ok(provost_syntax::only_document(&source, "settings")?.to_json())
}

/// The version of our files.
#[derive(Clone, Copy, Debug, serde::Deserialize, JsonSchema)]
pub(crate) enum ApiVersion {
    /// Version 1.
    #[serde(rename = "provost.dev/v1")]
    V1,
}
