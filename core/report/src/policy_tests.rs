//! What came of tests of policies.

use provost_model::{Location, PolicyReference};
use serde::Serialize;

/// What came of tests of policies.
#[derive(Clone, Debug)]
pub struct TestedPolicies<'a> {
    /// How many files of tests there were.
    pub files: usize,
    /// In order of file and line.
    pub cases: Vec<TestedCase<'a>>,
    /// Every policy that is tested, and how many cases it determined.
    pub coverage: Vec<(&'a PolicyReference, usize)>,
    /// Is a policy that determined no case a failure?
    pub coverage_required: bool,
}

/// What came of one case.
#[derive(Clone, Debug)]
pub struct TestedCase<'a> {
    /// What it shows.
    pub name: &'a str,
    /// Where it stands.
    pub location: &'a Location,
    /// How the answer differs from what should come; empty when it passed.
    pub differences: &'a [String],
}

impl<'a> TestedPolicies<'a> {
    /// Is everything as it should be?
    pub fn passed(&self) -> bool {
        let uncovered = self.coverage_required && self.idle().next().is_some();
        self.failed() == 0 && !uncovered
    }

    /// How many cases failed.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|case| !case.differences.is_empty()).count()
    }

    /// Policies that determined no case.
    pub fn idle(&self) -> impl Iterator<Item = &'a PolicyReference> + '_ {
        let idle = self.coverage.iter().filter(|(_, cases)| *cases == 0);
        idle.map(|(policy, _)| *policy)
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    api_version: &'static str,
    kind: &'static str,
    passed: usize,
    failed: usize,
    cases: Vec<Case<'a>>,
    coverage: Vec<Covered<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Case<'a> {
    name: &'a str,
    location: String,
    passed: bool,
    differences: &'a [String],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Covered<'a> {
    policy: &'a str,
    location: String,
    cases: usize,
}

pub(crate) fn json(tested: &TestedPolicies<'_>) -> String {
    let cases = tested.cases.iter().map(|case| Case {
        name: case.name,
        location: case.location.to_string(),
        passed: case.differences.is_empty(),
        differences: case.differences,
    });
    let place = |policy: &PolicyReference| policy.location.as_ref().map(ToString::to_string);
    let coverage = tested.coverage.iter().map(|(policy, cases)| Covered {
        policy: &policy.id,
        location: place(policy).unwrap_or_default(),
        cases: *cases,
    });
    let report = Report {
        api_version: "provost.dev/v1",
        kind: "PolicyTestReport",
        passed: tested.cases.len() - tested.failed(),
        failed: tested.failed(),
        cases: cases.collect(),
        coverage: coverage.collect(),
    };
    // Text and numbers are always JSON.
    let text = serde_json::to_string_pretty(&report).unwrap_or_default();
    format!("{text}\n")
}
