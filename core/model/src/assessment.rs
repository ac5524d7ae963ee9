use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::{
    CheckResult, Digest, Finding, Location, ObjectReference, Outcome, Problem, Severity, Skipped,
};

/// May the change proceed?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Yes.
    Allow,
    /// No.
    Deny,
    /// Not everything could be judged. A gate treats it as no unless its file says otherwise.
    Unknown,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Unknown => "unknown",
        })
    }
}

/// The verdict from its three inputs: the only place where it is made.
///
/// `violated`: an unwaived violation of blocking severity is left. `unknown`:
/// something could not be judged and the gate does not accept that. `broken`: policies
/// permitted to break the glass, which stands above all else.
pub fn verdict(violated: bool, decision: Effect, unknown: bool, broken: bool) -> Verdict {
    match (violated, decision, unknown, broken) {
        (_, _, _, true) | (false, Effect::Allow, false, false) => Verdict::Allow,
        (true, _, _, false) | (_, Effect::Deny, _, false) => Verdict::Deny,
        (false, Effect::Allow, true, false) => Verdict::Unknown,
    }
}

/// What Cedar answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// A `permit` applies and no `forbid` does.
    Allow,
    /// A `forbid` applies, or no `permit` does, or a policy failed.
    Deny,
}

/// A policy that determined a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyReference {
    /// The `@id` of the policy.
    pub id: String,
    /// Its `@title` or `@reason`, or empty.
    pub title: String,
    /// Its `@remedy`: what would satisfy it, or empty.
    pub remedy: String,
    /// Where it stands.
    pub location: Option<Location>,
}

/// Cedar's answer with the policies that determined it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The answer.
    pub effect: Effect,
    /// The action asked about: `apply`, `delete`.
    pub action: String,
    /// Who asked.
    pub principal: String,
    /// The environment asked about, or empty.
    pub environment: String,
    /// The policies that determined it; none when nothing permits.
    pub determining: Vec<PolicyReference>,
    /// Policies that failed to evaluate; any makes the effect a denial.
    pub errors: Vec<String>,
    /// What would turn a denial into its opposite.
    pub advice: Advice,
}

/// What would turn a denial into its opposite; nothing of it was not decided again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advice {
    /// What each policy that denies lacks; not every one lacks what can be supplied.
    pub missing: Vec<Missing>,
    /// The smallest sets of additional evidence that are enough for all of them. Empty when
    /// nothing that can be supplied would be.
    pub suggestions: Vec<Suggestion>,
}

/// What one policy lacks.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// The id of the policy.
    pub policy: String,
    /// All of these together.
    pub needs: Vec<Need>,
}

/// Additional evidence that would allow what is denied.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// All of these together.
    pub needs: Vec<Need>,
}

/// One piece of evidence that somebody can supply.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// What sort: `approval`, `proof`, `time`, …
    pub kind: &'static str,
    /// What, for people.
    pub text: String,
}

/// An emergency in which policies let a change pass that would otherwise be refused.
#[derive(Clone, Debug, PartialEq)]
pub struct GlassBroken {
    /// Who declared it.
    pub by: String,
    /// The incident.
    pub incident: String,
    /// Why.
    pub reason: String,
    /// When it ends, RFC 3339.
    pub until: String,
    /// The policies that permit it.
    pub policies: Vec<PolicyReference>,
}

/// A violation that an exception covers.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiver {
    /// The violation.
    pub finding: Finding,
    /// The exception.
    pub policy: PolicyReference,
    /// Who answers for it.
    pub owner: String,
    /// Why it was granted.
    pub reason: String,
    /// The day it ends, `YYYY-MM-DD`.
    pub expires: String,
}

/// What is done with a violation that does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leniency {
    /// Whoever asked is told, and may go on.
    Warn,
    /// It is written down.
    Audit,
}

impl Leniency {
    /// Its name, as the gate file has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Audit => "audit",
        }
    }
}

/// An exception that may not be used: expired, forbidden by a guard, or without owner,
/// reason or expiry.
#[derive(Clone, Debug, PartialEq)]
pub struct ExceptionFault {
    /// The exception.
    pub policy: PolicyReference,
    /// What is wrong with it, and what to do next; reads on after "exception `id`".
    pub message: String,
}

/// The answer to a change, with everything it rests on.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// May it proceed?
    pub verdict: Verdict,
    /// How many documents were judged.
    pub documents: usize,
    /// [`crate::Change::digest`].
    pub change: Digest,
    /// The digest of plugins, specifications, policies and settings.
    pub bundle: Digest,
    /// Violations at or above this severity block.
    pub blocking: Severity,
    /// What every check saw, ordered by check.
    pub results: Vec<CheckResult>,
    /// Violations that an exception covers.
    pub waivers: Vec<Waiver>,
    /// Violations that would block and are not enforced, by the id of the check and the object.
    pub lenient: BTreeMap<(String, ObjectReference), Leniency>,
    /// Exceptions that may not be used; they cover nothing.
    pub exception_faults: Vec<ExceptionFault>,
    /// Cedar's answer.
    pub decision: Decision,
    /// Set when the change passes by an emergency only. Whoever shows this assessment
    /// makes that seen.
    pub glass: Option<GlassBroken>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// What was left out on purpose.
    pub skipped: Vec<Skipped>,
    /// How many objects no check is about, by `apiVersion` and kind.
    pub unjudged: BTreeMap<(String, String), usize>,
    /// What a reader of the verdict should know besides, one line each: that no
    /// environment was named, that an approval is of another change.
    pub notes: Vec<String>,
}

impl Assessment {
    /// Every violation that no exception covers, in order of file and line.
    pub fn findings(&self) -> Vec<&Finding> {
        let waived: BTreeSet<_> = self.waivers.iter().map(|w| w.finding.identity()).collect();
        let mut findings: Vec<_> = self
            .results
            .iter()
            .flat_map(|result| &result.findings)
            .filter(|finding| waived.is_empty() || !waived.contains(&finding.identity()))
            .collect();
        findings.sort_by(|a, b| {
            (a.location.source.name().cmp(b.location.source.name()))
                .then(a.location.span.cmp(&b.location.span))
                .then_with(|| a.check.id.cmp(&b.check.id))
        });
        findings
    }

    /// Was anything left unjudged?
    pub fn is_incomplete(&self) -> bool {
        !self.problems.is_empty()
            || self.results.iter().any(|result| !result.unknowns.is_empty())
            || self.results.iter().any(|result| result.outcome() == Outcome::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_follows_its_truth_table() {
        use Effect::{Allow, Deny};
        let table = [
            (false, Allow, false, Verdict::Allow),
            (false, Allow, true, Verdict::Unknown),
            (false, Deny, false, Verdict::Deny),
            (false, Deny, true, Verdict::Deny),
            (true, Allow, false, Verdict::Deny),
            (true, Allow, true, Verdict::Deny),
            (true, Deny, false, Verdict::Deny),
            (true, Deny, true, Verdict::Deny),
        ];
        for (violated, decision, unknown, expected) in table {
            assert_eq!(verdict(violated, decision, unknown, false), expected);
            assert_eq!(verdict(violated, decision, unknown, true), Verdict::Allow);
        }
    }
}
