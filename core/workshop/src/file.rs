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
    /// Reads a file.
    ///
    /// # Errors
    /// Every problem of it, each at its line.
    pub(crate) fn read(path: &Path, help: &str) -> Result<Self, Vec<Problem>> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!("`{name}` cannot be read: {error}");
            vec![Problem::about("unreadable", &name, message).help(help)]
        })?;
        Self::parse(&Source::new(name, text))
    }

    fn parse(source: &Arc<Source>) -> Result<Self, Vec<Problem>> {
        let parsed = provost_syntax::read(source, &provost_syntax::Limits::default());
        let problems: Vec<_> = parsed.problem.into_iter().chain(parsed.further).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut documents = parsed.documents.into_iter().filter(|node| !node.is_null());
        match (documents.next(), documents.next()) {
            (Some(root), None) => {
                let form = provost_syntax::decode(source, &root)?;
                Ok(Self { form, source: Arc::clone(source), root })
            }
            _ => {
                let message = "this file does not hold exactly one document";
                Err(vec![Problem::about("one-document", source.name(), message)])
            }
        }
    }

    /// The place of a field.
    pub(crate) fn locate(&self, pointer: &str) -> Location {
        let mut location = Location::new(&self.source, self.root.locate(pointer).0);
        pointer.clone_into(&mut location.pointer);
        location
    }
}

/// The version of our files.
#[derive(Clone, Copy, Debug, serde::Deserialize, JsonSchema)]
pub(crate) enum ApiVersion {
    /// Version 1.
    #[serde(rename = "provost.dev/v1")]
    V1,
}
