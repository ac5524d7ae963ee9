//! What can be asked on the command line.

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use provost_report::Format;

use crate::audit::Audit;
use crate::plugin::{PluginBench, PluginRun};
use crate::serve::Serve;

/// Decides whether a change may proceed, and shows why.
#[derive(Debug, Parser)]
#[command(name = "provost", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 allowed, 1 denied, 2 usage or gate file, 3 nothing to check, \
    4 incomplete, 5 expired or invalid exception, 70 bug."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The gate file; without it, the nearest `provost.yaml` upward from here, or defaults.
    #[arg(long, global = true, value_name = "FILE", env = "PROVOST_CONFIG")]
    pub config: Option<PathBuf>,
    /// The environment that the change goes to, in place of the gate file's.
    #[arg(long, global = true, value_name = "NAME", env = "PROVOST_ENVIRONMENT")]
    #[arg(value_parser = name)]
    pub environment: Option<String>,
    /// What named the environment: the option, or the variable.
    #[arg(skip)]
    pub environment_origin: &'static str,
    /// Colour in output for people.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Show everything: every finding, proof and skipped file in full.
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge manifests: plugins observe, specifications are proved, Cedar decides.
    Check(Check),
    /// Judge the objects of a running system: every check, no decision.
    #[command(
        after_help = "Exit codes: 0 judged, whatever was found, 2 usage or gate file, 3 nothing \
        to judge, 4 something that is enforced is unknown, 5 expired or invalid exception. A \
        violation that `enforcement` in the gate file does not enforce is a warning, not a failure."
    )]
    Audit(Audit),
    /// Show the page of a rule, specification, policy pack or policy; without a name, list them.
    Explain(Explain),
    /// Prove specifications about manifests; no plugin observes and no policy decides.
    #[command(
        after_help = "Exit codes: 0 everything that applies is proved, 1 something is refuted, \
        2 usage, gate file or specification, 3 no object that a specification is about, \
        4 something is unknown."
    )]
    Prove(Prove),
    /// Work on specifications.
    #[command(subcommand)]
    Spec(Spec),
    /// Make, test and look at plugins.
    #[command(subcommand)]
    Plugin(Plugin),
    /// Work on policies.
    #[command(subcommand)]
    Policy(crate::policy::Policy),
    /// Look at the gate file.
    #[command(subcommand)]
    Config(Config),
    /// The manifests that install the admission webhook in a cluster, or a Helm chart of them.
    #[command(
        after_help = "Exit codes: 0 printed or written, 2 usage, gate file, or something that it names."
    )]
    Install(crate::install::Install),
    /// Look at a log of decisions.
    #[command(subcommand)]
    Log(crate::log::Log),
    /// Print a JSON Schema, for editors and for readers of reports.
    Schema(Schema),
    /// Answer the admission reviews of Kubernetes API servers, as a webhook.
    #[command(
        after_help = "A signal SIGHUP reads the gate file, what it names and the certificate \
        again; a change of them is seen within seconds anyway. SIGTERM stops: not ready, still \
        accepting for `--linger`, then finishing what is under way.\n\n\
        Exit codes: 0 stopped and everything was answered, 2 usage, gate file or certificate, \
        4 stopped while something was under way."
    )]
    Serve(Serve),
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Files, folders (read recursively), or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The objects as they are now, to judge what changes.
    #[arg(long, value_name = "PATH")]
    pub before: Vec<PathBuf>,
    /// A snapshot of the cluster (as `kubectl get -A -o yaml` writes it). Specifications and
    /// plugins see the change put over it; what it makes worse of other objects is said too.
    #[arg(long, value_name = "PATH")]
    pub cluster: Vec<PathBuf>,
    /// What happens to the objects. `delete` and `exec` are decided by policies alone, except
    /// that with `--cluster` specifications judge what a deletion leaves.
    #[arg(long, value_enum, default_value_t = Operation::Apply)]
    pub operation: Operation,
    /// Who asks.
    #[arg(long, value_name = "USER", env = "PROVOST_PRINCIPAL", default_value = "anonymous")]
    #[arg(value_parser = name)]
    pub principal: String,
    /// What sort of actor asks; without it, a service account where the name is that of one
    /// (`system:serviceaccount:NAMESPACE:NAME`), and else a user.
    #[arg(long, value_enum, value_name = "KIND")]
    pub principal_kind: Option<PrincipalKind>,
    /// A group of whoever asks; may be repeated. It makes nobody a member of a team.
    #[arg(long = "group", value_name = "GROUP", value_parser = name)]
    pub groups: Vec<String>,
    /// A file of approvals, in place of the gate file's.
    #[arg(long, value_name = "FILE")]
    pub approvals: Option<PathBuf>,
    /// A file of entities (who belongs to what), in place of the gate file's.
    #[arg(long, value_name = "FILE")]
    pub entities: Option<PathBuf>,
    /// A file of facts (freezes, error budgets, sessions, …), in place of the gate file's.
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// Record the decision in the log in this folder, in place of the gate file's.
    #[arg(long, value_name = "FOLDER")]
    pub log: Option<PathBuf>,
    /// The form of the report: `human`, `json` or `sarif`.
    #[arg(long, short, default_value_t = Format::Human, value_parser = format)]
    pub format: Format,
    /// Judge as of this time (RFC 3339) instead of now.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub now: Option<jiff::Timestamp>,
}

