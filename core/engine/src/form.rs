//! What a gate file may say, and the defaults for the rest.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use provost_model::Severity;
use provost_syntax::Schema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::enforcement::EnforcementForm;
use crate::supply::TrustForm;

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
    /// Plugins by name. Built-in ones need neither `path` nor `oci`.
    #[serde(default)]
    pub plugins: BTreeMap<String, PluginForm>,
    /// Where plugins may come from, and who must have signed them.
    #[serde(default)]
    pub trust: TrustForm,
    /// Files or folders of specifications, beside the built-in library.
    #[serde(default)]
    pub specifications: Vec<PathBuf>,
    /// Built-in policy packs that hold. Without the pack `default`, policies of the project
    /// have to permit what is to be allowed.
    #[serde(default = "packs")]
    pub packs: Vec<String>,
    /// Files or folders of Cedar policies, beside the built-in packs.
    #[serde(default)]
    pub policies: Vec<PathBuf>,
    /// A file of approvals.
    #[serde(default)]
    pub approvals: Option<PathBuf>,
    /// A file of entities: who belongs to what, and who owns what.
    #[serde(default)]
    pub entities: Option<PathBuf>,
    /// A file of facts: freezes, error budgets, sessions, access, emergencies, backups.
    #[serde(default)]
    pub facts: Option<PathBuf>,
    /// Where decisions are recorded.
    #[serde(default)]
    pub decision_log: Option<DecisionLogForm>,
    /// What is done with a no: the first entry that fits counts, and without one a no denies.
    #[serde(default)]
    pub enforcement: Vec<EnforcementForm>,
    /// What judging may cost.
    #[serde(default)]
    pub limits: LimitsForm,
}

/// Where decisions are recorded, and how much of each.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DecisionLogForm {
    /// A folder, relative to the gate file. It is made where it is not there.
    pub folder: PathBuf,
    /// Are the objects of a change recorded?
    #[serde(default)]
    pub objects: RecordedObjects,
}

/// What is recorded of the objects of a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RecordedObjects {
    /// Their names, and the digest of the change.
    #[default]
    Names,
    /// All of them, without what is known to be secret, is called so or looks so.
    Redacted,
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
    /// The component, relative to the gate file; or a folder that holds one, or has it in
    /// its `build/`, as `provost plugin build` leaves it.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// The component in a registry, by digest: `registry.example/acme/pods@sha256:…`.
    #[serde(default)]
    pub oci: Option<String>,
    /// The repository that its signature names, where it was copied from there.
    #[serde(default)]
    pub signed_as: Option<String>,
    /// Settings; their schema is the plugin's own.
    #[serde(default = "empty")]
    pub settings: Value,
    /// Host abilities it may use, of those it asks for.
    #[serde(default = "grants")]
    pub grants: Vec<Capability>,
    /// The kinds that it looks up, as `Kind` or `group/Kind`: a webhook that watches the cluster
    /// watches them. Of built-in plugins they are known.
    #[serde(default)]
    pub lookups: Vec<String>,
    /// What one call may cost.
    #[serde(default)]
    pub limits: PluginLimitsForm,
}

impl Default for PluginForm {
    fn default() -> Self {
        Self {
            enabled: yes(),
            path: None,
            oci: None,
            signed_as: None,
            settings: empty(),
            grants: grants(),
            lookups: Vec::new(),
            limits: PluginLimitsForm::default(),
        }
    }
}

impl PluginForm {
    /// Is it the built-in plugin of its name?
    pub(crate) fn is_built_in(&self) -> bool {
        self.path.is_none() && self.oci.is_none()
    }

    /// What it may use of the host, if it asks and no policy refuses. What is built in is part
    /// of this program: whoever runs that may grant it what it needs.
    pub(crate) fn capabilities(&self) -> Vec<provost_host::Capability> {
        let mut granted: Vec<_> = self.grants.iter().map(|&grant| grant.into()).collect();
        if self.is_built_in() {
            for own in [Capability::Log, Capability::Lookup].map(Into::into) {
                if !granted.contains(&own) {
                    granted.push(own);
                }
            }
        }
        granted
    }
}

fn yes() -> bool {
    true
}

fn empty() -> Value {
    Value::Object(serde_json::Map::new())
}

fn packs() -> Vec<String> {
    vec!["default".to_owned()]
}

fn grants() -> Vec<Capability> {
    vec![Capability::Log]
}

/// Something that a plugin may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Write to the operator's log.
    Log,
    /// See other objects of the namespace.
    Lookup,
    /// See other objects of every namespace.
    LookupAll,
}

impl From<Capability> for provost_host::Capability {
    fn from(capability: Capability) -> Self {
        match capability {
            Capability::Log => Self::Log,
            Capability::Lookup => Self::Lookup,
            Capability::LookupAll => Self::LookupAll,
        }
    }
}

