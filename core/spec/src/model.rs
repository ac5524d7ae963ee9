//! Models: what specifications build upon with `uses`.

use std::collections::BTreeMap;
use std::sync::Arc;

use provost_model::{Location, Node, Problem, Source};

use crate::form::{Body, SpecificationForm};
use crate::loader::Loader;
use crate::specification::documents;
use crate::yaml_trap::{tags, with_quotes};

/// A model: the text of a machine that specifications share.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) source: Arc<Source>,
    pub(crate) root: Node,
    pub(crate) body: Body,
}

/// Models by name.
#[derive(Clone, Debug, Default)]
pub struct Models(BTreeMap<String, Model>);

impl Models {
    /// Every model in some files; their specifications are read by
    /// [`Specification::load`](crate::Specification::load).
    ///
    /// # Errors
    /// Every problem of a model. What is wrong with a specification in the same file is not
    /// said here.
    pub fn load<'s>(
        sources: impl IntoIterator<Item = &'s Arc<Source>>,
    ) -> Result<Self, Vec<Problem>> {
        let mut models = Self::default();
        let mut problems = Vec::new();
        for source in sources {
            // Most files have no model, and reading YAML takes time.
            if source.text().contains("Model") {
                models.read(source, &mut problems);
            }
        }
        if problems.is_empty() { Ok(models) } else { Err(problems) }
    }

    fn read(&mut self, source: &Arc<Source>, problems: &mut Vec<Problem>) {
        // Syntax is reported when the file is read for its specifications.
        let (roots, _) = documents(source);
        for root in roots.iter().filter(|root| is_model(root)) {
            let lost = tags(source, root);
            if !lost.is_empty() {
                problems.extend(lost);
                continue;
            }
            match provost_syntax::decode::<SpecificationForm>(source, root) {
                Ok(form) => self.add(source, root, form, problems),
                Err(found) => problems.extend(found.into_iter().map(with_quotes)),
            }
        }
    }

    fn add(
        &mut self,
        source: &Arc<Source>,
        root: &Node,
        form: SpecificationForm,
        problems: &mut Vec<Problem>,
    ) {
        let name = form.metadata.name.clone();
        let place = |pointer: &str| Location::new(source, root.locate(pointer).0);
        if form.spec.uses.is_some() {
            let message = "a model uses no other model";
            problems.push(Problem::at("spec-form", place("/spec/uses"), message));
        }
        if self.0.contains_key(&name) {
            let message = format!("there are two models `{name}`");
            problems.push(Problem::at("spec-form", place("/metadata/name"), message));
        }
        // On its own a model must be whole: what it says is found wrong once, not once for each
        // specification that uses it.
        let body = form.spec.clone();
        Loader::new(source, root, problems).load(form, &Self::default());
        let model = Model { source: Arc::clone(source), root: root.clone(), body };
        self.0.insert(name, model);
    }

    /// These, and of the others those whose names are not taken.
    #[must_use]
    pub fn or(mut self, others: Self) -> Self {
        for (name, model) in others.0 {
            self.0.entry(name).or_insert(model);
        }
        self
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Model> {
        self.0.get(name)
    }

    /// Their names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Does a document say that it is a model?
pub(crate) fn is_model(root: &Node) -> bool {
    root.get("kind").and_then(Node::as_text) == Some("Model")
}
