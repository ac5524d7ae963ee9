//! Small policies over a small world, where every request can be asked: the analysis says what
//! asking all of them says.

use std::collections::BTreeSet;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, Policy, PolicySet, Request, Schema,
};
use proptest::prelude::*;
use provost_analysis::{analyze, compare};
use provost_model::{Decided, Relation};
use provost_policy::{TypedPolicies, TypedPolicy};
use serde_json::json;

use super::{means, typed};

const SCHEMA: &str = r#"
    entity Group;
    entity User in [Group];
    entity Thing;
    action use appliesTo {
        principal: [User],
        resource: [Thing],
        context: { flag: Bool, words: Set<String>, count: Long, kind?: String },
    };"#;

/// What conditions are made of. Names that no atom speaks of behave alike, so that one stands
/// for all.
const ATOMS: [&str; 11] = [
    "context.flag",
    r#"context.words.contains("p")"#,
    r#"context.words.containsAll(["p", "q"])"#,
    "context.words.isEmpty()",
    r#"principal == User::"a""#,
    r#"principal in Group::"g""#,
    r#"resource == Thing::"t""#,
    "context.count + 1 > 0",
    "context.count > 0",
    r#"(context has kind && context.kind like "x*")"#,
    "true",
];

fn conditions() -> impl Strategy<Value = String> {
    let atom = prop::sample::select(ATOMS.to_vec()).prop_map(str::to_owned);
    atom.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("!({one})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} || {b})")),
        ]
    })
}

fn one_policy() -> impl Strategy<Value = String> {
    let effect = prop::sample::select(vec!["permit", "permit", "forbid"]);
    let principal = prop::sample::select(vec![
        "principal",
        "principal",
        r#"principal == User::"a""#,
        r#"principal in Group::"g""#,
    ]);
    (effect, principal, prop::option::of(conditions())).prop_map(
        |(effect, principal, condition)| {
            let condition = condition.map(|text| format!(" when {{ {text} }}")).unwrap_or_default();
            format!("{effect} ({principal}, action, resource){condition};\n")
        },
    )
}

fn sets() -> impl Strategy<Value = String> {
    prop::collection::vec(one_policy(), 1..5).prop_map(|policies| policies.concat())
}

/// Every request that can differ from another in what an atom says of it.
fn world(schema: &Schema) -> Vec<(Request, Entities)> {
    let mut all = Vec::new();
    let words = ["p", "q", "o"];
    for (user, member) in [("a", false), ("a", true), ("b", false), ("b", true)] {
        let user: EntityUid = format!("User::\"{user}\"").parse().unwrap();
        let group: EntityUid = "Group::\"g\"".parse().unwrap();
        let parents = if member { [group].into() } else { [].into() };
        let user_entity = Entity::new_no_attrs(user.clone(), parents);
        let entities = Entities::from_entities([user_entity], Some(schema)).unwrap();
        for thing in ["t", "u"] {
            for (flag, subset, count, kind) in facts() {
                let words: Vec<_> =
                    words.iter().enumerate().filter(|(bit, _)| subset >> bit & 1 == 1).collect();
                let words: Vec<_> = words.into_iter().map(|(_, word)| word).collect();
                let mut context = json!({"flag": flag, "words": words, "count": count});
                if let Some(kind) = kind {
                    context["kind"] = json!(kind);
                }
                let action: EntityUid = "Action::\"use\"".parse().unwrap();
                let context = Context::from_json_value(context, Some((schema, &action))).unwrap();
                let thing: EntityUid = format!("Thing::\"{thing}\"").parse().unwrap();
                let request =
                    Request::new(user.clone(), action, thing, context, Some(schema)).unwrap();
                all.push((request, entities.clone()));
            }
        }
    }
    all
}

fn facts() -> impl Iterator<Item = (bool, u32, i64, Option<&'static str>)> {
    [false, true].into_iter().flat_map(|flag| {
        (0..8).flat_map(move |subset| {
            [0, -1, 1, i64::MAX].into_iter().flat_map(move |count| {
                [None, Some("x1"), Some("y")]
                    .into_iter()
                    .map(move |kind| (flag, subset, count, kind))
            })
        })
    })
}

/// The answers of these policies to every request, and to which any of them fails.
fn answers(policies: &[&Policy], world: &[(Request, Entities)]) -> Vec<(bool, bool)> {
    let policies = policies.iter().map(|policy| (*policy).clone());
    let set = PolicySet::from_policies(policies).unwrap();
    world
        .iter()
        .map(|(request, entities)| {
            let response = Authorizer::new().is_authorized(request, &set, entities);
            let failed = response.diagnostics().errors().next().is_some();
            (response.decision() == Decision::Allow, failed)
        })
        .collect()
}

fn allowed(policies: &[&Policy], world: &[(Request, Entities)]) -> Vec<bool> {
    answers(policies, world).into_iter().map(|(allowed, _)| allowed).collect()
}

/// Does any request match it?
fn matches(policy: &Policy, world: &[(Request, Entities)]) -> bool {
    let set = PolicySet::from_policies([policy.clone()]).unwrap();
    world.iter().any(|(request, entities)| {
        let response = Authorizer::new().is_authorized(request, &set, entities);
        response.diagnostics().reason().next().is_some()
    })
}

