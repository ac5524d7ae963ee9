use std::borrow::Cow;
use std::collections::BTreeMap;

use provost_model as model;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::place::{Location, Object};

/// One property of one specification for one object.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProofRecord<'a> {
    /// The object judged.
    object: Object<'a>,
    /// Where the object starts.
    location: Location<'a>,
    /// Name of the property in the specification.
    property: &'a str,
    /// The answer.
    proof: Proof<'a>,
}

/// The answer to one question put to the verifier.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "answer", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Proof<'a> {
    /// True in every reachable state, and not vacuously so.
    Proved {
        /// How: `evaluation`, `1-induction`, …
        technique: &'a str,
        /// For what, in words.
        scope: String,
        /// The unknowns it stands for every value of, as `replicas in 2..10`.
        unknowns: &'a [String],
        /// The expressions of the specification that the proof needs; none where evaluation
        /// was enough.
        rests_on: Vec<Location<'a>>,
        /// The parts of the proof, where they were asked for.
        obligations: Vec<Obligation<'a>>,
    },
    /// False, with a run that shows it.
    Refuted {
        /// The run.
        counterexample: Counterexample<'a>,
    },
    /// Neither.
    Unknown {
        /// Why.
        reason: &'a str,
    },
}

/// One part of a proof.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Obligation<'a> {
    /// What it shows, in words.
    name: &'a str,
    /// Resource units that the solver spends on it.
    resources: u32,
    /// The text, in SMT-LIB 2; the answer of any solver is `unsat`.
    script: &'a str,
}

impl<'a> Obligation<'a> {
    fn of(part: &'a model::Obligation) -> Self {
        Self { name: &part.name, resources: part.resources, script: &part.script }
    }
}

/// A shortest run that breaks a property, replayed step by step.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Counterexample<'a> {
    /// What goes wrong, in one sentence.
    message: &'a str,
    /// The values it holds for.
    parameters: BTreeMap<&'a str, Scalar>,
    /// Names of the state variables, in the order they were declared.
    variables: &'a [String],
    /// The run; the first step is the start.
    steps: Vec<Step<'a>>,
    /// For a run that goes on for ever: the index of the step that it goes on from after the
    /// last one, whose state is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    back_to: Option<usize>,
    /// For which values of the unknowns the property fails, where that is known exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    fails_when: Option<&'a str>,
    /// The place to blame.
    blame: Location<'a>,
    /// Changes that were each proved to make the specification hold.
    remedies: Vec<Remedy<'a>>,
}

/// A run that breaks a property of an object.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Trace<'a> {
    /// The id of the specification.
    specification: &'a str,
    /// The object judged.
    object: Object<'a>,
    /// Name of the property in the specification.
    property: &'a str,
    /// The run.
    counterexample: Counterexample<'a>,
}

impl<'a> Trace<'a> {
    pub(super) fn of(trace: &crate::trace::Trace<'a>) -> Self {
        Self {
            specification: &trace.check.id,
            object: Object::of(trace.object),
            property: trace.property,
            counterexample: Counterexample::of(trace.run),
        }
    }
}

/// One state of a run.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Step<'a> {
    /// What happened to get here, in words; `start` for the first.
    action: &'a str,
    /// The value of every variable.
    state: BTreeMap<&'a str, Scalar>,
}

/// An integer or a truth value.
#[derive(Debug)]
struct Scalar(model::Scalar);

/// A change of fields that was proved to make the specification hold.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Remedy<'a> {
    /// The change in words.
    summary: String,
    /// The fields to set, together.
    edits: Vec<Edit<'a>>,
}

/// One field of one object set to one value.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Edit<'a> {
    /// The object to edit.
    object: Object<'a>,
    /// The field, or its nearest existing ancestor.
    location: Location<'a>,
    /// An RFC 6902 operation on the object. Mappings missing on the way to its
    /// path have to be made first.
    patch: Operation<'a>,
}

/// One RFC 6902 operation.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Operation<'a> {
    op: OperationKind,
    /// RFC 6901 pointer.
    path: &'a str,
    /// The value to set.
    value: &'a serde_json::Value,
}

/// `add` sets a key of a mapping, `replace` an item of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum OperationKind {
    Add,
    Replace,
}

impl<'a> ProofRecord<'a> {
    pub(super) fn of(record: &'a model::ProofRecord) -> Self {
        Self {
            object: Object::of(&record.object),
            location: Location::of(&record.location),
            property: &record.property,
            proof: Proof::of(&record.proof),
        }
    }
}

impl<'a> Proof<'a> {
    fn of(proof: &'a model::Proof) -> Self {
        match proof {
            model::Proof::Proved(proved) => Self::Proved {
                technique: &proved.technique,
                scope: proved.scope.to_string(),
                unknowns: match &proved.scope {
                    model::Scope::Values => &[],
                    model::Scope::Every(unknowns) => unknowns,
                },
                rests_on: proved.rests_on.iter().map(Location::of).collect(),
                obligations: proved.obligations.iter().map(Obligation::of).collect(),
            },
            model::Proof::Refuted(run) => Self::Refuted { counterexample: Counterexample::of(run) },
            model::Proof::Unknown(reason) => Self::Unknown { reason },
        }
    }
}

impl<'a> Counterexample<'a> {
    fn of(run: &'a model::Counterexample) -> Self {
        let step = |step: &'a model::Step| Step {
            action: &step.action,
            state: run
                .variables
                .iter()
                .zip(&step.state)
                .map(|(variable, value)| (variable.as_str(), Scalar(value.clone())))
                .collect(),
        };
        Self {
            message: &run.message,
            parameters: run
                .parameters
                .iter()
                .map(|(name, value)| (name.as_str(), Scalar(value.clone())))
                .collect(),
            variables: &run.variables,
            steps: run.steps.iter().map(step).collect(),
            back_to: run.back_to,
            fails_when: run.fails_when.as_deref(),
            blame: Location::of(&run.blame),
            remedies: run.remedies.iter().map(Remedy::of).collect(),
        }
    }
}

impl<'a> Remedy<'a> {
    fn of(remedy: &'a model::Remedy) -> Self {
        let edit = |edit: &'a model::Edit| Edit {
            object: Object::of(&edit.object),
            location: Location::of(&edit.location),
            patch: Operation::of(edit),
        };
        Self { summary: remedy.to_string(), edits: remedy.edits.iter().map(edit).collect() }
    }
}

impl<'a> Operation<'a> {
    fn of(edit: &'a model::Edit) -> Self {
        // `add` at a list index would insert, so an item is replaced.
        let last = edit.pointer.rsplit('/').next().unwrap_or_default();
        let item = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
        Self {
            op: if item { OperationKind::Replace } else { OperationKind::Add },
            path: &edit.pointer,
            value: &edit.value,
        }
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            model::Scalar::Integer(value) => serializer.serialize_i64(value),
            model::Scalar::Bool(value) => serializer.serialize_bool(value),
            model::Scalar::Text(ref value) => serializer.serialize_str(value),
        }
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An integer, a truth value, or one of the values of an enumeration.",
            "type": ["integer", "boolean", "string"],
        })
    }
}
