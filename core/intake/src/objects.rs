//! The objects of a text: those of Kubernetes, workflows, Terraform plans, and Provost's own
//! resources.

use std::sync::Arc;

use provost_model::{
    Change, Document, Entry, Location, Node, ObjectReference, Problem, Skipped, Source, Value,
};

use crate::Limits;
use crate::resources::{self, Resource, resource};
use crate::{terraform, workflow};

const UNKNOWN: &str = "no Kubernetes object, workflow or Terraform plan";
const CONFIGURATION: &str = "Provost configuration";

/// Reads the objects of one text; lists are taken apart.
pub(crate) fn objects(source: &Arc<Source>, limits: &Limits) -> Change {
    let parsed = provost_syntax::read(source, &limits.syntax);
    let several = parsed.documents.len() > 1;
    let flawed = parsed.problem.is_some();
    let mut reader = Reader { source, several, flawed, index: 0, change: Change::default() };
    for (index, document) in parsed.documents.into_iter().enumerate() {
        reader.index = index;
        reader.document(document);
    }
    let mut change = reader.change;
    let mut problems: Vec<Problem> = parsed.problem.into_iter().chain(parsed.further).collect();
    if !problems.is_empty() && terraform::may_be_plan(source.text()) {
        let blank = terraform::blank(source);
        problems.iter_mut().for_each(|problem| terraform::show(problem, &blank));
    }
    change.problems.extend(problems);
    change
}

/// Reads one object that was parsed already, as an API server hands it over: what looks like
/// a list in it is a field of it.
pub(crate) fn object(source: &Arc<Source>, root: Node) -> Change {
    let change = Change::default();
    let mut reader = Reader { source, several: false, flawed: false, index: 0, change };
    match identity(&root) {
        Identity::Known { api_version, kind } => reader.single(api_version, kind, root),
        Identity::Half | Identity::None => reader.half_an_object(&root),
    }
    reader.change
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    /// Are there several documents in the text?
    several: bool,
    /// Is there something in it that is in no document, as the first of two equal keys?
    flawed: bool,
    index: usize,
    change: Change,
}

/// What an object says it is.
enum Identity {
    /// Both are text.
    Known { api_version: String, kind: String },
    /// One is missing or not text.
    Half,
    /// Neither is there.
    None,
}

impl Reader<'_> {
    fn document(&mut self, root: Node) {
        match identity(&root) {
            // A comment between two `---` is nothing left out.
            _ if root.is_null() => {}
            Identity::Known { api_version, kind } => self.object(api_version, kind, root),
            Identity::None if workflow::is_workflow(&root) => self.workflow(root),
            Identity::None if terraform::is_plan(&root) => self.plan(&root),
            Identity::None if workflow::is_workflow_file(self.source.name()) => {
                self.change.problems.push(workflow::problem(self.source, &root));
            }
            // Who reads the gate file says what is wrong with it.
            Identity::Half if is_ours(&root) && is_gate_file(self.source.name()) => {
                self.skip(CONFIGURATION);
            }
            Identity::Half if is_ours(&root) => {
                self.change.problems.push(resources::without_kind(self.source, &root));
            }
            Identity::Half if root.get("metadata").is_some() => self.half_an_object(&root),
            Identity::Half | Identity::None if is_gate_file(self.source.name()) => {
                self.skip(CONFIGURATION);
            }
            Identity::Half | Identity::None => {
                self.skip(workflow::kindred(&root).unwrap_or(UNKNOWN));
            }
        }
    }

    fn workflow(&mut self, mut root: Node) {
        workflow::as_github_reads(self.source.text(), &mut root);
        let object = workflow::reference(self.source, &root);
        self.push(object, root);
    }

    fn plan(&mut self, root: &Node) {
        let subject = self.subject();
        // A text with more in it than its tree may show anything.
        let source = if self.flawed { &terraform::blank(self.source) } else { self.source };
        self.change.append(terraform::plan(source, self.index, &subject, root));
    }

    fn object(&mut self, api_version: String, kind: String, mut root: Node) {
        if kind.ends_with("List") {
            match take_items(&mut root) {
                Some(items) => self.list(&List::of(api_version, kind, &root), items),
                None if kind == "List" => self.skip("an empty list"),
                None => self.single(api_version, kind, root),
            }
            return;
        }
        // `kubectl` takes every object with `items` for a list, whatever its kind,
        // and applies the items: both they and the object are judged.
        let items = root.get("items").map(Node::items).unwrap_or_default().to_vec();
        self.single(api_version, kind, root);
        for item in items {
            if let Identity::Known { api_version, kind } = identity(&item) {
                self.single(api_version, kind, item);
            }
        }
    }

    fn list(&mut self, list: &List, items: Vec<Node>) {
        if items.is_empty() {
            self.skip("an empty list");
        }
        for (number, mut item) in items.into_iter().enumerate() {
            match (identity(&item), &list.item) {
                (Identity::Known { api_version, kind }, _) => self.object(api_version, kind, item),
                (Identity::None, Some(kind)) if matches!(item.value, Value::Map(_)) => {
                    if let Value::Map(entries) = &mut item.value {
                        // Last, so that the item begins where it is written.
                        entries.extend(list.item_entries.clone());
                    }
                    self.object(list.api_version.clone(), kind.clone(), item);
                }
                _ => {
                    let location = Location::new(self.source, item.span);
                    let number = number + 1;
                    let message =
                        format!("item {number} of `{}` has no `apiVersion` and `kind`", list.kind);
                    let problem = Problem::at("list-item", location, message);
                    self.change.problems.push(problem.help("give every item both, as text"));
                }
            }
        }
    }

    /// An object that is no list.
    fn single(&mut self, api_version: String, kind: String, root: Node) {
        if is_ours(&root) {
            match resource(self.source, &kind, &root) {
                Resource::Part => {}
                Resource::Skipped(reason) => return self.skip(reason),
                Resource::Wrong(problems) => return self.change.problems.extend(problems),
            }
        }
        let name = ["name", "generateName"].map(|key| text_at(&root, key));
        let name = match name {
            [Some(name), _] => name,
            [None, Some(prefix)] => format!("{prefix}*"),
            [None, None] => "(unnamed)".to_owned(),
        };
        let namespace = text_at(&root, "namespace");
        self.push(ObjectReference { api_version, kind, namespace, name }, root);
    }

    fn push(&mut self, object: ObjectReference, root: Node) {
        self.change.documents.push(Arc::new(Document {
            object,
            root,
            source: Arc::clone(self.source),
            index: self.index,
        }));
    }

    fn half_an_object(&mut self, root: &Node) {
        let (wrong, other) = match root.get("apiVersion").and_then(Node::as_text) {
            Some(text) if !text.is_empty() => ("kind", "apiVersion"),
            _ => ("apiVersion", "kind"),
        };
        let (span, _) = root.locate(&format!("/{wrong}"));
        let what = if root.get(wrong).is_some() { "not text" } else { "missing" };
        let message = format!("`{wrong}` is {what}, but there are `{other}` and `metadata`");
        let location =
            Location { source: Arc::clone(self.source), span, pointer: format!("/{wrong}") };
        let problem = Problem::at("not-an-object-kind", location, message);
        self.change.problems.push(problem.help(format!("set `{wrong}`, as text")));
    }

    fn skip(&mut self, reason: &str) {
        let subject = self.subject();
        self.change.skipped.push(Skipped { subject, reason: reason.to_owned() });
    }

    /// What a document is called that has no name.
    fn subject(&self) -> String {
        let name = self.source.name();
        if self.several { format!("{name}, document {}", self.index + 1) } else { name.to_owned() }
    }
}

