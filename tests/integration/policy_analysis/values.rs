//! Requests that the solver found hold the values that a policy asks for, of every type that
//! Cedar has: what Z3 writes is read as it was meant.

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, Schema,
};
use proptest::prelude::*;
use provost_analysis::analyze;
use provost_model::Decided;

use super::{means, typed};

const SCHEMA: &str = r#"
    type Inner = { name: String, size: Long, deep: { set: Set<Long> } };
    entity Group;
    entity User in [Group] = { address: ipaddr, words: Set<String>, inner?: Inner } tags Set<String>;
    entity Thing enum ["t", "u"];
    action use appliesTo {
        principal: [User],
        resource: [Thing],
        context: {
            flag: Bool,
            long: Long,
            text: String,
            words: Set<String>,
            sets: Set<Set<Long>>,
            users: Set<Group>,
            inner: Inner,
            inners: Set<Inner>,
            moment: datetime,
            moments: Set<datetime>,
            term: duration,
            fraction: decimal,
            address: ipaddr,
            addresses: Set<ipaddr>,
        },
    };"#;

/// Text as a Cedar literal, in the letters of one script, as policies must be.
fn texts() -> impl Strategy<Value = String> {
    // Quotes, backslashes, what looks like an escape, and what needs one.
    let pieces = prop_oneof![
        "[a-z]{1,4}",
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("\\u{61}".to_owned()),
        Just("\\u0062".to_owned()),
        Just("\u{0}\n\t\u{7f}".to_owned()),
        Just("äß€𝄞".to_owned()),
        Just(";(|)".to_owned()),
        // What an encoder that looked for commands in texts would take for one.
        Just("(reset)(assert false);".to_owned()),
    ];
    let latin = prop::collection::vec(pieces, 0..4).prop_map(|pieces| pieces.concat());
    // SMT-LIB knows characters up to U+2FFFF.
    let others = prop_oneof!["[α-ω]{1,4}", "[\u{4e00}-\u{9fa5}\u{2f800}-\u{2fa1d}]{1,4}"];
    prop_oneof![3 => latin, 1 => others].prop_map(|text| format!("\"{}\"", escaped(&text)))
}

fn escaped(text: &str) -> String {
    text.chars().map(|one| format!("\\u{{{:x}}}", u32::from(one))).collect()
}

/// Names that a policy may hold: nothing that reads differently than it is parsed.
fn names() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 _.:'-]{0,5}".prop_map(|name| format!("\"{name}\""))
}

fn longs() -> impl Strategy<Value = String> {
    let extremes = prop::sample::select(vec![i64::MIN, -1, 0, 1, i64::MAX]);
    // The least of them is no literal of Cedar: it is written as a difference.
    prop_oneof![extremes, any::<i64>()].prop_map(|value| match value {
        i64::MIN => format!("({} - 1)", i64::MIN + 1),
        value => value.to_string(),
    })
}

fn moments() -> impl Strategy<Value = String> {
    let at = prop::sample::select(vec![
        "1969-12-31T23:59:59.999Z",
        "1970-01-01",
        "2026-11-26T08:30:00Z",
        "9999-12-31",
        "0001-01-01",
    ]);
    at.prop_map(|at| format!("datetime(\"{at}\")"))
}

fn fractions() -> impl Strategy<Value = String> {
    let some = prop::sample::select(vec![
        "0.0",
        "-1.5",
        "1.2345",
        "922337203685477.5807",
        "-922337203685477.5808",
    ]);
    some.prop_map(|value| format!("decimal(\"{value}\")"))
}

fn terms() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["0ms", "-1d2h3m4s5ms", "90d", "9223372036854775807ms"])
        .prop_map(|value| format!("duration(\"{value}\")"))
}

fn addresses() -> impl Strategy<Value = String> {
    let some = prop::sample::select(vec![
        "0.0.0.0",
        "10.1.2.3",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "1.2.3.4/32",
        "::",
        "::1/128",
        "::/0",
        "2001:db8::ff00:42:8329",
        "fe80::/10",
    ]);
    some.prop_map(|value| format!("ip(\"{value}\")"))
}

fn inners() -> impl Strategy<Value = String> {
    (texts(), longs(), prop::collection::vec(longs(), 1..6)).prop_map(|(name, size, longs)| {
        format!("{{ name: {name}, size: {size}, deep: {{ set: {} }} }}", set(&longs))
    })
}

fn set(items: &[String]) -> String {
    format!("[{}]", items.join(", "))
}

/// That an attribute is a set of up to five of these. Cedar has no literal for the empty set.
fn is_set(
    what: &'static str,
    item: impl Strategy<Value = String>,
) -> impl Strategy<Value = String> {
    prop::collection::vec(item, 0..6).prop_map(move |items| match items.as_slice() {
        [] => format!("{what}.isEmpty()"),
        items => format!("{what} == {}", set(items)),
    })
}

