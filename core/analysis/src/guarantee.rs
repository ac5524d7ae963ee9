//! Guarantees: what must hold of the policies for every request, written down and proved.

mod asked;

use std::sync::Arc;

use provost_model::{Location, Node, Problem, Source};
use schemars::JsonSchema;
use serde::Deserialize;

pub use asked::guaranteed;

/// A file of guarantees.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GuaranteesForm {
    /// `provost.dev/v1`
    #[serde(rename = "apiVersion")]
    _api_version: ApiVersion,
    /// `PolicyGuarantees`
    #[serde(rename = "kind")]
    _kind: Kind,
    /// Each holds for every request, or the policies are not what they should be.
    #[schemars(length(min = 1))]
    guarantees: Vec<GuaranteeForm>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
enum ApiVersion {
    #[serde(rename = "provost.dev/v1")]
    V1,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
enum Kind {
    PolicyGuarantees,
}

/// One guarantee. It says either what the decision is, or what every allowed request is like.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GuaranteeForm {
    /// Its name, lower-case words joined by hyphens.
    #[schemars(regex(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    id: String,
    /// What it says, in one sentence.
    #[schemars(length(min = 1))]
    title: String,
    /// The actions or groups of actions that it is about, as `apply` or `Action::"apply"`;
    /// without them, every one.
    #[serde(default)]
    actions: Vec<String>,
    /// The requests of those that it is about: a Cedar expression over `principal`, `action`,
    /// `resource` and `context`. Without it, all of them.
    #[serde(default)]
    when: Option<String>,
    /// What the decision about every such request is.
    #[serde(default)]
    decision: Option<DecisionForm>,
    /// What holds of every such request that is allowed: a Cedar expression.
    #[serde(default)]
    requires: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum DecisionForm {
    /// Every such request is allowed.
    Allow,
    /// Every such request is denied.
    Deny,
}

/// The guarantees of one file.
#[derive(Clone, Debug)]
pub struct Guarantees {
    source: Arc<Source>,
    root: Node,
    form: GuaranteesForm,
}

/// JSON Schema of a file of guarantees.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(GuaranteesForm).into()
}

const CODE: &str = "guarantee";

impl Guarantees {
    /// Reads a file.
    ///
    /// # Errors
    /// Every problem of its text, each at its line.
    pub fn read(source: &Arc<Source>) -> Result<Self, Vec<Problem>> {
        let root = provost_syntax::only_document(source, "PolicyGuarantees")?;
        let form: GuaranteesForm = provost_syntax::decode(source, &root)?;
        let file = Self { source: Arc::clone(source), root, form };
        let problems: Vec<_> =
            (0..file.form.guarantees.len()).filter_map(|at| file.flaw(at)).collect();
        if problems.is_empty() { Ok(file) } else { Err(problems) }
    }

    /// The ids, each with its place.
    pub fn ids(&self) -> impl Iterator<Item = (&str, Location)> {
        let all = self.form.guarantees.iter().enumerate();
        all.map(|(at, form)| (form.id.as_str(), self.locate(&format!("/guarantees/{at}/id"))))
    }

    fn flaw(&self, at: usize) -> Option<Problem> {
        let form = self.form.guarantees.get(at)?;
        let message = match (form.decision.is_some(), form.requires.is_some()) {
            (true, false) | (false, true) => {
                let earlier = self.form.guarantees.iter().take(at);
                let twice = earlier.clone().any(|other| other.id == form.id);
                return twice.then(|| {
                    let place = self.locate(&format!("/guarantees/{at}/id"));
                    Problem::at(CODE, place, format!("`{}` is guaranteed twice", form.id))
                        .help("give one of them another id")
                });
            }
            (true, true) => "the guarantee says both `decision` and `requires`",
            (false, false) => "the guarantee says neither `decision` nor `requires`",
        };
        let place = self.locate(&format!("/guarantees/{at}"));
        Some(Problem::at(CODE, place, message).help(
            "write `decision: deny` for what is never allowed, or `requires:` for what holds of \
             everything that is",
        ))
    }

    fn locate(&self, pointer: &str) -> Location {
        let mut location = Location::new(&self.source, self.root.locate(pointer).0);
        pointer.clone_into(&mut location.pointer);
        location
    }
}
