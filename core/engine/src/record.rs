//! Verified development: what each component is made of now, and what a record says was
//! verified.
//!
//! [`Development::of`] reads the sources of the components of a change (`sources.rs`) and
//! follows what they build upon (`graph.rs`). [`Development::tell`] puts the facts under
//! `status` of each component (`status.rs`), where specifications compare them; the form of a
//! component has no such field, so that no file can set it. [`Development::outcomes`] says
//! what a proof came to for each component, and a [`RecordFile`] keeps it (`file.rs`).

mod file;
mod graph;
mod outcome;
mod pattern;
mod sources;
mod status;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use provost_model::{Change, Digest, Document, Node, Problem, Source};

use graph::Versions;
use sources::{Files, Read};

pub use file::RecordFile;
pub use outcome::{ComponentOutcome, VerificationStatus};

/// The components of a change as they are now, and what its records say about them.
#[derive(Debug, Default)]
pub struct Development {
    components: BTreeMap<String, Component>,
    records: BTreeMap<String, Recorded>,
    problems: Vec<Problem>,
}

/// One component as it is now.
#[derive(Debug)]
struct Component {
    document: Arc<Document>,
    /// The names of the components that it builds upon, as written, each once.
    depends_on: Vec<String>,
    specifications: BTreeSet<String>,
    /// Objects that say that they run it, as people call them.
    workloads: Vec<String>,
    /// Where its sources are, for telling which objects come from them, and the digest of each
    /// that is text.
    files: BTreeMap<PathBuf, Option<Digest>>,
    /// The digest of what it is made of itself, or why there is none.
    own: Result<Digest, String>,
    /// The digest of that and of all that it builds upon, or why there is none.
    version: Result<Digest, String>,
    /// Does it build upon a circle?
    circular: bool,
}

/// What a record says about one component.
#[derive(Debug, PartialEq, Eq)]
struct Recorded {
    status: String,
    digest: String,
    dependencies: BTreeMap<String, String>,
}

/// The annotation by which an object says which component it runs.
const ANNOTATION: &str = "/metadata/annotations/provost.dev~1component";

impl Development {
    /// Reads the sources of every component, relative to the file that it stands in.
    pub fn of(change: &Change) -> Self {
        Self::read(change, &Files::Disk)
    }

    /// As [`Development::of`], where the sources are the files of an example.
    pub(crate) fn of_example(change: &Change, files: &[Arc<Source>]) -> Self {
        Self::read(change, &Files::Texts(files))
    }

    fn read(change: &Change, files: &Files<'_>) -> Self {
        let mut development = Self::default();
        for document in &change.documents {
            match kind(document) {
                Some("Component") => development.component(document, files),
                Some("VerificationRecord") => development.record(document),
                _ => {}
            }
        }
        if !development.components.is_empty() {
            development.unchanged(change);
        }
        development.running(&change.documents);
        development.follow();
        development
    }

    /// Are there no components?
    pub fn is_empty(&self) -> bool {
        self.components.is_empty()
    }

    fn component(&mut self, document: &Arc<Document>, files: &Files<'_>) {
        let name = document.object.name.clone();
        if let Some(first) = self.components.get_mut(&name) {
            let message = format!("there are two components called `{name}`");
            let place = document.locate("/metadata/name");
            first.own = Err(message.clone());
            let problem = Problem::at("component-name", place, message);
            self.problems.push(problem.help("give each its own name"));
            return;
        }
        let read = sources::read(document, files);
        let specifications = texts(document, "/spec/specifications").map(str::to_owned).collect();
        let depends_on = unique(texts(document, "/spec/dependsOn"));
        let Read { digests, paths, problems } = read;
        let own = match problems.first() {
            Some(problem) => Err(problem.message.clone()),
            None => Ok(made_of(&depends_on, &specifications, &digests)),
        };
        self.problems.extend(problems);
        let component = Component {
            document: Arc::clone(document),
            depends_on,
            specifications,
            workloads: Vec::new(),
            files: paths,
            own,
            version: Err(String::new()),
            circular: false,
        };
        self.components.insert(name, component);
    }

    fn record(&mut self, document: &Arc<Document>) {
        let Some(entries) = document.root.at("/spec/components") else { return };
        for entry in entries.entries() {
            let recorded = Recorded::of(&entry.value);
            let Some(known) = self.records.get_mut(&entry.key) else {
                self.records.insert(entry.key.clone(), recorded);
                continue;
            };
            if *known != recorded {
                // Which of them is right cannot be known, so neither counts.
                "NotVerified".clone_into(&mut known.status);
                let pointer =
                    format!("/spec/components/{}", provost_model::escape_pointer(&entry.key));
                let message = format!("two records say different things about `{}`", entry.key);
                let problem = Problem::at("record-conflict", document.locate(&pointer), message);
                self.problems.push(problem.help("keep one record, or check one at a time"));
            }
        }
    }

