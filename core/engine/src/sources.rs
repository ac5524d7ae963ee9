//! The texts of files and folders that a gate file names.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use provost_model::{Problem, Source};

use crate::gate::Gate;

/// The texts of files, and of the files with one of `extensions` in folders, in order of
/// path. `field` is the field of the gate file that names them.
pub(crate) fn sources(
    gate: &Gate,
    field: &str,
    paths: &[PathBuf],
    extensions: &[&str],
    problems: &mut Vec<Problem>,
) -> Vec<Arc<Source>> {
    let mut sources = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        let path = gate.resolve(path);
        let mut problem = |message: String| {
            let mut problem = Problem::about("gate-file", path.display().to_string(), message);
            problem.location = gate.locate(&format!("/{field}/{index}"));
            problems.push(problem.help("paths are relative to the gate file"));
        };
        let mut files = Vec::new();
        if let Err(error) = collect(&path, extensions, &mut files) {
            problem(unreadable(&path, &error));
            continue;
        }
        if files.is_empty() {
            let wanted = extensions.join("` or `.");
            problem(format!("no file in `{}` ends in `.{wanted}`", path.display()));
        }
        files.sort();
        for file in files {
            match std::fs::read_to_string(&file) {
                Ok(text) => sources.push(Source::new(file.display().to_string(), text)),
                Err(error) => problem(unreadable(&file, &error)),
            }
        }
    }
    sources
}

pub(crate) fn collect(path: &Path, extensions: &[&str], into: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        into.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        let listed = path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x));
        // A link to a folder is not followed: it may lead back here.
        let is_folder = path.is_dir() && !path.is_symlink();
        if is_folder || (listed && !path.is_dir()) {
            collect(&path, extensions, into)?;
        }
    }
    Ok(())
}

/// Why a file that was named cannot be used.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no `{path}`"),
        io::ErrorKind::PermissionDenied => format!("`{path}` may not be read"),
        io::ErrorKind::InvalidData => format!("`{path}` is not UTF-8 text"),
        _ => format!("`{path}` cannot be read: {error}"),
    }
}
