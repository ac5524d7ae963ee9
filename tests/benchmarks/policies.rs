//! What it costs to ask policies, and to ask what holds of them for all requests.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use jiff::Timestamp;
use provost_analysis::{Means, analyze, compare, failing};
use provost_builtins::{POLICIES, POLICY_SCHEMA};
use provost_model::{Change, Principal, Relation, Severity, Source};
use provost_policy::{Evidence, Policies, TypedPolicies};

use crate::Table;

pub fn policies(table: &mut Table, binary: &Path) {
    decisions(table);
    analyses(table);
    load(table, binary);
}

/// One change decided by ever more policies, all of them about its action.
fn decisions(table: &mut Table) {
    let change = Change {
        principal: Principal::named("alice"),
        environment: Some("production".to_owned()),
        ..Change::default()
    };
    let evidence = Evidence {
        change: change.digest(),
        results: &[],
        waivers: &[],
        blocking: Severity::High,
        now: Timestamp::UNIX_EPOCH,
    };
    for count in [10, 100, 1_000, 10_000] {
        let policies = Policies::load(&schema(), &generated(count));
        let policies = policies.unwrap_or_else(|problems| panic!("{problems:?}"));
        let samples = 20_000 / count.max(100);
        table.time(&format!("one change decided by {count} policies"), samples, || {
            assert_eq!(policies.decide(&change, &evidence).errors, [""; 0]);
        });
    }
}

/// What a gate pays for knowing that no policy of it can fail.
fn load(table: &mut Table, binary: &Path) {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let write = |name: &str, text: &str| {
        fs::write(scratch.path().join(name), text).expect("a file");
    };
    write("pod.yaml", crate::POD);
    write("provost.yaml", "apiVersion: provost.dev/v1\nkind: Gate\npolicies: [generated.cedar]\n");
    let check = || {
        let status = Command::new(binary)
            .args(["check", "pod.yaml"])
            .current_dir(scratch.path())
            .env("PROVOST_CACHE", scratch.path().join("cache"))
            .stdout(Stdio::null())
            .status();
        assert_eq!(status.expect("the binary runs").code(), Some(0));
    };
    for count in [10, 100, 1_000] {
        let text = generated(count)[0].text().to_owned();
        let mut edits = 0;
        // An edit makes other policies of them, while all else is kept.
        table.time(&format!("check of one Pod, {count} policies just edited"), 3, || {
            edits += 1;
            write("generated.cedar", &format!("{text}// {edits}\n"));
            check();
        });
        table.time("  the same, not edited", 10, check);
    }
}

fn analyses(table: &mut Table) {
    let files: Vec<_> = POLICIES.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    let shipped = typed(&files);
    let means = Means::default();
    let kinds = analyze(&shipped, &means, &|_| {}).kinds.len();
    let count = shipped.policies.len();
    let median = table.time(
        &format!("{count} built-in policies analysed for {kinds} kinds of requests"),
        3,
        || assert!(analyze(&shipped, &means, &|_| {}).findings.is_empty()),
    );
    let each = median.as_secs_f64() * 1e3 / f64::from(u32::try_from(kinds).unwrap_or(u32::MAX));
    table.note("  for each kind of request", format!("{each:.1} ms"));
    table.time("  that none of them can fail, without a cache", 10, || {
        assert_eq!(failing(&shipped, &means), Ok(Vec::new()));
    });

    let old = generated(100);
    let new = generated(101);
    table.time("difference of two sets of 100 policies, looser", 5, || {
        let comparison = compare(&typed(&old), &typed(&new), &means, &|_| {});
        let looser = comparison.kinds.iter().filter(|(_, is)| matches!(is, Relation::Looser(_)));
        // Its action has four kinds of principals.
        assert_eq!(looser.count(), 4);
    });
    table.time("difference of two sets of 100 policies, equivalent", 5, || {
        let comparison = compare(&typed(&old), &typed(&old), &means, &|_| {});
        assert!(!comparison.is_looser() && !comparison.is_incomplete());
    });
    let set = typed(&old);
    table.time("analysis of 100 policies", 1, || {
        assert_eq!(analyze(&set, &means, &|_| {}).unknowns, []);
    });
}

fn schema() -> Arc<Source> {
    let (name, text) = POLICY_SCHEMA[0];
    Source::new(name, text)
}

fn typed(files: &[Arc<Source>]) -> TypedPolicies {
    let loaded = TypedPolicies::load(&schema(), files);
    loaded.unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Policies over users, groups, environments, sets, numbers and patterns: one in ten forbids, one
/// in ten holds a pattern. The last is a permit.
fn generated(count: usize) -> Vec<Arc<Source>> {
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
