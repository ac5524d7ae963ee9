//! Tests of exceptions ask as a gate does: each exception on its own, with the guards.

use provost_model::Source;
use provost_policy::{Policies, PolicyTests};

use crate::packs::{default_pack, schema};

/// Is a violation waived by these policies and the pack `default`, as a case of a test asks?
fn waives(policies: &str, context: &str) -> bool {
    let mut files = default_pack();
    files.push(Source::new("own.cedar", policies));
    let policies = Policies::load(&schema(), &files).expect("policies");
    let text = format!(
        "apiVersion: provost.dev/v1\nkind: PolicyTests\ncases:\n  - name: a\n    action: waive\n    by: []\n    \
         resource: Pod/shop/a\n    context: {context}\n    decision: deny\n"
    );
    let tests = PolicyTests::read(&Source::new("tests.yaml", text)).expect("tests");
    let tested = tests.run(&policies).expect("answers");
    tested.iter().flat_map(|one| &one.differences).any(|one| one == "expected deny, it is allow")
}

const ENDS: &str = r#"@id("e") @owner("o") @reason("r") @expires("2026-02-01")"#;
const WAIVES: &str = r#"permit (principal, action == Action::"waive", resource);"#;

#[test]
fn only_an_exception_with_owner_reason_and_end_waives() {
    assert!(waives(&format!("{ENDS} {WAIVES}"), "{}"));
    assert!(!waives(r#"@id("all") permit (principal, action, resource);"#, "{}"));
    assert!(!waives(&format!(r#"@id("e") {WAIVES}"#), "{}"));
    assert!(!waives("", "{}"));
}

#[test]
fn annotations_of_an_exception_are_the_context_where_a_question_is_silent() {
    let own = r#"@id("e") @owner("o") @reason("r") @expires("2026-02-01")
        permit (principal, action == Action::"waive", resource)
        when { context.owner == "o" && context.remaining == duration("16d12h") };"#;
    assert!(waives(own, "{}"));
    assert!(!waives(own, "{ owner: p }"));
    let over = format!("{ENDS} {WAIVES}");
    assert!(!waives(&over, r#"{ now: "2026-02-01T00:00:00Z" }"#));
    assert!(!waives(&over, r#"{ severity: critical }"#));
}

#[test]
fn two_exceptions_never_add_up() {
    let guard = r#"@id("g") forbid (principal, action == Action::"waive", resource)
        when { context.owner == "o" };"#;
    let other = r#"@id("f") @owner("p") @reason("r") @expires("2026-02-01")"#;
    let nothing =
        r#"permit (principal, action == Action::"waive", resource == Object::"Pod/shop/b");"#;
    let policies = format!("{guard} {ENDS} {WAIVES} {other} {nothing}");
    assert!(!waives(&policies, "{}"));
}
