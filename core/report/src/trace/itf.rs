use provost_model::{Counterexample, Scalar};
use serde_json::{Map, Value, json};

/// A counterexample in the Informal Trace Format (ITF) of Apalache and Quint, JSON, as
/// described in Apalache's ADR 015: integers are `{"#bigint": "…"}`, every state carries
/// its index, and what led to it is in its `#meta`.
pub fn itf(counterexample: &Counterexample) -> Value {
    let parameters = &counterexample.parameters;
    let states = counterexample.steps.iter().enumerate().map(|(index, step)| {
        let mut state = Map::new();
        state.insert("#meta".to_owned(), json!({ "index": index, "action": step.action }));
        let variables = counterexample.variables.iter().zip(&step.state);
        state.extend(variables.map(|(name, value)| (name.clone(), scalar(value))));
        state.extend(parameters.iter().map(|(name, value)| (name.clone(), scalar(value))));
        Value::Object(state)
    });
    json!({
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            "description": counterexample.message,
            "blame": counterexample.blame.to_string(),
        },
        "params": parameters.keys().collect::<Vec<_>>(),
        "vars": counterexample.variables,
        "states": states.collect::<Vec<_>>(),
    })
}

fn scalar(value: &Scalar) -> Value {
    match value {
        Scalar::Integer(value) => json!({ "#bigint": value.to_string() }),
        Scalar::Bool(value) => json!(value),
    }
}
