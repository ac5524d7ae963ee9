use std::path::{Path, PathBuf};

use provost_model::Problem;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::{ApiVersion, File};

/// The file that makes a folder a project.
const FILE: &str = "plugin.yaml";

/// `plugin.yaml`: how a component is made of its folder.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ProjectForm {
    /// `provost.dev/v1`
    #[serde(rename = "apiVersion")]
    _api_version: ApiVersion,
    /// `PluginProject`
    #[serde(rename = "kind")]
    _kind: Kind,
    /// The name of the component: lower-case words joined by hyphens.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"))]
    name: String,
    /// What it is written in.
    language: Language,
    /// The folder of the SDK.
    #[serde(default = "sdk")]
    sdk: PathBuf,
    /// Files of cases.
    #[serde(default)]
    cases: Vec<PathBuf>,
}

#[derive(Deserialize, JsonSchema)]
enum Kind {
    /// A plugin's folder.
    PluginProject,
}

fn sdk() -> PathBuf {
    PathBuf::from("sdk")
}

/// What a plugin can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Rust.
    Rust,
    /// Go.
    Go,
    /// Python; its main file is `plugin.py`.
    Python,
    /// JavaScript; its main file is `plugin.js`.
    JavaScript,
    /// TypeScript; its main file is `plugin.ts`.
    TypeScript,
    /// C; every `.c` file of the folder but those that end with `_test.c`.
    C,
}

impl Language {
    /// Its folder among the templates.
    pub(crate) fn template(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Go => "go",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::C => "c",
        }
    }

    /// Its folder among the SDKs.
    pub(crate) fn sdk(self) -> &'static str {
        match self {
            Self::TypeScript => Self::JavaScript.sdk(),
            _ => self.template(),
        }
    }
}

/// A plugin's folder.
#[derive(Debug)]
pub struct Project {
    /// The folder.
    pub folder: PathBuf,
    /// The name of the component.
    pub name: String,
    /// What it is written in.
    pub language: Language,
    /// The folder of the SDK.
    pub sdk: PathBuf,
    /// Files of cases.
    pub cases: Vec<PathBuf>,
}

impl Project {
    /// Reads the `plugin.yaml` of a folder.
    ///
    /// # Errors
    /// Every problem of it, each at its line.
    pub fn read(folder: &Path) -> Result<Self, Vec<Problem>> {
        let help = format!("name a folder with a `{FILE}`");
        let file = File::<ProjectForm>::read(&folder.join(FILE), "PluginProject", &help)?;
        let form = &file.form;
        if !folder.join(&form.sdk).is_dir() {
            let message = format!("there is no folder `{}`", folder.join(&form.sdk).display());
            let problem = Problem::at("missing-sdk", file.locate("/sdk"), message);
            return Err(vec![problem.help(format!("the path is relative to `{FILE}`"))]);
        }
        let under = |path: &PathBuf| folder.join(path);
        Ok(Self {
            folder: folder.to_owned(),
            name: form.name.clone(),
            language: form.language,
            sdk: under(&form.sdk),
            cases: form.cases.iter().map(under).collect(),
        })
    }

    /// Where [`crate::build()`] puts the component.
    pub fn component(&self) -> PathBuf {
        self.folder.join("build").join(format!("{}.wasm", self.name))
    }
}

/// Folders that tools write into.
const WRITTEN: [&str; 6] = ["build", "target", "node_modules", "__pycache__", ".git", ".venv"];

/// Is a path below a project's folder one that somebody wrote, so that its change is a change
/// of the plugin?
pub fn is_source(folder: &Path, path: &Path) -> bool {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    !inside.iter().any(|part| WRITTEN.iter().any(|written| part == *written))
}

/// The JSON Schema of `plugin.yaml`.
pub fn project_schema() -> serde_json::Value {
    provost_syntax::Schema::of::<ProjectForm>().json().clone()
}
