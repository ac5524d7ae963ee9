//! Changes of fields that make a refuted specification provable; each is proved.

use std::collections::BTreeMap;

use provost_model::{
    Counterexample, Document, Edit, Node, Proof, Remedy, Scalar, Value as NodeValue,
};
use provost_spec::{Cluster, Constant, Instance, RemedyPlan, Term, Value};

use crate::judge::Verifier;

/// The declared changes that were proved to mend a counterexample, in declared order.
pub(crate) fn remedies(
    verifier: &Verifier,
    instance: &Instance<'_, '_>,
    cluster: &Cluster<'_>,
    counterexample: &Counterexample,
) -> Vec<Remedy> {
    let chosen = instance.unknowns.iter().filter_map(|unknown| {
        match counterexample.parameters.get(&unknown.name) {
            Some(Scalar::Integer(value)) => Some((unknown.name.clone(), i128::from(*value))),
            Some(Scalar::Text(label)) => {
                let place = unknown.labels.as_ref()?.iter().position(|other| other == label)?;
                Some((unknown.name.clone(), place as i128))
            }
            _ => None,
        }
    });
    let concrete = instance.with(chosen.collect());
    let plans = instance.specification.remedies.iter();
    plans.filter_map(|plan| tried(verifier, &concrete, cluster, plan)).collect()
}

/// A remedy, if it makes sense here and the specification is proved with it.
fn tried(
    verifier: &Verifier,
    concrete: &Instance<'_, '_>,
    cluster: &Cluster<'_>,
    plan: &RemedyPlan,
) -> Option<Remedy> {
    if let Some(when) = &plan.when
        && concrete.evaluate(when).ok()?.bool() != Some(true)
    {
        return None;
    }
    let mut edits = Vec::new();
    let mut edited: BTreeMap<_, Document> = BTreeMap::new();
    for (field, to) in &plan.edits {
        let original = concrete.document(&field.document)?;
        let pointer = concrete.pointer(field)?;
        let value = node(&concrete.evaluate(to).ok()?)?;
        let document = edited.entry(original.object.clone()).or_insert_with(|| original.clone());
        document.root = document.root.with(&pointer, value.clone()).ok()?;
        edits.push(Edit {
            object: original.object.clone(),
            location: original.locate(&pointer),
            pointer,
            value: value.to_json(),
        });
    }
    let changed = Cluster::edited(cluster, &edited);
    let subject = edited.get(&concrete.subject.object).unwrap_or(concrete.subject);
    let again = Instance::new(concrete.specification, &changed, subject, BTreeMap::new());
    let proofs = verifier.proofs(&again).ok()??;
    proofs.iter().all(|proof| matches!(proof, Proof::Proved(_))).then_some(Remedy { edits })
}

fn node(value: &Value<'_>) -> Option<Node> {
    Some(Node::new(match value {
        Value::Text(text) => NodeValue::Text(text.clone()),
        Value::Term(Term::Constant(Constant::Int(value))) => {
            NodeValue::Integer(i64::try_from(*value).ok()?)
        }
        Value::Term(Term::Constant(Constant::Bool(value))) => NodeValue::Bool(*value),
        Value::Null => NodeValue::Null,
        _ => return None,
    }))
}
