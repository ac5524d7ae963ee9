use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy::{ActionConstraint, Entities, EntityId, EntityTypeName, EntityUid, Schema};
use provost_model::{Problem, Source};

use crate::diagnostic::problem;

/// The schema, and the names that this crate itself uses.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    pub schema: Schema,
    actions: Entities,
    user: EntityTypeName,
    group: EntityTypeName,
    environment: EntityTypeName,
    namespace: EntityTypeName,
    object: EntityTypeName,
    action: EntityTypeName,
}

/// The action that an exception permits.
pub(crate) const WAIVE: &str = "waive";

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
        let type_name = |name: &str| {
            let mut known = schema.entity_types().chain(schema.actions().map(EntityUid::type_name));
            known
                .find(|known| known.to_string() == name)
                .cloned()
                .ok_or_else(|| about(format!("the schema declares no `{name}`")))
        };
        let vocabulary = Self {
            user: type_name("User")?,
            group: type_name("Group")?,
            environment: type_name("Environment")?,
            namespace: type_name("Namespace")?,
            object: type_name("Object")?,
            action: type_name("Action")?,
            actions: schema.action_entities().map_err(|error| about(error.to_string()))?,
            schema,
        };
        let known: BTreeSet<&str> = vocabulary.action_names().collect();
        match ["apply", "delete", WAIVE].into_iter().find(|name| !known.contains(name)) {
            Some(name) => Err(about(format!("the schema declares no `Action::\"{name}\"`"))),
            None => Ok(vocabulary),
        }
    }

    /// Every action, groups included.
    pub fn action_names(&self) -> impl Iterator<Item = &str> {
        self.schema.actions().map(|action| action.id().unescaped())
    }

    /// Does the scope of a policy take in the action of this name?
    pub fn covers(&self, scope: &ActionConstraint, name: &str) -> bool {
        let action = self.action(name);
        match scope {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(one) => *one == action,
            ActionConstraint::In(several) => several
                .iter()
                .any(|one| *one == action || self.actions.is_ancestor_of(one, &action)),
        }
    }

    pub fn user(&self, name: &str) -> EntityUid {
        uid(&self.user, name)
    }

    pub fn group(&self, name: &str) -> EntityUid {
        uid(&self.group, name)
    }

    pub fn environment(&self, name: &str) -> EntityUid {
        uid(&self.environment, name)
    }

    /// The name of an environment; nothing for another entity.
    pub fn environment_name(&self, entity: &EntityUid) -> Option<String> {
        (*entity.type_name() == self.environment).then(|| entity.id().unescaped().to_owned())
    }

    pub fn namespace(&self, name: &str) -> EntityUid {
        uid(&self.namespace, name)
    }

    pub fn object(&self, name: &str) -> EntityUid {
        uid(&self.object, name)
    }

    pub fn action(&self, name: &str) -> EntityUid {
        uid(&self.action, name)
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

fn uid(type_name: &EntityTypeName, name: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(type_name.clone(), EntityId::new(name))
}
