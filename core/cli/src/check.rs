//! `provost check`: read, assess, render.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use provost_engine::{Bundle, Development, Gate};
use provost_intake::{Input, Limits};
use provost_model::{Change, Principal, Problem};
use provost_report::{Style, render};

use crate::arguments::{Arguments, Check};
use crate::config::gate;
use crate::exit::Exit;
use crate::log::record;
use crate::progress::Progress;
use crate::terminal::{print, problems, say, style};

pub type Judged = Result<Exit, Vec<Problem>>;

/// Judge a change.
pub fn run(arguments: &Arguments, check: &Check) -> Judged {
    let style = style(arguments);
    interruptible(&|| judge(arguments, check, &style))
}

/// Do the work on a thread of its own beside a listener for Ctrl-C: an interrupted run
/// says that nothing was decided, and its exit code says so too.
pub fn interruptible(work: &(dyn Fn() -> Judged + Sync)) -> Judged {
    std::thread::scope(|scope| {
        let (done, judged) = tokio::sync::oneshot::channel();
        scope.spawn(move || {
            let _ = done.send(work());
        });
        wait(judged)
    })
}

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
                say("interrupted; nothing was decided");
                // The solver may be deep in a question: do not wait for it.
                std::process::exit(i32::from(Exit::Incomplete.code()));
            }
        }
    })
}

fn judge(arguments: &Arguments, check: &Check, style: &Style) -> Judged {
    let progress = Progress::new();
    let mut gate = gate(arguments)?;
    if let Some(entities) = &check.entities {
        gate.override_entities(entities.clone());
    }
    let approvals = gate.approvals(check.approvals.as_deref())?;
    let facts = gate.facts(check.facts.as_deref())?;
    progress.start("loading plugins, specifications and policies");
    let bundle = Bundle::load(&gate, cache_folder())?;
    progress.start("reading files");
    let mut change = change(&gate, check, &progress)?;
    change.approvals = approvals;
    change.facts = facts;
    progress.start("judging");
    let now = check.now.unwrap_or_else(Timestamp::now);
    let span = tracing::info_span!(
        target: provost_engine::SPANS, "check",
        provost.objects = i64::try_from(change.objects()).unwrap_or(i64::MAX),
        provost.verdict = tracing::field::Empty,
        provost.change = tracing::field::Empty,
        provost.bundle = tracing::field::Empty,
    );
    let assessment = span.in_scope(|| bundle.assess(&change, now, &|_, more| progress.add(more)));
    span.record("provost.verdict", assessment.verdict.to_string());
    span.record("provost.change", assessment.change.to_string());
    span.record("provost.bundle", assessment.bundle.to_string());
    drop(span);
    drop(progress);
    // Before anybody is told: what is not on record was not decided.
    let recorded = record(&gate, check, &change, &assessment, now);
    let exit = print(&render(&assessment, check.format, style), Exit::of(&assessment));
    let exit = match recorded {
        Ok(()) => exit,
        Err(problem) => {
            problems(&[problem], style);
            exit.unsaid()
        }
    };
    // The process ends now: to free ten thousand objects one by one takes longer than to
    // print what was found in them.
    std::mem::forget((assessment, change, bundle));
    if exit == Exit::Nothing {
        nothing(&check.paths);
    }
    Ok(exit)
}

/// Say that there is no object.
pub fn nothing(paths: &[PathBuf]) {
    let paths: Vec<_> = paths.iter().map(|path| shown(path)).collect();
    let paths = paths.join(", ");
    say(&format!("nothing to check in {paths}; name the files or folders of manifests"));
}

/// Every object at these paths, and the components among them.
pub fn documents(gate: &Gate, paths: &[PathBuf], progress: &Progress) -> (Change, Development) {
    let inputs: Vec<_> = paths.iter().map(|path| input(path)).collect();
    let mut stdin = std::io::stdin().lock();
    let done = |done, _| progress.set(done);
    let mut change = provost_intake::read(&inputs, &mut stdin, &limits(gate), &done);
    let development = Development::of(&change);
    development.tell(&mut change);
    (change, development)
}

/// What is asked, read from the paths and the options.
fn change(gate: &Gate, check: &Check, progress: &Progress) -> Result<Change, Vec<Problem>> {
    let inputs: Vec<_> = check.paths.iter().map(|path| input(path)).collect();
    let before: Vec<_> = check.before.iter().map(|path| input(path)).collect();
    let cluster: Vec<_> = check.cluster.iter().map(|path| input(path)).collect();
    if [&inputs, &before, &cluster].iter().filter(|one| one.contains(&Input::Stdin)).count() > 1 {
        let problem = Problem::about("arguments", "-", "standard input can be read only once");
        return Err(vec![problem.help("name a file for `--before` and `--cluster`")]);
    }
    let limits = limits(gate);
    let read = |inputs: &[Input]| {
        let mut stdin = std::io::stdin().lock();
        provost_intake::read(inputs, &mut stdin, &limits, &|done, _| progress.set(done))
    };
    let mut change = read(&inputs);
    Development::of(&change).tell(&mut change);
    if !before.is_empty() {
        let before = read(&before);
        change.before.extend(before.documents);
        change.problems.extend(before.problems);
        change.skipped.extend(before.skipped);
    }
    if !cluster.is_empty() {
        surround(&mut change, read(&cluster));
    }
    change.operation = check.operation.into();
    change.principal = principal(check);
    change.environment.clone_from(&gate.form.environment);
    Ok(change)
}

/// Puts a change into the cluster that was read.
pub fn surround(change: &mut Change, cluster: Change) {
    change.cluster = Some(cluster.documents);
    change.problems.extend(cluster.problems);
    change.skipped.extend(cluster.skipped);
}

/// Who asks.
fn principal(check: &Check) -> Principal {
    let named = Principal::named(check.principal.as_str());
    let kind = check.principal_kind.map_or(named.kind, Into::into);
    Principal { kind, groups: check.groups.clone(), ..named }
}

fn shown(path: &Path) -> String {
    match input(path) {
        Input::Stdin => "standard input".to_owned(),
        Input::Path(path) => format!("`{}`", path.display()),
    }
}

fn input(path: &Path) -> Input {
    if path == Path::new("-") { Input::Stdin } else { Input::Path(path.to_owned()) }
}

/// What reading may cost, as the gate file says.
pub fn limits(gate: &Gate) -> Limits {
    let form = &gate.form.limits;
    let mut limits = Limits {
        file_bytes: form.file_bytes,
        files: form.files,
        documents: form.documents,
        ..Limits::default()
    };
    limits.syntax.bytes = usize::try_from(form.file_bytes).unwrap_or(usize::MAX);
    limits.syntax.documents = form.documents;
    limits.syntax.nodes = form.nodes;
    limits.syntax.depth = form.depth;
    limits
}

/// Where compiled plugins are kept: `PROVOST_CACHE`, or the user's cache folder.
pub fn cache_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    variable("PROVOST_CACHE")
        .map(PathBuf::from)
        .or_else(|| variable("XDG_CACHE_HOME").map(|base| PathBuf::from(base).join("provost")))
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".cache/provost")))
}
