use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{
    Decision as Answer, Entities, EntityUid, PolicySet, ResourceConstraint, Response,
};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use provost_model::{Change, Document, ExceptionFault, Finding, PolicyReference, Waiver};

use crate::Policies;
use crate::context::{Pairs, moment, pair, span, text, texts};
use crate::entities::environment;
use crate::exception::Exception;
use crate::vocabulary::WAIVE;

/// Does an exception cover a finding?
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one per violation, moved once, never stored")]
pub enum Waive {
    /// Yes, and by this one.
    Waived(Waiver),
    /// Only one whose time is over.
    Expired(ExceptionFault),
    /// Only one that may never be used.
    Invalid(ExceptionFault),
    /// Only one that a guard, a forbid on `Action::"waive"`, does not let through.
    Forbidden(ExceptionFault),
    /// None.
    No,
    /// Cedar could not answer for at least one, and no other covers the finding.
    Failed(String),
}

/// What Cedar says of one exception and one finding.
#[derive(Debug, PartialEq)]
enum Covers {
    Yes,
    /// It would, and these guards forbid it.
    Forbidden(Vec<PolicyReference>),
    No,
}

/// What every exception is asked about one finding.
struct Question {
    principal: EntityUid,
    object: EntityUid,
    entities: Entities,
    context: Pairs,
    now: Timestamp,
}

impl Question {
    /// Is the object in the scope of the exception? Most exceptions name another one,
    /// and need not be asked.
    fn concerns(&self, exception: &Exception) -> bool {
        match &exception.scope {
            ResourceConstraint::Eq(object) => *object == self.object,
            ResourceConstraint::In(holder) | ResourceConstraint::IsIn(_, holder) => {
                *holder == self.object || self.entities.is_ancestor_of(holder, &self.object)
            }
            ResourceConstraint::Any | ResourceConstraint::Is(_) => true,
        }
    }
}

impl Policies {
    /// For each finding, whether an exception covers it.
    ///
    /// Each exception is asked on its own, with the guards, so that two exceptions
    /// never add up to more than either. The first in order of file and line that
    /// covers the finding counts; where none does, the first that failed, then the
    /// first forbidden, then the first expired, then the first invalid one. `beside` are objects
    /// that findings are about though the change does not name them.
    pub fn waive(
        &self,
        change: &Change,
        beside: &[Document],
        findings: &[&Finding],
        now: Timestamp,
    ) -> Vec<Waive> {
        if self.exceptions.is_empty() {
            return findings.iter().map(|_| Waive::No).collect();
        }
        // The first counts: an object as it would be, or as it was where it goes away.
        let named = change.documents.iter().chain(&change.before).map(AsRef::as_ref);
        let documents: Vec<&Document> = named.chain(beside).collect();
        let documents: BTreeMap<_, _> =
            documents.into_iter().rev().map(|document| (&document.object, document)).collect();
        let answer = |finding: &&Finding| {
            let document = documents.get(&finding.object).copied();
            self.question(change, finding, document, now)
                .map(|question| self.answer(&question, finding))
                .unwrap_or_else(|error| {
                    let id = &finding.check.id;
                    Waive::Failed(format!("`{id}` could not be put to Cedar: {error}"))
                })
        };
        findings.iter().map(answer).collect()
    }

    fn answer(&self, question: &Question, finding: &Finding) -> Waive {
        let mut best = Waive::No;
        for exception in self.exceptions.iter().filter(|exception| question.concerns(exception)) {
            let answer = self.consult(exception, question, finding);
            if let Waive::Waived(_) = answer {
                return answer;
            }
            if rank(&answer) > rank(&best) {
                best = answer;
            }
        }
        best
    }

    fn question(
        &self,
        change: &Change,
        finding: &Finding,
        document: Option<&Document>,
        now: Timestamp,
    ) -> Result<Question, String> {
        let (entities, object) = self.about_object(change, &finding.object, document)?;
        let check = &finding.check;
        let controls: BTreeSet<_> = check.controls.iter().map(String::as_str).collect();
        Ok(Question {
            principal: self.uid_of(&change.principal)?,
            object,
            entities,
            context: vec![
                pair("rule", text(&check.id)),
                pair("severity", text(check.severity.name())),
                pair("controls", texts(controls)),
                pair("environment", text(environment(change))),
                pair("now", moment(now)),
            ],
            now,
        })
    }

    fn consult(&self, exception: &Exception, question: &Question, finding: &Finding) -> Waive {
        match self.consulted(exception, question, finding) {
            Ok(answer) => answer,
            Err(error) => Waive::Failed(error),
        }
    }

