//! What a proof came to for each component.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use provost_model::{CheckResult, Proof, ProofRecord};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Component, Development};

/// What came out of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum VerificationStatus {
    /// Something is neither proved nor refuted, and not for want of time.
    NotVerified,
    /// Somebody is at it; a proof that has ended never comes to this.
    InProgress,
    /// Everything is proved.
    Verified,
    /// Something is refuted.
    Failed,
    /// Something is unknown because its budget was spent.
    Timeout,
}

impl fmt::Display for VerificationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotVerified => "NotVerified",
            Self::InProgress => "InProgress",
            Self::Verified => "Verified",
            Self::Failed => "Failed",
            Self::Timeout => "Timeout",
        })
    }
}

/// What a proof came to for one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComponentOutcome {
    /// Each of its specifications was asked about an object of it, or one of them failed.
    Found(VerificationStatus),
    /// It cannot be told, and why; what was recorded stays.
    Left(String),
}

impl Development {
    /// What these results say of each component, by its name.
    ///
    /// A specification is about a component where it is about an object that stands in one of
    /// its sources, the component itself, or the change as a whole. A component without
    /// specifications is verified by nobody.
    pub fn outcomes(&self, results: &[CheckResult]) -> BTreeMap<String, ComponentOutcome> {
        let places = Places::of(results);
        let outcome = |(name, component): (&String, &Component)| {
            (name.clone(), component.outcome(results, &places))
        };
        self.components.iter().map(outcome).collect()
    }
}

/// Where the files are that objects stand in.
struct Places<'r>(BTreeMap<&'r str, PathBuf>);

impl<'r> Places<'r> {
    fn of(results: &'r [CheckResult]) -> Self {
        let records = results.iter().flat_map(|result| &result.proofs);
        let names: BTreeSet<_> = records.map(|record| record.location.source.name()).collect();
        let real = |name: &str| Path::new(name).canonicalize().unwrap_or_else(|_| name.into());
        Self(names.into_iter().map(|name| (name, real(name))).collect())
    }
}

impl Component {
    fn outcome(&self, results: &[CheckResult], places: &Places<'_>) -> ComponentOutcome {
        use VerificationStatus::{Failed, NotVerified, Timeout, Verified};
        if self.specifications.is_empty() {
            return ComponentOutcome::Left("it names no specification".to_owned());
        }
        let mut worst = Verified;
        let mut left = None;
        for id in &self.specifications {
            let result = results.iter().find(|result| result.check.id == *id);
            let about = result.into_iter().flat_map(|result| &result.proofs);
            let mut asked = false;
            for record in about.filter(|record| self.is_meant(record, places)) {
                asked = true;
                worst = match (&record.proof, worst) {
                    (Proof::Refuted(_), _) | (_, Failed) => Failed,
                    (Proof::Unknown(reason), Verified | Timeout) if is_spent(reason) => Timeout,
                    (Proof::Unknown(_), _) => NotVerified,
                    (Proof::Proved(_), _) => worst,
                };
            }
            if !asked {
                left.get_or_insert_with(|| format!("`{id}` was asked about nothing of it"));
            }
        }
        match (worst, left, &self.own, &self.version) {
            // What was never asked cannot mend what is refuted.
            (_, Some(reason), ..) if worst != Failed => ComponentOutcome::Left(reason),
            (_, _, Err(reason), _) | (_, _, _, Err(reason)) => {
                ComponentOutcome::Left(reason.clone())
            }
            _ => ComponentOutcome::Found(worst),
        }
    }

    fn is_meant(&self, record: &ProofRecord, places: &Places<'_>) -> bool {
        let object = &record.object;
        let whole = object.api_version == "provost.dev/v1" && object.kind == "Change";
        let place = places.0.get(record.location.source.name());
        whole
            || *object == self.document.object
            || place.is_some_and(|place| self.files.contains_key(place))
    }
}

/// Is it unknown because a budget was spent? Such a reason names the limit to raise.
fn is_spent(reason: &str) -> bool {
    reason.contains("`limits.solver")
}
