#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::fmt::Write as _;

use proptest::prelude::*;

use super::super::tests::judged;
use super::*;

const HEAD: &str = "apiVersion: provost.dev/v1\nkind: Pipeline\nmetadata: { name: a }\nspec:\n";

/// Transitions as `from to event`, from line 7 on.
fn pipeline(start: &str, transitions: &[(String, String, String)]) -> String {
    let mut text = format!("{HEAD}  start: {start}\n  transitions:\n");
    for (from, to, on) in transitions {
        writeln!(text, "  - {{ from: {from}, to: {to}, on: {on} }}").unwrap();
    }
    text
}

fn one(start: &str, words: &str) -> Vec<String> {
    let transitions = words.lines().map(|line| {
        let mut words = line.split_whitespace().map(str::to_owned);
        (words.next().unwrap(), words.next().unwrap(), words.next().unwrap())
    });
    judged(&pipeline(start, &transitions.collect::<Vec<_>>()))
}

/// From, and every stage a run that starts in `NotStarted` may go to on `OnFailure`.
const VALID: [(&str, &str); 8] = [
    ("NotStarted", "Building Testing SecurityScan Deploying"),
    ("Building", "NotStarted Building Testing SecurityScan Deploying Failed"),
    ("Testing", "NotStarted Building Testing SecurityScan Deploying Failed"),
    ("SecurityScan", "NotStarted Building Testing SecurityScan Deploying Failed"),
    ("Deploying", "NotStarted Building Testing SecurityScan Deploying Deployed Failed RolledBack"),
    ("Deployed", "NotStarted Building RolledBack"),
    ("Failed", "NotStarted Building RolledBack"),
    ("RolledBack", "NotStarted Building"),
];

#[test]
fn every_transition_is_valid_or_not_as_the_table_says() {
    for (from, valid) in VALID {
        let valid: Vec<_> = valid.split(' ').collect();
        for to in Stage::ALL.map(|stage| format!("{stage:?}")) {
            let problems = one("NotStarted", &format!("{from} {to} OnFailure"));
            if valid.contains(&to.as_str()) {
                assert_eq!(problems, Vec::<String>::new(), "{from} {to}");
                continue;
            }
            assert_eq!(problems.len(), 1, "{from} {to}");
            // The states, the place, and every stage that would be right.
            let place = format!("a.yaml:7:{}: ", "  - { from: , to: ".len() + from.len() + 1);
            let start = format!("{place}a run cannot go from `{from}` to `{to}`: ");
            assert!(problems[0].starts_with(&start), "{}", problems[0]);
            let (last, most) = valid.split_last().unwrap();
            let listed = format!("`{}` or `{last}`", most.join("`, `"));
            let end = format!("[pipeline-transition]; from `{from}` it may go to {listed}");
            assert!(problems[0].ends_with(&end), "{}", problems[0]);
        }
    }
}

#[test]
fn mistakes_are_told_with_their_reason() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "NotStarted",
            "NotStarted Deployed Always",
            &[
                "7:29: a run cannot go from `NotStarted` to `Deployed`: nothing deploys on the way: only `Deploying` leads to `Deployed` [pipeline-transition]; from `NotStarted` it may go to `Building`, `Testing`, `SecurityScan` or `Deploying`",
            ],
        ),
        (
            "NotStarted",
            "Testing Testing Always\nTesting Failed OnFailure",
            &[
                "7:26: a run cannot go from `Testing` to `Testing` on `Always`: it would repeat without end [pipeline-transition]; for a retry write `on: OnFailure`, otherwise name another stage",
            ],
        ),
        (
            "NotStarted",
            "Deploying Deployed OnSuccess\nDeploying Failed OnFailure\nDeploying RolledBack OnSuccess",
            &[
                "9:28: on `OnSuccess` a run goes from `Deploying` to `RolledBack`, but on line 7 to `Deployed` [pipeline-transition]; remove one of them, or give it another event",
            ],
        ),
        (
            "NotStarted",
            "Testing Deployd OnSuccess",
            &[
                "7:26: `to` must be `NotStarted`, `Building`, `Testing`, `SecurityScan`, `Deploying`, `Deployed`, `Failed` or `RolledBack`, not `Deployd` [invalid-value]; did you mean `Deployed`?",
            ],
        ),
        (
            "NotStarted",
            "Testing Deploying Succes",
            &[
                "7:41: `on` must be `Always`, `OnSuccess`, `OnFailure`, `ManualApproval` or `AutomatedTest`, not `Succes` [invalid-value]",
            ],
        ),
        (
            "Deployed",
            "Deployed RolledBack OnFailure",
            &[
                "5:10: a run cannot start in `Deployed`: nothing has led there [pipeline-start]; start in `NotStarted`, `Building`, `Testing`, `SecurityScan` or `Deploying`",
            ],
        ),
        // A restart leads to where the pipeline starts.
        ("Testing", "Failed Testing ManualApproval", &[]),
        // Two actions on one way, and two events to one stage.
        (
            "NotStarted",
            "Testing Failed OnFailure\nTesting Failed OnFailure\nTesting Failed Always",
            &[],
        ),
    ];
    for (start, transitions, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|problem| format!("a.yaml:{problem}")).collect();
        assert_eq!(one(start, transitions), expected, "{start}: {transitions}");
    }
}

