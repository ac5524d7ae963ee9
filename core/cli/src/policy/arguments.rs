//! Arguments of `provost policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use provost_report::Format;

use crate::arguments::{format, name};

/// Arguments of `policy`.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Say what holds of policies for all requests: which can fail, never match, contradict each
    /// other or make no difference, what is always allowed or denied, and whether guarantees hold.
    #[command(
        after_help = "Exit codes: 0 nothing to correct and every guarantee is proved, 1 something \
        was found, 2 usage, or a file that cannot be used, 3 no policy, 4 something could not be \
        answered."
    )]
    Analyze(Analyze),
    /// Compare two sets of policies: what does the new one allow that the old one does not?
    #[command(
        after_help = "OLD and NEW are policy files, folders of them, or gate files (which stand \
        for their policies and the built-in ones). Exit codes: 0 nothing more is allowed, or what \
        is more was approved; 1 more is allowed; 2 usage, or a file that cannot be used; 3 no \
        policy; 4 some kind of request could not be compared."
    )]
    Diff(Diff),
    /// Ask policies what their tests ask: is the answer what they say?
    #[command(after_help = "Exit codes: 0 every case passed, 1 one failed, or a policy that \
        was to determine a case determines none, 2 tests or policies that cannot be used, \
        3 no case.")]
    Test(Test),
}

/// Arguments of `policy analyze`.
#[derive(Debug, Args)]
pub struct Analyze {
    /// Policy files, folders of them, or a gate file; without one, the policies of the gate.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The Cedar schema, in place of the one beside the policies or the built-in one.
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// A file of guarantees, beside those that stand in the folders (`*.guarantees.yaml` or `.yml`).
    #[arg(long, value_name = "FILE")]
    pub guarantees: Vec<PathBuf>,
    /// The form of the report: `human`, `json` or `sarif`.
    #[arg(long, short, default_value_t = Format::Human, value_parser = format)]
    pub format: Format,
}

/// Arguments of `policy diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The policies as they were.
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The policies as they would be.
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// The Cedar schema of both, in place of those beside the policies or the built-in one.
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// A file of approvals, in place of the gate file's: who approved exactly this difference,
    /// by its digest.
    #[arg(long, value_name = "FILE")]
    pub approvals: Option<PathBuf>,
    /// Only approvals by members of this group count.
    #[arg(long, value_name = "GROUP", value_parser = name)]
    pub approver_group: Option<String>,
    /// Who wrote the new policies: whoever that is cannot approve them.
    #[arg(long, value_name = "USER", env = "PROVOST_PRINCIPAL", default_value = "anonymous")]
    #[arg(value_parser = name)]
    pub author: String,
    /// The form of the report: `human`, `json` or `sarif`.
    #[arg(long, short, default_value_t = Format::Human, value_parser = format)]
    pub format: Format,
}

/// Arguments of `policy test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Files of tests (`kind: PolicyTests`), or folders of them; without one, the folders of
    /// policies that the gate file names.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Fail when a policy that is tested determines no case.
    #[arg(long)]
    pub require_coverage: bool,
    /// The form of the report.
    #[arg(long, short, value_enum, default_value_t = Form::Human)]
    pub format: Form,
}

/// How the result is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people.
    Human,
    /// For machines.
    Json,
}
