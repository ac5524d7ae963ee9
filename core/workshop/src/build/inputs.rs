//! What went into a component: it is made anew only where some of that changed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use provost_model::Digest;
use walkdir::WalkDir;

use crate::project::{Project, is_source};

/// A component, and the files outside the project's and the SDK's folder that it is made of.
pub(super) struct Made {
    pub(super) component: Vec<u8>,
    pub(super) outside: Vec<PathBuf>,
}

/// The folders of a project as they are before it is built.
pub(super) struct Inputs<'p> {
    project: &'p Project,
    since: SystemTime,
    /// What builds, then each file with its digest, a line each.
    inside: String,
}

impl<'p> Inputs<'p> {
    /// Reads what is in the folders, but for cases, which are no part of the component;
    /// `toolchain` is the version of one that is not pinned.
    ///
    /// # Errors
    /// The file that cannot be read.
    pub(super) fn of(project: &'p Project, toolchain: &str) -> Result<Self, String> {
        let since = SystemTime::now();
        let mut inside = format!("{}\ntoolchain {}\n", builder()?, toolchain.trim());
        for folder in [&project.folder, &project.sdk] {
            let is_written = |entry: &walkdir::DirEntry| is_source(folder, entry.path());
            let entries = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
            for entry in entries.filter_entry(is_written) {
                let entry = entry.map_err(|error| error.to_string())?;
                let is_case = project.cases.iter().any(|file| file == entry.path());
                if !entry.file_type().is_dir() && !is_case {
                    line(&mut inside, entry.path())?;
                }
            }
        }
        Ok(Self { project, since, inside })
    }

    /// Is the component there that these inputs make?
    pub(super) fn are_built(&self) -> bool {
        let Ok(record) = std::fs::read_to_string(self.record()) else { return false };
        let outside = record.lines().filter_map(|line| line.strip_prefix(OUTSIDE));
        let outside: Vec<_> = outside.filter_map(|rest| Some(rest.split_once(' ')?.1)).collect();
        self.text(&outside).is_ok_and(|now| now == record)
    }

    /// Remembers that the component in its place was made of these inputs. A file outside that
    /// was changed meanwhile may or may not be in it, so nothing is remembered then.
    pub(super) fn remember(&self, outside: &[PathBuf]) -> Result<(), String> {
        let whole = |path: &Path| path.canonicalize().map_err(|error| error.to_string());
        let (folder, sdk) = (whole(&self.project.folder)?, whole(&self.project.sdk)?);
        let build = whole(self.project.component().parent().unwrap_or(&folder))?;
        let mut kept = BTreeSet::new();
        for path in outside {
            let path = whole(&folder.join(path))?;
            let is_read = |folder| path.starts_with(folder) && is_source(folder, &path);
            // What the build wrote itself follows from the rest.
            if path.starts_with(&build) || is_read(&folder) || is_read(&sdk) {
                continue;
            }
            let changed = std::fs::metadata(&path).and_then(|metadata| metadata.modified());
            if changed.is_ok_and(|changed| changed < self.since) {
                kept.insert(path.display().to_string());
            } else {
                return Ok(());
            }
        }
        let text = self.text(&kept.iter().map(String::as_str).collect::<Vec<_>>())?;
        let path = self.record();
        std::fs::write(&path, text).map_err(|error| format!("`{}`: {error}", path.display()))
    }

    fn record(&self) -> PathBuf {
        self.project.component().with_extension("inputs")
    }

    fn text(&self, outside: &[&str]) -> Result<String, String> {
        let mut text = self.inside.clone();
        line(&mut text, &self.project.component())?;
        for path in outside {
            text.push_str(OUTSIDE);
            line(&mut text, Path::new(path))?;
        }
        Ok(text)
    }
}

const OUTSIDE: &str = "outside ";

fn line(text: &mut String, path: &Path) -> Result<(), String> {
    let bytes = std::fs::read(path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    let _ = writeln!(text, "{} {}", Digest::of(&bytes), path.display());
    Ok(())
}

/// This program: it holds the contract, the flags and the versions that are fetched.
fn builder() -> Result<String, String> {
    let file = std::env::current_exe().and_then(std::fs::metadata);
    let file = file.map_err(|error| format!("this program cannot be found: {error}"))?;
    let changed =
        file.modified().ok().and_then(|it| it.duration_since(SystemTime::UNIX_EPOCH).ok());
    Ok(format!("provost {} {} {changed:?}", env!("CARGO_PKG_VERSION"), file.len()))
}
