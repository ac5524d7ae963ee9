//! The entities file: who belongs to what, and who owns what, in Cedar's own form of
//! entities.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cedar_policy::{Entities, Entity, EntityUid, RestrictedExpression};
use provost_model::{Location, Node, Problem, Source};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::context::pair;
use crate::vocabulary::Vocabulary;

/// Memberships and owners that the operator wrote down.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory {
    parents: BTreeMap<EntityUid, BTreeSet<EntityUid>>,
    owners: BTreeMap<EntityUid, EntityUid>,
}

/// What the operator may write down, and what each may be in. Objects are not among them:
/// they come from the change.
const MEMBERS: [(&str, &[&str]); 8] = [
    ("User", &["Group", "Team"]),
    ("ServiceAccount", &["Group", "Team"]),
    ("Pipeline", &["Group", "Team"]),
    ("Healer", &["Group", "Team"]),
    ("Group", &["Group", "Team"]),
    ("Team", &["Team"]),
    ("Namespace", &["Environment"]),
    ("Environment", &["Environment"]),
];

/// A file of entities.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct EntitiesForm {
    /// `provost.dev/v1`
    #[serde(rename = "apiVersion")]
    _api_version: ApiVersion,
    /// `Entities`
    #[serde(rename = "kind")]
    _kind: Kind,
    /// Each once, as in Cedar's JSON form of entities.
    entities: Vec<EntityForm>,
}

/// The version of the file.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) enum ApiVersion {
    /// Version 1.
    #[serde(rename = "provost.dev/v1")]
    V1,
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Kind {
    Entities,
}

/// One entity.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EntityForm {
    /// Its type and name.
    uid: UidForm,
    /// What it is in.
    #[serde(default)]
    parents: Vec<UidForm>,
    /// Attributes; only a Namespace has one.
    #[serde(default)]
    attrs: AttributesForm,
}

/// The name of an entity.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UidForm {
    /// `User`, `Team`, `Namespace`, …
    #[serde(rename = "type")]
    type_name: String,
    /// Its name.
    #[schemars(length(min = 1))]
    id: String,
}

/// What an entity has.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AttributesForm {
    /// The Team that owns a Namespace.
    #[serde(default)]
    owner: Option<UidForm>,
}

/// The JSON Schema of a file of entities, for editors.
pub fn entities_schema() -> serde_json::Value {
    provost_syntax::Schema::of::<EntitiesForm>().json().clone()
}

impl Directory {
    /// # Errors
    /// Every problem of the file, each at its line.
    pub fn read(vocabulary: &Vocabulary, source: &Arc<Source>) -> Result<Self, Vec<Problem>> {
        let root = provost_syntax::only_document(source, "Entities")?;
        let form: EntitiesForm = provost_syntax::decode(source, &root)?;
        let mut reader = Reader { vocabulary, source, root: &root, problems: Vec::new() };
        let mut directory = Self::default();
        for (index, entity) in form.entities.iter().enumerate() {
            reader.entity(index, entity, &mut directory);
        }
        if !reader.problems.is_empty() {
            return Err(reader.problems);
        }
        // Cedar knows best what a circle is.
        let all = directory.closure(directory.parents.keys().cloned().collect());
        match all.and_then(|all| vocabulary.close(all)) {
            Ok(_) => Ok(directory),
            Err(error) => {
                let location = Location::new(source, root.locate("/entities").0);
                Err(vec![
                    Problem::at("entities", location, error)
                        .help("an entity is never in itself, not through others either"),
                ])
            }
        }
    }

    /// An entity and all that it is in.
    pub fn ancestors(&self, of: impl IntoIterator<Item = EntityUid>) -> BTreeSet<EntityUid> {
        let mut found = BTreeSet::new();
        let mut open: Vec<_> = of.into_iter().collect();
        while let Some(one) = open.pop() {
            // What is in itself is found out by Cedar, not by going round for ever.
            if found.insert(one.clone()) {
                open.extend(self.parents.get(&one).into_iter().flatten().cloned());
            }
        }
        found
    }

    /// Does the file describe it?
    pub fn knows(&self, uid: &EntityUid) -> bool {
        self.parents.contains_key(uid)
    }

    /// The team that owns a namespace.
    pub fn owner(&self, namespace: &EntityUid) -> Option<&EntityUid> {
        self.owners.get(namespace)
    }