/// What a list says of its items.
struct List {
    api_version: String,
    kind: String,
    /// The kind of an item that does not say it: `Pod` in a `PodList`.
    item: Option<String>,
    /// The entries such an item gets, standing where the list says it.
    item_entries: [Entry; 2],
}

impl List {
    fn of(api_version: String, kind: String, root: &Node) -> Self {
        let item = kind.strip_suffix("List").filter(|kind| !kind.is_empty()).map(str::to_owned);
        let entry = |key: &str, value: &str| Entry {
            key: key.to_owned(),
            key_span: root.locate(&format!("/{key}")).0,
            value: Node {
                span: root.locate(&format!("/{key}")).0,
                value: Value::Text(value.to_owned()),
            },
        };
        let item_kind = item.as_deref().unwrap_or_default();
        let item_entries = [entry("apiVersion", &api_version), entry("kind", item_kind)];
        Self { api_version, kind, item, item_entries }
    }
}

/// Takes the items out, if there is a list of them.
fn take_items(root: &mut Node) -> Option<Vec<Node>> {
    let Value::Map(entries) = &mut root.value else { return None };
    let items = entries.iter_mut().find(|entry| entry.key == "items")?;
    match &mut items.value.value {
        Value::List(items) => Some(std::mem::take(items)),
        _ => None,
    }
}

fn identity(root: &Node) -> Identity {
    let [api_version, kind] = ["apiVersion", "kind"].map(|key| root.get(key));
    let text = |node: Option<&Node>| {
        node.and_then(Node::as_text).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    match (text(api_version), text(kind)) {
        (Some(api_version), Some(kind)) => Identity::Known { api_version, kind },
        _ if api_version.is_none() && kind.is_none() => Identity::None,
        _ => Identity::Half,
    }
}

/// A field of `metadata` as text, if it is there; `name: 123` is shown as it is.
fn text_at(root: &Node, key: &str) -> Option<String> {
    let node = root.get("metadata")?.get(key)?;
    match &node.value {
        Value::Text(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_ours(root: &Node) -> bool {
    let api_version = root.get("apiVersion").and_then(Node::as_text);
    api_version.and_then(|version| version.split('/').next()) == Some(resources::GROUP)
}

fn is_gate_file(name: &str) -> bool {
    matches!(name.rsplit(['/', '\\']).next(), Some("provost.yaml" | "provost.yml"))
}

#[cfg(test)]
mod tests;
