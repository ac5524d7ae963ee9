//! A component of a system that is developed with proofs: how far it is, and what it is made of.

use provost_model::Problem;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Place;
use super::form::{ApiVersion, Metadata, Name};

/// A component of a system.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ComponentForm {
    /// `provost.dev/v1`
    #[serde(rename = "apiVersion")]
    _api_version: ApiVersion,
    /// `Component`
    #[serde(rename = "kind")]
    _kind: Kind,
    /// Its name.
    metadata: Metadata,
    /// What it is.
    spec: Spec,
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Kind {
    Component,
}

/// What a component is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Spec {
    /// How far it is.
    #[serde(rename = "phase")]
    _phase: Phase,
    /// Names of the components that it builds upon.
    #[serde(default)]
    #[schemars(length(max = 1000), extend("uniqueItems" = true))]
    depends_on: Vec<Name>,
    /// The files it consists of: paths or globs, relative to the folder of this file, with
    /// `/` between their parts.
    #[schemars(length(max = 1000), extend("uniqueItems" = true))]
    sources: Vec<String>,
    /// Names of the specifications that it must meet.
    #[serde(default, rename = "specifications")]
    #[schemars(length(max = 1000), extend("uniqueItems" = true))]
    _specifications: Vec<SpecificationName>,
}

/// The name of a specification.
#[derive(Debug, Deserialize, JsonSchema)]
struct SpecificationName(
    #[schemars(length(min = 1, max = 253))]
    #[expect(dead_code, reason = "only its form is checked here")]
    String,
);

/// How far a component is; each comes after those before it.
#[derive(Debug, Deserialize, JsonSchema)]
enum Phase {
    Requirements,
    Specification,
    Verification,
    Implementation,
    Testing,
    Deployment,
}

/// What a schema cannot say.
pub(super) fn problems(place: &Place<'_>, form: &ComponentForm) -> Vec<Problem> {
    let own = form.metadata.name.as_str();
    let dependencies = form.spec.depends_on.iter().enumerate();
    let circles = dependencies.filter(|(_, name)| name.as_str() == own).map(|(index, _)| {
        let pointer = format!("/spec/dependsOn/{index}");
        let message = format!("`{own}` depends on itself");
        place.problem("component-dependency", &pointer, message).help("remove it")
    });
    let sources = form.spec.sources.iter().enumerate().filter_map(|(index, path)| {
        let why = objection(path)?;
        let pointer = format!("/spec/sources/{index}");
        let problem = place.problem("component-source", &pointer, format!("`{path}` {why}"));
        Some(problem.help("write a path or glob below the folder of this file: `src/**/*.rs`"))
    });
    circles.chain(sources).collect()
}

/// Why a path is not one below a folder. A digest over what lies outside it would differ
/// between machines, and show what is there.
fn objection(path: &str) -> Option<&'static str> {
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.trim().is_empty() {
        Some("is no path")
    } else if path.contains('\\') {
        Some("has a `\\`, and `/` stands between the parts of a path")
    } else if path.starts_with(['/', '~']) || drive {
        Some("is not relative")
    } else if path.split('/').any(|part| part == "..") {
        Some("leads out of the folder")
    } else {
        None
    }
}
