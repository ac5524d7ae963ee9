//! Apalache's Informal Trace Format, as its ADR-015 says:
//! <https://apalache-mc.org/docs/adr/015adr-trace.html>.
//!
//! A run that goes round ends in the state that it goes on from, and `loop` is the index of
//! that state; what happened to get to a state is in its `#meta`.

use provost_model::{Counterexample, Scalar};
use serde_json::{Map, Value, json};

use super::Trace;

const FORMAT: &str = "https://apalache-mc.org/docs/adr/015adr-trace.html";

pub(super) fn write(trace: &Trace<'_>) -> String {
    let run = trace.run;
    let parameters = || run.parameters.iter().filter(|(name, _)| !run.variables.contains(name));
    let mut root = json!({
        "#meta": meta(trace),
        "vars": run.variables,
        "states": (0..run.steps.len()).map(|index| state(run, index)).collect::<Vec<_>>(),
    });
    let first = root.pointer_mut("/states/0").and_then(Value::as_object_mut);
    if let Some(first) = first {
        first.extend(parameters().map(|(name, value)| (name.clone(), scalar(value))));
    }
    if let Some(root) = root.as_object_mut() {
        let names: Vec<_> = parameters().map(|(name, _)| name).collect();
        if !names.is_empty() {
            root.insert("params".to_owned(), json!(names));
        }
        if let Some(index) = run.back_to {
            root.insert("loop".to_owned(), json!(index));
        }
    }
    format!("{root:#}\n")
}

fn meta(trace: &Trace<'_>) -> Value {
    let run = trace.run;
    let first = run.steps.first().map_or(&[][..], |step| &step.state);
    let variables = run.variables.iter().zip(first);
    let types: Map<_, _> = variables
        .chain(&run.parameters)
        .map(|(name, value)| (name.clone(), json!(type_of(value))))
        .collect();
    json!({
        "format": "ITF",
        "format-description": FORMAT,
        "source": trace.check.id,
        "status": "violation",
        "description": format!("{}: {}: {}", trace.object, trace.property, run.message),
        "varTypes": types,
    })
}

fn state(run: &Counterexample, index: usize) -> Value {
    let mut state = Map::new();
    if let Some(step) = run.steps.get(index) {
        state.insert("#meta".to_owned(), json!({"index": index, "action": step.action}));
        let named = run.variables.iter().zip(&step.state);
        state.extend(named.map(|(name, value)| (name.clone(), scalar(value))));
    }
    Value::Object(state)
}

fn scalar(value: &Scalar) -> Value {
    match value {
        Scalar::Integer(number) => json!({"#bigint": number.to_string()}),
        Scalar::Bool(truth) => json!(truth),
        Scalar::Text(text) => json!(text),
    }
}

/// In the type system of Apalache (its ADR-002).
fn type_of(value: &Scalar) -> &'static str {
    match value {
        Scalar::Integer(_) => "Int",
        Scalar::Bool(_) => "Bool",
        Scalar::Text(_) => "Str",
    }
}
