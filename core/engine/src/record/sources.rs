//! The sources of one component: which files, and their digests.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use provost_model::{Digest, Document, Node, Problem, Source};

use super::pattern::{Pattern, Progress};
use super::{folder, texts};
use crate::sources::unreadable;

/// Files of one component.
const MOST_FILES: usize = 10_000;
/// Entries of folders that are looked at for one component.
const MOST_ENTRIES: usize = 100_000;
/// Folders inside each other.
const DEEPEST: usize = 64;
/// Bytes of one component.
const MOST_BYTES: u64 = 256 << 20;

/// Where files are.
pub(super) enum Files<'f> {
    /// On this machine.
    Disk,
    /// Texts and their names.
    Texts(&'f [Arc<Source>]),
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The digest of each file by its path from the folder of the component.
    pub(super) digests: BTreeMap<String, Digest>,
    /// Where they are, and the digest of each that is text.
    pub(super) paths: BTreeMap<PathBuf, Option<Digest>>,
    /// What could not be read.
    pub(super) problems: Vec<Problem>,
}

/// The sources of a component. Files that hold records of verification alone are left out: a
/// digest would change with the record that keeps it.
pub(super) fn read(document: &Document, files: &Files<'_>) -> Read {
    let mut reader = Reader { read: Read::default(), bytes: 0, entries: 0 };
    for (index, text) in texts(document, "/spec/sources").enumerate() {
        let told = match (folder(document), Pattern::parse(text)) {
            (None, _) => Err(Fault::new(
                "a component from standard input has no folder that its sources are in",
                "name its file",
            )),
            (_, None) => Err(Fault::new(
                format!("`{text}` leads out of the folder"),
                "write a path or glob below the folder of this file",
            )),
            (Some(folder), Some(pattern)) => match files {
                Files::Disk => reader.disk(folder, text, &pattern),
                Files::Texts(texts) => reader.texts(folder, text, &pattern, texts),
            },
        };
        if let Err(Fault { message, help }) = told {
            let place = document.locate(&format!("/spec/sources/{index}"));
            reader.read.problems.push(Problem::at("component-source", place, message).help(help));
        }
    }
    reader.read
}

/// Why a source cannot be used, and what to do.
struct Fault {
    message: String,
    help: String,
}

impl Fault {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    fn not_found(pattern: &str) -> Self {
        let help = "paths are relative to the folder of this file; `**` is any number of folders";
        Self::new(format!("no file is at `{pattern}`"), help)
    }

    fn too_much(what: impl Into<String>) -> Self {
        Self::new(what, "name fewer files")
    }
}

struct Reader {
    read: Read,
    bytes: u64,
    entries: usize,
}

impl Reader {
    fn texts(
        &mut self,
        folder: &Path,
        text: &str,
        pattern: &Pattern<'_>,
        files: &[Arc<Source>],
    ) -> Result<(), Fault> {
        let mut found = false;
        for file in files {
            let Ok(path) = Path::new(file.name()).strip_prefix(folder) else { continue };
            let path = path.display().to_string();
            if pattern.matches(&path) {
                found = true;
                if !is_record(file.name(), file.text()) {
                    let digest = Digest::of(file.text().as_bytes());
                    self.read.digests.insert(path, digest);
                    self.read.paths.insert(PathBuf::from(file.name()), Some(digest));
                }
            }
        }
        if found { Ok(()) } else { Err(Fault::not_found(text)) }
    }

