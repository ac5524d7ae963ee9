//! Which files there are to read.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use provost_model::{Problem, Skipped};
use walkdir::{DirEntry, WalkDir};

use crate::Limits;
use crate::text::{not_a_file, unreadable};

/// The only hidden directory that is looked into, for the one in it that is read.
const GITHUB: &str = ".github";
const WORKFLOWS: &str = "workflows";

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    File(PathBuf),
    Stdin,
}

/// What the inputs come to.
#[derive(Debug)]
pub(crate) struct Listing<'a> {
    limits: &'a Limits,
    pub(crate) found: Vec<Found>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) skipped: Vec<Skipped>,
    /// Real paths of files and directories, with the name each was met under first.
    seen: BTreeMap<PathBuf, String>,
    /// Real paths of directories, by the path they were reached by.
    directories: BTreeMap<PathBuf, PathBuf>,
    full: bool,
}

impl<'a> Listing<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            found: Vec::new(),
            problems: Vec::new(),
            skipped: Vec::new(),
            seen: BTreeMap::new(),
            directories: BTreeMap::new(),
            full: false,
        }
    }

    pub(crate) fn stdin(&mut self) {
        if !self.found.contains(&Found::Stdin) {
            self.add(Found::Stdin);
        }
    }

    /// A file of any name, or a directory.
    pub(crate) fn path(&mut self, path: &Path) {
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => self.directory(path),
            Ok(metadata) if metadata.is_file() => self.file(path, true),
            Ok(_) => self.problems.push(not_a_file(&name_of(path))),
            Err(error) => self.problems.push(unreadable(&name_of(path), &error)),
        }
    }

    fn directory(&mut self, root: &Path) {
        let in_templates = root.canonicalize().is_ok_and(|root| is_in_templates(&root));
        let mut walk = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            if self.full {
                return;
            }
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {
                    if is_met(&entry, GITHUB) {
                        self.workflows(entry.path());
                        walk.skip_current_dir();
                    } else if is_passed_over(&entry) || !self.enter(&entry) {
                        walk.skip_current_dir();
                    }
                }
                Ok(entry) => self.entry(&entry, in_templates),
                Err(error) => self.problems.extend(walk_problem(root, &error)),
            }
        }
    }

    /// The workflows of a `.github` directory; what else is in it configures GitHub.
    fn workflows(&mut self, github: &Path) {
        let path = github.join(WORKFLOWS);
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => self.directory(&path),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {}
            Err(error) => self.problems.push(unreadable(&name_of(&path), &error)),
        }
    }

    /// May this directory be entered? Each is entered once, however many links lead to it.
    fn enter(&mut self, entry: &DirEntry) -> bool {
        let path = entry.path();
        match self.real_path(path, entry.path_is_symlink() || entry.depth() == 0) {
            Ok(real) => {
                self.directories.insert(path.to_owned(), real.clone());
                self.is_new(path, real, "directory")
            }
            Err(error) => {
                self.problems.push(unreadable(&name_of(path), &error));
                false
            }
        }
    }

    /// Notes that a file or directory is read; if it already is, under which name.
    fn is_new(&mut self, path: &Path, real: PathBuf, what: &str) -> bool {
        let name = name_of(path);
        match self.seen.get(&real) {
            Some(first) if *first == name => false,
            Some(first) => {
                let reason = format!("same {what} as `{first}`");
                self.skip(path, reason);
                false
            }
            None => {
                self.seen.insert(real, name);
                true
            }
        }
    }

    fn entry(&mut self, entry: &DirEntry, in_templates: bool) {
        let path = entry.path();
        if !has_manifest_extension(path) {
            return;
        }
        if !entry.file_type().is_file() {
            self.problems.push(not_a_file(&name_of(path)));
        } else if in_templates || is_in_templates(path) {
            self.skip(path, "Helm template: run helm template first".to_owned());
        } else {
            self.file(path, entry.path_is_symlink());
        }
    }

    fn file(&mut self, path: &Path, maybe_link: bool) {
        match self.real_path(path, maybe_link) {
            Ok(real) => {
                if self.is_new(path, real, "file") {
                    self.add(Found::File(path.to_owned()));
                }
            }
            Err(error) => self.problems.push(unreadable(&name_of(path), &error)),
        }
    }

    /// The path without links; only links are looked up.
    fn real_path(&self, path: &Path, maybe_link: bool) -> io::Result<PathBuf> {
        let parent = path.parent().and_then(|parent| self.directories.get(parent));
        match (parent, path.file_name()) {
            (Some(real), Some(name)) if !maybe_link => Ok(real.join(name)),
            _ => path.canonicalize(),
        }
    }

    fn add(&mut self, found: Found) {
        if self.found.len() < self.limits.files {
            self.found.push(found);
        } else if !self.full {
            self.full = true;
            let message = format!("more than {} files", self.limits.files);
            self.problems.push(Problem::about("too-many-files", "the change", message).help(
                "only the first are read: check fewer directories at once, or raise \
                 `limits.files` in the gate file",
            ));
        }
    }

    fn skip(&mut self, path: &Path, reason: String) {
        self.skipped.push(Skipped { subject: name_of(path), reason });
    }
}

/// The name of a path for people: as it was written, without a leading `./`.
pub(crate) fn name_of(path: &Path) -> String {
    let short = path.strip_prefix(".").ok().filter(|short| !short.as_os_str().is_empty());
    short.unwrap_or(path).display().to_string()
}

fn has_manifest_extension(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    matches!(extension.as_deref(), Some("yaml" | "yml" | "json"))
}

/// Is it this directory, met on the way rather than named as an input?
fn is_met(entry: &DirEntry, name: &str) -> bool {
    entry.depth() > 0 && entry.file_name() == OsStr::new(name)
}

/// Hidden directories (`.git`) and `node_modules`, unless named as an input.
fn is_passed_over(entry: &DirEntry) -> bool {
    let name = entry.file_name().as_encoded_bytes();
    entry.depth() > 0 && (name.starts_with(b".") || name == b"node_modules")
}

/// Is it in the `templates` of a Helm chart?
fn is_in_templates(path: &Path) -> bool {
    let mut above = path.ancestors();
    above.any(|directory| {
        directory.file_name() == Some(OsStr::new("templates"))
            && directory.with_file_name("Chart.yaml").is_file()
    })
}

/// What stopped the walk at one place; nothing, if that place would not be read.
fn walk_problem(root: &Path, error: &walkdir::Error) -> Option<Problem> {
    let path = error.path().unwrap_or(root);
    let name = name_of(path);
    if let Some(ancestor) = error.loop_ancestor() {
        let message = format!("is a link to `{}`, which contains it", name_of(ancestor));
        let problem = Problem::about("directory-loop", name, message)
            .help("remove the link, or name the directories to check one by one");
        return Some(problem);
    }
    match error.io_error() {
        // A broken link that is neither a manifest nor, by its name, a directory.
        Some(error)
            if error.kind() == io::ErrorKind::NotFound
                && path.extension().is_some()
                && !has_manifest_extension(path) =>
        {
            None
        }
        Some(error) => Some(unreadable(&name, error)),
        None => Some(
            Problem::about("unreadable", name, error.to_string())
                .help("check the directory and its file system"),
        ),
    }
}

#[cfg(test)]
mod tests;
