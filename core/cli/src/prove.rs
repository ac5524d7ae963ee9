//! `provost prove`: specifications alone.

use provost_engine::Library;

use crate::arguments::{Arguments, Prove};
use crate::check::{Judged, documents, interruptible, nothing};
use crate::config::gate;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::terminal::{print, say, style};

/// Prove what is asked.
pub fn run(arguments: &Arguments, prove: &Prove) -> Judged {
    let style = style(arguments);
    interruptible(&|| {
        let progress = Progress::new();
        let gate = gate(arguments)?;
        progress.start("loading specifications");
        let mut library = Library::load(&gate)?;
        if let Some(name) = &prove.spec {
            library.restrict(name).map_err(|problem| vec![problem])?;
        }
        progress.start("reading files");
        let change = documents(&gate, &prove.paths, &progress);
        progress.start("proving");
        let assessment = library.prove(&change, &|more| progress.add(more));
        drop(progress);
        let text = provost_report::proving(&assessment, prove.format, prove.explain, &style);
        let about_nothing = change.problems.is_empty() && !library.is_about(&change);
        let exit = if about_nothing { Exit::Nothing } else { Exit::of(&assessment) };
        let exit = print(&text, exit);
        if change.documents.is_empty() && change.problems.is_empty() {
            nothing(&prove.paths);
        } else if about_nothing {
            say("no object here is one that a specification is about");
        }
        Ok(exit)
    })
}