    /// A file may change between the reading of its objects and that of its digest. What was
    /// judged would then not be what has the digest.
    fn unchanged(&mut self, change: &Change) {
        let sources: BTreeMap<_, _> =
            change.documents.iter().map(|one| (one.source.name(), &one.source)).collect();
        for (name, source) in sources {
            let real = Path::new(name).canonicalize().unwrap_or_else(|_| name.into());
            let mut changed = false;
            for component in self.components.values_mut() {
                let Some(Some(digest)) = component.files.get(&real) else { continue };
                if *digest != Digest::of(source.text().as_bytes()) {
                    changed = true;
                    component.own = Err(format!("`{name}` changed while it was read"));
                }
            }
            if changed {
                let message = "the file changed while it was read";
                let problem = Problem::about("component-source", name, message);
                self.problems.push(problem.help("ask again"));
            }
        }
    }

    /// Which objects say that they run a component.
    fn running(&mut self, documents: &[Arc<Document>]) {
        for document in documents {
            let named = document.root.at(ANNOTATION).and_then(Node::as_text);
            let Some(name) = named else { continue };
            if let Some(component) = self.components.get_mut(name) {
                component.workloads.push(document.object.to_string());
                continue;
            }
            let message =
                format!("{} runs `{name}`, and no such component is here", document.object);
            let problem = Problem::at("component-unknown", document.locate(ANNOTATION), message);
            self.problems.push(problem.help(NOT_HERE));
        }
    }

    /// Finds what each component builds upon, and its version.
    fn follow(&mut self) {
        for component in self.components.values() {
            for (index, name) in component.depends_on.iter().enumerate() {
                if self.components.contains_key(name) {
                    continue;
                }
                let document = &component.document;
                let message = format!(
                    "`{}` builds upon `{name}`, and no such component is here",
                    document.object.name
                );
                let place = document.locate(&format!("/spec/dependsOn/{index}"));
                let problem = Problem::at("component-unknown", place, message);
                self.problems.push(problem.help(NOT_HERE));
            }
        }
        let versions = Versions::of(&self.components);
        for (name, version) in versions.found {
            if let Some(component) = self.components.get_mut(&name) {
                component.version = version;
                component.circular = versions.circular.contains(&name);
            }
        }
    }

    /// Adds what is known of each component to its document, under `status`, and what could
    /// not be read to the problems of the change.
    pub fn tell(&self, change: &mut Change) {
        change.problems.extend(self.problems.iter().cloned());
        let mut room = status::MOST;
        for document in &mut change.documents {
            if kind(document) != Some("Component") {
                continue;
            }
            let Some(component) = self.components.get(&document.object.name) else { continue };
            let status = status::of(self, &document.object.name, component, &mut room);
            if status.is_none() {
                let message =
                    format!("the components build upon more than {} others in all", status::MOST);
                let place = document.locate("/spec/dependsOn");
                let problem = Problem::at("component-dependency", place, message);
                change.problems.push(problem.help("check fewer components at once"));
            }
            let status = status.unwrap_or_else(|| serde_json::json!({}));
            if let Ok(root) = document.root.with("/status", Node::from_json(&status)) {
                *document = Arc::new(Document { root, ..Document::clone(document) });
            }
        }
    }
}

const NOT_HERE: &str = "name its file too, or correct the name";

impl Recorded {
    fn of(entry: &Node) -> Self {
        let text = |key| entry.get(key).and_then(Node::as_text).unwrap_or_default().to_owned();
        let dependencies = entry.get("dependencies").map_or(&[][..], Node::entries).iter();
        let dependency =
            |one: &provost_model::Entry| Some((one.key.clone(), one.value.as_text()?.to_owned()));
        Self {
            status: text("status"),
            digest: text("digest"),
            dependencies: dependencies.filter_map(dependency).collect(),
        }
    }
}

/// The kind of one of Provost's own resources.
fn kind(document: &Document) -> Option<&str> {
    let object = &document.object;
    (object.api_version == "provost.dev/v1").then_some(object.kind.as_str())
}

fn texts<'d>(document: &'d Document, pointer: &str) -> impl Iterator<Item = &'d str> {
    let items = document.root.at(pointer).map_or(&[][..], Node::items);
    items.iter().filter_map(Node::as_text)
}

fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.insert(*name)).map(str::to_owned).collect()
}

/// The digest of a component alone: of its sources, and of what it must meet and builds upon,
/// so that to drop a specification counts as a change. How far it is does not count.
fn made_of(
    depends_on: &[String],
    specifications: &BTreeSet<String>,
    files: &BTreeMap<String, Digest>,
) -> Digest {
    let depends_on: BTreeSet<_> = depends_on.iter().collect();
    let claims = serde_json::json!({ "dependsOn": depends_on, "specifications": specifications });
    let claims = Digest::of_json(&claims).to_string();
    let files = files.iter().flat_map(|(path, digest)| [path.clone(), digest.to_string()]);
    let parts: Vec<_> = std::iter::once(claims).chain(files).collect();
    Digest::of_parts(parts.iter().map(String::as_bytes))
}

/// The folder of the file of a component, or none for standard input.
fn folder(document: &Document) -> Option<&Path> {
    let name = document.source.name();
    (name != "<stdin>").then(|| Path::new(name).parent().unwrap_or(Path::new("")))
}
