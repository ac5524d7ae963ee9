//! The objects of the change by name, kind and namespace, and as they were before it.

use provost_model::Document;

use super::operands::{document, text};
use super::{Context, Given};
use crate::cluster::namespace_of;
use crate::value::Value;

fn listed<'c>(documents: &[&'c Document]) -> Value<'c> {
    Value::List(documents.iter().copied().map(Value::Document).collect())
}

pub(super) fn find<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    let (kind, name, namespace) = (text(values, 0)?, text(values, 1)?, text(values, 2)?);
    let found = context.cluster.find(kind, name, namespace)?;
    Ok(Value::optional(found.map(Value::Document)))
}

pub(super) fn documents<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    context.cluster.of_kind(text(values, 0)?).map(|found| listed(&found))
}

pub(super) fn old<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    let found = context.cluster.before(document(values, 0)?);
    Ok(Value::optional(found.map(Value::Document)))
}

pub(super) fn namespace<'c>(values: &[Value<'c>]) -> Given<'c> {
    Ok(Value::Text(namespace_of(document(values, 0)?).to_owned()))
}

pub(super) fn quotas<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    Ok(listed(&context.cluster.quotas_for(document(values, 0)?)?))
}

pub(super) fn autoscaler<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Given<'c> {
    let found = context.cluster.autoscaler_for(document(values, 0)?)?;
    Ok(Value::optional(found.map(Value::Document)))
}