#[test]
fn stages_that_are_listed_are_all_there_are() {
    let rest =
        "  transitions:\n  - { from: NotStarted, to: Building, on: Always, action: Notify }\n";
    let text = |stages: &str| format!("{HEAD}  start: NotStarted\n  stages: {stages}\n{rest}");
    let cases: &[(&str, &[&str])] = &[
        ("[{ name: NotStarted }, { name: Building, action: Build }]", &[]),
        (
            "[{ name: Building }, { name: Building, action: Test }]",
            &[
                "5:10: stage `NotStarted` is not in `stages` [pipeline-stage]; add it there, or name `Building`",
                "6:40: stage `Building` is listed on line 6 already [pipeline-stage]; list every stage once",
                "8:13: stage `NotStarted` is not in `stages` [pipeline-stage]; add it there, or name `Building`",
            ],
        ),
        (
            "[{ name: NotStarted, action: build }, { name: Building }]",
            &[
                "6:40: `action` must be `Build`, `Test`, `Deploy`, `Rollback` or `Notify`, not `build` [invalid-value]; did you mean `Build`?",
            ],
        ),
        ("[]", &["6:3: `stages` must not be empty [invalid-value]"]),
    ];
    for (stages, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|problem| format!("a.yaml:{problem}")).collect();
        assert_eq!(judged(&text(stages)), expected, "{stages}");
    }
    assert_eq!(
        judged(&format!("{HEAD}  start: NotStarted\n  transitions: []\n")),
        ["a.yaml:6:3: `transitions` must not be empty [invalid-value]"]
    );
}

fn stage() -> impl Strategy<Value = String> {
    proptest::sample::select(Stage::ALL.map(|stage| format!("{stage:?}")).to_vec())
}

fn event() -> impl Strategy<Value = String> {
    let all = ["Always", "OnSuccess", "OnFailure", "ManualApproval", "AutomatedTest"];
    proptest::sample::select(all.map(str::to_owned).to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever the transitions: in a pipeline that is accepted, no run is deployed that did
    /// not deploy, none is rolled back before it could be, and an event leads to one stage.
    #[test]
    fn no_run_of_an_accepted_pipeline_skips_its_deployment(
        start in stage(),
        transitions in proptest::collection::vec((stage(), stage(), event()), 1..4),
    ) {
        // About one in four is accepted.
        if !judged(&pipeline(&start, &transitions)).is_empty() {
            return Ok(());
        }
        // Runs that avoid `Deploying`: what they reach.
        let mut reached = vec![start.clone()];
        while let Some((_, to, _)) = transitions.iter().find(|(from, to, _)| {
            from != "Deploying" && reached.contains(from) && !reached.contains(to)
        }) {
            reached.push(to.clone());
        }
        prop_assert!(start == "Deploying" || !reached.contains(&"Deployed".to_owned()));
        for (from, to, on) in &transitions {
            prop_assert!(!(from == to && on == "Always"));
            let same = transitions.iter().filter(|(f, _, o)| f == from && o == on);
            prop_assert!(same.clone().all(|(_, t, _)| t == to));
        }
    }
}
