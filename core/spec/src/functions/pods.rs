//! The pods of workloads, and what selects them.

use provost_model::Node;

use super::operands::{document, map};
use super::{Context, Given};
use crate::cluster::{Selector, label_map, pod_spec, validate_equalities, validate_labels};
use crate::value::Value;

pub(super) fn spec<'c>(values: &[Value<'c>]) -> Given<'c> {
    let spec = pod_spec(document(values, 0)?).map(Value::of);
    Ok(Value::optional(spec.transpose()?))
}

pub(super) fn labels<'c>(values: &[Value<'c>]) -> Given<'c> {
    let labels = label_map(document(values, 0)?).map(Value::of);
    Ok(Value::optional(labels.transpose()?))
}

/// A `LabelSelector` and labels.
pub(super) fn selects<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    let selector = map(values.first())?;
    selector.map_or(Ok(()), validate_labels)?;
    selected(context, Selector::of_labels(selector), map(values.get(1))?)
}

/// The selector of a Service and labels.
pub(super) fn service_selects<'c>(
    context: &mut Context<'_, 'c>,
    values: &[Value<'c>],
) -> Given<'c> {
    let selector = map(values.first())?;
    selector.map_or(Ok(()), validate_equalities)?;
    selected(context, Selector::of_service(selector), map(values.get(1))?)
}

fn selected<'c>(
    context: &Context<'_, 'c>,
    selector: Selector<'_>,
    labels: Option<&Node>,
) -> Given<'c> {
    let labels = labels.map_or(&[][..], Node::entries);
    context.steps.spend(selector.cost(labels.len()))?;
    Ok(selector.selects(labels).into())
}

pub(super) fn selected_by<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    let found = context.cluster.selected_by(document(values, 0)?, context.steps)?;
    Ok(Value::List(found.into_iter().map(Value::Document).collect()))
}
