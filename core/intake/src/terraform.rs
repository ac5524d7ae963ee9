//! Terraform plans: the output of `terraform show -json PLAN`, format 0.x and 1.x
//! (Terraform documentation, "JSON Output Format"). OpenTofu writes the same.
//!
//! Every managed resource that the plan creates, updates, replaces or deletes is an object:
//!
//! ```text
//! apiVersion: terraform.io/aws         the last part of the provider's name
//! kind: aws_db_instance                the type; the name of the object is its address
//! address, module_address, type, …     as the plan has them
//! actions: [delete, create]
//! values: {…}                          as they would be, or as they were
//! ```
//!
//! What is known only after apply and what is sensitive is [`provost_model::Opaque`] in its
//! `values`. The text that locations show holds nothing sensitive (`veil`).

mod marks;
mod resource;
mod veil;

use std::sync::Arc;

use provost_model::{
    Change, Document, Location, Node, ObjectReference, Problem, Skipped, Source, Span, Value,
};

use resource::{Fate, Resource};
pub(crate) use veil::{blank, may_be_plan, show};

const CODE: &str = "terraform-plan";

/// Is it the tree of a plan? `terraform show -json` of a state is told from one later.
pub(crate) fn is_plan(root: &Node) -> bool {
    let has = |key: &str| root.get(key).is_some();
    has("format_version")
        && ["terraform_version", "planned_values", "resource_changes"].into_iter().any(has)
}

/// Reads a plan. `subject` is what skipped things are called by.
pub(crate) fn plan(source: &Arc<Source>, index: usize, subject: &str, root: &Node) -> Change {
    let mut reader = Reader { subject, root, change: Change::default(), found: Vec::new() };
    let mut secrets = veil::beside(root);
    reader.plan(source, &mut secrets);
    let Reader { mut change, found, .. } = reader;
    let source = &veil::veiled(source, &secrets);
    for problem in &mut change.problems {
        veil::show(problem, source);
    }
    for Found { object, after, before, fate } in found {
        let document = |root| {
            let (object, source) = (object.clone(), Arc::clone(source));
            Arc::new(Document { object, root, source, index })
        };
        change.documents.extend(after.map(document));
        let before = before.map(document);
        change.deleted.extend(before.clone().filter(|_| fate == Fate::Destroyed));
        change.before.extend(before);
    }
    change
}

/// An object of the plan.
struct Found {
    object: ObjectReference,
    /// As it would be; nothing where it goes away.
    after: Option<Node>,
    /// As it is; nothing where it is new.
    before: Option<Node>,
    /// What becomes of the one that is there.
    fate: Fate,
}

struct Reader<'a> {
    subject: &'a str,
    root: &'a Node,
    change: Change,
    found: Vec<Found>,
}

impl Reader<'_> {
    fn plan(&mut self, source: &Arc<Source>, secrets: &mut Vec<Span>) {
        let (root, text) = (self.root, |key: &str| self.root.get(key).and_then(Node::as_text));
        let version = text("format_version").unwrap_or_default();
        if !["0", "1"].contains(&version.split('.').next().unwrap_or_default()) {
            let message = "the format of this plan is not known: 0.x and 1.x are";
            let help = "write it with a version of Terraform whose `format_version` is 1.x";
            return self.problem(source, "/format_version", message, help);
        }
        self.completeness(source);
        match root.get("resource_changes").map(|changes| &changes.value) {
            Some(Value::List(changes)) if !changes.is_empty() => {
                for (number, change) in changes.iter().enumerate() {
                    self.resource(source, number, change, secrets);
                }
            }
            Some(Value::Null | Value::List(_)) | None => self.without_changes(source),
            Some(_) => {
                let help = "write it with `terraform show -json PLAN`";
                self.problem(source, "/resource_changes", "it must be a list", help);
            }
        }
    }

    /// Is what the plan says all that would happen?
    fn completeness(&mut self, source: &Arc<Source>) {
        let is = |key: &str, value: bool| {
            self.root.get(key).is_some_and(|node| node.value == Value::Bool(value))
        };
        let deferred = self.root.get("deferred_changes").map_or(&[][..], Node::items);
        let again = "apply this plan, plan again, and check that plan too";
        if is("errored", true) {
            let message = "planning failed: this is not all that would happen";
            self.problem(
                source,
                "/errored",
                message,
                "mend what `terraform plan` says, and plan again",
            );
        } else if !deferred.is_empty() {
            let message = "the plan puts changes off that are not judged";
            self.problem(source, "/deferred_changes", message, again);
        } else if is("complete", false) {
            let message = "the plan is not complete: a further one is needed after it";
            self.problem(source, "/complete", message, again);
        }
    }

    fn without_changes(&mut self, source: &Arc<Source>) {
        let planned = self.root.get("planned_values");
        if planned.is_none() && self.root.get("values").is_some() {
            return self.skip(None, "a Terraform state, not a plan");
        }
        let modules = planned.and_then(|planned| planned.get("root_module"));
        let holds = |key: &str| {
            modules.and_then(|module| module.get(key)).is_some_and(|list| !list.items().is_empty())
        };
        if holds("resources") || holds("child_modules") {
            let message = "there are resources and no `resource_changes`: what changes is not said";
            let help = "write it with `terraform show -json PLAN`, and keep all of it";
            self.problem(source, "/planned_values", message, help);
        } else if self.change.problems.is_empty() {
            self.skip(None, "a Terraform plan without resources");
        }
    }

    fn resource(
        &mut self,
        source: &Arc<Source>,
        number: usize,
        change: &Node,
        secrets: &mut Vec<Span>,
    ) {
        let place = format!("/resource_changes/{number}");
        let resource = match Resource::of(change) {
            Ok(resource) => resource,
            Err((pointer, message)) => {
                let help = "write it with `terraform show -json PLAN`";
                return self.problem(source, &format!("{place}{pointer}"), &message, help);
            }
        };
        // Also of what does not change: its text stands beside what is shown.
        let before = resource.values(resource.before(), None, secrets);
        let after = resource.values(resource.after(), resource.unknown(), secrets);
        match resource.fate {
            Fate::Skipped(reason) => self.skip(Some(&resource.object.name), reason),
            fate => {
                let after = resource.creates.then_some(after);
                let before = (fate != Fate::New).then_some(before);
                let [after, before] =
                    [after, before].map(|values| values.map(|values| resource.root(values)));
                self.found.push(Found { object: resource.object, after, before, fate });
            }
        }
    }

    fn problem(&mut self, source: &Arc<Source>, pointer: &str, message: &str, help: &str) {
        let (span, _) = self.root.locate(pointer);
        let location = Location { source: Arc::clone(source), span, pointer: pointer.to_owned() };
        self.change.problems.push(Problem::at(CODE, location, message).help(help));
    }

    fn skip(&mut self, address: Option<&str>, reason: &str) {
        let subject = match address {
            Some(address) => format!("{}: {address}", self.subject),
            None => self.subject.to_owned(),
        };
        self.change.skipped.push(Skipped { subject, reason: reason.to_owned() });
    }
}

#[cfg(test)]
mod tests;
