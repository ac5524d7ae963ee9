use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cedar_policy::{EntityUid, PolicyId, PolicySet};
use provost_model::{Digest, PolicyReference, Problem, Source, Span};

use crate::askers::Askers;
use crate::directory::Directory;
use crate::exception::{Exception, exceptions};
use crate::lever::Wishes;
use crate::literal;
use crate::load::{Loaded, Strictness, load, none, set};
use crate::mention::{self, Mention};
use crate::vocabulary::Vocabulary;

/// The loaded schema and policies. They do not change.
#[derive(Debug)]
pub struct Policies {
    digest: Digest,
    pub(crate) vocabulary: Vocabulary,
    /// Who belongs to what, from the entities file.
    pub(crate) directory: Directory,
    pub(crate) askers: Askers,
    /// Entities that policies name.
    pub(crate) named_entities: Vec<EntityUid>,
    /// What policies ask for by name.
    pub(crate) wishes: Wishes,
    references: Vec<PolicyReference>,
    /// Of each policy where its text starts and ends.
    extents: Vec<Span>,
    /// For each action the policies whose scope takes it in: Cedar looks at every
    /// policy of a set, so a set holds no more than it must.
    pub(crate) by_action: BTreeMap<String, PolicySet>,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) checks: Vec<Mention>,
    pub(crate) environments: BTreeSet<String>,
}

impl Policies {
    /// Reads a Cedar schema and policy files.
    ///
    /// A permit whose scope names `Action::"waive"` is an exception; one that lacks an
    /// owner, a reason or a valid day of expiry loads, is reported by
    /// [`Policies::exception_faults`], and never waives anything.
    ///
    /// # Errors
    /// Every problem, in order of file and line: syntax, Cedar's strict validation
    /// (its warnings too), templates, and policies without an `@id` of their own.
    pub fn load(schema: &Arc<Source>, files: &[Arc<Source>]) -> Result<Self, Vec<Problem>> {
        let vocabulary = Vocabulary::load(schema)?;
        let loaded = load(&vocabulary.schema, files, Strictness::Gate)?;
        none(literal::of_absent_objects(&vocabulary, &loaded))?;
        let about = |error: &dyn ToString| {
            vec![Problem::about("policy-set", "policies", error.to_string())]
        };
        let by_action = vocabulary
            .action_names()
            .map(|action| {
                let covers =
                    |one: &&Loaded| vocabulary.covers(&one.policy.action_constraint(), action);
                Ok((action.to_owned(), set(loaded.iter().filter(covers)).map_err(|e| about(&e))?))
            })
            .collect::<Result<_, Vec<Problem>>>()?;
        let texts = std::iter::once(schema).chain(files).map(|source| source.text().as_bytes());
        Ok(Self {
            digest: Digest::of_parts(texts),
            directory: Directory::default(),
            askers: Askers::default(),
            named_entities: named_entities(&loaded),
            wishes: Wishes::of(&vocabulary, &loaded),
            references: loaded.iter().map(Loaded::reference).collect(),
            extents: loaded.iter().map(|one| one.place.whole).collect(),
            exceptions: exceptions(&vocabulary, &loaded).map_err(|error| about(&error))?,
            by_action,
            checks: loaded.iter().flat_map(mention::checks).collect(),
            environments: loaded
                .iter()
                .flat_map(|one| mention::environments(&vocabulary, one))
                .collect(),
            vocabulary,
        })
    }

    /// The same policies, with the memberships and owners of an entities file.
    ///
    /// # Errors
    /// Every problem of the file, each at its line.
    pub fn with_entities(mut self, source: &Arc<Source>) -> Result<Self, Vec<Problem>> {
        self.directory = Directory::read(&self.vocabulary, source)?;
        self.askers = Askers::default();
        let before = self.digest.to_string();
        self.digest = Digest::of_parts([before.as_bytes(), source.text().as_bytes()]);
        Ok(self)
    }

    /// The digest of the schema, the policy texts in the order given and the entities file.
    /// File names do not count.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Every policy, exceptions too, in order of file and line.
    pub fn policies(&self) -> impl Iterator<Item = PolicyReference> {
        self.references.iter().cloned()
    }

    /// The text of the policy of this id, with the comment above it.
    pub fn text_of(&self, id: &str) -> Option<(PolicyReference, String)> {
        let position = self.references.iter().position(|policy| policy.id == id)?;
        let policy = self.references.get(position)?.clone();
        let extent = self.extents.get(position)?;
        let text = policy.location.as_ref()?.source.text();
        let (before, after) =
            (text.get(..extent.start as usize)?, text.get(extent.start as usize..)?);
        let own = after.get(..extent.end.saturating_sub(extent.start) as usize)?;
        let above: Vec<_> =
            before.lines().rev().take_while(|line| line.starts_with("//")).collect();
        let above = above.into_iter().rev().map(|line| format!("{line}\n"));
        let shown = above.collect::<String>() + own;
        Some((policy, shown))
    }

    /// What Cedar calls these policies: their positions.
    pub(crate) fn ids_of<'a>(
        &'a self,
        policies: &'a [PolicyReference],
    ) -> impl Iterator<Item = PolicyId> + 'a {
        let all = self.references.iter().enumerate();
        let named = all.filter(|(_, one)| policies.iter().any(|policy| policy.id == one.id));
        named.map(|(position, _)| PolicyId::new(position.to_string()))
    }

    /// The policies Cedar names in an answer, in order of file and line.
    pub(crate) fn named<'a>(
        &self,
        ids: impl Iterator<Item = &'a PolicyId>,
    ) -> Vec<PolicyReference> {
        let mut positions: Vec<usize> = ids.filter_map(|id| id.to_string().parse().ok()).collect();
        positions.sort_unstable();
        positions.iter().filter_map(|position| self.references.get(*position)).cloned().collect()
    }
}

/// Entities that policies name. Cedar looks at what they are in, and what they have.
fn named_entities(loaded: &[Loaded]) -> Vec<EntityUid> {
    let named: BTreeSet<_> = loaded.iter().flat_map(|one| one.policy.entity_literals()).collect();
    named.into_iter().collect()
}
