//! JavaScript: one bundle of plugin and SDK, run by QuickJS inside the component.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use provost_builtins::CONTRACT;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::build::inputs::Made;
use crate::build::{Toolchains, step, toolchain};
use crate::project::Project;

const PACKAGES: [&str; 2] = ["esbuild@0.25.12", "componentize-qjs@0.4.5"];

pub(super) const REMEDY: &str = "install Node.js 20 or later, with npm";

pub(super) fn build(
    project: &Project,
    toolchains: &Toolchains,
    tell: &dyn Fn(&str),
) -> Result<Made, String> {
    componentize(project, "plugin.js", toolchains, tell)
}

/// Makes the component of a main file and what it imports.
pub(super) fn componentize(
    project: &Project,
    main: &str,
    toolchains: &Toolchains,
    tell: &dyn Fn(&str),
) -> Result<Made, String> {
    let tools = toolchain::from_npm(toolchains, "javascript", &PACKAGES, tell, REMEDY)?;
    let absolute = |path: &Path| std::path::absolute(path).map_err(|error| error.to_string());
    let (main, sdk) = (absolute(&project.folder.join(main))?, absolute(&project.sdk)?);
    let contract = step::scratch(project, "wit")?;
    step::write(&contract, CONTRACT)?;
    // The plugin exports itself, the SDK answers the host for it.
    let entry = step::scratch(project, "entry.js")?;
    let text = format!("import {main:?};\nexport {{ checks }} from \"provost-sdk/guest\";\n");
    step::write(&entry, &text)?;
    let bundle = step::scratch(project, "bundle.js")?;
    let inputs = step::scratch(project, "inputs.json")?;
    tell("esbuild");
    let mut esbuild = Command::new(tools.join("node_modules/.bin/esbuild"));
    esbuild
        .current_dir(&project.folder)
        .arg(&entry)
        .args(["--bundle", "--format=esm", "--platform=neutral", "--main-fields=module,main"])
        .args(["--log-level=warning", "--external:provost:*"])
        .arg(format!("--alias:provost-sdk={}", sdk.display()))
        .arg(format!("--alias:provost-sdk/guest={}", sdk.join("guest.js").display()))
        .arg(format!("--metafile={}", inputs.display()))
        .arg(format!("--outfile={}", bundle.display()));
    step::run(&mut esbuild, REMEDY, tell)?;
    let made = step::scratch(project, "made.wasm")?;
    tell("componentize-qjs");
    let mut componentize = Command::new(tools.join("node_modules/.bin/componentize-qjs"));
    componentize
        .arg("--wit")
        .arg(&contract)
        .args(["--world", "check", "--stub-wasi", "--sync", "--js"])
        .arg(&bundle)
        .arg("--output")
        .arg(&made);
    step::run(&mut componentize, REMEDY, tell)?;
    Ok(Made { component: step::read(&made)?, outside: outside(&inputs)? })
}

/// The files of the bundle, as esbuild lists them: relative to the folder of the project.
fn outside(inputs: &Path) -> Result<Vec<PathBuf>, String> {
    let listed: Metafile = serde_json::from_slice(&step::read(inputs)?)
        .map_err(|error| format!("`{}`: {error}", inputs.display()))?;
    Ok(listed.inputs.into_keys().collect())
}

/// What esbuild says of a bundle.
#[derive(Deserialize)]
struct Metafile {
    inputs: BTreeMap<PathBuf, IgnoredAny>,
}
