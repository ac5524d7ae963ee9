//! Arguments of `provost policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Arguments of `policy`.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Ask policies what their tests ask: is the answer what they say?
    #[command(after_help = "Exit codes: 0 every case passed, 1 one failed, or a policy that \
        was to determine a case determines none, 2 tests or policies that cannot be used, \
        3 no case.")]
    Test(Test),
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
