use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy::{Effect, EntityUid, Policy, Schema};
use provost_model::{Digest, Location, PolicyReference, Problem, Source};

pub use crate::exception::Term;
use crate::exception::{is_exception, term};
use crate::literal;
use crate::load::{Loaded, Strictness, load, none};
use crate::mention;
use crate::vocabulary::{Vocabulary, WAIVE, schema};

/// Policies under a schema of any vocabulary, checked, each with its place: what is analysed.
#[derive(Clone, Debug)]
pub struct TypedPolicies {
    /// What they were checked against.
    pub schema: Schema,
    /// In order of file and line. The Cedar id of each is its position.
    pub policies: Vec<TypedPolicy>,
    /// The action that exceptions permit, under Provost's own vocabulary.
    pub waive: Option<EntityUid>,
    /// Of the text of the schema.
    pub vocabulary: Digest,
    /// Of the schema and the texts, in the order given. File names do not count.
    pub digest: Digest,
}

/// One policy.
#[derive(Clone, Debug)]
pub struct TypedPolicy {
    /// As Cedar has it.
    pub policy: Policy,
    /// What it is called: by its `@id`, or else by its number, as `policy3`.
    pub reference: PolicyReference,
    /// The word `permit` or `forbid`.
    pub effect: Location,
    /// What it says of itself, where it is an exception.
    pub exception: Option<ExceptionTerms>,
}

/// What an exception says of itself.
#[derive(Clone, Debug)]
pub struct ExceptionTerms {
    /// As written, or empty.
    pub owner: String,
    /// As written, or empty.
    pub reason: String,
    /// When it ends. Without one it may never be used.
    pub term: Option<Term>,
    /// Ids of rules that its conditions speak of.
    pub rules: BTreeSet<String>,
}

impl TypedPolicies {
    /// Reads a Cedar schema and policy files. Policies need no `@id`.
    ///
    /// # Errors
    /// Every problem, in order of file and line: syntax, Cedar's strict validation (but not
    /// that a policy never applies), and templates.
    pub fn load(text: &Arc<Source>, files: &[Arc<Source>]) -> Result<Self, Vec<Problem>> {
        let schema = schema(text)?;
        let loaded = load(&schema, files, Strictness::Types)?;
        // A schema of another vocabulary has no exceptions.
        let vocabulary = Vocabulary::of(schema.clone(), text).ok();
        let absent = |known: &Vocabulary| literal::of_absent_objects(known, &loaded);
        none(vocabulary.as_ref().map(absent).unwrap_or_default())?;
        let texts = std::iter::once(text).chain(files).map(|source| source.text().as_bytes());
        let typed = |(position, one)| typed(vocabulary.as_ref(), position, one);
        Ok(Self {
            policies: loaded.iter().enumerate().map(typed).collect(),
            waive: vocabulary.as_ref().and_then(|known| known.entity("Action", WAIVE).ok()),
            vocabulary: Digest::of(text.text().as_bytes()),
            digest: Digest::of_parts(texts),
            schema,
        })
    }

    /// May this policy have a say about this action?
    ///
    /// Its scope is not asked: a permit that is no exception waives nothing, and neither does
    /// an exception without an owner, a reason or an end.
    pub fn counts(&self, one: &TypedPolicy, action: &EntityUid) -> bool {
        one.policy.effect() == Effect::Forbid
            || self.waive.as_ref() != Some(action)
            || one.exception.as_ref().is_some_and(|exception| exception.term.is_some())
    }
}

fn typed(vocabulary: Option<&Vocabulary>, position: usize, one: &Loaded) -> TypedPolicy {
    let mut reference = one.reference();
    if reference.id.is_empty() {
        reference.id = format!("policy{position}");
    }
    let is_exception = vocabulary.is_some_and(|known| is_exception(known, one));
    let text = |name| one.annotation(name).unwrap_or_default().to_owned();
    TypedPolicy {
        policy: one.policy.clone(),
        reference,
        effect: one.location(one.place.effect),
        exception: is_exception.then(|| ExceptionTerms {
            owner: text("owner"),
            reason: text("reason"),
            term: term(one).ok(),
            rules: mention::rules(one),
        }),
    }
}
