//! One entry of `resource_changes`.

use provost_model::{Entry, Node, ObjectReference, Span, TERRAFORM, Value};

use super::marks::{Marks, marked};

/// What becomes of the resource that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// There is none yet.
    New,
    /// It stays.
    Kept,
    /// It is deleted, and perhaps made anew.
    Destroyed,
    /// Nothing happens to it, for this reason.
    Skipped(&'static str),
}

/// One entry of `resource_changes`.
pub(super) struct Resource<'p> {
    entry: &'p Node,
    change: &'p Node,
    pub(super) object: ObjectReference,
    pub(super) fate: Fate,
    /// Is there a resource afterwards?
    pub(super) creates: bool,
}

impl<'p> Resource<'p> {
    /// # Errors
    /// A pointer into the entry, and what is wrong there.
    pub(super) fn of(entry: &'p Node) -> Result<Self, (&'static str, String)> {
        let text = |pointer: &'static str| {
            let node = entry.at(pointer);
            let text = node.and_then(Node::as_text).filter(|text| !text.is_empty());
            let what = if node.is_some() { "no text" } else { "missing" };
            text.ok_or_else(|| {
                (pointer, format!("`{}` is {what}", pointer.trim_start_matches('/')))
            })
        };
        let (address, kind) = (text("/address")?, text("/type")?);
        let actions = entry.at("/change/actions").map_or(&[][..], Node::items);
        let actions: Vec<_> = actions.iter().filter_map(Node::as_text).collect();
        let is_data = entry.get("mode").and_then(Node::as_text) == Some("data");
        let (fate, creates) = match actions.as_slice() {
            _ if is_data => (Fate::Skipped("only read by the plan"), false),
            ["no-op"] => (Fate::Skipped("left as it is by the plan"), false),
            ["read"] => (Fate::Skipped("only read by the plan"), false),
            ["forget"] => (Fate::Skipped("no longer managed, and not destroyed"), false),
            ["create"] => (Fate::New, true),
            ["update"] | ["create", "forget"] | ["forget", "create"] => (Fate::Kept, true),
            ["delete", "create"] | ["create", "delete"] => (Fate::Destroyed, true),
            ["delete"] => (Fate::Destroyed, false),
            _ => {
                let message = format!("`actions` are not known: `{}`", actions.join("`, `"));
                return Err(("/change/actions", message));
            }
        };
        let change = entry.get("change").ok_or(("", "`change` is missing".to_owned()))?;
        let provider = entry.get("provider_name").and_then(Node::as_text).unwrap_or_default();
        let provider = match provider.rsplit('/').next().unwrap_or_default() {
            "" => kind.split('_').next().unwrap_or(kind),
            name => name,
        };
        let name = match entry.get("deposed").and_then(Node::as_text) {
            // As Terraform shows it: the address has another resource as well.
            Some(key) => format!("{address} (deposed object {key})"),
            None => address.to_owned(),
        };
        let object = ObjectReference {
            api_version: format!("{TERRAFORM}/{provider}"),
            kind: kind.to_owned(),
            namespace: None,
            name,
        };
        Ok(Self { entry, change, object, fate, creates })
    }

    pub(super) fn before(&self) -> Option<&'p Node> {
        self.change.get("before")
    }

    pub(super) fn after(&self) -> Option<&'p Node> {
        self.change.get("after")
    }

    /// What of it is known only after apply.
    pub(super) fn unknown(&self) -> Option<&'p Node> {
        self.change.get("after_unknown")
    }

    /// The values without what nobody may look at; where in the text that is secret is added
    /// to `secrets`. What is secret before or after is so at both times: a password that is
    /// marked now was one before.
    pub(super) fn values(
        &self,
        values: Option<&Node>,
        unknown: Option<&Node>,
        secrets: &mut Vec<Span>,
    ) -> Node {
        let sensitive = ["before_sensitive", "after_sensitive"];
        let sensitive = sensitive.into_iter().filter_map(|key| self.change.get(key)).collect();
        let marks = Marks { unknown, sensitive };
        let values = marked(values, &marks, &mut "/values".to_owned(), secrets);
        values.unwrap_or_else(|| Node::new(Value::Null))
    }

    /// The object with these values.
    pub(super) fn root(&self, values: Node) -> Node {
        let at = |key: &str| self.entry.locate(&format!("/{key}")).0;
        let entry = |key: &str, span: Span, value: Node| Entry {
            key: key.to_owned(),
            key_span: span,
            value,
        };
        let text = |text: &str, span: Span| Node { span, value: Value::Text(text.to_owned()) };
        let (provider, kind) = (at("provider_name"), at("type"));
        let mut entries = vec![
            entry("apiVersion", provider, text(&self.object.api_version, provider)),
            entry("kind", kind, text(&self.object.kind, kind)),
        ];
        let own = ["apiVersion", "kind", "actions", "values", "change"];
        let others = self.entry.entries().iter().filter(|one| !own.contains(&one.key.as_str()));
        entries.extend(others.cloned());
        let actions = self.change.entries().iter().find(|one| one.key == "actions");
        entries.extend(actions.cloned());
        let changed = self.entry.entries().iter().find(|one| one.key == "change");
        let span = changed.map_or(self.entry.span, |one| one.key_span);
        entries.push(entry("values", span, values));
        Node { span: self.entry.span, value: Value::Map(entries) }
    }
}
