//! `provost policy diff`: what new policies allow that old ones do not.

use std::path::PathBuf;

use provost_engine::{PolicyTexts, approvers};
use provost_model::{Comparison, Principal};

use super::arguments::Diff;
use crate::arguments::Arguments;
use crate::check::{Judged, interruptible};
use crate::config::gate;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::terminal::{print, say, style};

/// Compare what is asked.
pub fn run(arguments: &Arguments, diff: &Diff) -> Judged {
    let style = style(arguments);
    interruptible(&|| {
        let progress = Progress::new();
        progress.start("loading policies");
        let gate = gate(arguments)?;
        let approvals = gate.approvals(diff.approvals.as_deref())?;
        let load = |path: &PathBuf| {
            PolicyTexts::of_paths(&gate, std::slice::from_ref(path), diff.schema.as_deref())
        };
        let (old, new) = match (load(&diff.old), load(&diff.new)) {
            (Ok(old), Ok(new)) => (old, new),
            (old, new) => {
                let problems = [old.err(), new.err()];
                return Err(problems.into_iter().flatten().flatten().collect());
            }
        };
        if old.count() + new.count() == 0 {
            say("no policy on either side; name files that end in `.cedar`, or folders of them");
            return Ok(Exit::Nothing);
        }
        progress.start("comparing policies");
        let mut comparison = old.compare(&new, &|more| progress.add(more));
        drop(progress);
        let author = Principal::named(diff.author.as_str());
        let group = diff.approver_group.as_deref();
        comparison.approved_by = approvers(&comparison, &approvals, &author, group);
        let exit = exit(&comparison);
        let text = provost_report::comparison(&comparison, diff.format, &style);
        if exit == Exit::Denied && !author.is_known() && !approvals.is_empty() {
            say("no approval counts while the author is unknown; name who it is with `--author`");
        }
        Ok(print(&text, exit))
    })
}

fn exit(comparison: &Comparison) -> Exit {
    if comparison.is_looser() && comparison.approved_by.is_empty() {
        Exit::Denied
    } else if comparison.is_incomplete() {
        Exit::Incomplete
    } else {
        Exit::Allowed
    }
}
