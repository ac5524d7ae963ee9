//! Disruption budgets: which of them are about a workload, and what they keep.

use provost_model::Document;

use super::numbers::{one_of, scaled};
use super::operands::{arithmetic_fault, document, term, unexpected};
use super::{Context, Given};
use crate::term::{Arithmetic, Term};
use crate::value::Value;

fn found<'c>(context: &Context<'_, 'c>, values: &[Value<'c>]) -> Result<Vec<&'c Document>, String> {
    context.cluster.budgets_for(document(values, 0)?, context.steps)
}

pub(super) fn first<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    Ok(Value::optional(found(context, values)?.into_iter().next().map(Value::Document)))
}

pub(super) fn every<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    Ok(Value::List(found(context, values)?.into_iter().map(Value::Document).collect()))
}

pub(super) fn others<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    others_under(context, values).map(Value::from)
}

fn others_under(context: &Context<'_, '_>, values: &[Value<'_>]) -> Result<i128, String> {
    let (budget, workload) = (document(values, 0)?, document(values, 1)?);
    context.cluster.others_under(budget, workload, context.steps)
}

/// `getExpectedPodCount` of the Kubernetes disruption controller: both fields round up.
pub(super) fn desired_healthy<'c>(values: &[Value<'c>]) -> Given<'c> {
    let budget = document(values, 0)?;
    let expected = term(values, 1)?;
    let field = |name: &str| {
        let node = budget.root.at(&format!("/spec/{name}")).filter(|node| !node.is_null());
        node.map(Value::of).transpose()
    };
    let scale = |value: Value<'c>| -> Result<Term, String> {
        let up = Value::Text("up".to_owned());
        let scaled = scaled(&[value, Value::Term(expected.clone()), up]);
        match scaled.map_err(|fault| format!("{}: {fault}", budget.object))? {
            Value::Term(term) => Ok(term),
            other => Err(unexpected("an int", Some(&other))),
        }
    };
    if let Some(unavailable) = field("maxUnavailable")? {
        let left = Term::arithmetic(Arithmetic::Sub, expected.clone(), scale(unavailable)?);
        return Ok(Value::Term(one_of(left.map_err(arithmetic_fault)?, 0.into(), true)));
    }
    match field("minAvailable")? {
        Some(available) => scale(available).map(Value::Term),
        None => Ok(0.into()),
    }
}

pub(super) fn promised<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    let others = others_under(context, values)?;
    let all = Term::arithmetic(Arithmetic::Add, term(values, 2)?, others.into());
    let budget = values.first().cloned().into_iter();
    let operands: Vec<_> = budget.chain([Value::Term(all.map_err(arithmetic_fault)?)]).collect();
    let desired = term(&[desired_healthy(&operands)?], 0)?;
    let own = Term::arithmetic(Arithmetic::Sub, desired, others.into());
    own.map(Value::Term).map_err(arithmetic_fault)
}
