//! The policies that ship: nothing to correct in them, their guarantees are proved, and there is
//! one for each that somebody would notice if it went away.

use std::collections::BTreeSet;

use provost_analysis::{Guarantees, analyze, failing, guaranteed};
use provost_builtins::{POLICIES, POLICY_GUARANTEES};
use provost_model::{GuaranteeRecord, Guaranteed, Relation};
use provost_policy::TypedPolicies;

use super::{VOCABULARY, means, policies, source};

/// The packs, in order of name.
fn packs() -> BTreeSet<&'static str> {
    POLICIES.iter().map(|(name, _)| name.split('/').nth(1).unwrap()).collect()
}

/// The built-in policies that a gate with these packs has.
fn shipped(packs: &[&str]) -> TypedPolicies {
    let files = POLICIES.iter().filter(|(name, _)| is_of(name, packs));
    let files: Vec<_> = files.map(|(name, text)| source(name, text)).collect();
    TypedPolicies::load(&source("schema", VOCABULARY), &files).unwrap()
}

fn guarantees(packs: &[&str]) -> Vec<Guarantees> {
    let files = POLICY_GUARANTEES.iter().filter(|(name, _)| is_of(name, packs));
    files.map(|(name, text)| Guarantees::read(&source(name, text)).unwrap()).collect()
}

/// Is a file in the folder of one of these packs?
fn is_of(name: &str, packs: &[&str]) -> bool {
    name.split('/').nth(1).is_some_and(|pack| packs.contains(&pack))
}

/// Nothing that ships is an exception: of them, nothing is said.
fn assert_proved(records: &[GuaranteeRecord], packs: &[&str]) {
    for record in records {
        assert_eq!(record.outcome, Guaranteed::Proved, "{} with {packs:?}", record.id);
    }
}

#[test]
fn nothing_is_to_be_corrected_and_every_guarantee_is_proved_whatever_a_gate_asks_for() {
    let mut gates: Vec<Vec<&str>> = packs().into_iter().map(|pack| vec![pack]).collect();
    gates.extend(
        packs().into_iter().filter(|pack| *pack != "default").map(|pack| vec!["default", pack]),
    );
    gates.push(packs().into_iter().collect());
    for packs in &gates {
        let records = guaranteed(&shipped(packs), &guarantees(packs), &means(), &|_| {}).unwrap();
        assert_proved(&records, packs);
        assert!(records.len() >= packs.len(), "a pack of {packs:?} guarantees nothing");
    }
    // Packs of their own are analysed with less to contradict; all together contradict most.
    for packs in [&gates[0], gates.last().unwrap()] {
        let policies = shipped(packs);
        let analysis = analyze(&policies, &means(), &|_| {});
        assert_eq!(analysis.findings, [], "{packs:?}");
        assert_eq!(analysis.unknowns, [], "{packs:?}");
        assert_eq!(failing(&policies, &means()), Ok(Vec::new()), "{packs:?}");
    }
}

/// What makes every guarantee speak of something: an exception for everything.
const OPEN: &str = r#"
    @id("open") @owner("o") @reason("r") @expires("2099-12-31")
    permit (principal, action == Action::"waive", resource);"#;

#[test]
fn every_forbid_that_ships_is_noticed_when_it_goes_away() {
    let mut unnoticed = Vec::new();
    for pack in packs() {
        let mut whole = shipped(&["default", pack]);
        whole.policies.extend(policies(OPEN).policies);
        for at in 0..whole.policies.len() {
            let one = &whole.policies[at];
            let file = one.effect.source.name();
            if !is_of(file, &[pack]) || one.policy.effect() == cedar_policy::Effect::Permit {
                continue;
            }
            let mut less = whole.clone();
            less.policies.remove(at);
            // The gate ends exceptions itself, whatever policies say.
            let is_broken =
                |record: &GuaranteeRecord| matches!(record.outcome, Guaranteed::Broken(_));
            let noticed = if one.reference.id == "exceptions-expire" {
                let analysis = analyze(&less, &means(), &|_| {});
                analysis
                    .guarantees
                    .iter()
                    .any(|one| one.id == "exceptions-expire" && is_broken(one))
            } else {
                let records = guaranteed(&less, &guarantees(&[pack]), &means(), &|_| {}).unwrap();
                records.iter().any(is_broken)
            };
            if !noticed {
                unnoticed.push(format!("{pack}: {}", one.reference.id));
            }
        }
    }
    assert_eq!(unnoticed, [""; 0], "nobody would notice that these are gone");
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
        let records = guaranteed(&shipped(&["default"]), &[file(text)], &means(), &|_| {}).unwrap();
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
