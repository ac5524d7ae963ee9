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
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Duration;

use provost_engine::SPANS;
use provost_telemetry::Traces;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, fmt};

use arguments::{Arguments, Command};
use exit::Exit;
use terminal::say;

/// A review is thousands of small values, made and dropped: with the allocator of the C library
/// it takes a fifth longer, and the server keeps more memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::read();
    let traces = log(&arguments.command);
    // A panic is our bug, and must never look like a verdict.
    let exit =
        catch_unwind(AssertUnwindSafe(|| run(&arguments, traces.as_ref()))).unwrap_or_else(|_| {
            say("this is a bug; please report it with the message above");
            Exit::Bug
        });
    if let Some(traces) = traces {
        traces.finish(FINISH);
    }
    exit.into()
}

/// How long a command that has said all it has to say waits for a collector.
const FINISH: Duration = Duration::from_secs(1);

fn run(arguments: &Arguments, traces: Option<&Traces>) -> Exit {
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
        Command::Serve(serve) => serve::run(arguments, serve, traces),
    };
    result.unwrap_or_else(|problems| {
        terminal::problems(&problems, &terminal::style(arguments));
        Exit::Usage
    })
}

/// Logs go to standard error; `PROVOST_LOG` chooses what (`debug`, `provost_host=trace`, …). A
/// server writes lines of JSON, decisions among them. Spans go to a collector, where one is named.
fn log(command: &Command) -> Option<Traces> {
    let serves = matches!(command, Command::Serve(_));
    // What does not work with an API server the webhook says itself.
    let default = if serves { "info,kube_client=off" } else { "error" };
    let filter = EnvFilter::try_from_env("PROVOST_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let filter = filter.and(filter_fn(|metadata| metadata.target() != SPANS));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if serves {
        lines.json().flatten_event(true).with_filter(filter).boxed()
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).without_time().with_filter(filter).boxed()
    };
    let judges = serves || matches!(command, Command::Check(_));
    let traces =
        if judges { Traces::from_environment(env!("CARGO_PKG_VERSION")) } else { Ok(None) };
    // Nobody is refused an answer because nobody can watch it.
    let (traces, wrong) = match traces {
        Ok(traces) => (traces, None),
        Err(wrong) => (None, Some(wrong)),
    };
    let spans = traces.as_ref().map(|traces| traces.layer(SPANS));
    let _ = tracing_subscriber::registry().with(lines).with(spans).try_init();
    if let Some(wrong) = wrong {
        say(&format!("no spans are exported: {wrong}"));
    }
    traces
}