    fn consulted(
        &self,
        exception: &Exception,
        question: &Question,
        finding: &Finding,
    ) -> Result<Waive, String> {
        let now = question.now;
        // What would be the answer if it had not ended yet.
        let later = now.saturating_add(SignedDuration::from_secs(1)).map_err(|e| e.to_string())?;
        let term = match &exception.term {
            Ok(term) => *term,
            Err(flaws) => {
                let today = TimeZone::UTC.to_datetime(now).date();
                return Ok(match self.covers(exception, question, later)? {
                    Covers::Yes | Covers::Forbidden(_) => {
                        Waive::Invalid(exception.invalid(flaws, today))
                    }
                    Covers::No => Waive::No,
                });
            }
        };
        // The guard that ends exceptions is itself a policy, which a bundle may lack;
        // an exception ends all the same.
        if now < term.end {
            return Ok(match self.covers(exception, question, term.end)? {
                Covers::Yes => Waive::Waived(Waiver {
                    finding: finding.clone(),
                    policy: exception.policy.clone(),
                    owner: exception.owner.clone(),
                    reason: exception.reason.clone(),
                    expires: term.expires.to_string(),
                }),
                Covers::Forbidden(guards) => Waive::Forbidden(exception.forbidden(&guards)),
                Covers::No => Waive::No,
            });
        }
        Ok(match self.covers(exception, question, later)? {
            Covers::Yes => Waive::Expired(exception.expired(term.expires, &[])),
            Covers::Forbidden(guards) => Waive::Expired(exception.expired(term.expires, &guards)),
            Covers::No => Waive::No,
        })
    }

    /// Asks Cedar whether the exception, with this end, covers the finding.
    fn covers(
        &self,
        exception: &Exception,
        question: &Question,
        expires: Timestamp,
    ) -> Result<Covers, String> {
        let response = self.put(&exception.set, exception, question, expires)?;
        let failures = self.failures(&response);
        if !failures.is_empty() {
            // A guard that failed might have been the one to forbid.
            return Err(failures.join("; "));
        }
        if response.decision() == Answer::Allow {
            return Ok(Covers::Yes);
        }
        let guards = self.named(response.diagnostics().reason());
        if guards.is_empty() {
            return Ok(Covers::No);
        }
        // A guard forbids; that matters only where the exception would have permitted.
        let alone = self.put(&exception.alone, exception, question, expires)?;
        Ok(match alone.decision() {
            Answer::Allow => Covers::Forbidden(guards),
            Answer::Deny => Covers::No,
        })
    }

    fn put(
        &self,
        set: &PolicySet,
        exception: &Exception,
        question: &Question,
        expires: Timestamp,
    ) -> Result<Response, String> {
        let mut context = question.context.clone();
        context.push(pair("owner", text(&exception.owner)));
        context.push(pair("reason", text(&exception.reason)));
        context.push(pair("expires", moment(expires)));
        context.push(pair("remaining", span(expires.duration_since(question.now))));
        let (principal, object) = (question.principal.clone(), question.object.clone());
        self.ask(set, principal, WAIVE, object, context, &question.entities)
    }
}

/// Which answer to give when several exceptions were asked.
fn rank(answer: &Waive) -> u8 {
    match answer {
        Waive::No => 0,
        Waive::Invalid(_) => 1,
        Waive::Expired(_) => 2,
        Waive::Forbidden(_) => 3,
        Waive::Failed(_) => 4,
        Waive::Waived(_) => 5,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

    use std::sync::Arc;

    use provost_model::{
        CheckInfo, Location, ObjectReference, Origin, Severity, Source, Span as TextSpan,
    };

    use super::*;

    /// The default guard is asked itself: [`Policies::waive`] would not let an expired
    /// exception through without it either.
    #[test]
    fn the_default_guard_ends_an_exception_at_the_very_moment() {
        let schema = include_str!("../../../policies/schema.cedarschema");
        let guards = include_str!("../../../policies/default/waive.cedar");
        let exception = r#"@id("e") @owner("o") @reason("r") @expires("2026-01-01")
            permit (principal, action == Action::"waive", resource);"#;
        let files = [Source::new("guards", guards), Source::new("exceptions", exception)];
        let policies = Policies::load(&Source::new("schema", schema), &files).expect("policies");
        let finding = Finding {
            check: Arc::new(CheckInfo {
                id: "rule".to_owned(),
                title: String::new(),
                severity: Severity::High,
                rationale: String::new(),
                remedy: String::new(),
                controls: Vec::new(),
                origin: Origin::Specification,
            }),
            message: String::new(),
            object: ObjectReference {
                api_version: "v1".to_owned(),
                kind: "Pod".to_owned(),
                namespace: None,
                name: "a".to_owned(),
            },
            location: Location::new(&Source::new("a.yaml", ""), TextSpan::default()),
            remedy: None,
            patch: None,
        };
        let now: Timestamp = "2025-06-01T10:00:00.5Z".parse().expect("a moment");
        let question =
            policies.question(&Change::default(), &finding, None, now).expect("a question");
        let until = |milliseconds| {
            let end = now + SignedDuration::from_millis(milliseconds);
            policies.covers(&policies.exceptions[0], &question, end).map(|covers| match covers {
                Covers::Yes => String::new(),
                Covers::Forbidden(guards) => guards.into_iter().map(|guard| guard.id).collect(),
                Covers::No => "no".to_owned(),
            })
        };
        assert_eq!(until(1), Ok(String::new()));
        assert_eq!(until(0), Ok("exceptions-expire".to_owned()));
        assert_eq!(until(-1), Ok("exceptions-expire".to_owned()));
    }
}
