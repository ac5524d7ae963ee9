//! The gate file `provost.yaml`: what the operator wrote, and the defaults for the rest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use provost_model::{Location, Node, Problem, Severity, Source, escape_pointer};
use provost_syntax::Schema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The gate file.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GateForm {
    /// `provost.dev/v1`
    pub api_version: ApiVersion,
    /// `Gate`
    pub kind: Kind,
    /// The environment that changes go to when the command line names none.
    #[serde(default)]
    pub environment: Option<String>,
    /// Violations at or above this severity block.
    #[serde(default)]
    pub blocking_severity: SeverityForm,
    /// What it means that something could not be judged.
    #[serde(default)]
    pub on_unknown: OnUnknown,
    /// Ids of rules and specifications that are not asked.
    #[serde(default)]
    pub disabled: Vec<String>,
    /// Plugins by name. Built-in ones need no `path`.
    #[serde(default)]
    pub plugins: BTreeMap<String, PluginForm>,
    /// Files or folders of specifications, beside the built-in library.
    #[serde(default)]
    pub specifications: Vec<PathBuf>,
    /// Files or folders of Cedar policies, beside the built-in packs.
    #[serde(default)]
    pub policies: Vec<PathBuf>,
    /// A file of approvals.
    #[serde(default)]
    pub approvals: Option<PathBuf>,
    /// What judging may cost.
    #[serde(default)]
    pub limits: LimitsForm,
}

/// The version of the gate file.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub enum ApiVersion {
    /// Version 1.
    #[serde(rename = "provost.dev/v1")]
    V1,
}

/// The kind of file.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Kind {
    /// A gate.
    Gate,
}

/// How bad a violation is.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it; see provost_model::Severity")]
pub enum SeverityForm {
    Info,
    Low,
    #[default]
    Medium,
    High,
    Critical,
}

impl From<SeverityForm> for Severity {
    fn from(form: SeverityForm) -> Self {
        match form {
            SeverityForm::Info => Self::Info,
            SeverityForm::Low => Self::Low,
            SeverityForm::Medium => Self::Medium,
            SeverityForm::High => Self::High,
            SeverityForm::Critical => Self::Critical,
        }
    }
}

/// What it means that something could not be judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnUnknown {
    /// The verdict is unknown, which a gate treats as no.
    #[default]
    Deny,
    /// It is reported and does not count.
    Allow,
}

/// One plugin.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PluginForm {
    /// Is it asked?
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The component, relative to the gate file.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// Settings; their schema is the plugin's own.
    #[serde(default = "empty")]
    pub settings: Value,
    /// Host abilities it may use, of those it asks for: `log`.
    #[serde(default = "log")]
    pub grants: Vec<String>,
    /// What one call may cost.
    #[serde(default)]
    pub limits: PluginLimitsForm,
}

impl Default for PluginForm {
    fn default() -> Self {
        Self {
            enabled: yes(),
            path: None,
            settings: empty(),
            grants: log(),
            limits: PluginLimitsForm::default(),
        }
    }
}

fn yes() -> bool {
    true
}

fn empty() -> Value {
    Value::Object(serde_json::Map::new())
}

fn log() -> Vec<String> {
    vec!["log".to_owned()]
}

/// What one call of a plugin may cost; absent fields keep the host's defaults.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PluginLimitsForm {
    /// WebAssembly instructions, roughly.
    #[serde(default)]
    pub fuel: Option<u64>,
    /// Wall time of one call.
    #[serde(default)]
    pub deadline_milliseconds: Option<u64>,
    /// Linear memory, all memories together.
    #[serde(default)]
    pub memory_bytes: Option<usize>,
    /// Elements of all tables together.
    #[serde(default)]
    pub table_elements: Option<usize>,
    /// Stack.
    #[serde(default)]
    pub stack_bytes: Option<usize>,
    /// Size of the component.
    #[serde(default)]
    pub component_bytes: Option<usize>,
    /// Bytes of log kept from one call.
    #[serde(default)]
    pub log_bytes: Option<usize>,
    /// Log messages kept from one call.
    #[serde(default)]
    pub log_messages: Option<usize>,
    /// Findings of one call.
    #[serde(default)]
    pub findings: Option<usize>,
    /// Bytes that a call may hand to the host.
    #[serde(default)]
    pub output_bytes: Option<usize>,
    /// Bytes that the host may hand to a call.
    #[serde(default)]
    pub host_bytes: Option<usize>,
    /// Calls of host functions.
    #[serde(default)]
    pub host_calls: Option<u64>,
}

/// What judging may cost.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LimitsForm {
    /// Z3 resource units of one question; deterministic.
    #[serde(default = "solver_resources")]
    pub solver_resources: u32,
    /// Wall time of one question, the last resort.
    #[serde(default = "solver_seconds")]
    pub solver_seconds: u64,
    /// Longest counterexample looked for, in steps.
    #[serde(default = "search_depth")]
    pub search_depth: usize,
}

fn solver_resources() -> u32 {
    provost_verify::Budget::default().resources
}

fn solver_seconds() -> u64 {
    provost_verify::Budget::default().wall.as_secs()
}

