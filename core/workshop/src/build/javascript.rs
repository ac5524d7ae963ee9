//! JavaScript: one bundle of plugin and SDK, run by QuickJS inside the component.

use std::path::Path;
use std::process::Command;

use provost_builtins::CONTRACT;

use crate::build::{Toolchains, step, toolchain};
use crate::project::Project;

const PACKAGES: [&str; 2] = ["esbuild@0.25.12", "componentize-qjs@0.4.5"];

pub(super) const REMEDY: &str = "install Node.js 20 or later, with npm";

pub(super) fn build(
    project: &Project,
    toolchains: &Toolchains,
    tell: &dyn Fn(&str),
) -> Result<Vec<u8>, String> {
    componentize(project, "plugin.js", toolchains, tell)
}

/// Makes the component of a main file and what it imports.
pub(super) fn componentize(
    project: &Project,
    main: &str,
    toolchains: &Toolchains,
    tell: &dyn Fn(&str),
) -> Result<Vec<u8>, String> {
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
    tell("esbuild");
    let mut esbuild = Command::new(tools.join("node_modules/.bin/esbuild"));
    esbuild
        .current_dir(&project.folder)
        .arg(&entry)
        .args(["--bundle", "--format=esm", "--platform=neutral", "--main-fields=module,main"])
        .args(["--log-level=warning", "--external:provost:*"])
        .arg(format!("--alias:provost-sdk={}", sdk.display()))
        .arg(format!("--alias:provost-sdk/guest={}", sdk.join("guest.js").display()))
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
    step::read(&made)
}
