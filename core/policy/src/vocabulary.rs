use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cedar_policy::{ActionConstraint, Entities, EntityId, EntityTypeName, EntityUid, Schema};
use provost_model::{Operation, Problem, Source};

use crate::diagnostic::problem;

/// The schema, and the names that this crate itself uses.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    pub schema: Schema,
    /// The text of the schema.
    pub source: Arc<Source>,
    actions: Entities,
    types: BTreeMap<&'static str, EntityTypeName>,
}

/// Entity types that this crate itself makes entities of.
const TYPES: [&str; 15] = [
    "Action",
    "Category",
    "Environment",
    "Group",
    "Healer",
    "Kind",
    "Namespace",
    "Object",
    "Pipeline",
    "Plugin",
    "PluginCapability",
    "ServiceAccount",
    "Team",
    "TerraformResource",
    "User",
];

/// The action that an exception permits.
pub(crate) const WAIVE: &str = "waive";
/// The action that lets an emergency pass.
pub(crate) const BREAK_GLASS: &str = "break-glass";
/// The action that gives a plugin an ability.
pub(crate) const GRANT: &str = "grant";

const CODE: &str = "policy-schema";

impl Vocabulary {
    /// # Errors
    /// What makes the schema unusable: its syntax, its types, or a name it lacks.
    pub fn load(source: &Arc<Source>) -> Result<Self, Vec<Problem>> {
        let schema = schema(source)?;
        Self::of(schema, source)
    }

    /// # Errors
    /// The names that it lacks.
    pub fn of(schema: Schema, source: &Arc<Source>) -> Result<Self, Vec<Problem>> {
        let about = |message: String| vec![Problem::about(CODE, source.name(), message)];
        let type_name = |name: &'static str| {
            let mut known = schema.entity_types().chain(schema.actions().map(EntityUid::type_name));
            let found = known.find(|known| known.to_string() == name).cloned();
            found
                .map(|found| (name, found))
                .ok_or_else(|| about(format!("the schema declares no `{name}`")))
        };
        let vocabulary = Self {
            types: TYPES.into_iter().map(type_name).collect::<Result<_, _>>()?,
            actions: schema.action_entities().map_err(|error| about(error.to_string()))?,
            source: Arc::clone(source),
            schema,
        };
        let known: BTreeSet<&str> = vocabulary.action_names().collect();
        let operations = Operation::ALL.into_iter().map(Operation::name);
        let mut needed = operations.chain([WAIVE, BREAK_GLASS, GRANT]);
        match needed.find(|name| !known.contains(name)) {
            Some(name) => Err(about(format!("the schema declares no `Action::\"{name}\"`"))),
            None => Ok(vocabulary),
        }
    }

    /// Every action, groups included.
    pub fn action_names(&self) -> impl Iterator<Item = &str> {
        self.schema.actions().map(|action| action.id().unescaped())
    }

    /// Every action that can be asked about, in order of name.
    pub fn asked_actions(&self) -> Vec<&str> {
        let envs = self.schema.request_envs();
        let asked: BTreeSet<_> = envs.map(|env| env.action().clone()).collect();
        let actions = self.schema.actions().filter(|action| asked.contains(action));
        actions.map(|action| action.id().unescaped()).collect()
    }

    /// Does the scope of a policy take in the action of this name?
    pub fn covers(&self, scope: &ActionConstraint, name: &str) -> bool {
        let Ok(action) = self.entity("Action", name) else { return false };
        match scope {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(one) => *one == action,
            ActionConstraint::In(several) => several
                .iter()
                .any(|one| *one == action || self.actions.is_ancestor_of(one, &action)),
        }
    }

    /// The entity of this type and name. The name is never read as Cedar.
    ///
    /// # Errors
    /// When this crate knows no such type.
    pub fn entity(&self, type_name: &str, name: &str) -> Result<EntityUid, String> {
        let type_name = self.types.get(type_name);
        let type_name = type_name.ok_or("no such entity type")?.clone();
        Ok(EntityUid::from_type_name_and_id(type_name, EntityId::new(name)))
    }

    /// The name of an entity of this type; nothing for an entity of another.
    pub fn name_of(&self, type_name: &str, entity: &EntityUid) -> Option<String> {
        (self.types.get(type_name) == Some(entity.type_name()))
            .then(|| entity.id().unescaped().to_owned())
    }
}

/// A schema of any vocabulary.
///
/// # Errors
/// What makes it unusable: its syntax or its types.
pub(crate) fn schema(source: &Arc<Source>) -> Result<Schema, Vec<Problem>> {
    let (schema, warnings) = Schema::from_cedarschema_str(source.text()).map_err(|error| {
        let mut problems = vec![problem(CODE, source, None, &error.to_string(), &error)];
        let related = miette::Diagnostic::related(&error).into_iter().flatten();
        problems.extend(related.map(|e| problem(CODE, source, None, &e.to_string(), e)));
        problems
    })?;
    // A schema that shadows `String` or `Long` means something else than it says.
    let warnings: Vec<_> =
        warnings.map(|w| problem(CODE, source, None, &w.to_string(), &w)).collect();
    if !warnings.is_empty() {
        return Err(warnings);
    }
    Ok(schema)
}
