use std::collections::BTreeMap;
use std::fmt;

use crate::{Location, ObjectReference};

/// The answer to one question put to the verifier.
#[derive(Clone, Debug, PartialEq)]
pub enum Proof {
    /// True in every reachable state, and not vacuously so.
    Proved(Proved),
    /// False, with a run that shows it; the run was replayed.
    Refuted(Box<Counterexample>),
    /// Neither, and why: budget spent, a value of the wrong type, vacuous, …
    Unknown(String),
}

/// How a property was proved.
#[derive(Clone, Debug, PartialEq)]
pub struct Proved {
    /// `evaluation`, `parametric induction`, `1-induction`, `ranking function`, …
    pub technique: String,
    /// For which values.
    pub scope: Scope,
    /// The expressions of the specification that the proof rests on (its unsat core), in source
    /// order; empty where nothing but evaluation was needed.
    pub rests_on: Vec<Location>,
    /// The parts of the proof, each of which any solver can check again; empty unless they were
    /// asked for.
    pub obligations: Vec<Obligation>,
}

/// One part of a proof: that nothing is like what a text describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    /// What it shows, in words.
    pub name: String,
    /// The text, in SMT-LIB 2, with one `(check-sat)`; the answer is `unsat`.
    pub script: String,
    /// Resource units that the solver spends on it.
    pub resources: u32,
}

/// For which values a proof stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// For the values in the files.
    Values,
    /// For the values in the files and every value of these unknowns, as `replicas in 2..10`.
    Every(Vec<String>),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Values => f.write_str("every order of events"),
            Self::Every(unknowns) => {
                write!(f, "every order of events and any {}", unknowns.join(", any "))
            }
        }
    }
}

/// One property of one specification for one object.
#[derive(Clone, Debug, PartialEq)]
pub struct ProofRecord {
    /// The object judged.
    pub object: ObjectReference,
    /// Where the object starts.
    pub location: Location,
    /// Name of the property in the specification.
    pub property: String,
    /// The answer.
    pub proof: Proof,
}

/// A value in a counterexample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// An integer.
    Integer(i64),
    /// A truth value.
    Bool(bool),
    /// One of the values of an enumeration.
    Text(String),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => write!(f, "{value}"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
        }
    }
}

/// A shortest run that breaks a property, replayed step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// What goes wrong, in one sentence.
    pub message: String,
    /// The values it holds for: read from the files, or chosen within a declared range.
    pub parameters: BTreeMap<String, Scalar>,
    /// Names of the state variables, in the order the specification declares them.
    pub variables: Vec<String>,
    /// The run; the first step is the start.
    pub steps: Vec<Step>,
    /// For a run that goes on for ever without coming to its goal: the index of the step that
    /// follows the last one again, so that the last state is that of this index.
    pub back_to: Option<usize>,
    /// For which values of the unknowns it fails, in the words of the specification, when that
    /// is known exactly.
    pub fails_when: Option<String>,
    /// The field to blame.
    pub blame: Location,
    /// Changes that were each proved to make the specification hold.
    pub remedies: Vec<Remedy>,
}

/// One state of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What happened to get here, in words; `start` for the first.
    pub action: String,
    /// The state: one value for each of [`Counterexample::variables`].
    pub state: Vec<Scalar>,
}

/// A change of fields that makes a refuted specification provable; it was proved.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    /// The fields to set, together.
    pub edits: Vec<Edit>,
}

/// One field set to one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The object to edit.
    pub object: ObjectReference,
    /// The field, or its nearest existing ancestor.
    pub location: Location,
    /// RFC 6901 pointer of the field.
    pub pointer: String,
    /// What to set it to.
    pub value: serde_json::Value,
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.pointer.rsplit('/').next().unwrap_or_default();
        write!(f, "`{field}: {}` in {}", self.value, self.object)
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edits: Vec<_> = self.edits.iter().map(ToString::to_string).collect();
        write!(f, "set {}", edits.join(" and "))
    }
}
