//! Policies that can fail while they are evaluated.

use provost_model::{Problem, Witness};
use provost_policy::{TypedPolicies, TypedPolicy};
use rayon::prelude::*;

use crate::kinds::fails;
use crate::questions::{Means, Questions};

/// The policies that fail on some request, each with it.
///
/// # Errors
/// Where it could not be found out, with the reason.
pub fn failing(policies: &TypedPolicies, means: &Means) -> Result<Vec<Problem>, Vec<Problem>> {
    let kinds = Questions::all(means, &policies.schema);
    let first = |one: &TypedPolicy| -> Result<Option<Witness>, String> {
        for questions in &kinds {
            let compiled = questions.compile(&one.policy)?;
            if let Some(witness) = fails(questions, one, &compiled)? {
                return Ok(Some(witness));
            }
        }
        Ok(None)
    };
    let answers: Vec<_> = policies.policies.par_iter().map(|one| (one, first(one))).collect();
    let (mut failing, mut open) = (Vec::new(), Vec::new());
    for (one, answer) in answers {
        match answer {
            Ok(None) => {}
            Ok(Some(witness)) => failing.push(problem(one, &witness)),
            Err(reason) => {
                let message =
                    format!("it is not known whether `{}` can fail: {reason}", one.reference.id);
                open.push(Problem::at("policy-can-fail", one.effect.clone(), message));
            }
        }
    }
    if failing.is_empty() && !open.is_empty() { Err(open) } else { Ok(failing) }
}

fn problem(one: &TypedPolicy, witness: &Witness) -> Problem {
    let failure = witness.outcome.trim_start_matches("the policy fails: ");
    let request = witness.text.replace('\n', ", ");
    let message = format!("`{}` can fail: {failure}, for instance on {request}", one.reference.id);
    Problem::at("policy-can-fail", one.effect.clone(), message)
        .help("bound what it computes with, in a condition before")
}
