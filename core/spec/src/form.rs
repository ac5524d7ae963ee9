//! The form of a specification file: YAML for structure, CEL in its scalars.
//!
//! These types are the JSON Schema that editors use; `loader.rs` gives
//! them their meaning.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Visitor};

/// A CEL expression; YAML integers and booleans are expressions too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cel(pub String);

impl JsonSchema for Cel {
    fn schema_name() -> Cow<'static, str> {
        "Expression".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A CEL expression.",
            "type": ["string", "integer", "boolean"]
        })
    }
}

impl<'de> Deserialize<'de> for Cel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;
        impl Visitor<'_> for Scalar {
            type Value = Cel;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a CEL expression")
            }
            fn visit_str<E>(self, text: &str) -> Result<Cel, E> {
                Ok(Cel(text.to_owned()))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Cel, E> {
                Ok(Cel(value.to_string()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Cel, E> {
                Ok(Cel(value.to_string()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Cel, E> {
                Ok(Cel(value.to_string()))
            }
            // An integer too large for YAML: the parser of expressions says so.
            fn visit_f64<E>(self, value: f64) -> Result<Cel, E> {
                Ok(Cel(value.to_string()))
            }
        }
        deserializer.deserialize_any(Scalar)
    }
}

/// A specification file.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SpecificationForm {
    /// `provost.dev/v1`
    #[expect(dead_code, reason = "there is one version: to have decoded it is enough")]
    pub api_version: ApiVersion,
    /// `Specification`
    #[expect(dead_code, reason = "there is one kind: to have decoded it is enough")]
    pub kind: Kind,
    /// Its name.
    pub metadata: Metadata,
    /// What it says.
    pub spec: Body,
}

/// The version of the language.
#[derive(Clone, Copy, Debug, serde::Deserialize, JsonSchema)]
pub enum ApiVersion {
    /// Version 1.
    #[serde(rename = "provost.dev/v1")]
    V1,
}

/// The kind of file.
#[derive(Clone, Copy, Debug, serde::Deserialize, JsonSchema)]
pub enum Kind {
    /// A specification.
    Specification,
}

/// What a specification is called.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Kebab-case, unique in a bundle.
    #[schemars(regex(pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"))]
    pub name: String,
    /// One line.
    pub title: String,
}

/// How bad a violation is.
#[derive(Clone, Copy, Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it; see provost_model::Severity")]
pub enum SeverityForm {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

/// What a specification says.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Body {
    /// How bad a violation is.
    pub severity: SeverityForm,
    /// Why anyone should care.
    pub rationale: String,
    /// What to do about a violation in general.
    pub remedy: String,
    /// Control identifiers, as `framework:id`.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub controls: Vec<String>,
    /// The objects it is about, one at a time.
    #[serde(rename = "for")]
    pub subject: Subject,
    /// Named values read from the change, in any order.
    #[serde(default, rename = "let")]
    #[schemars(extend("maxProperties" = 500))]
    pub lets: BTreeMap<String, Cel>,
    /// Where one is false, the specification does not apply.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub preconditions: Vec<Cel>,
    /// How the system moves; without one, properties are about the values alone.
    #[serde(default)]
    pub machine: Option<MachineForm>,
    /// What holds in every reachable state.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub invariants: Vec<Invariant>,
    /// What every run comes to.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub temporal_properties: Vec<TemporalProperty>,
    /// The fields to blame for a violation; the first that exists is shown.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub blame: Vec<Field>,
    /// Changes to try; those that make the specification provable are shown.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub remedies: Vec<RemedyForm>,
}

/// The objects a specification is about.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// As `Kind` for the core group or `group/Kind`.
    #[schemars(length(min = 1, max = 100))]
    pub kinds: Vec<String>,
    /// The name of the object in expressions.
    #[serde(rename = "as")]
    pub name: String,
}

/// A state machine.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineForm {
    /// State variables and their types.
    #[schemars(extend("maxProperties" = 50))]
    pub state: BTreeMap<String, SortForm>,
    /// The first value of each state variable.
    pub start: BTreeMap<String, Cel>,
    /// What can happen.
    #[schemars(extend("maxProperties" = 100))]
    pub steps: BTreeMap<String, StepForm>,
    /// Facts about every reachable state that help the proof; each is proved before it is used.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub lemmas: Vec<Cel>,
}

/// The type of a state variable.
#[derive(Clone, Copy, Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SortForm {
    /// An integer.
    Int,
    /// A truth value.
    Bool,
}

/// Something that can happen.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepForm {
    /// In words; `{name}` is replaced by the chosen value of that name.
    pub title: String,
    /// When it can happen.
    pub when: Cel,
    /// Integers that the step chooses; it cannot happen when a range is empty.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 10))]
    pub choose: BTreeMap<String, Range>,
    /// The next value of each state variable that changes.
    pub then: BTreeMap<String, Cel>,
}

/// A range of integers, both ends included.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The least.
    pub from: Cel,
    /// The greatest.
    pub to: Cel,
}

/// What holds in every reachable state.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Invariant {
    /// Kebab-case.
    pub name: String,
    /// What holds.
    pub expr: Cel,
    /// A condition on the values under which it is proved once, for all values.
    #[serde(default)]
    pub holds_when: Option<Cel>,
    /// What to say about a state that breaks it.
    pub violation: Cel,
}

/// What every run comes to.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TemporalProperty {
    /// Kebab-case.
    pub name: String,
    /// What every run comes to, however the steps are ordered.
    pub eventually: Cel,
    /// An integer that is never negative and that every step lowers until then.
    pub rank: Cel,
    /// A condition on the values under which it is proved once, for all values.
    #[serde(default)]
    pub holds_when: Option<Cel>,
    /// What to say about a state from which nothing more happens.
    pub violation: Cel,
}

/// A field of a document.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The name of a document: the subject, or a `let`.
    #[serde(rename = "in")]
    pub document: String,
    /// RFC 6901 pointer.
    pub at: String,
}

/// A change to try.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemedyForm {
    /// When it makes sense.
    #[serde(default)]
    pub when: Option<Cel>,
    /// The fields to set, together.
    #[schemars(length(min = 1, max = 20))]
    pub set: Vec<EditForm>,
}

/// One field set to one value.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditForm {
    /// The name of a document: the subject, or a `let`.
    #[serde(rename = "in")]
    pub document: String,
    /// RFC 6901 pointer.
    pub at: String,
    /// The value: an int, a bool or a string.
    pub to: Cel,
}
