//! What it costs to ask what holds of policies for all requests.

use std::fmt::Write as _;

use provost_analysis::{Means, analyze, compare, failing};
use provost_builtins::{POLICIES, POLICY_SCHEMA};
use provost_model::{Relation, Source};
use provost_policy::TypedPolicies;

use crate::Table;

pub fn policies(table: &mut Table) {
    let files: Vec<_> = POLICIES.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    let shipped = load(&files);
    let means = Means::default();
    let kinds = analyze(&shipped, &means, &|_| {}).kinds.len();
    let count = shipped.policies.len();
    let median = table.time(
        &format!("{count} built-in policies analysed for {kinds} kinds of requests"),
        10,
        || assert!(analyze(&shipped, &means, &|_| {}).findings.is_empty()),
    );
    let each = median.as_secs_f64() * 1e3 / f64::from(u32::try_from(kinds).unwrap_or(u32::MAX));
    table.note("  for each kind of request", format!("{each:.1} ms"));
    table.time("  that none of them can fail, without a cache", 50, || {
        assert_eq!(failing(&shipped, &means), Ok(Vec::new()));
    });

    let old = generated(100);
    let new = generated(101);
    table.time("difference of two sets of 100 policies, looser", 5, || {
        let comparison = compare(&load(&old), &load(&new), &means, &|_| {});
        let looser = comparison.kinds.iter().filter(|(_, is)| matches!(is, Relation::Looser(_)));
        assert_eq!(looser.count(), 1);
    });
    table.time("difference of two sets of 100 policies, equivalent", 5, || {
        let comparison = compare(&load(&old), &load(&old), &means, &|_| {});
        assert!(!comparison.is_looser() && !comparison.is_incomplete());
    });
    let set = load(&old);
    table.time("analysis of 100 policies", 1, || {
        assert_eq!(analyze(&set, &means, &|_| {}).unknowns, []);
    });
}

fn load(files: &[std::sync::Arc<Source>]) -> TypedPolicies {
    let (name, text) = POLICY_SCHEMA[0];
    let loaded = TypedPolicies::load(&Source::new(name, text), files);
    loaded.unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Policies over users, groups, environments, sets, numbers and patterns: one in ten forbids, one
/// in ten holds a pattern. The last is a permit.
fn generated(count: usize) -> Vec<std::sync::Arc<Source>> {
    let mut text = String::new();
    for number in 0..count {
        let condition = match number % 10 {
            3 => format!("resource in Environment::\"e{number}\""),
            5 => format!("context.change like \"sha256:{number}*\""),
            7 => format!("context.blocking < {number} && context.kinds.contains(\"K{number}\")"),
            _ => format!("context.namespaces.contains(\"n{number}\")"),
        };
        let (effect, scope) = match number % 10 {
            9 => ("forbid", "principal".to_owned()),
            _ => ("permit", format!("principal in Group::\"g{}\"", number % 20)),
        };
        let _ = writeln!(
            text,
            "@id(\"p{number}\") {effect} ({scope}, action == Action::\"apply\", resource) \
             when {{ {condition} }};"
        );
    }
    vec![Source::new("generated.cedar", text)]
}
