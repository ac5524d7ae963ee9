//! A specification that was read, typed and is ready to be asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use provost_model::{CheckInfo, Digest, Document, Node, ObjectReference, Problem, Source};
use provost_syntax::Schema;

use crate::expression::Expression;
use crate::form::SpecificationForm;
use crate::lets::Let;
use crate::limits::FILE_BYTES;
use crate::loader::Loader;
use crate::machine::Machine;
use crate::model::{Models, is_model};
use crate::properties::Property;
use crate::reach::Reach;
use crate::types::Names;
use crate::yaml_trap::{tags, with_quotes};

/// A specification.
#[derive(Clone, Debug)]
pub struct Specification {
    /// As people see it.
    pub check: Arc<CheckInfo>,
    /// Group and kind of the objects it is about.
    pub kinds: Vec<(String, String)>,
    /// The name of the object in expressions; without one it is about the change as a whole.
    pub subject: Option<String>,
    /// Named values, each after those it uses.
    pub lets: Vec<(String, Let)>,
    /// The types of everything in scope outside the machine.
    pub names: Names,
    /// Where one is false, it does not apply.
    pub preconditions: Vec<Expression>,
    /// How the system moves.
    pub machine: Machine,
    /// The defaults of its model that it leaves as they are: nobody wrote them for this object.
    pub untouched: Vec<String>,
    /// What is claimed.
    pub properties: Vec<Property>,
    /// The fields to blame.
    pub blame: Vec<FieldReference>,
    /// Changes to try.
    pub remedies: Vec<RemedyPlan>,
    /// What it looks at beside its object.
    pub reach: Reach,
    /// Its file.
    pub source: Arc<Source>,
    /// The digest of its text and of that of its model.
    pub digest: Digest,
}

/// A field to blame.
#[derive(Clone, Debug)]
pub struct FieldReference {
    /// Name of the document in scope.
    pub document: String,
    /// RFC 6901 pointer; `{name}` in it stands for the text of that `let`.
    pub pointer: String,
}

/// A change to try.
#[derive(Clone, Debug)]
pub struct RemedyPlan {
    /// When it makes sense.
    pub when: Option<Expression>,
    /// Fields and values.
    pub edits: Vec<(FieldReference, Expression)>,
}

/// The JSON Schema of specification files, for editors.
pub fn schema() -> serde_json::Value {
    Schema::of::<SpecificationForm>().json().clone()
}

impl Specification {
    /// Read every specification of a file; models are those it may use.
    ///
    /// # Errors
    /// Every problem of the file, each with its place: syntax, form, and types.
    pub fn load(source: &Arc<Source>, models: &Models) -> Result<Vec<Self>, Vec<Problem>> {
        let (roots, mut problems) = documents(source);
        let mut loaded = Vec::new();
        for root in roots.iter().filter(|root| !root.is_null() && !is_model(root)) {
            let lost = tags(source, root);
            if !lost.is_empty() {
                // What follows from what was lost is not said.
                problems.extend(lost);
                continue;
            }
            match provost_syntax::decode::<SpecificationForm>(source, root) {
                Ok(form) => {
                    loaded.extend(Loader::new(source, root, &mut problems).load(form, models));
                }
                Err(found) => problems.extend(found.into_iter().map(with_quotes)),
            }
        }
        problems.sort_by_key(|problem| problem.location.as_ref().map(|location| location.span));
        if problems.is_empty() { Ok(loaded) } else { Err(problems) }
    }

    /// Is it about the change as a whole rather than about one object at a time?
    pub fn is_about_everything(&self) -> bool {
        self.subject.is_none()
    }

    /// The documents that it is asked about: those of its kinds, or one that stands for the
    /// change as a whole.
    pub fn subjects(&self, documents: &[Arc<Document>]) -> Vec<Arc<Document>> {
        if !self.is_about_everything() {
            let about = documents.iter().filter(|document| self.is_about(&document.object));
            return about.cloned().collect();
        }
        if documents.is_empty() { Vec::new() } else { vec![self.everything()] }
    }

    /// What stands for the change as a whole.
    pub fn everything(&self) -> Arc<Document> {
        let object = ObjectReference {
            api_version: "provost.dev/v1".to_owned(),
            kind: "Change".to_owned(),
            namespace: None,
            name: "all".to_owned(),
        };
        let root = Node::new(provost_model::Value::Null);
        Arc::new(Document { object, root, source: Arc::clone(&self.source), index: 0 })
    }

    /// Is it about objects of this kind?
    pub fn is_about(&self, object: &ObjectReference) -> bool {
        self.kinds.iter().any(|(group, kind)| *kind == object.kind && *group == object.group())
    }

    /// Every expression that an answer depends on.
    pub(crate) fn expressions(&self) -> Vec<&Expression> {
        let machine = &self.machine;
        let mut all: Vec<_> = self.lets.iter().flat_map(|(_, one)| one.expressions()).collect();
        all.extend(self.preconditions.iter().chain(&machine.start).chain(&machine.lemmas));
        all.extend(machine.faults.iter().chain(machine.state.iter().flat_map(|one| &one.over)));
        for step in &machine.steps {
            all.extend(step.for_each.iter().map(|(_, list)| list).chain([&step.when]));
            all.extend(step.choices.iter().flat_map(|(_, low, high)| [low, high]));
            all.extend(
                step.then.iter().flat_map(|change| change.key.iter().chain([&change.value])),
            );
        }
        for property in &self.properties {
            all.extend(property.claim.expressions());
            all.extend(property.holds_when.iter().chain(&property.violation));
        }
        all
    }

    /// The names that a property is about: those in its claim and in the machine, which are
    /// what a reader of a counterexample wants to see the values of.
    pub fn names_of<'s>(&'s self, property: &'s Property) -> BTreeSet<&'s str> {
        let steps = self.machine.steps.iter().flat_map(|step| {
            let ranges = step.choices.iter().flat_map(|(_, low, high)| [low, high]);
            let next = step.then.iter().map(|change| &change.value);
            std::iter::once(&step.when).chain(ranges).chain(next)
        });
        let mut names = Vec::new();
        for expression in steps.chain(&self.machine.start).chain(property.claim.expressions()) {
            expression.expr.free_names(&mut names);
        }
        let names = names.into_iter().map(|(name, _)| name);
        names.filter(|name| !self.untouched.iter().any(|one| one == name)).collect()
    }
}

/// The documents of a file, and what is wrong with it as YAML.
pub(crate) fn documents(source: &Arc<Source>) -> (Vec<Node>, Vec<Problem>) {
    let limits = provost_syntax::Limits { bytes: FILE_BYTES, ..provost_syntax::Limits::default() };
    let parsed = provost_syntax::read(source, &limits);
    let written = parsed.problem.into_iter().chain(parsed.further);
    (parsed.documents, written.map(with_quotes).collect())
}

/// The names in the braces of a pointer.
pub(crate) fn placeholders(pointer: &str) -> impl Iterator<Item = &str> {
    let after = pointer.split('{').skip(1);
    after.filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}
