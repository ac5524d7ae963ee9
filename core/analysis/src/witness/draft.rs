//! A request as it is written down.

use cedar_policy::{Context, Entities, Entity, EntityUid, Request, Schema};
use cedar_policy_symcc::Env;
use serde_json::{Map, Value, json};

use super::Case;
use crate::cedar_text::{entity as entity_text, record, uid as uid_text};

/// A request in Cedar's JSON form.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) principal: Value,
    pub(super) action: Value,
    pub(super) resource: Value,
    pub(super) context: Value,
    pub(super) entities: Vec<Value>,
}

impl Draft {
    pub(super) fn of(env: &Env) -> Result<Self, String> {
        let part = |uid: Option<&EntityUid>| {
            let uid = uid.ok_or("a request without a principal, action or resource")?;
            Ok::<_, String>(
                json!({"type": uid.type_name().to_string(), "id": uid.id().unescaped()}),
            )
        };
        let context = env.request.context().ok_or("a request without a context")?;
        let context = context.to_json_value().map_err(|error| error.to_string())?;
        let is_action = |entity: &&Entity| entity.uid().type_name().basename() == "Action";
        let entities = env.entities.iter().filter(|entity| !is_action(entity));
        let mut entities: Vec<_> = entities.collect();
        // Cedar keeps them in no order.
        entities.sort_by_cached_key(|entity| entity.uid());
        let entities = entities.into_iter().map(Entity::to_json_value).collect::<Result<_, _>>();
        Ok(Self {
            principal: part(env.request.principal())?,
            action: part(env.request.action())?,
            resource: part(env.request.resource())?,
            context,
            entities: entities.map_err(|error| error.to_string())?,
        })
    }

    /// What Cedar makes of it; nothing when it is not of the schema.
    pub(super) fn case(&self, schema: &Schema) -> Option<Case> {
        let uid = |value: &Value| EntityUid::from_json(value.clone()).ok();
        let action = uid(&self.action)?;
        let context =
            Context::from_json_value(self.context.clone(), Some((schema, &action))).ok()?;
        let (principal, resource) = (uid(&self.principal)?, uid(&self.resource)?);
        let request = Request::new(principal, action, resource, context, Some(schema)).ok()?;
        let entities = Value::Array(self.entities.clone());
        let entities = Entities::from_json_value(entities, Some(schema)).ok()?;
        Some(Case { request, entities })
    }

    pub(super) fn request(&self) -> Value {
        json!({
            "principal": uid_text(&self.principal),
            "action": uid_text(&self.action),
            "resource": uid_text(&self.resource),
            "context": self.context,
        })
    }

    /// In Cedar syntax; what may be left out is left out.
    pub(super) fn text(&self, schema: &Schema) -> String {
        let mut lines: Vec<_> = [
            ("principal", &self.principal),
            ("action", &self.action),
            ("resource", &self.resource),
        ]
        .map(|(name, uid)| format!("{name}: {}", uid_text(uid)))
        .into();
        let context = self.telling(None, "", schema);
        if !context.is_empty() {
            lines.push(format!("context: {}", record(&context)));
        }
        for (place, entity) in self.entities.iter().enumerate() {
            let mut entity = entity.clone();
            let attributes = self.telling(Some(place), "/attrs", schema);
            let has_tags = entity.pointer("/tags").and_then(Value::as_object);
            let has_parents = entity.pointer("/parents").and_then(Value::as_array);
            if attributes.is_empty()
                && has_tags.is_none_or(Map::is_empty)
                && has_parents.is_none_or(Vec::is_empty)
            {
                continue;
            }
            if let Some(attrs) = entity.get_mut("attrs") {
                *attrs = Value::Object(attributes);
            }
            lines.push(format!("entity: {}", entity_text(&entity)));
        }
        lines.join("\n")
    }

    /// The fields of a record that are not plain, and the plain ones that might be missing.
    fn telling(&self, place: Option<usize>, path: &str, schema: &Schema) -> Map<String, Value> {
        let fields = self.root(place).pointer(path).and_then(Value::as_object);
        let may_miss = |name: &String| {
            let mut less = self.clone();
            let root = match place {
                None => Some(&mut less.context),
                Some(place) => less.entities.get_mut(place),
            };
            let fields = root.and_then(|root| root.pointer_mut(path));
            fields.and_then(Value::as_object_mut).map(|fields| fields.remove(name));
            less.case(schema).is_some()
        };
        let fields = fields.into_iter().flatten();
        let fields = fields.filter(|(name, value)| !is_plain(value) || may_miss(name));
        fields.map(|(name, value)| (name.clone(), told(value))).collect()
    }

    /// The context, or an entity.
    pub(super) fn root(&self, place: Option<usize>) -> &Value {
        match place {
            None => &self.context,
            Some(place) => self.entities.get(place).unwrap_or(&Value::Null),
        }
    }
}

pub(super) fn call(function: &str, argument: &str) -> Value {
    json!({"__extn": {"fn": function, "arg": argument}})
}

/// The plainest value of each extension type.
pub(super) const PLAIN: [(&str, &str); 4] =
    [("datetime", "1970-01-01"), ("decimal", "0.0"), ("duration", "0ms"), ("ip", "0.0.0.0")];

/// Is it what a reader expects where nothing is written?
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => {
            PLAIN.iter().any(|(name, argument)| *value == call(name, argument))
                || (!fields.contains_key("__extn")
                    && !fields.contains_key("__entity")
                    && fields.values().all(is_plain))
        }
        Value::Null => false,
    }
}

/// A record without its plain fields.
fn told(value: &Value) -> Value {
    match value {
        Value::Object(fields)
            if !fields.contains_key("__extn") && !fields.contains_key("__entity") =>
        {
            let fields = fields.iter().filter(|(_, value)| !is_plain(value));
            Value::Object(fields.map(|(name, value)| (name.clone(), told(value))).collect())
        }
        _ => value.clone(),
    }
}