impl Arguments {
    /// The arguments of this process; on a mistake, says so and ends it.
    pub fn read() -> Self {
        let matches = Self::command().get_matches();
        let mut arguments = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        arguments.environment_origin = match matches.value_source("environment") {
            Some(ValueSource::EnvVariable) => "PROVOST_ENVIRONMENT",
            _ => "--environment",
        };
        arguments
    }
}

/// A name that a policy could know: an empty variable in a pipeline is a mistake.
pub fn name(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is empty; give a name, or leave it out".to_owned()),
        name => Ok(name.to_owned()),
    }
}

/// A time as RFC 3339.
pub fn time(text: &str) -> Result<jiff::Timestamp, String> {
    text.parse().map_err(|_| "write it as 2026-03-31T12:00:00Z".to_owned())
}

/// The form of a report.
pub fn format(name: &str) -> Result<Format, String> {
    name.parse().map_err(|error: provost_report::UnknownFormat| error.to_string())
}

/// What happens to the objects: the action that policies are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Operation {
    /// Create or update.
    Apply,
    /// Update what exists.
    Update,
    /// Alter the number of replicas.
    Scale,
    /// Bring here what another environment runs.
    Promote,
    /// Return to an earlier version.
    Rollback,
    /// Mend a running system without a person.
    Heal,
    /// Delete.
    Delete,
    /// Run a command inside.
    Exec,
}

impl From<Operation> for provost_model::Operation {
    fn from(operation: Operation) -> Self {
        match operation {
            Operation::Apply => Self::Apply,
            Operation::Update => Self::Update,
            Operation::Scale => Self::Scale,
            Operation::Promote => Self::Promote,
            Operation::Rollback => Self::Rollback,
            Operation::Heal => Self::Heal,
            Operation::Delete => Self::Delete,
            Operation::Exec => Self::Exec,
        }
    }
}

/// What sort of actor asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PrincipalKind {
    /// A person.
    User,
    /// A Kubernetes service account, as `NAMESPACE/NAME`.
    ServiceAccount,
    /// A delivery pipeline.
    Pipeline,
    /// An automatic healer.
    Healer,
}

impl From<PrincipalKind> for provost_model::PrincipalKind {
    fn from(kind: PrincipalKind) -> Self {
        match kind {
            PrincipalKind::User => Self::User,
            PrincipalKind::ServiceAccount => Self::ServiceAccount,
            PrincipalKind::Pipeline => Self::Pipeline,
            PrincipalKind::Healer => Self::Healer,
        }
    }
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The id of a rule, specification or policy, or the name of a policy pack.
    pub id: Option<String>,
}

/// Arguments of `spec`.
#[derive(Debug, Subcommand)]
pub enum Spec {
    /// Judge the examples on the page beside a specification: is what comes out what it says?
    #[command(after_help = "Exit codes: 0 every example is as its page says, 1 one is not, \
        2 a specification or page that cannot be used, 3 no example.")]
    Test(SpecTest),
    /// Draw the run that breaks a property of a specification.
    #[command(
        after_help = "Exit codes: 0 drawn, or nothing is refuted; 2 usage, or something that \
        cannot be used; 3 no object that the specification is about; 4 nothing is refuted, but \
        something is unknown."
    )]
    Trace(SpecTrace),
}

/// Arguments of `plugin`.
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// Make a folder with a working plugin, its test and its cases.
    New(PluginNew),
    /// Compile the plugin of a folder to a component, and print where it is.
    Build(PluginFolder),
    /// Build a plugin and run its cases: does it answer what they say?
    #[command(after_help = "Exit codes: 0 every case passed, 1 one failed, 2 a plugin or file of \
        cases that cannot be used, 3 no case.")]
    Test(PluginTest),
    /// Ask one plugin about manifests; nothing is proved and no policy decides.
    #[command(
        after_help = "Exit codes: 0 no violation, 1 a violation, 2 a plugin or settings that \
        cannot be used, 3 no object that the plugin asks for, 4 something is unknown."
    )]
    Run(PluginRun),
    /// Measure what a plugin costs: loading, and calls in fresh instances.
    Bench(PluginBench),
    /// Build a plugin and run its cases again whenever a file of its folder changes.
    Dev(PluginFolder),
    /// Show the rules, settings and capabilities of a component.
    Inspect(PluginInspect),
    /// Give plugins to others, and take them from others.
    #[command(flatten)]
    Distribution(crate::plugin::distribution::Distribution),
}

