//! Answers about policies, in every format.

use std::collections::BTreeMap;
use std::sync::Arc;

use provost_model::{
    Analysis, Assessment, CheckInfo, CheckResult, Comparison, Decision, Digest, Effect, Finding,
    Guaranteed, Inconclusive, Location, ObjectReference, Origin, PolicyReference, Relation,
    Severity, Source, Span, Verdict, Witness,
};

use crate::{Format, Style, human, json, sarif};

/// What an analysis of policies found, ending with a line feed.
pub fn analysis(analysis: &Analysis, format: Format, style: &Style) -> String {
    match format {
        Format::Human => human::analysis(analysis, style),
        Format::Json => json::analysis(analysis),
        Format::Sarif => sarif::render(&of_analysis(analysis)),
    }
}

/// How policies compare, ending with a line feed.
pub fn comparison(comparison: &Comparison, format: Format, style: &Style) -> String {
    match format {
        Format::Human => human::comparison(comparison, style),
        Format::Json => json::comparison(comparison),
        Format::Sarif => sarif::render(&of_comparison(comparison)),
    }
}

/// For a log: each rule is a check, each finding one of its findings.
fn of_analysis(analysis: &Analysis) -> Assessment {
    let mut results = Results::default();
    for one in &analysis.findings {
        let message = with_request(&one.message, one.witness.as_ref());
        results.find(&one.check, &one.policy, message);
    }
    for record in &analysis.guarantees {
        let check = Arc::new(CheckInfo {
            id: format!("guarantee/{}", record.id),
            title: record.title.clone(),
            severity: Severity::High,
            rationale: String::new(),
            remedy: "correct the policies, or what they guarantee".to_owned(),
            controls: Vec::new(),
            origin: Origin::Specification,
        });
        let subject = PolicyReference {
            id: record.id.clone(),
            title: record.title.clone(),
            remedy: String::new(),
            location: record.location.clone(),
        };
        match &record.outcome {
            Guaranteed::Proved => {}
            Guaranteed::Broken(witness) => {
                let message = format!("it does not hold that {}", record.title);
                results.find(&check, &subject, with_request(&message, Some(witness)));
            }
            Guaranteed::Vacuous(reason) => results.find(&check, &subject, reason.clone()),
            Guaranteed::Unknown(reason) => {
                results.open(&check, record.location.clone(), reason.clone());
            }
        }
    }
    let unanswered = Arc::new(plain_check("policy-analysis", "every question is answered"));
    for unknown in &analysis.unknowns {
        let reason = format!("{} {}", unknown.question, unknown.reason);
        results.open(&unanswered, unknown.location.clone(), reason);
    }
    results.assessment(analysis.policies, analysis.digest, Vec::new())
}

fn of_comparison(comparison: &Comparison) -> Assessment {
    let mut results = Results::default();
    let looser = Arc::new(plain_check("policy-more-permissive", "policies allow no more"));
    for (kind, relation) in &comparison.kinds {
        if let Some(gained) = relation.gained().filter(|_| comparison.approved_by.is_empty()) {
            let policy = PolicyReference {
                id: kind.to_string(),
                title: String::new(),
                remedy: String::new(),
                location: comparison.place.clone(),
            };
            let message = format!("{kind} is allowed more than before");
            results.find(&looser, &policy, with_request(&message, Some(gained)));
        }
        if let Relation::Unknown { reason, .. } = relation {
            results.open(&looser, comparison.place.clone(), format!("{kind}: {reason}"));
        }
    }
    let documents = comparison.policies.0 + comparison.policies.1;
    results.assessment(documents, comparison.digest, comparison.notes.clone())
}

fn plain_check(id: &str, title: &str) -> CheckInfo {
    CheckInfo {
        id: id.to_owned(),
        title: title.to_owned(),
        severity: Severity::High,
        rationale: String::new(),
        remedy: String::new(),
        controls: Vec::new(),
        origin: Origin::Specification,
    }
}

fn with_request(message: &str, witness: Option<&Witness>) -> String {
    match witness {
        None => message.to_owned(),
        Some(witness) => format!("{message}; for instance {}", witness.text.replace('\n', ", ")),
    }
}

#[derive(Default)]
struct Results(BTreeMap<String, CheckResult>);

impl Results {
    fn of(&mut self, check: &Arc<CheckInfo>) -> &mut CheckResult {
        let new = || CheckResult::new(Arc::clone(check));
        self.0.entry(check.id.clone()).or_insert_with(new)
    }

    fn find(&mut self, check: &Arc<CheckInfo>, policy: &PolicyReference, message: String) {
        let nowhere = || Location::new(&Source::new("", ""), Span::default());
        let finding = Finding {
            check: Arc::clone(check),
            message,
            object: ObjectReference {
                api_version: String::new(),
                kind: "Policy".to_owned(),
                namespace: None,
                name: policy.id.clone(),
            },
            location: policy.location.clone().unwrap_or_else(nowhere),
            remedy: None,
            patch: None,
        };
        self.of(check).findings.push(finding);
    }

    fn open(&mut self, check: &Arc<CheckInfo>, location: Option<Location>, reason: String) {
        self.of(check).unknowns.push(Inconclusive { object: None, location, reason });
    }

    fn assessment(self, documents: usize, digest: Digest, notes: Vec<String>) -> Assessment {
        let results: Vec<_> = self.0.into_values().collect();
        let found = results.iter().any(|result| !result.findings.is_empty());
        let open = results.iter().any(|result| !result.unknowns.is_empty());
        Assessment {
            verdict: match (found, open) {
                (true, _) => Verdict::Deny,
                (false, true) => Verdict::Unknown,
                (false, false) => Verdict::Allow,
            },
            documents,
            change: digest,
            bundle: digest,
            blocking: Severity::Info,
            results,
            waivers: Vec::new(),
            lenient: std::collections::BTreeMap::new(),
            exception_faults: Vec::new(),
            decision: Decision {
                effect: Effect::Allow,
                action: "analyze".to_owned(),
                principal: String::new(),
                environment: String::new(),
                determining: Vec::new(),
                errors: Vec::new(),
                advice: provost_model::Advice::default(),
            },
            glass: None,
            problems: Vec::new(),
            skipped: Vec::new(),
            unjudged: BTreeMap::new(),
            notes,
        }
    }
}
