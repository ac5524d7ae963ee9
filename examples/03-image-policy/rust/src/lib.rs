//! Images come from trusted registries, are pinned, and can be pulled.

use provost_sdk::{
    Description, Document, Finding, Level, Mismatch, Patch, Plugin, Report, Rule, Scalar, Severity,
    log, lookup,
};
use serde::Deserialize;

const TRUSTED: &str = "image-from-trusted-registry";
const PINNED: &str = "image-is-pinned";
const PULLED: &str = "image-can-be-pulled";

/// Exempts a namespace from [`TRUSTED`]: `~1` is how a pointer writes `/`.
const EXEMPT: &str = "/metadata/labels/image-policy.example~1exempt";

pub struct ImagePolicy;

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    registries: Vec<String>,
    require_digest: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { registries: vec!["registry.example/".to_owned()], require_digest: false }
    }
}

impl Plugin for ImagePolicy {
    type Settings = Settings;

    fn description() -> Description {
        Description::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
            .kinds(["Pod", "apps/Deployment"])
            .settings_schema(include_str!("settings.schema.json"))
            .lookup()
            .rule(
                Rule::new(TRUSTED, "Images come from a trusted registry")
                    .severity(Severity::High)
                    .rationale("An image from elsewhere was scanned by nobody.")
                    .remedy("push the image to a trusted registry and name it there"),
            )
            .rule(
                Rule::new(PINNED, "Images are pinned by a tag or a digest")
                    .rationale("What runs should be what was tested.")
                    .remedy("name a tag that does not move, or a digest"),
            )
            .rule(
                Rule::new(PULLED, "Images can be pulled")
                    .severity(Severity::Low)
                    .rationale("A pod whose image is never pulled starts on some nodes only.")
                    .remedy("leave `imagePullPolicy` out"),
            )
    }

    fn validate(settings: &Settings) -> Result<(), String> {
        match settings.registries.iter().find(|registry| !registry.ends_with('/')) {
            Some(registry) => Err(format!("the registry `{registry}` does not end with `/`")),
            None => Ok(()),
        }
    }

    fn check(
        document: &dyn Document,
        settings: &Settings,
        report: &mut Report,
    ) -> Result<(), Mismatch> {
        let spec = pod_spec(document)?;
        let exempt = is_exempt(document);
        for list in ["containers", "initContainers"] {
            for container in items(document, &format!("{spec}/{list}"), list)? {
                check_container(document, &container, settings, exempt, report)?;
            }
        }
        Ok(())
    }
}

provost_sdk::export!(ImagePolicy);

fn is_exempt(document: &dyn Document) -> bool {
    let Some(namespace) = document.text("/metadata/namespace") else { return false };
    let found = lookup::find(document, "Namespace", Some(&namespace));
    let exempt = found.iter().any(|it| it.text(EXEMPT).as_deref() == Some("true"));
    if exempt {
        log(Level::Info, &format!("namespace `{namespace}` is exempt"));
    }
    exempt
}

/// Where the pod is described. Nothing is judged inside something that cannot be read.
fn pod_spec(document: &dyn Document) -> Result<&'static str, Mismatch> {
    let places: &[_] = match document.text("/kind").as_deref() {
        Some("Deployment") => &["/spec", "/spec/template", "/spec/template/spec"],
        _ => &["/spec"],
    };
    for place in places {
        let json = document.to_json(place).unwrap_or_else(|| "null".to_owned());
        if json != "null" && !json.starts_with('{') {
            let name = place.rsplit('/').next().unwrap_or(place);
            return Err(Mismatch::new(*place, format!("`{name}` is not a mapping")));
        }
    }
    Ok(places.last().copied().unwrap_or("/spec"))
}

/// The pointers of the items of a list; none where there is no list.
fn items(document: &dyn Document, list: &str, name: &str) -> Result<Vec<String>, Mismatch> {
    match document.to_json(list) {
        None => Ok(Vec::new()),
        Some(json) if json.starts_with('[') => {
            let items = document.select(&format!("{list}/*")).into_iter();
            Ok(items.map(|(pointer, _)| pointer).collect())
        }
        Some(_) => Err(Mismatch::new(list, format!("`{name}` is not a list"))),
    }
}

fn check_container(
    document: &dyn Document,
    container: &str,
    settings: &Settings,
    exempt: bool,
    report: &mut Report,
) -> Result<(), Mismatch> {
    let name = document.text(&format!("{container}/name")).unwrap_or_default();
    let place = format!("{container}/image");
    let Some(Scalar::Text(image)) = document.get(&place) else {
        return Err(Mismatch::new(place, "`image` is not text"));
    };
    if !exempt && !settings.registries.iter().any(|registry| image.starts_with(registry)) {
        let message =
            format!("container `{name}` takes image `{image}` from an untrusted registry");
        report.push(Finding::new(TRUSTED, &place, message));
    }
    if !is_pinned(&image, settings.require_digest) {
        let message = format!("container `{name}` takes whatever image `{image}` is today");
        report.push(Finding::new(PINNED, &place, message));
    }
    let policy = format!("{container}/imagePullPolicy");
    let value = document.to_json(&policy);
    if value.is_some_and(|json| json != "null" && !json.starts_with('"')) {
        return Err(Mismatch::new(policy, "`imagePullPolicy` is not text"));
    }
    if document.text(&policy).as_deref() == Some("Never") {
        let message = format!("container `{name}` starts only where its image happens to be");
        let finding = Finding::new(PULLED, &policy, message)
            .remedy("set `imagePullPolicy` to `IfNotPresent`")
            .patch(Patch::default().replace(&policy, "IfNotPresent"));
        report.push(finding);
    }
    Ok(())
}

fn is_pinned(image: &str, require_digest: bool) -> bool {
    if image.contains("@sha256:") {
        return true;
    }
    // A colon before the last slash belongs to the port of the registry.
    let name = image.rsplit('/').next().unwrap_or(image);
    let tag = name.split_once(':').map(|(_, tag)| tag);
    !require_digest && tag.is_some_and(|tag| !["", "latest"].contains(&tag))
}
