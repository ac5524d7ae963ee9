use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use provost_model::{Change, Node, Problem, Source};
use rayon::prelude::*;

use crate::Limits;
use crate::listing::{Found, Listing, name_of};
use crate::objects::{object, objects};
use crate::text::{bytes_of, file_bytes, text_of};

/// Where a change is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file of any name, or a directory with everything below it.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

/// Reads every object of the inputs, in their order.
///
/// A file that is named is read whatever its name; in a directory files ending in
/// `.yaml`, `.yml` and `.json` are, in order of name. Hidden directories and
/// `node_modules` are passed over, except for `.github/workflows`; a symbolic link
/// is followed, but nothing is read twice. The `templates` of a Helm chart are
/// counted as skipped.
///
/// `progress` is told how many files are done, of how many in all: each number
/// once, from several threads, so not always in order.
pub fn read(
    inputs: &[Input],
    stdin: &mut dyn io::Read,
    limits: &Limits,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Change {
    let mut listing = Listing::new(limits);
    for input in inputs {
        match input {
            Input::Path(path) => listing.path(path),
            Input::Stdin => listing.stdin(),
        }
    }
    let Listing { found, problems, skipped, .. } = listing;
    // Standard input cannot be shared between threads.
    let piped = found.contains(&Found::Stdin).then(|| bytes_of(stdin, STDIN, limits));
    let done = Progress { done: AtomicUsize::new(0), all: found.len(), tell: progress };
    let parts: Vec<Change> = found
        .par_iter()
        .map(|found| {
            let part = match (found, &piped) {
                (Found::File(path), _) => part(&name_of(path), file_bytes(path, limits), limits),
                (Found::Stdin, Some(piped)) => part(STDIN, piped.clone(), limits),
                (Found::Stdin, None) => Change::default(),
            };
            done.step();
            part
        })
        .collect();
    let mut change = Change { problems, skipped, ..Change::default() };
    for part in parts {
        change.append(part);
    }
    truncate(&mut change, limits);
    change
}

/// Reads every object of one text.
pub fn read_source(source: &Arc<Source>, limits: &Limits) -> Change {
    let mut change = objects(source, limits);
    truncate(&mut change, limits);
    change
}

/// Reads one object of a text that was parsed already: there is one document, or there are
/// problems, or a reason why it is skipped.
pub fn read_object(source: &Arc<Source>, root: Node) -> Change {
    object(source, root)
}

/// The name of standard input, which no file has.
pub(crate) const STDIN: &str = "<stdin>";

fn part(name: &str, bytes: Result<Vec<u8>, Box<Problem>>, limits: &Limits) -> Change {
    match bytes.and_then(|bytes| text_of(name, bytes)) {
        Ok(text) => objects(&Source::new(name, text), limits),
        Err(problem) => Change { problems: vec![*problem], ..Change::default() },
    }
}

fn truncate(change: &mut Change, limits: &Limits) {
    let count = change.documents.len();
    if count > limits.documents {
        change.documents.truncate(limits.documents);
        let message = format!("{count} objects are more than {}", limits.documents);
        change.problems.push(Problem::about("too-many-documents", "the change", message).help(
            "only the first were read: check fewer files at once, or raise `limits.documents` in \
             the gate file",
        ));
    }
}

struct Progress<'a> {
    done: AtomicUsize,
    all: usize,
    tell: &'a (dyn Fn(usize, usize) + Sync),
}

impl Progress<'_> {
    fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.tell)(done, self.all);
    }
}

#[cfg(test)]
mod tests;
