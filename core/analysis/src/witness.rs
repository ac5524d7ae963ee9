//! Requests that the solver found: put to Cedar itself, made as plain as they can be, written
//! down.

use cedar_policy::{
    AuthorizationError, Authorizer, Context, Decision, Entities, Entity, EntityUid, Policy,
    Request, Schema,
};
use cedar_policy_symcc::Env;
use provost_model::Witness;
use serde_json::{Map, Value, json};

use crate::cedar_text::{entity as entity_text, record, uid as uid_text};
use crate::questions::numbered;

/// One request and the entities it is about.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) request: Request,
    pub(crate) entities: Entities,
}

impl Case {
    /// Do these policies allow it, as Cedar has it: policies that fail do not count?
    pub(crate) fn is_allowed<'p>(&self, policies: impl IntoIterator<Item = &'p Policy>) -> bool {
        numbered(policies).is_ok_and(|set| {
            let response = Authorizer::new().is_authorized(&self.request, &set, &self.entities);
            response.decision() == Decision::Allow
        })
    }

    /// Does the policy match it, whatever its effect?
    pub(crate) fn is_matched(&self, policy: &Policy) -> bool {
        self.put(policy).is_ok_and(|matched| matched)
    }

    /// Does the policy match it, or why does it fail?
    pub(crate) fn put(&self, policy: &Policy) -> Result<bool, String> {
        let set = numbered([policy])?;
        let response = Authorizer::new().is_authorized(&self.request, &set, &self.entities);
        if let Some(AuthorizationError::PolicyEvaluationError(error)) =
            response.diagnostics().errors().next()
        {
            return Err(error.inner().to_string());
        }
        Ok(response.diagnostics().reason().next().is_some())
    }
}

/// What must be so of a request for it to show what is claimed.
pub(crate) type Claim<'c> = &'c dyn Fn(&Case) -> bool;

/// The request that the solver found, after Cedar agreed that it is as claimed.
///
/// # Errors
/// That it is not: then nobody may rely on what the solver said.
pub(crate) fn replayed(schema: &Schema, env: &Env, claim: Claim<'_>) -> Result<Case, String> {
    let draft = Draft::of(env)?;
    let case =
        draft.case(schema).ok_or("the request that the solver found is not of the schema")?;
    if claim(&case) {
        return Ok(case);
    }
    Err("the request that the solver found does not do this when Cedar decides it".to_owned())
}

/// The same as plain as it can be, as text and in Cedar's JSON form.
///
/// # Errors
/// See [`replayed`].
pub(crate) fn witness(
    schema: &Schema,
    env: &Env,
    claim: Claim<'_>,
    outcome: impl FnOnce(&Case) -> String,
) -> Result<Witness, String> {
    replayed(schema, env, claim)?;
    let mut draft = Draft::of(env)?;
    draft.simplify(&|draft| draft.case(schema).is_some_and(|case| claim(&case)));
    let case = draft.case(schema).ok_or("the request cannot be written down")?;
    Ok(Witness {
        text: draft.text(schema),
        request: draft.request(),
        entities: Value::Array(draft.entities.clone()),
        outcome: outcome(&case),
    })
}

/// A request in Cedar's JSON form.
#[derive(Clone)]
struct Draft {
    principal: Value,
    action: Value,
    resource: Value,
    context: Value,
    entities: Vec<Value>,
}

