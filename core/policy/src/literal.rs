//! Attributes of objects that a policy names itself.

use provost_model::Problem;
use serde_json::Value;

use crate::load::Loaded;
use crate::vocabulary::Vocabulary;

/// Policies that ask for an attribute of an object that they name: it has one only when the
/// request is about that very object, and Cedar fails on every other request. The symbolic
/// compiler takes every entity that is named for one that is there.
pub(crate) fn of_absent_objects(vocabulary: &Vocabulary, loaded: &[Loaded]) -> Vec<Problem> {
    let asks = loaded.iter().filter_map(|one| {
        // What Cedar cannot write as JSON it could not have parsed.
        let (object, attribute) = asked(vocabulary, &one.policy.to_json().unwrap_or_default())?;
        let message =
            format!("`{attribute}` of `{object}` is known only where the request is about it");
        let problem = Problem::at("policy-can-fail", one.location(one.place.effect), message);
        Some(problem.help(format!("ask for `resource.{attribute}`, or write down what it is")))
    });
    asks.collect()
}

/// The first attribute that is asked of an object by its name.
fn asked(vocabulary: &Vocabulary, node: &Value) -> Option<(String, String)> {
    if let Some(access) = node.get(".")
        && let Some(object) = access.get("left").and_then(|left| object(vocabulary, left))
        && let Some(attribute) = access.get("attr").and_then(Value::as_str)
    {
        return Some((object, attribute.to_owned()));
    }
    match node {
        Value::Array(members) => members.iter().find_map(|member| asked(vocabulary, member)),
        Value::Object(fields) => fields.values().find_map(|field| asked(vocabulary, field)),
        _ => None,
    }
}

/// The object that an expression is, or may be, as Cedar writes it.
fn object(vocabulary: &Vocabulary, node: &Value) -> Option<String> {
    if let Some(choice) = node.get("if-then-else") {
        return ["then", "else"]
            .into_iter()
            .find_map(|branch| object(vocabulary, choice.get(branch)?));
    }
    let uid = node.pointer("/Value/__entity")?.clone();
    let uid = cedar_policy::EntityUid::from_json(uid).ok()?;
    let name = |of: &str| Some(format!("{of}::{}", Value::from(vocabulary.name_of(of, &uid)?)));
    ["Object", "TerraformResource"].into_iter().find_map(name)
}

#[cfg(test)]
mod tests {
    use provost_model::Source;

    use crate::{Policies, TypedPolicies};

    fn problems(condition: &str) -> Vec<String> {
        let schema = include_str!("../../../policies/schema.cedarschema");
        let schema = Source::new("schema", schema);
        let policy = format!(
            "@id(\"a\") permit (principal, action == Action::\"waive\", resource)\n\
             when {{ {condition} }};"
        );
        let files = [Source::new("a.cedar", policy)];
        let found = Policies::load(&schema, &files).err().unwrap_or_default();
        // Analysis and gate say the same.
        assert_eq!(TypedPolicies::load(&schema, &files).err().unwrap_or_default(), found);
        found.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn what_is_asked_of_an_object_by_name_would_fail_on_others() {
        let said =
            ["`kind` of `Object::\"Pod/shop/a\"` is known only where the request is about it"];
        assert_eq!(problems(r#"Object::"Pod/shop/a".kind == "Pod""#), said);
        assert_eq!(
            problems(r#"TerraformResource::"aws_vpc.main".module == """#),
            [
                "`module` of `TerraformResource::\"aws_vpc.main\"` is known only where the request is about it"
            ]
        );
        assert_eq!(
            problems(
                r#"true && !((if resource.name == "a" then resource else
                   Object::"Pod/shop/a").kind == "Pod")"#
            ),
            said
        );
        assert_eq!(
            problems(r#"resource == Object::"Pod/shop/a" && resource.kind == "Pod""#),
            [""; 0]
        );
        assert_eq!(
            problems(r#"Namespace::"shop" has owner && Namespace::"shop".owner == Team::"t""#),
            [""; 0]
        );
    }
}
