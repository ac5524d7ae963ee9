//! `provost check`: read, assess, render.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use provost_engine::{Bundle, Gate, read_approvals};
use provost_intake::{Input, Limits};
use provost_model::{Approval, Change, Operation, Principal, Problem, Source};
use provost_report::{Format, Style, render};

use crate::arguments::{self, Arguments, Check};
use crate::config::gate;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{print, terminal};

/// Judge a change.
///
/// The work runs on a thread of its own beside a listener for Ctrl-C: an interrupted run
/// says that nothing was decided, and its exit code says so too.
pub fn run(arguments: &Arguments, check: &Check) -> Exit {
    let style = terminal::style(arguments);
    std::thread::scope(|scope| {
        let (done, judged) = tokio::sync::oneshot::channel();
        scope.spawn(move || {
            let _ = done.send(judge(arguments, check, &style));
        });
        match wait(judged) {
            Ok(exit) => exit,
            Err(problems) => {
                terminal::problems(&problems, &style);
                Exit::Usage
            }
        }
    })
}

type Judged = Result<Exit, Vec<Problem>>;

/// The result of the work. Without a runtime there is no listener, only the work.
fn wait(judged: tokio::sync::oneshot::Receiver<Judged>) -> Judged {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    // The sender goes away without an answer only when the work panicked.
    let bug = |_| Ok(Exit::Bug);
    let Ok(runtime) = runtime else { return judged.blocking_recv().unwrap_or_else(bug) };
    runtime.block_on(async {
        tokio::select! {
            result = judged => result.unwrap_or_else(bug),
            Ok(()) = tokio::signal::ctrl_c() => {
                eprintln!("\nprovost: interrupted; nothing was decided");
                // The solver may be deep in a question: do not wait for it.
                std::process::exit(i32::from(Exit::Incomplete.code()));
            }
        }
    })
}

fn judge(arguments: &Arguments, check: &Check, style: &Style) -> Result<Exit, Vec<Problem>> {
    let progress = Progress::new();
    let mut gate = gate(arguments)?;
    if let Some(environment) = &check.environment {
        gate.override_environment(environment.clone());
    }
    progress.start("loading plugins, specifications and policies");
    let bundle = Bundle::load(&gate, cache_folder())?;
    progress.start("reading files");
    let change = change(&gate, check, &progress)?;
    progress.start("judging");
    let now = check.now.unwrap_or_else(Timestamp::now);
    let assessment = bundle.assess(&change, now, &|_, more| progress.add(more));
    drop(progress);
    print(&render(&assessment, check.format, style));
    let exit = Exit::of(&assessment);
    if exit == Exit::Nothing && check.format == Format::Human {
        eprintln!("provost: no Kubernetes object found; is this the folder of the manifests?");
    }
    Ok(exit)
}

/// What is asked, read from the paths and the options.
fn change(gate: &Gate, check: &Check, progress: &Progress) -> Result<Change, Vec<Problem>> {
    let read = |paths: &[PathBuf]| {
        let inputs: Vec<_> = paths.iter().map(|path| input(path)).collect();
        let mut stdin = std::io::stdin().lock();
        provost_intake::read(&inputs, &mut stdin, &Limits::default(), &|done, _| progress.set(done))
    };
    let mut change = read(&check.paths);
    if !check.before.is_empty() {
        let before = read(&check.before);
        change.before = before.documents;
        change.problems.extend(before.problems);
    }
    change.operation = match check.operation {
        arguments::Operation::Apply => Operation::Apply,
        arguments::Operation::Delete => Operation::Delete,
    };
    change.principal =
        Principal { name: check.principal.clone(), groups: check.groups.clone() };
    change.environment.clone_from(&gate.form.environment);
    change.approvals = approvals(gate, check)?;
    Ok(change)
}

fn input(path: &Path) -> Input {
    if path == Path::new("-") { Input::Stdin } else { Input::Path(path.to_owned()) }
}

fn approvals(gate: &Gate, check: &Check) -> Result<Vec<Approval>, Vec<Problem>> {
    let named = gate.form.approvals.as_ref().map(|path| gate.resolve(path));
    let Some(path) = check.approvals.clone().or(named) else { return Ok(Vec::new()) };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(&path).map_err(|error| {
        vec![Problem::about("approvals", &name, format!("cannot be read: {error}"))]
    })?;
    read_approvals(&Source::new(name, text))
}

/// Where compiled plugins are kept: `PROVOST_CACHE`, or the user's cache folder.
pub fn cache_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    variable("PROVOST_CACHE")
        .map(PathBuf::from)
        .or_else(|| variable("XDG_CACHE_HOME").map(|base| PathBuf::from(base).join("provost")))
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".cache/provost")))
}