    /// Everything that the file has in this, directly or through others.
    pub fn members<'a>(&'a self, of: &'a EntityUid) -> impl Iterator<Item = &'a EntityUid> {
        let is_in =
            move |uid: &&EntityUid| *uid != of && self.ancestors([(*uid).clone()]).contains(of);
        self.parents.keys().filter(is_in)
    }

    pub fn parents(&self, of: &EntityUid) -> impl Iterator<Item = &EntityUid> {
        self.parents.get(of).into_iter().flatten()
    }

    /// These entities and all that they are in.
    pub fn closure(&self, of: Vec<EntityUid>) -> Result<Vec<Entity>, String> {
        self.ancestors(of).into_iter().map(|uid| self.entity(uid, [])).collect()
    }

    /// An entity as the file has it, with more parents.
    pub fn entity(
        &self,
        uid: EntityUid,
        more: impl IntoIterator<Item = EntityUid>,
    ) -> Result<Entity, String> {
        let parents = self.parents(&uid).cloned().chain(more).collect();
        let owner = self.owners.get(&uid);
        let attributes = owner
            .map(|owner| pair("owner", RestrictedExpression::new_entity_uid(owner.clone())))
            .into_iter()
            .collect();
        Entity::new(uid, attributes, parents).map_err(|error| error.to_string())
    }
}

struct Reader<'a> {
    vocabulary: &'a Vocabulary,
    source: &'a Arc<Source>,
    root: &'a Node,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn entity(&mut self, index: usize, form: &EntityForm, into: &mut Directory) {
        let pointer = format!("/entities/{index}");
        let place = format!("{pointer}/uid/type");
        let type_name = form.uid.type_name.as_str();
        let Some((_, holders)) = MEMBERS.iter().find(|(name, _)| *name == type_name) else {
            let known: Vec<_> = MEMBERS.iter().map(|(name, _)| *name).collect();
            return self.unknown_type(&place, type_name, &known, "an entities file may name");
        };
        let Ok(uid) = self.vocabulary.entity(type_name, &form.uid.id) else { return };
        if into.parents.contains_key(&uid) {
            let message = format!("`{uid}` is described twice");
            return self.problem(&format!("{pointer}/uid/id"), message, "join the two");
        }
        let mut parents = BTreeSet::new();
        for (number, parent) in form.parents.iter().enumerate() {
            let place = format!("{pointer}/parents/{number}/type");
            if holders.contains(&parent.type_name.as_str()) {
                parents.extend(self.vocabulary.entity(&parent.type_name, &parent.id));
            } else {
                let what = format!("a {type_name} may be in");
                self.unknown_type(&place, &parent.type_name, holders, &what);
            }
        }
        into.parents.insert(uid.clone(), parents);
        if let Some(owner) = &form.attrs.owner {
            let place = format!("{pointer}/attrs/owner");
            if type_name != "Namespace" {
                let message = format!("a {type_name} has no `owner`");
                self.problem(&place, message, "only a Namespace has one");
            } else if owner.type_name != "Team" {
                let place = format!("{place}/type");
                self.unknown_type(&place, &owner.type_name, &["Team"], "an owner may be");
            } else if let Ok(owner) = self.vocabulary.entity("Team", &owner.id) {
                into.owners.insert(uid, owner);
            }
        }
    }

    fn unknown_type(&mut self, pointer: &str, name: &str, known: &[&str], what: &str) {
        let is_type = MEMBERS.iter().any(|(known, _)| *known == name);
        let message = match is_type {
            true => format!("{what} {}, not a `{name}`", choice(known)),
            false => format!("there is no entity type `{name}`"),
        };
        let help = match provost_syntax::suggest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("{what} {}", choice(known)),
        };
        self.problem(pointer, message, &help);
    }

    fn problem(&mut self, pointer: &str, message: String, help: &str) {
        let span = self.root.locate(pointer).0;
        let location =
            Location { source: Arc::clone(self.source), span, pointer: pointer.to_owned() };
        self.problems.push(Problem::at("entities", location, message).help(help));
    }
}

fn choice(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

impl Vocabulary {
    /// Entities that Cedar may use: each as the schema has it, without circles. Of two with
    /// one name the first counts.
    pub fn close(&self, entities: Vec<Entity>) -> Result<Entities, String> {
        let mut seen = BTreeSet::new();
        let first = entities.into_iter().filter(|entity| seen.insert(entity.uid()));
        Entities::from_entities(first, Some(&self.schema)).map_err(|error| error.to_string())
    }
}
