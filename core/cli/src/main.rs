//! The binary `provost`: arguments, exit codes, nothing else.

mod arguments;
mod audit;
mod check;
mod config;
mod exit;
mod explain;
mod install;
mod log;
mod plugin;
mod policy;
mod progress;
mod prove;
mod schema;
mod serve;
mod spec;
mod terminal;

use std::io::IsTerminal as _;
use std::panic::catch_unwind;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use arguments::{Arguments, Command};
use exit::Exit;
use terminal::say;

fn main() -> ExitCode {
    let arguments = Arguments::read();
    log(&arguments.command);
    // A panic is our bug, and must never look like a verdict.
    let exit = catch_unwind(|| run(&arguments)).unwrap_or_else(|_| {
        say("this is a bug; please report it with the message above");
        Exit::Bug
    });
    exit.into()
}

fn run(arguments: &Arguments) -> Exit {
    let result = match &arguments.command {
        Command::Audit(audit) => audit::run(arguments, audit),
        Command::Check(check) => check::run(arguments, check),
        Command::Explain(explain) => explain::run(arguments, explain),
        Command::Prove(prove) => prove::run(arguments, prove),
        Command::Spec(spec) => spec::run(arguments, spec),
        Command::Plugin(plugin) => plugin::run(arguments, plugin),
        Command::Policy(policy) => policy::run(arguments, policy),
        Command::Install(install) => install::run(arguments, install),
        Command::Log(log) => log::run(arguments, log),
        Command::Config(config) => config::run(arguments, config),
        Command::Schema(schema) => schema::run(schema),
        Command::Serve(serve) => serve::run(arguments, serve),
    };
    result.unwrap_or_else(|problems| {
        terminal::problems(&problems, &terminal::style(arguments));
        Exit::Usage
    })
}

/// Logs go to standard error; `PROVOST_LOG` chooses what (`debug`, `provost_host=trace`, …). A
/// server writes lines of JSON, decisions among them.
fn log(command: &Command) {
    let serves = matches!(command, Command::Serve(_));
    // What does not work with an API server the webhook says itself.
    let default = if serves { "info,kube_client=off" } else { "error" };
    let filter = EnvFilter::try_from_env("PROVOST_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = if serves {
        lines.json().flatten_event(true).try_init()
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).without_time().try_init()
    };
}
