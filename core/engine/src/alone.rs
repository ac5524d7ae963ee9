//! One judge alone, without a gate: what it says is all there is.

use std::collections::BTreeMap;

use provost_model::{
    Advice, Assessment, Change, CheckResult, Decision, Digest, Effect, Severity, verdict,
};

/// An assessment by one judge: any violation counts, whatever its severity, and so does
/// what is unknown. `bundle` is the digest of what judged, `action` what it did.
pub(crate) fn alone(
    change: &Change,
    bundle: Digest,
    action: &str,
    results: Vec<CheckResult>,
) -> Assessment {
    let mut assessment = Assessment {
        verdict: verdict(false, Effect::Allow, false, false),
        documents: change.documents.len(),
        change: change.digest(),
        bundle,
        blocking: Severity::Info,
        results,
        waivers: Vec::new(),
        lenient: BTreeMap::new(),
        exception_faults: Vec::new(),
        decision: nobody_decides(action),
        glass: None,
        problems: change.problems.clone(),
        skipped: change.skipped.clone(),
        unjudged: BTreeMap::new(),
        notes: Vec::new(),
    };
    let violated = !assessment.findings().is_empty();
    assessment.verdict = verdict(violated, Effect::Allow, assessment.is_incomplete(), false);
    assessment
}

/// No policy was asked, so none stands in the way.
fn nobody_decides(action: &str) -> Decision {
    Decision {
        effect: Effect::Allow,
        action: action.to_owned(),
        principal: String::new(),
        environment: String::new(),
        determining: Vec::new(),
        errors: Vec::new(),
        advice: Advice::default(),
    }
}
