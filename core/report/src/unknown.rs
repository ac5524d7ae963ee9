use std::collections::BTreeSet;

use provost_model::{CheckInfo, CheckResult, Location, ObjectReference, Proof};

/// Something that could not be judged, from a plugin or from the verifier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unknown<'a> {
    pub(crate) check: &'a CheckInfo,
    pub(crate) object: Option<&'a ObjectReference>,
    pub(crate) location: Option<&'a Location>,
    pub(crate) reason: &'a str,
}

/// Everything a check could not judge. A proof that is unknown counts only where
/// the check does not already say so of the same object, so nothing is told twice.
pub(crate) fn unknowns(result: &CheckResult) -> Vec<Unknown<'_>> {
    let check = &*result.check;
    let mut unknowns: Vec<_> = result
        .unknowns
        .iter()
        .map(|unknown| Unknown {
            check,
            object: unknown.object.as_ref(),
            location: unknown.location.as_ref(),
            reason: &unknown.reason,
        })
        .collect();
    let told: BTreeSet<_> =
        result.unknowns.iter().filter_map(|unknown| unknown.object.as_ref()).collect();
    for record in &result.proofs {
        let Proof::Unknown(reason) = &record.proof else {
            continue;
        };
        if !told.contains(&record.object) {
            let (object, location) = (Some(&record.object), Some(&record.location));
            unknowns.push(Unknown { check, object, location, reason });
        }
    }
    unknowns
}
