//! `provost plugin dev`: build and test again at every change.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use notify_debouncer_mini::{DebounceEventResult, new_debouncer, notify::RecursiveMode};
use provost_model::Problem;
use provost_workshop::is_source;

use crate::arguments::PluginTest;
use crate::exit::Exit;
use crate::plugin::test;
use crate::terminal::{problems, say};

/// Files saved together are one change.
const PAUSE: Duration = Duration::from_millis(200);

/// Build and test a folder now, and whenever one of its files changes, until interrupted.
///
/// # Errors
/// When the folder cannot be watched. What is wrong with the plugin is shown, not returned:
/// the next change may mend it.
pub fn run(folder: &Path) -> Result<Exit, Vec<Problem>> {
    let failed = |error: &dyn std::fmt::Display| {
        let name = folder.display().to_string();
        let message = format!("`{name}` cannot be watched: {error}");
        vec![Problem::about("watch", name, message).help("name a folder with a `plugin.yaml`")]
    };
    // Events name whole paths, and only what is below the folder says whether one is a source.
    let whole = std::path::absolute(folder).map_err(|error| failed(&error))?;
    let (changed, changes) = mpsc::channel();
    let mut watch = new_debouncer(PAUSE, move |events: DebounceEventResult| {
        // The only receiver is gone when the program ends.
        let _ = changed.send(events);
    })
    .map_err(|error| failed(&error))?;
    let watcher = watch.watcher();
    watcher.watch(&whole, RecursiveMode::Recursive).map_err(|error| failed(&error))?;
    attempt(folder);
    while let Ok(events) = changes.recv() {
        match events {
            Ok(events) if events.iter().any(|event| is_source(&whole, &event.path)) => {
                // What the build itself wrote meanwhile is no change either.
                attempt(folder);
            }
            Ok(_) => {}
            Err(error) => return Err(failed(&error)),
        }
    }
    Ok(Exit::Allowed)
}

fn attempt(folder: &Path) {
    let test = PluginTest { path: folder.to_owned(), cases: Vec::new() };
    if let Err(found) = test::run(&test) {
        problems(&found, &provost_report::Style::default());
    }
    say("waiting for a change; end with Ctrl-C");
}
