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
    /// `Specification` or `Model`
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, JsonSchema)]
pub enum Kind {
    /// A specification.
    Specification,
    /// What specifications build upon (`uses`): values and a machine, without claims.
    Model,
}

/// What a specification is called.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Kebab-case, unique in a bundle; that of a model may have parts, as `kubernetes/rollout`.
    #[schemars(regex(pattern = "^[a-z][a-z0-9]*([-/][a-z0-9]+)*$"))]
    pub name: String,
    /// One line.
    pub title: String,
}

/// How bad a violation is.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it; see provost_model::Severity")]
pub enum SeverityForm {
    Info,
    Low,
    #[default]
    Medium,
    High,
    Critical,
}

/// What a specification says.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Body {
    /// How bad a violation is; `medium` if it is not said.
    #[serde(default)]
    pub severity: SeverityForm,
    /// Why anyone should care.
    #[serde(default)]
    pub rationale: String,
    /// What to do about a violation in general.
    #[serde(default)]
    pub remedy: String,
    /// Control identifiers, as `framework:id`.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub controls: Vec<String>,
    /// The model it builds upon, as `kubernetes/rollout`: its values, its machine and its
    /// lemmas are those of the specification too.
    #[serde(default)]
    pub uses: Option<String>,
    /// The objects it is about, one at a time; without it, the change as a whole.
    #[serde(default, rename = "for")]
    pub subject: Option<Subject>,
    /// Values that nothing in the change says: what is claimed must hold for each.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 50))]
    pub given: BTreeMap<String, Given>,
    /// Of a model: named values that a specification may give others in its `let` or `given`.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 50))]
    pub defaults: BTreeMap<String, Cel>,
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
    /// What holds in every reachable state in which nothing more has to happen.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub postconditions: Vec<Invariant>,
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

/// A value that nothing says: any integer of a range, or any text of a list.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Given {
    /// The least integer.
    #[serde(default)]
    pub from: Option<Cel>,
    /// The greatest integer; without it, there is none.
    #[serde(default)]
    pub to: Option<Cel>,
    /// A list of texts.
    #[serde(default)]
    pub one_of: Option<Cel>,
}

/// A state machine.
#[derive(Clone, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MachineForm {
    /// State variables and their types.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 50))]
    pub state: BTreeMap<String, VariableForm>,
    /// The first value of each state variable; `key` is the key of a map.
    #[serde(default)]
    pub start: BTreeMap<String, Cel>,
    /// What can happen.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 100))]
    pub steps: BTreeMap<String, StepForm>,
    /// How many steps that are a `fault` a run may have; their number so far is `faults`.
    #[serde(default)]
    pub faults: Option<Cel>,
    /// Facts about every reachable state that help the proof; each is proved before it is used.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub lemmas: Vec<Cel>,
}

/// The type of a state variable: `int`, `bool`, one of some texts, or a map of these.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum VariableForm {
    /// An integer or a truth value.
    Sort(SortForm),
    /// One of some texts.
    Enum(EnumForm),
    /// One value for each key.
    Map(MapForm),
}

/// An integer or a truth value.
#[derive(Clone, Copy, Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SortForm {
    /// An integer.
    Int,
    /// A truth value.
    Bool,
}

/// One of some texts.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnumForm {
    /// The texts.
    #[serde(rename = "enum")]
    #[schemars(length(min = 1, max = 100))]
    pub labels: Vec<String>,
}

/// One value for each key.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MapForm {
    /// The keys: a list of texts read from the change.
    pub over: Cel,
    /// The type of the values.
    pub of: ItemForm,
}

/// The type of the values of a map.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ItemForm {
    /// An integer or a truth value.
    Sort(SortForm),
    /// One of some texts.
    Enum(EnumForm),
}

/// Something that can happen.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StepForm {
    /// In words; `{name}` is replaced by the item or the chosen value of that name.
    pub title: String,
    /// One such step for each item of a list of texts or integers read from the change.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 3))]
    pub for_each: BTreeMap<String, Cel>,
    /// When it can happen.
    pub when: Cel,
    /// Integers that the step chooses; it cannot happen when a range is empty.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 10))]
    pub choose: BTreeMap<String, Range>,
    /// The next value of each state variable that changes: `x`, one key of a map `m[k]`, or
    /// every key of it `m` (then `key` is the key).
    pub then: BTreeMap<String, Cel>,
    /// Is it something that goes wrong? It happens at most `faults` times, and never has to.
    #[serde(default)]
    pub fault: bool,
    /// Must it happen at last? One that need not may be delayed for ever. While a fair step can
    /// happen, some fair step does.
    #[serde(default = "yes")]
    pub fair: bool,
}

fn yes() -> bool {
    true
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
    #[serde(default)]
    pub violation: Option<Cel>,
}

/// A property of runs: exactly one of `eventually`, `leadsTo`, `neverStuckUntil` and
/// `canAlwaysReach`.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TemporalProperty {
    /// Kebab-case.
    pub name: String,
    /// What every run comes to, however the steps are ordered.
    #[serde(default)]
    pub eventually: Option<Cel>,
    /// What every run comes to after something else.
    #[serde(default)]
    pub leads_to: Option<LeadsTo>,
    /// What every run comes to unless it goes on for ever: before it, something can happen.
    #[serde(default)]
    pub never_stuck_until: Option<Cel>,
    /// What some way leads to from every reachable state, without a fault.
    #[serde(default)]
    pub can_always_reach: Option<Cel>,
    /// In how many steps at the most.
    #[serde(default)]
    pub within: Option<Cel>,
    /// An integer that is never negative and that every fair step lowers until then, and no
    /// other step raises.
    #[serde(default)]
    pub rank: Option<Cel>,
    /// A condition on the values under which it is proved once, for all values.
    #[serde(default)]
    pub holds_when: Option<Cel>,
    /// What to say about the state in which a run that breaks it ends.
    #[serde(default)]
    pub violation: Option<Cel>,
}

/// Whenever one thing holds, a run comes to another.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadsTo {
    /// The one.
    pub from: Cel,
    /// The other.
    pub to: Cel,
}

/// A field of a document.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The name of a document: the subject, or a `let`.
    #[serde(rename = "in")]
    pub document: String,
    /// RFC 6901 pointer; `{name}` in it stands for the text of that `let`.
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
    /// RFC 6901 pointer; `{name}` in it stands for the text of that `let`.
    pub at: String,
    /// The value: an int, a bool or a string.
    pub to: Cel,
}