fn is(what: &'static str, value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    value.prop_map(move |value| format!("{what} == {value}"))
}

/// Conditions that leave nothing open, and a few about what may be absent.
fn conditions() -> impl Strategy<Value = String> {
    let plain = (
        prop::sample::select(vec!["context.flag", "!context.flag"]).prop_map(str::to_owned),
        is("context.long", longs()),
        is("context.text", texts()),
        is("context.moment", moments()),
        is("context.term", terms()),
        is("context.fraction", fractions()),
        is("context.address", addresses()),
        is("context.inner", inners()),
    );
    let sets = (
        is_set("context.words", texts()),
        is_set("context.sets", prop::collection::vec(longs(), 1..4).prop_map(|longs| set(&longs))),
        is_set("context.users", names().prop_map(|name| format!("Group::{name}"))),
        is_set("context.inners", inners()),
        is_set("context.moments", moments()),
        is_set("context.addresses", addresses()),
    );
    let entities = (
        is("principal.address", addresses()),
        is_set("principal.words", texts()),
        inners().prop_map(|inner| format!("principal has inner && principal.inner == {inner}")),
        (names(), is_set("principal.getTag(\"a\\\"b\")", texts())).prop_map(|(group, tag)| {
            format!("principal.hasTag(\"a\\\"b\") && {tag} && principal in Group::{group}")
        }),
    );
    (plain, sets, entities).prop_map(|(plain, sets, entities)| {
        let (a, b, c, d, e, f, g, h) = plain;
        let (i, j, k, l, m, n) = sets;
        let (o, p, q, r) = entities;
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r].join(" &&\n")
    })
}

/// That the analysis finds a request that these policies allow, and that Cedar agrees.
fn assert_found(text: &str) -> Result<(), TestCaseError> {
    let policies = typed(SCHEMA, text);
    prop_assert!(policies.is_ok(), "{policies:?}\n{text}");
    let analysis = analyze(&policies.unwrap(), &means(), &|_| {});
    prop_assert_eq!(&analysis.unknowns, &[], "{}", text);
    let Decided::Depends { allowed, .. } = &analysis.kinds[0].1 else {
        return Err(TestCaseError::fail(format!("{:?}\n{text}", analysis.kinds)));
    };
    // What is shown is all that Cedar needs to decide alike.
    let (schema, _) = Schema::from_cedarschema_str(SCHEMA).unwrap();
    let uid =
        |field: &str| -> EntityUid { allowed.request[field].as_str().unwrap().parse().unwrap() };
    let action = uid("action");
    let context = allowed.request["context"].clone();
    let context = Context::from_json_value(context, Some((&schema, &action))).unwrap();
    let (principal, resource) = (uid("principal"), uid("resource"));
    let request = Request::new(principal, action, resource, context, Some(&schema)).unwrap();
    let entities = Entities::from_json_value(allowed.entities.clone(), Some(&schema)).unwrap();
    let set: PolicySet = text.parse().unwrap();
    let response = Authorizer::new().is_authorized(&request, &set, &entities);
    prop_assert_eq!(response.decision(), Decision::Allow, "{}\n{:?}", text, allowed);
    Ok(())
}

/// Z3 leaves elements out of a set in a record when they also make another set.
#[test]
fn sets_that_share_elements_are_whole() {
    let text = r#"permit (principal, action, resource) when {
        context.flag &&
        context.long == (-9223372036854775807 - 1) &&
        context.text == "" &&
        context.moment == datetime("1969-12-31T23:59:59.999Z") &&
        context.term == duration("0ms") &&
        context.fraction == decimal("0.0") &&
        context.address == ip("0.0.0.0") &&
        context.inner == { name: "", size: (-9223372036854775807 - 1), deep: { set: [-1, 0, (-9223372036854775807 - 1)] } } &&
        context.words.isEmpty() &&
        context.sets.isEmpty() &&
        context.users.isEmpty() &&
        context.inners.isEmpty() &&
        context.moments.isEmpty() &&
        context.addresses.isEmpty() &&
        principal.address == ip("0.0.0.0") &&
        principal.words.isEmpty() &&
        principal has inner && principal.inner == { name: "", size: (-9223372036854775807 - 1), deep: { set: [-1, (-9223372036854775807 - 1)] } } &&
        principal.hasTag("a\"b") && principal.getTag("a\"b").isEmpty() && principal in Group::""
    };"#;
    assert_found(text).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_request_that_is_found_holds_what_is_asked_for(conditions in conditions()) {
        let text = format!("permit (principal, action, resource) when {{\n{conditions}\n}};");
        assert_found(&text)?;
    }
}