    fn disk(&mut self, folder: &Path, text: &str, pattern: &Pattern<'_>) -> Result<(), Fault> {
        let shown = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let fault = |path: &Path, error: &io::Error| Fault::new(unreadable(path, error), CHECK);
        let root = shown.canonicalize().map_err(|error| fault(shown, &error))?;
        let mut found = Vec::new();
        match pattern.literal() {
            Some(path) => found.push(path),
            None => self.walk(&root, "", pattern, &pattern.start(), 0, &mut found)?,
        }
        if found.is_empty() {
            return Err(Fault::not_found(text));
        }
        for path in found {
            let full = root.join(&path);
            let real = full.canonicalize().map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => Fault::not_found(&path),
                _ => fault(Path::new(&path), &error),
            })?;
            if !real.starts_with(&root) {
                let message = format!("`{path}` is a link that leads out of the folder");
                return Err(Fault::new(message, "put a copy of the file in its place"));
            }
            self.file(path, real)?;
        }
        Ok(())
    }

    fn file(&mut self, path: String, real: PathBuf) -> Result<(), Fault> {
        if self.read.digests.contains_key(&path) {
            return Ok(());
        }
        if self.read.digests.len() >= MOST_FILES {
            return Err(Fault::too_much(format!("there are more than {MOST_FILES} files")));
        }
        let fault = |error: &io::Error| Fault::new(unreadable(Path::new(&path), error), CHECK);
        let metadata = fs::metadata(&real).map_err(|error| fault(&error))?;
        if metadata.is_dir() {
            let help = format!("write `{path}/**` for the files in it");
            return Err(Fault::new(format!("`{path}` is a folder"), help));
        }
        if !metadata.is_file() {
            return Err(Fault::new(format!("`{path}` is no file"), CHECK));
        }
        let mut bytes = Vec::new();
        let left = MOST_BYTES - self.bytes;
        let file = fs::File::open(&real).map_err(|error| fault(&error))?;
        file.take(left + 1).read_to_end(&mut bytes).map_err(|error| fault(&error))?;
        let read = bytes.len() as u64;
        if read > left {
            let most = MOST_BYTES >> 20;
            return Err(Fault::too_much(format!("the sources are larger than {most} MiB")));
        }
        self.bytes += read;
        let text = std::str::from_utf8(&bytes);
        if text.is_ok_and(|text| is_record(&path, text)) {
            return Ok(());
        }
        let is_text = text.is_ok();
        let digest = Digest::of(&bytes);
        self.read.digests.insert(path, digest);
        self.read.paths.insert(real, is_text.then_some(digest));
        Ok(())
    }

    /// Every file below a folder that is meant; links to folders are not followed.
    fn walk(
        &mut self,
        folder: &Path,
        above: &str,
        pattern: &Pattern<'_>,
        at: &Progress,
        depth: usize,
        found: &mut Vec<String>,
    ) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(Fault::too_much(format!("`{above}` is more than {DEEPEST} folders deep")));
        }
        let shown = if above.is_empty() { "." } else { above };
        let fault = |error: &io::Error| Fault::new(unreadable(Path::new(shown), error), CHECK);
        for entry in fs::read_dir(folder).map_err(|error| fault(&error))? {
            let entry = entry.map_err(|error| fault(&error))?;
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                let message = format!("there are more than {MOST_ENTRIES} files and folders");
                return Err(Fault::too_much(message));
            }
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                // It may be meant, and no pattern can say so.
                let name = name.display();
                return Err(Fault::new(format!("`{above}{name}` is no Unicode"), "rename it"));
            };
            let at = pattern.step(at, name);
            let kind = entry.file_type().map_err(|error| fault(&error))?;
            if kind.is_dir() {
                if pattern.may_go_on(&at) {
                    let above = format!("{above}{name}/");
                    self.walk(&entry.path(), &above, pattern, &at, depth + 1, found)?;
                }
            } else if Pattern::is_met(&at) && !leads_to_folder(&entry.path(), kind) {
                found.push(format!("{above}{name}"));
            }
        }
        Ok(())
    }
}

/// Are there records of verification in a text, and nothing else?
fn is_record(name: &str, text: &str) -> bool {
    // Most files are none, and need not be read as YAML to see that.
    if !text.contains("VerificationRecord") {
        return false;
    }
    let parsed = provost_syntax::read(&Source::new(name, text), &provost_syntax::Limits::default());
    let is = |node: &Node, key: &str, value| node.get(key).and_then(Node::as_text) == Some(value);
    let mut documents = parsed.documents.iter().filter(|node| !node.is_null()).peekable();
    parsed.problem.is_none()
        && documents.peek().is_some()
        && documents.all(|node| {
            is(node, "apiVersion", "provost.dev/v1") && is(node, "kind", "VerificationRecord")
        })
}

fn leads_to_folder(path: &Path, kind: fs::FileType) -> bool {
    kind.is_symlink() && path.is_dir()
}

const CHECK: &str = "a version is known only where every source can be read";