/// Arguments of `plugin new`.
#[derive(Debug, Args)]
pub struct PluginNew {
    /// Its name, lower-case words joined by hyphens; the folder is called so too.
    pub name: String,
    /// What it is written in.
    #[arg(long, value_enum)]
    pub language: PluginLanguage,
}

/// What a new plugin can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PluginLanguage {
    /// Rust.
    Rust,
    /// Go.
    Go,
    /// Python.
    Python,
    /// JavaScript.
    #[value(name = "javascript")]
    JavaScript,
    /// TypeScript.
    #[value(name = "typescript")]
    TypeScript,
    /// C.
    C,
}

/// A plugin to build.
#[derive(Debug, Args)]
pub struct PluginFolder {
    /// The folder with its `plugin.yaml`.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
}

/// Arguments of `plugin test`.
#[derive(Debug, Args)]
pub struct PluginTest {
    /// A folder with a `plugin.yaml`, which is built first, or a component.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// A file of cases, in place of those that `plugin.yaml` names.
    #[arg(long, value_name = "FILE")]
    pub cases: Vec<PathBuf>,
}

/// Arguments of `plugin inspect`.
#[derive(Debug, Args)]
pub struct PluginInspect {
    /// The component.
    #[arg(value_name = "COMPONENT")]
    pub component: PathBuf,
}

/// Arguments of `prove`.
#[derive(Debug, Args)]
pub struct Prove {
    /// Files, folders (read recursively), or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// A snapshot of the cluster, which the objects are put over. What is only in it is judged
    /// where they make it worse.
    #[arg(long, value_name = "PATH")]
    pub cluster: Vec<PathBuf>,
    /// Prove this specification only.
    #[arg(long, value_name = "NAME")]
    pub spec: Option<String>,
    /// Show the parts of each proof, what they cost, and the lines that it rests on.
    #[arg(long)]
    pub explain: bool,
    /// Write every part of every proof into this folder as SMT-LIB, for any solver to check again.
    #[arg(long, value_name = "FOLDER")]
    pub export: Option<PathBuf>,
    /// Write down in this file which components are verified now, and at which versions.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Record this time (RFC 3339) instead of now.
    #[arg(long, value_name = "TIME", value_parser = time, requires = "record")]
    pub now: Option<jiff::Timestamp>,
    /// The form of the report: `human`, `json` or `sarif`.
    #[arg(long, short, default_value_t = Format::Human, value_parser = format)]
    pub format: Format,
}

/// Arguments of `spec trace`.
#[derive(Debug, Args)]
pub struct SpecTrace {
    /// A specification: its file, or its name in the library.
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// Files, folders (read recursively), or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only runs of this object, as they are shown: `Deployment/shop/cart`.
    #[arg(long, value_name = "KIND/NAMESPACE/NAME")]
    pub object: Option<String>,
    /// Only runs that break this property.
    #[arg(long, value_name = "NAME")]
    pub property: Option<String>,
    /// The form of the drawing.
    #[arg(long, short, value_enum, default_value_t = TraceForm::Table)]
    pub format: TraceForm,
    /// Write the drawing to a file.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How a run is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TraceForm {
    /// A table of steps, for people.
    Table,
    /// A timeline as a picture.
    Svg,
    /// Apalache's Informal Trace Format.
    Itf,
    /// As in the JSON report.
    Json,
}

/// Arguments of `spec test`.
#[derive(Debug, Args)]
pub struct SpecTest {
    /// Specification files, or folders of them; without one, those that the gate file names.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write what comes out into the pages, where an example comes to what its fence says.
    #[arg(long)]
    pub bless: bool,
}

/// Arguments of `config`.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Every value in force and where it came from.
    Show,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// Of what.
    #[arg(value_enum)]
    pub of: SchemaOf,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// `provost.yaml`
    Gate,
    /// Specification files.
    Specification,
    /// The JSON report.
    Report,
    /// Delivery pipelines.
    Pipeline,
    /// Components of verified development.
    Component,
    /// Records of what was verified.
    Record,
    /// Files of guarantees about policies.
    Guarantees,
    /// The JSON report of `policy analyze`.
    PolicyAnalysis,
    /// The JSON report of `policy diff`.
    PolicyComparison,
    /// Files of facts: freezes, error budgets, sessions, …
    Facts,
    /// Files of entities: who belongs to what.
    Entities,
    /// Tests of policies.
    PolicyTests,
    /// `plugin.yaml` of a plugin's folder.
    PluginProject,
    /// Cases of a plugin.
    PluginCases,
    /// Lines of a log of decisions.
    DecisionLog,
}