fn search_depth() -> usize {
    provost_verify::Limits::default().depth
}

impl Default for LimitsForm {
    fn default() -> Self {
        Self {
            solver_resources: solver_resources(),
            solver_seconds: solver_seconds(),
            search_depth: search_depth(),
        }
    }
}

impl LimitsForm {
    pub(crate) fn verifier(&self) -> provost_verify::Limits {
        provost_verify::Limits {
            budget: provost_verify::Budget {
                resources: self.solver_resources,
                wall: Duration::from_secs(self.solver_seconds),
            },
            depth: self.search_depth,
            ..provost_verify::Limits::default()
        }
    }
}

impl Default for GateForm {
    fn default() -> Self {
        Self {
            api_version: ApiVersion::V1,
            kind: Kind::Gate,
            environment: None,
            blocking_severity: SeverityForm::default(),
            on_unknown: OnUnknown::default(),
            disabled: Vec::new(),
            plugins: BTreeMap::new(),
            specifications: Vec::new(),
            policies: Vec::new(),
            approvals: None,
            limits: LimitsForm::default(),
        }
    }
}

/// The JSON Schema of the gate file, for editors.
pub fn schema() -> Value {
    Schema::of::<GateForm>().json().clone()
}

/// A gate: what is in force, and where each value came from.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    /// What is in force.
    pub form: GateForm,
    file: Option<(Arc<Source>, Node)>,
    directory: PathBuf,
    overrides: Vec<Override>,
}

/// A value that the command line put in place of the gate file's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// RFC 6901 pointer into the gate file.
    pub pointer: String,
    /// The option: `--environment`.
    pub option: String,
}

/// One value in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// As `limits.solverSeconds`.
    pub name: String,
    /// The value.
    pub value: Value,
    /// `default`, `provost.yaml:3:1`, or `--environment`.
    pub origin: String,
}

impl Gate {
    /// The name of the gate file.
    pub const FILE: &str = "provost.yaml";

    /// The gate file nearest above a directory.
    pub fn find(from: &Path) -> Option<PathBuf> {
        from.ancestors().map(|folder| folder.join(Self::FILE)).find(|path| path.is_file())
    }

    /// Read a gate file.
    ///
    /// # Errors
    /// Every problem of the file, each at its line.
    pub fn read(path: &Path) -> Result<Self, Vec<Problem>> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            vec![
                Problem::about("gate-file", &name, format!("cannot be read: {error}"))
                    .help("name another with `--config`"),
            ]
        })?;
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        Self::parse(&Source::new(name, text), directory)
    }

    /// Parse the text of a gate file whose paths are relative to `directory`.
    ///
    /// # Errors
    /// Every problem of the text, each at its line.
    pub fn parse(source: &Arc<Source>, directory: PathBuf) -> Result<Self, Vec<Problem>> {
        let parsed = provost_syntax::read(source, &provost_syntax::Limits::default());
        if let Some(problem) = parsed.problem {
            return Err(vec![problem]);
        }
        let mut documents = parsed.documents.into_iter().filter(|node| !node.is_null());
        let (Some(root), None) = (documents.next(), documents.next()) else {
            return Err(vec![
                Problem::about("gate-file", source.name(), "a gate file holds one document")
                    .help("start with `apiVersion: provost.dev/v1` and `kind: Gate`"),
            ]);
        };
        let form = provost_syntax::decode(source, &root)?;
        Ok(Self { form, file: Some((Arc::clone(source), root)), directory, overrides: Vec::new() })
    }

    /// Put the command line's environment in force.
    pub fn override_environment(&mut self, environment: String) {
        self.form.environment = Some(environment);
        self.overrides.push(Override {
            pointer: "/environment".to_owned(),
            option: "--environment".to_owned(),
        });
    }

    /// A path of the gate file, relative to the gate file.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.directory.join(path)
    }

    /// The place of a field, when the gate file has it.
    pub fn locate(&self, pointer: &str) -> Option<Location> {
        let (source, root) = self.file.as_ref()?;
        root.at(pointer)?;
        Some(Location::new(source, root.locate(pointer).0))
    }

    /// Every value in force with its origin, for `provost config show`.
    pub fn settings(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        let value = serde_json::to_value(&self.form).unwrap_or_default();
        self.collect("", "", &value, &mut settings);
        settings
    }

    fn collect(&self, name: &str, pointer: &str, value: &Value, into: &mut Vec<Setting>) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (key, value) in fields {
                    let name =
                        if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    let pointer = format!("{pointer}/{}", escape_pointer(key));
                    self.collect(&name, &pointer, value, into);
                }
            }
            _ => into.push(Setting {
                name: name.to_owned(),
                value: value.clone(),
                origin: self.origin(pointer),
            }),
        }
    }

    fn origin(&self, pointer: &str) -> String {
        let overridden = self.overrides.iter().find(|o| o.pointer == pointer);
        match (overridden, self.locate(pointer)) {
            (Some(overridden), _) => overridden.option.clone(),
            (None, Some(location)) => location.to_string(),
            (None, None) => "default".to_owned(),
        }
    }
}
