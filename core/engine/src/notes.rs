//! What a reader of the verdict should know besides: why it may not be the answer to the
//! question that was meant.

use provost_model::{Assessment, Change, Document, Effect, Verdict};

use crate::bundle::Bundle;
use crate::prove::unexplained;

/// One line each.
pub(crate) fn notes(bundle: &Bundle, change: &Change, assessment: &Assessment) -> Vec<String> {
    let mut notes = Vec::new();
    if assessment.verdict == Verdict::Allow {
        notes.extend(environment(bundle, change));
    }
    if assessment.decision.effect == Effect::Deny {
        notes.extend(stale(change, &assessment.change.to_string()));
    }
    notes.extend(bundle.doubts.iter().map(|doubt| {
        format!("{}; should it fail when it is asked, the answer is a denial", doubt.message)
    }));
    notes.extend(unexplained(&assessment.results));
    notes.extend(late(assessment));
    notes
}

/// That the cluster is larger than there was time for.
fn late(assessment: &Assessment) -> impl Iterator<Item = String> + '_ {
    let results = assessment.results.iter().filter(|result| result.late > 0);
    results.map(|result| {
        format!(
            "`{}` was not asked about {} objects of the cluster that this change may make worse: \
             there was no time",
            result.check.id, result.late
        )
    })
}

/// That something is said of objects which the change does not name.
pub(crate) fn affected(beside: &[Document]) -> Option<String> {
    let first = &beside.first()?.object;
    Some(match beside.len() - 1 {
        0 => format!("{first} is not in this change, but made worse by it in the cluster"),
        1 => format!("{first} and one more are not in this change, but made worse by it"),
        more => format!("{first} and {more} more are not in this change, but made worse by it"),
    })
}

/// No environment, or one that no policy knows: policies for one did not apply.
fn environment(bundle: &Bundle, change: &Change) -> Option<String> {
    let known = bundle.policies.environments();
    let Some(name) = change.environment.as_deref() else {
        let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
        return (!known.is_empty()).then(|| {
            format!("no environment is named: policies for {} do not apply", known.join(", "))
        });
    };
    if known.contains(name) {
        return None;
    }
    let near = provost_syntax::suggest(name, known.iter().map(String::as_str))?;
    Some(format!("no policy speaks of the environment `{name}`; did you mean `{near}`?"))
}

/// Approvals of other changes do not count; when none counts, that may be why.
fn stale(change: &Change, digest: &str) -> Option<String> {
    let (valid, stale): (Vec<_>, Vec<_>) =
        change.approvals.iter().partition(|approval| approval.change == digest);
    let first = stale.first().filter(|_| valid.is_empty())?;
    let others = match stale.len() - 1 {
        0 => String::new(),
        1 => " and one more".to_owned(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "the approval of `{}`{others} is of another change: what was edited since needs a new one",
        first.by
    ))
}