fn all(policies: &TypedPolicies) -> Vec<&Policy> {
    policies.policies.iter().map(|one| &one.policy).collect()
}

/// That a comparison says what every request says.
fn assert_compared(old: &str, new: &str) -> Result<(), TestCaseError> {
    let (Ok(old_set), Ok(new_set)) = (typed(SCHEMA, old), typed(SCHEMA, new)) else {
        return Ok(());
    };
    let comparison = compare(&old_set, &new_set, &means(), &|_| {});
    let world = world(&new_set.schema);
    let before = allowed(&all(&old_set), &world);
    let after = allowed(&all(&new_set), &world);
    let gained = before.iter().zip(&after).any(|(before, after)| !before && *after);
    let lost = before.iter().zip(&after).any(|(before, after)| *before && !after);
    let relation = &comparison.kinds[0].1;
    let expected = match (gained, lost) {
        (false, false) => *relation == Relation::Equivalent,
        (true, false) => matches!(relation, Relation::Looser(_)),
        (false, true) => matches!(relation, Relation::Tighter(_)),
        (true, true) => matches!(relation, Relation::Incomparable { .. }),
    };
    prop_assert!(expected, "{relation:?}\nold:\n{old}\nnew:\n{new}");
    prop_assert_eq!(comparison.is_looser(), gained);
    Ok(())
}

/// Z3 leaves an element out of the set where what puts it there matters to nothing else.
#[test]
fn an_element_that_nothing_depends_on_is_there() {
    let old = r#"
        permit (principal, action, resource)
        when { context.words.isEmpty() || (context has kind && context.kind like "x*") };
        forbid (principal, action, resource)
        when { context.words.contains("p") || context.flag };"#;
    let new = r#"
        permit (principal, action, resource)
        when {
            context.words.containsAll(["p", "q"]) || (context has kind && context.kind like "x*")
        };"#;
    assert_compared(old, new).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn an_analysis_says_what_every_request_says(text in sets()) {
        let Ok(policies) = typed(SCHEMA, &text) else { return Ok(()) };
        let analysis = analyze(&policies, &means(), &|_| {});
        prop_assert_eq!(&analysis.unknowns, &[], "{}", text);
        let world = world(&policies.schema);
        let found = |rules: &[&str]| -> BTreeSet<&str> {
            let found = analysis.findings.iter();
            let found = found.filter(|finding| rules.contains(&finding.check.id.as_str()));
            found.map(|finding| finding.policy.id.as_str()).collect()
        };
        let every = |is_it: &dyn Fn(&Policy) -> bool| -> BTreeSet<&str> {
            let policies = policies.policies.iter().filter(|one| is_it(&one.policy));
            policies.map(|one| one.reference.id.as_str()).collect()
        };

        let fails = |policy: &Policy| answers(&[policy], &world).iter().any(|(_, failed)| *failed);
        prop_assert_eq!(found(&["policy-can-fail"]), every(&fails), "{}", text);
        let idle = every(&|policy| !matches(policy, &world));
        prop_assert_eq!(found(&["policy-never-matches"]), idle.clone(), "{}", text);

        let whole = allowed(&all(&policies), &world);
        let decided = &analysis.kinds[0].1;
        let expected = match (whole.contains(&true), whole.contains(&false)) {
            (true, true) => matches!(decided, Decided::Depends { .. }),
            (true, false) => *decided == Decided::AlwaysAllowed,
            _ => matches!(decided, Decided::AlwaysDenied { .. }),
        };
        prop_assert!(expected, "{decided:?}\n{text}");

        // All that make no difference can go at once.
        let vain = found(&["policy-redundant", "policy-shadowed", "policy-conflict", "policy-forbids-nothing"]);
        let is_kept = |one: &TypedPolicy| !vain.contains(one.reference.id.as_str());
        let left: Vec<_> =
            policies.policies.iter().filter(|one| is_kept(one)).map(|one| &one.policy).collect();
        prop_assert_eq!(&allowed(&left, &world), &whole, "{}", text);
        // Each of the others makes a difference, even when what is reported after it is gone:
        // of two that say the same, the later one is reported. (When what is reported before it
        // is gone too, a forbid may be left that contradicted a permit and now guards nothing.)
        // A forbid where nothing is permitted is a guard, of which nothing is said.
        let any_permit = policies.policies.iter().any(|one| {
            one.policy.effect() == cedar_policy::Effect::Permit && matches(&one.policy, &world)
        });
        for (place, one) in policies.policies.iter().enumerate() {
            if !any_permit || !is_kept(one) || idle.contains(one.reference.id.as_str()) {
                continue;
            }
            let others = policies.policies.iter().enumerate();
            let others = others.filter(|(at, other)| *at < place || *at > place && is_kept(other));
            let others: Vec<_> = others.map(|(_, other)| &other.policy).collect();
            prop_assert!(allowed(&others, &world) != whole, "{} in\n{}", one.reference.id, text);
        }
    }

    #[test]
    fn a_comparison_says_what_every_request_says(old in sets(), new in sets()) {
        assert_compared(&old, &new)?;
    }
}
