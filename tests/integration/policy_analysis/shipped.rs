//! The policies that ship: nothing to correct in them, their guarantees are proved, and there is
//! one for each that somebody would notice if it went away.

use provost_analysis::{Guarantees, analyze, failing, guaranteed};
use provost_builtins::{POLICIES, POLICY_GUARANTEES};
use provost_model::{Guaranteed, Relation};
use provost_policy::TypedPolicies;

use super::{VOCABULARY, means, policies, source};

fn shipped() -> TypedPolicies {
    let files: Vec<_> = POLICIES.iter().map(|(name, text)| source(name, text)).collect();
    TypedPolicies::load(&source("schema", VOCABULARY), &files).unwrap()
}

fn guarantees() -> Vec<Guarantees> {
    let read = |(name, text): &(&str, &str)| Guarantees::read(&source(name, text)).unwrap();
    POLICY_GUARANTEES.iter().map(read).collect()
}

#[test]
fn nothing_is_to_be_corrected_and_every_guarantee_is_proved() {
    let policies = shipped();
    let analysis = analyze(&policies, &means(), &|_| {});
    assert_eq!(analysis.findings, []);
    assert_eq!(analysis.unknowns, []);
    assert_eq!(failing(&policies, &means()), Ok(Vec::new()));
    let records = guaranteed(&policies, &guarantees(), &means(), &|_| {}).unwrap();
    for record in &records {
        // Nothing that ships is an exception, and so nothing is to be waived.
        assert_eq!(record.outcome, Guaranteed::Proved, "{}", record.id);
    }
    assert!(records.len() >= 7);
}

/// What makes every guarantee speak of something: an exception for everything.
const OPEN: &str = r#"
    @id("open") @owner("o") @reason("r") @expires("2099-12-31")
    permit (principal, action == Action::"waive", resource);"#;

#[test]
fn every_forbid_that_ships_is_noticed_when_it_goes_away() {
    let mut whole = shipped();
    whole.policies.extend(policies(OPEN).policies);
    for at in 0..whole.policies.len() {
        let one = &whole.policies[at];
        if one.policy.effect() == cedar_policy::Effect::Permit {
            continue;
        }
        let id = one.reference.id.clone();
        let mut less = whole.clone();
        less.policies.remove(at);
        let records = guaranteed(&less, &guarantees(), &means(), &|_| {}).unwrap();
        let broken =
            records.iter().filter(|record| matches!(record.outcome, Guaranteed::Broken(_))).count();
        // The gate ends exceptions itself, whatever policies say.
        if id == "exceptions-expire" {
            let analysis = analyze(&less, &means(), &|_| {});
            let expire = analysis.guarantees.iter().find(|one| one.id == "exceptions-expire");
            assert!(matches!(expire.unwrap().outcome, Guaranteed::Broken(_)));
        } else {
            assert!(broken > 0, "nobody would notice that `{id}` is gone");
        }
    }
}

#[test]
fn an_exception_keeps_to_its_subject_and_ends() {
    let guards = POLICIES.iter().find(|(name, _)| name.ends_with("waive.cedar")).unwrap().1;
    let exceptions = r#"
        @id("one") @owner("a") @reason("r") @expires("2027-03-31")
        permit (principal, action == Action::"waive", resource == Object::"Pod/a/b")
        when { context.rule == "no-host-path" };
        @id("two") @owner("b") @reason("s") @expires("2027-06-30")
        permit (principal, action == Action::"waive", resource in Namespace::"lab")
        when { ["pss-host-ports", "pss-privileged-containers"].contains(context.rule) };"#;
    let outcomes = |text: &str| {
        let analysis = analyze(&policies(text), &means(), &|_| {});
        let outcomes = analysis.guarantees.into_iter().map(|record| (record.id, record.outcome));
        (outcomes.collect::<Vec<_>>(), analysis.findings)
    };
    let (proved, findings) = outcomes(&format!("{guards}{exceptions}"));
    let both = ["exceptions-expire", "exceptions-keep-to-their-subjects"];
    assert_eq!(proved, both.map(|id| (id.to_owned(), Guaranteed::Proved)));
    assert_eq!(findings, []);

    // Without the guard only the gate ends them, and an exception that names a rule but lets
    // another through is not about what it names.
    let stray = exceptions.replace("context.rule ==", "context.rule !=");
    let (broken, _) = outcomes(&stray);
    for (id, outcome) in broken {
        assert!(matches!(outcome, Guaranteed::Broken(_)), "{id}: {outcome:?}");
    }
    let (_, findings) = outcomes(&format!("{guards}{OPEN}"));
    let messages: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages, ["the exception `open` covers every rule and every object"]);
}

#[test]
fn a_guarantee_that_says_nothing_is_called_vacuous() {
    let file = |text: &str| {
        let head = "apiVersion: provost.dev/v1\nkind: PolicyGuarantees\nguarantees:\n";
        Guarantees::read(&source("g.yaml", &format!("{head}{text}"))).unwrap()
    };
    let outcome = |text: &str| {
        let records = guaranteed(&shipped(), &[file(text)], &means(), &|_| {}).unwrap();
        records.into_iter().next().unwrap().outcome
    };
    let never = outcome(
        "  - {id: a, title: t, actions: [apply], when: 'context.blocking > 1 && \
         context.blocking < 0', decision: deny}\n",
    );
    assert_eq!(never, Guaranteed::Vacuous("no request is as its `when` says".to_owned()));
    let denied =
        outcome("  - {id: a, title: t, actions: [waive], requires: 'context.owner == \"x\"'}\n");
    assert!(matches!(denied, Guaranteed::Vacuous(reason) if reason.contains("decision: deny")));
    let broken = outcome(
        "  - {id: a, title: t, actions: [apply], decision: allow, when: \
         'resource != Environment::\"production\"'}\n",
    );
    assert_eq!(broken, Guaranteed::Proved);
    let broken = outcome("  - {id: a, title: t, actions: [apply], decision: allow}\n");
    assert!(matches!(broken, Guaranteed::Broken(_)));
}

#[test]
fn an_exception_that_ends_later_loosens_and_another_reason_does_not() {
    let exception = |reason: &str, day: &str| {
        policies(&format!(
            r#"@id("one") @owner("a") @reason("{reason}") @expires("{day}")
            permit (principal, action == Action::"waive", resource == Object::"Pod/a/b")
            when {{ context.rule == "no-host-path" }};"#
        ))
    };
    let relation = |old: &TypedPolicies, new: &TypedPolicies| {
        let comparison = provost_analysis::compare(old, new, &means(), &|_| {});
        let waive = comparison.kinds.into_iter().find(|(kind, _)| kind.action.contains("waive"));
        waive.unwrap().1
    };
    let old = exception("r", "2027-03-31");
    assert_eq!(relation(&old, &exception("s", "2027-03-31")), Relation::Equivalent);
    assert!(matches!(relation(&old, &exception("r", "2027-04-01")), Relation::Looser(_)));
    assert!(matches!(relation(&old, &exception("r", "2027-03-30")), Relation::Tighter(_)));
    // Without an owner it may never be used.
    assert!(matches!(relation(&old, &exception("", "2027-04-01")), Relation::Tighter(_)));
}
