//! The file of a record, as it is read and written.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use provost_model::{CheckResult, Problem, Source};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{ComponentOutcome, Development, VerificationStatus};
use crate::sources::unreadable;

/// The record of a verification, in a file of its own.
#[derive(Debug)]
pub struct RecordFile {
    path: PathBuf,
    name: String,
    components: BTreeMap<String, EntryForm>,
}

/// As the intake reads it, which also says what its texts may be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RecordForm {
    #[serde(rename = "apiVersion")]
    _api_version: crate::form::ApiVersion,
    #[serde(rename = "kind")]
    _kind: Kind,
    metadata: MetadataForm,
    spec: SpecForm,
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Kind {
    VerificationRecord,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MetadataForm {
    name: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SpecForm {
    components: BTreeMap<String, EntryForm>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EntryForm {
    status: VerificationStatus,
    digest: String,
    #[serde(default)]
    dependencies: BTreeMap<String, String>,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    by: Option<String>,
}

impl RecordFile {
    /// The record in a file; an empty one where there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read, and every problem of its text.
    pub fn load(path: &Path) -> Result<Self, Vec<Problem>> {
        let shown = path.display().to_string();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase());
                let name = stem.as_deref().filter(|stem| is_plain(stem)).unwrap_or("record");
                let name = name.to_owned();
                return Ok(Self { path: path.to_owned(), name, components: BTreeMap::new() });
            }
            Err(error) => {
                return Err(vec![Problem::about("record", shown, unreadable(path, &error))]);
            }
        };
        Self::parse(&Source::new(shown, text), path.to_owned())
    }

    /// The record that a text holds, to be written to `path`.
    ///
    /// # Errors
    /// Every problem of the text.
    pub fn parse(source: &Arc<Source>, path: PathBuf) -> Result<Self, Vec<Problem>> {
        let root = provost_syntax::only_document(source, "VerificationRecord")?;
        let form: RecordForm = provost_syntax::decode(source, &root)?;
        let RecordForm { metadata, spec, .. } = form;
        Ok(Self { path, name: metadata.name, components: spec.components })
    }

    /// Puts in what a proof came to; `by` says who or what proved it. What was not asked, or
    /// cannot be told, stays, and so does an entry that says the same already.
    ///
    /// Gives what came out for each component, by its name.
    pub fn update(
        &mut self,
        development: &Development,
        results: &[CheckResult],
        now: Timestamp,
        by: &str,
    ) -> BTreeMap<String, ComponentOutcome> {
        let outcomes = development.outcomes(results);
        for (name, outcome) in &outcomes {
            let ComponentOutcome::Found(status) = outcome else { continue };
            let Some(entry) = development.entry(name, *status, now, by) else {
                continue;
            };
            let known = self.components.get(name);
            if !known.is_some_and(|known| known.says_the_same(&entry)) {
                self.components.insert(name.clone(), entry);
            }
        }
        outcomes
    }

    /// The text of the file: the same record, the same text.
    pub fn text(&self) -> String {
        let mut text = String::from(HEAD);
        let name = quoted(&self.name);
        let _ = writeln!(text, "metadata: {{ name: {name} }}\nspec:");
        if self.components.is_empty() {
            text.push_str("  components: {}\n");
            return text;
        }
        text.push_str("  components:\n");
        for (name, entry) in &self.components {
            let _ = entry.write(&quoted(name), &mut text);
        }
        text
    }

    /// Writes the file: afterwards it is the old one or the new one, never a part of it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self) -> Result<(), Problem> {
        self.replace().map_err(|error| {
            let path = self.path.display();
            let message = format!("the record cannot be written: {error}");
            Problem::about("record", path.to_string(), message)
                .help("name a file in a folder that you may write to")
        })
    }

    fn replace(&self) -> io::Result<()> {
        // A link stays one: what it leads to is written.
        let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
        let beside = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
        let written = fs::File::create_new(&beside).and_then(|mut file| {
            file.write_all(self.text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &path)
        });
        if written.is_err() {
            // It is of no use to anyone; that the record was not written is told anyway.
            let _ = fs::remove_file(&beside);
        }
        written
    }
}

impl Development {
    fn entry(
        &self,
        name: &str,
        status: VerificationStatus,
        now: Timestamp,
        by: &str,
    ) -> Option<EntryForm> {
        let component = self.components.get(name)?;
        let version = |name: &String| {
            let version = self.components.get(name)?.version.as_ref().ok()?;
            Some((name.clone(), version.to_string()))
        };
        Some(EntryForm {
            status,
            digest: component.own.as_ref().ok()?.to_string(),
            dependencies: component.depends_on.iter().filter_map(version).collect(),
            at: Some(now.to_string()),
            by: Some(by.to_owned()),
        })
    }
}

const HEAD: &str = "\
# `provost prove` writes this file. What it is not asked about stays as it is.
apiVersion: provost.dev/v1
kind: VerificationRecord
";

impl EntryForm {
    /// Whoever said it, and whenever.
    fn says_the_same(&self, other: &Self) -> bool {
        self.status == other.status
            && self.digest == other.digest
            && self.dependencies == other.dependencies
    }

    fn write(&self, name: &str, text: &mut String) -> std::fmt::Result {
        let (status, digest) = (self.status, quoted(&self.digest));
        writeln!(text, "    {name}:\n      status: {status}\n      digest: {digest}")?;
        if !self.dependencies.is_empty() {
            writeln!(text, "      dependencies:")?;
            for (name, digest) in &self.dependencies {
                writeln!(text, "        {}: {}", quoted(name), quoted(digest))?;
            }
        }
        for (key, value) in [("at", &self.at), ("by", &self.by)] {
            if let Some(value) = value {
                writeln!(text, "      {key}: {}", serde_json::json!(value))?;
            }
        }
        Ok(())
    }
}

/// A name or digest as YAML: in quotes unless it can be nothing but text.
fn quoted(text: &str) -> String {
    let digest = text.strip_prefix("sha256:").unwrap_or(text);
    let reserved = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let starts = text.starts_with(|first: char| first.is_ascii_lowercase());
    if starts && is_plain(digest) && !reserved.contains(&text) {
        text.to_owned()
    } else {
        serde_json::json!(text).to_string()
    }
}

fn is_plain(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(edge) && text.ends_with(edge) && text.chars().all(plain)
}