impl Draft {
    fn of(env: &Env) -> Result<Self, String> {
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
    fn case(&self, schema: &Schema) -> Option<Case> {
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

    fn request(&self) -> Value {
        json!({
            "principal": uid_text(&self.principal),
            "action": uid_text(&self.action),
            "resource": uid_text(&self.resource),
            "context": self.context,
        })
    }

    /// In Cedar syntax; what may be left out is left out.
    fn text(&self, schema: &Schema) -> String {
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

    /// Changes it step by step into something plainer that still passes.
    fn simplify(&mut self, passes: &dyn Fn(&Self) -> bool) {
        for _ in 0..ROUNDS {
            let before = (self.context.clone(), self.entities.clone());
            self.drop_entities(passes);
            self.rename(passes);
            let places = std::iter::once(None).chain((0..self.entities.len()).map(Some));
            for place in places.collect::<Vec<_>>() {
                for path in paths(self.root(place)) {
                    self.plain(place, &path, passes);
                }
            }
            if before == (self.context.clone(), self.entities.clone()) {
                break;
            }
        }
    }

    fn drop_entities(&mut self, passes: &dyn Fn(&Self) -> bool) {
        let mut place = 0;
        while place < self.entities.len() {
            let mut less = self.clone();
            less.entities.remove(place);
            if passes(&less) {
                *self = less;
            } else {
                place += 1;
            }
        }
    }

    /// Gives entities with strange names one that can be read.
    fn rename(&mut self, passes: &dyn Fn(&Self) -> bool) {
        let mut known: Vec<Value> = vec![self.principal.clone(), self.resource.clone()];
        known.extend(self.entities.iter().filter_map(|entity| entity.get("uid")).cloned());
        let text = self.as_value().to_string();
        let mut taken = 0;
        for uid in known {
            let id = uid.get("id").and_then(Value::as_str).unwrap_or_default();
            if is_readable(id) {
                continue;
            }
            let kind = uid.get("type").and_then(Value::as_str).unwrap_or_default();
            let base = kind.rsplit("::").next().unwrap_or(kind).to_lowercase();
            let mut name = base.clone();
            while text.contains(&format!("\"{name}\"")) {
                taken += 1;
                name = format!("{base}{taken}");
            }
            let mut new = uid.clone();
            if let Some(id) = new.get_mut("id") {
                *id = Value::String(name);
            }
            let renamed = self.renamed(&uid, &new);
            if passes(&renamed) {
                *self = renamed;
            }
        }
    }

    fn renamed(&self, old: &Value, new: &Value) -> Self {
        let put = |value: &Value| replaced(value, old, new);
        Self {
            principal: put(&self.principal),
            action: self.action.clone(),
            resource: put(&self.resource),
            context: put(&self.context),
            entities: self.entities.iter().map(put).collect(),
        }
    }

    fn as_value(&self) -> Value {
        json!([self.principal, self.resource, self.context, self.entities])
    }

    /// The context, or an entity.
    fn root(&self, place: Option<usize>) -> &Value {
        match place {
            None => &self.context,
            Some(place) => self.entities.get(place).unwrap_or(&Value::Null),
        }
    }

    /// Tries plainer values at a place.
    fn plain(&mut self, place: Option<usize>, path: &str, passes: &dyn Fn(&Self) -> bool) {
        let Some(value) = self.root(place).pointer(path) else { return };
        for plainer in plainer(value) {
            let mut next = self.clone();
            let root = match place {
                None => Some(&mut next.context),
                Some(place) => next.entities.get_mut(place),
            };
            let Some(target) = root.and_then(|root| root.pointer_mut(path)) else { return };
            *target = plainer;
            if passes(&next) {
                *self = next;
                return;
            }
        }
    }
}

/// Few requests become plainer in a second round, fewer in a third.
const ROUNDS: usize = 3;

fn is_readable(id: &str) -> bool {
    id.starts_with(|first: char| first.is_ascii_alphanumeric())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@ ".contains(c))
}

/// Every value within the context, or within attributes, tags and parents of an entity; inner
/// ones later.
fn paths(root: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    let mut open = vec![String::new()];
    while let Some(path) = open.pop() {
        let Some(value) = root.pointer(&path) else { continue };
        let is_special = value.get("__extn").is_some() || value.get("__entity").is_some();
        let is_name = path == "/uid" || path.starts_with("/parents/");
        match value {
            _ if is_name => continue,
            Value::Object(fields) if !is_special => {
                let inner = fields
                    .keys()
                    .map(|key| format!("{path}/{}", provost_model::escape_pointer(key)));
                open.extend(inner);
            }
            Value::Array(items) => open.extend((0..items.len()).map(|i| format!("{path}/{i}"))),
            _ => {}
        }
        paths.push(path);
    }
    paths
}

/// Values of the same type that say less, the least first.
fn plainer(value: &Value) -> Vec<Value> {
    let mut values = match value {
        Value::Bool(true) => vec![Value::Bool(false)],
        Value::Number(_) => vec![json!(0), json!(1)],
        Value::String(text) if is_readable(text) && text.len() < 40 => vec![json!("")],
        Value::String(text) if !text.is_empty() => vec![json!(""), json!("a")],
        Value::Array(items) => {
            let without = |place| {
                let kept = items.iter().enumerate().filter(|(other, _)| *other != place);
                Value::Array(kept.map(|(_, item)| item.clone()).collect())
            };
            std::iter::once(json!([])).chain((0..items.len()).map(without)).collect()
        }
        Value::Object(fields) if fields.contains_key("__extn") => extension(value),
        Value::Object(fields) if !fields.contains_key("__entity") => {
            let without = |name: &String| {
                let mut less = fields.clone();
                less.remove(name);
                Value::Object(less)
            };
            fields.keys().map(without).collect()
        }
        _ => Vec::new(),
    };
    // The values of a list become less plain from left to right.
    if let Some(own) = values.iter().position(|plainer| plainer == value) {
        values.truncate(own);
    }
    values
}

fn call(function: &str, argument: &str) -> Value {
    json!({"__extn": {"fn": function, "arg": argument}})
}

/// The plainest value of each extension type.
const PLAIN: [(&str, &str); 4] =
    [("datetime", "1970-01-01"), ("decimal", "0.0"), ("duration", "0ms"), ("ip", "0.0.0.0")];

fn extension(value: &Value) -> Vec<Value> {
    let function = value.pointer("/__extn/fn").and_then(Value::as_str).unwrap_or_default();
    // A moment that is no day is a day and a duration.
    let function = if function == "offset" { "datetime" } else { function };
    let plain = PLAIN.iter().filter(|(name, _)| *name == function);
    let mut values: Vec<_> = plain.map(|(name, argument)| call(name, argument)).collect();
    if function == "datetime" {
        values.push(call("datetime", "2000-01-01"));
        values.push(call("datetime", "9999-12-31"));
        values.extend(moment(value).map(|text| call("datetime", &text)));
    }
    values
}

/// A day with an offset as one moment.
fn moment(value: &Value) -> Option<String> {
    let milliseconds = value.pointer("/__extn/args/1/__extn/arg")?.as_str()?.strip_suffix("ms")?;
    let moment = jiff::Timestamp::from_millisecond(milliseconds.parse().ok()?).ok()?;
    Some(format!("{moment:.3}"))
}

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

/// Every occurrence of an entity's name, replaced.
fn replaced(value: &Value, old: &Value, new: &Value) -> Value {
    if value == old {
        return new.clone();
    }
    match value {
        Value::Array(items) => items.iter().map(|item| replaced(item, old, new)).collect(),
        Value::Object(fields) => Value::Object(
            fields.iter().map(|(name, value)| (name.clone(), replaced(value, old, new))).collect(),
        ),
        _ => value.clone(),
    }
}
