//! What an exception covers once the guards have had their say, as one policy.
//!
//! The gate asks about each exception alone, with the guards, and tells them what this one says
//! of itself: its owner, its reason, its end, and how long it still lasts. So no request holds
//! the terms of all exceptions at once. Here they are written into the policies, and what the
//! guards forbid becomes a condition of the exception.

use cedar_policy::{ActionConstraint, Effect, Policy, PrincipalConstraint, ResourceConstraint};
use jiff::civil::Date;
use provost_policy::{ExceptionTerms, TypedPolicy};
use serde_json::{Value, json};

use crate::questions::also;

/// Each exception as the gate asks it: it permits what it covers and no guard forbids.
///
/// # Errors
/// When a policy looks at the whole context at once, so that nobody knows what of it counts.
pub(crate) fn waived<'p>(
    counting: impl Iterator<Item = &'p TypedPolicy> + Clone,
) -> Result<Vec<Policy>, String> {
    let guards: Vec<_> = counting
        .clone()
        .filter(|one| one.policy.effect() == Effect::Forbid)
        .map(|guard| Ok(both(scope(&guard.policy)?, body(&guard.policy)?)))
        .collect::<Result<_, String>>()?;
    let exceptions = counting.filter_map(|one| {
        let terms = one.exception.as_ref()?;
        Some((&one.policy, terms, terms.term?.expires))
    });
    exceptions.map(|(policy, terms, expires)| alone(policy, terms, expires, &guards)).collect()
}

fn alone(
    policy: &Policy,
    terms: &ExceptionTerms,
    expires: Date,
    guards: &[Value],
) -> Result<Policy, String> {
    let policy = also(policy, "context.now < context.expires")?;
    let mut whole = policy.to_json().map_err(|error| error.to_string())?;
    let unless = guards.iter().map(|guard| json!({ "kind": "unless", "body": guard }));
    if let Some(conditions) = whole.get_mut("conditions").and_then(Value::as_array_mut) {
        conditions.extend(unless);
        for condition in conditions {
            let body = condition.get_mut("body").ok_or("a condition without a body")?;
            write_terms(body, terms, expires)?;
        }
    }
    Policy::from_json(Some(policy.id().clone()), whole).map_err(|error| error.to_string())
}

/// Puts what an exception says of itself where an expression (in Cedar's JSON form) asks for it.
fn write_terms(value: &mut Value, terms: &ExceptionTerms, expires: Date) -> Result<(), String> {
    if let Some((operator, attribute)) = of_context(value) {
        if let Some(term) = term(attribute, terms, expires) {
            *value = if operator == "has" { json!({ "Value": true }) } else { term };
        }
        return Ok(());
    }
    // The names in a record are no operators.
    if let Some(Value::Object(members)) = value.get_mut("Record") {
        return members.values_mut().try_for_each(|inner| write_terms(inner, terms, expires));
    }
    match value {
        Value::Object(fields) if is_context(fields.get("Var")) => {
            Err("a policy looks at the whole `context` of an exception at once".to_owned())
        }
        // What is written is no expression.
        Value::Object(fields) if fields.contains_key("Value") => Ok(()),
        Value::Object(fields) => {
            fields.values_mut().try_for_each(|inner| write_terms(inner, terms, expires))
        }
        Value::Array(members) => {
            members.iter_mut().try_for_each(|inner| write_terms(inner, terms, expires))
        }
        _ => Ok(()),
    }
}

/// `context.attribute` or `context has attribute`: the operator and the attribute.
fn of_context(value: &Value) -> Option<(&'static str, &str)> {
    let operator = [".", "has"].into_iter().find(|operator| value.get(operator).is_some())?;
    let operands = value.get(operator)?;
    is_context(operands.get("left")?.get("Var")).then_some(())?;
    Some((operator, operands.get("attr")?.as_str()?))
}

fn is_context(variable: Option<&Value>) -> bool {
    variable.and_then(Value::as_str) == Some("context")
}

fn term(attribute: &str, terms: &ExceptionTerms, expires: Date) -> Option<Value> {
    let end = || json!({ "datetime": [{ "Value": expires.to_string() }] });
    let now = || json!({ ".": { "left": { "Var": "context" }, "attr": "now" } });
    match attribute {
        "owner" => Some(json!({ "Value": terms.owner })),
        "reason" => Some(json!({ "Value": terms.reason })),
        "expires" => Some(end()),
        "remaining" => Some(json!({ "durationSince": [end(), now()] })),
        _ => None,
    }
}

/// The scope of a policy as an expression.
fn scope(policy: &Policy) -> Result<Value, String> {
    let principal = match policy.principal_constraint() {
        PrincipalConstraint::Any => "true".to_owned(),
        PrincipalConstraint::In(uid) => format!("principal in {uid}"),
        PrincipalConstraint::Eq(uid) => format!("principal == {uid}"),
        PrincipalConstraint::Is(kind) => format!("principal is {kind}"),
        PrincipalConstraint::IsIn(kind, uid) => format!("principal is {kind} in {uid}"),
    };
    let action = match policy.action_constraint() {
        ActionConstraint::Any => "true".to_owned(),
        ActionConstraint::Eq(uid) => format!("action == {uid}"),
        ActionConstraint::In(uids) => {
            let uids: Vec<_> = uids.iter().map(ToString::to_string).collect();
            format!("action in [{}]", uids.join(", "))
        }
    };
    let resource = match policy.resource_constraint() {
        ResourceConstraint::Any => "true".to_owned(),
        ResourceConstraint::In(uid) => format!("resource in {uid}"),
        ResourceConstraint::Eq(uid) => format!("resource == {uid}"),
        ResourceConstraint::Is(kind) => format!("resource is {kind}"),
        ResourceConstraint::IsIn(kind, uid) => format!("resource is {kind} in {uid}"),
    };
    let text = format!(
        "permit (principal, action, resource) when {{ ({principal}) && ({action}) && ({resource}) }};"
    );
    body(&Policy::parse(None, text).map_err(|error| error.to_string())?)
}

/// The conditions of a policy as one expression.
fn body(policy: &Policy) -> Result<Value, String> {
    let whole = policy.to_json().map_err(|error| error.to_string())?;
    let conditions = whole.get("conditions").and_then(Value::as_array);
    let mut all = json!({ "Value": true });
    for condition in conditions.into_iter().flatten() {
        let body = condition.get("body").ok_or("a condition without a body")?.clone();
        let is_unless = condition.get("kind").and_then(Value::as_str) == Some("unless");
        all = both(all, if is_unless { json!({ "!": { "arg": body } }) } else { body });
    }
    Ok(all)
}

/// Both.
fn both(left: Value, right: Value) -> Value {
    json!({ "&&": { "left": left, "right": right } })
}