/// What one call of a plugin may cost.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct PluginLimitsForm {
    /// WebAssembly instructions, roughly.
    pub fuel: u64,
    /// Wall time of one call.
    pub deadline_milliseconds: u64,
    /// Linear memory, all memories together.
    pub memory_bytes: usize,
    /// Elements of all tables together.
    pub table_elements: usize,
    /// Stack.
    pub stack_bytes: usize,
    /// Size of the component.
    pub component_bytes: usize,
    /// Bytes of log kept from one call.
    pub log_bytes: usize,
    /// Log messages kept from one call.
    pub log_messages: usize,
    /// Findings of one call.
    pub findings: usize,
    /// Bytes that a call may hand to the host.
    pub output_bytes: usize,
    /// Bytes that the host may hand to a call.
    pub host_bytes: usize,
    /// Calls of host functions.
    pub host_calls: u64,
    /// Looked-up objects that a call may hold at once.
    pub handles: usize,
}

impl Default for PluginLimitsForm {
    fn default() -> Self {
        let limits = provost_host::Limits::default();
        Self {
            fuel: limits.fuel,
            deadline_milliseconds: u64::try_from(limits.deadline.as_millis()).unwrap_or(u64::MAX),
            memory_bytes: limits.memory_bytes,
            table_elements: limits.table_elements,
            stack_bytes: limits.stack_bytes,
            component_bytes: limits.component_bytes,
            log_bytes: limits.log_bytes,
            log_messages: limits.log_messages,
            findings: limits.findings,
            output_bytes: limits.output_bytes,
            host_bytes: limits.host_bytes,
            host_calls: limits.host_calls,
            handles: limits.handles,
        }
    }
}

impl From<&PluginLimitsForm> for provost_host::Limits {
    fn from(form: &PluginLimitsForm) -> Self {
        Self {
            fuel: form.fuel,
            deadline: Duration::from_millis(form.deadline_milliseconds),
            memory_bytes: form.memory_bytes,
            table_elements: form.table_elements,
            stack_bytes: form.stack_bytes,
            component_bytes: form.component_bytes,
            output_bytes: form.output_bytes,
            findings: form.findings,
            log_bytes: form.log_bytes,
            log_messages: form.log_messages,
            host_calls: form.host_calls,
            handles: form.handles,
            host_bytes: form.host_bytes,
        }
    }
}

/// What reading and judging may cost.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LimitsForm {
    /// Bytes of one file, or of standard input.
    #[serde(default = "file_bytes")]
    pub file_bytes: u64,
    /// Files in all.
    #[serde(default = "files")]
    pub files: usize,
    /// Objects in all.
    #[serde(default = "documents")]
    pub documents: usize,
    /// Values in one file, aliases expanded.
    #[serde(default = "nodes")]
    pub nodes: usize,
    /// Nested mappings and lists, aliases expanded.
    #[serde(default = "depth")]
    pub depth: usize,
    /// Z3 resource units of one question; deterministic.
    #[serde(default = "solver_resources")]
    pub solver_resources: u32,
    /// Wall time of one question, the last resort.
    #[serde(default = "solver_seconds")]
    pub solver_seconds: u64,
    /// Longest counterexample looked for, in steps.
    #[serde(default = "search_depth")]
    pub search_depth: usize,
    /// Wall time of one request to a registry of plugins.
    #[serde(default = "fetch_seconds")]
    pub fetch_seconds: u64,
}

fn file_bytes() -> u64 {
    16 << 20
}

fn files() -> usize {
    100_000
}

fn documents() -> usize {
    200_000
}

fn nodes() -> usize {
    provost_syntax::Limits::default().nodes
}

fn depth() -> usize {
    provost_syntax::Limits::default().depth
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

fn fetch_seconds() -> u64 {
    provost_registry::Limits::default().request.as_secs()
}

impl Default for LimitsForm {
    fn default() -> Self {
        Self {
            file_bytes: file_bytes(),
            files: files(),
            documents: documents(),
            nodes: nodes(),
            depth: depth(),
            solver_resources: solver_resources(),
            solver_seconds: solver_seconds(),
            search_depth: search_depth(),
            fetch_seconds: fetch_seconds(),
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
            trust: TrustForm::default(),
            specifications: Vec::new(),
            packs: packs(),
            policies: Vec::new(),
            approvals: None,
            entities: None,
            facts: None,
            decision_log: None,
            enforcement: Vec::new(),
            limits: LimitsForm::default(),
        }
    }
}

/// The JSON Schema of the gate file, for editors.
pub fn schema() -> Value {
    Schema::of::<GateForm>().json().clone()
}
