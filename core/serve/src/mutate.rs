//! Patches that rules declare, applied until nothing is left to mend.

use std::time::Instant;

use json_patch::PatchOperation;
use provost_engine::Mode;
use provost_model::{Node, Source};
use serde_json::Value;

use crate::decision::Judged;
use crate::judge::{is_unchanged, judge, mode};
use crate::judging::Loaded;
use crate::review::{Endpoint, Review, Verb};

/// Rounds of patches before it is said that they come to no end.
const ROUNDS: usize = 8;

/// A patch of RFC 6902 that no rule wants to add to, and the judgement of what it leads to.
pub(crate) struct Mended {
    pub(crate) patch: Vec<Value>,
    pub(crate) judged: Judged,
}

/// Applies the patches of enforced violations until there is none: one more review of the
/// result asks for nothing.
///
/// # Errors
/// When the patches come to no end, or one cannot be applied.
pub(crate) fn mend(
    loaded: &Loaded,
    mut review: Review,
    until: Option<Instant>,
) -> Result<Mended, String> {
    let mut is_mended = is_mended(&review);
    let mut patch = Vec::new();
    for round in 0..=ROUNDS {
        let judged = judge(loaded, &mut review, Endpoint::Mutate, until);
        // Who changes nothing that is judged asked for no change of the rest: a controller that
        // takes a finalizer off must not be refused for a field that cannot be changed.
        is_mended &= round > 0 || !is_unchanged(&judged.change);
        let object = judged.change.documents.first().filter(|_| is_mended);
        let root = object.map(|document| document.root.to_json());
        let Some(mut object) = root else { return Ok(Mended { patch, judged }) };
        let more = applied(loaded, &judged, &mut object)?;
        if more.is_empty() {
            return Ok(Mended { patch, judged });
        }
        patch.extend(more);
        review.object = Some(Node::from_json(&object));
        review.old = judged.change.before.first().map(|document| document.root.clone());
        review.source = Source::new("the patched object", "");
    }
    Err(format!("the patches of its rules came to no end in {ROUNDS} rounds"))
}

/// The containers of a Pod and the template of a Job cannot be changed once they are there, what
/// is being deleted is not worth mending, and subresources are not objects.
fn is_mended(review: &Review) -> bool {
    let group = review.api_version.split_once('/').map_or("", |(group, _)| group);
    let is_fixed = matches!((group, review.kind.as_str()), ("", "Pod") | ("batch", "Job"));
    let leaves = review.object.as_ref().and_then(|root| root.at("/metadata/deletionTimestamp"));
    review.subresource.is_empty()
        && leaves.is_none()
        && match review.verb {
            Verb::Create => true,
            Verb::Update => !is_fixed,
            Verb::Delete | Verb::Connect => false,
        }
}

/// Applies each patch that still fits, in order of the findings; an earlier one may have done
/// what a later one wants.
fn applied(loaded: &Loaded, judged: &Judged, object: &mut Value) -> Result<Vec<Value>, String> {
    let mut done = Vec::new();
    for finding in judged.assessment.findings() {
        let enforced = finding.check.severity >= judged.assessment.blocking
            && mode(loaded, finding) == Mode::Enforce;
        let Some(Value::Array(wanted)) = finding.patch.as_ref().filter(|_| enforced) else {
            continue;
        };
        let operations: Vec<PatchOperation> = serde_json::from_value(Value::Array(wanted.clone()))
            .map_err(|error| format!("the patch of `{}` is not one: {error}", finding.check.id))?;
        let before = object.clone();
        // It leaves the object as it was when it does not fit.
        if json_patch::patch(object, &operations).is_ok() && *object != before {
            done.extend(wanted.iter().cloned());
        }
    }
    Ok(done)
}
