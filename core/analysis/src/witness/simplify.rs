//! A request as plain as it can be while it still shows what is claimed.

use serde_json::{Value, json};

use super::draft::{Draft, PLAIN, call};

impl Draft {
    /// Changes it step by step into something plainer that still passes.
    pub(super) fn simplify(&mut self, passes: &dyn Fn(&Self) -> bool) {
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
