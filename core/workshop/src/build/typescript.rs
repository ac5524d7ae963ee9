//! TypeScript: its types are checked, then it is JavaScript.

use std::process::Command;

use serde_json::json;

use crate::build::inputs::Made;
use crate::build::javascript::{self, REMEDY};
use crate::build::{Toolchains, step, toolchain};
use crate::project::Project;

const PACKAGE: &str = "typescript@7.0.2";
const MAIN: &str = "plugin.ts";

pub(super) fn build(
    project: &Project,
    toolchains: &Toolchains,
    tell: &dyn Fn(&str),
) -> Result<Made, String> {
    check(project, toolchains, tell)?;
    javascript::componentize(project, MAIN, toolchains, tell)
}

/// Checks the types of what the component is made of, so not of its tests.
fn check(project: &Project, toolchains: &Toolchains, tell: &dyn Fn(&str)) -> Result<(), String> {
    let tools = toolchain::from_npm(toolchains, "typescript", &[PACKAGE], tell, REMEDY)?;
    let sdk = std::path::absolute(&project.sdk).map_err(|error| error.to_string())?;
    let has_own = project.folder.join("tsconfig.json").exists();
    let configuration = json!({
        "extends": if has_own { vec!["../tsconfig.json"] } else { Vec::new() },
        "compilerOptions": {
            "noEmit": true,
            "target": "es2022",
            "module": "esnext",
            "moduleResolution": "bundler",
            "allowImportingTsExtensions": true,
            // In the component there is neither a browser nor Node.js.
            "lib": ["es2022"],
            "types": [],
            "paths": {"provost-sdk": [sdk.join("index.d.ts")]},
        },
        "files": [format!("../{MAIN}")],
        "include": [],
    });
    let path = step::scratch(project, "tsconfig.json")?;
    step::write(&path, &configuration.to_string())?;
    tell("tsc --noEmit");
    let mut tsc = Command::new(tools.join("node_modules/.bin/tsc"));
    tsc.current_dir(&project.folder).args(["--pretty", "false", "--project"]).arg(&path);
    step::run(&mut tsc, REMEDY, tell)
}
