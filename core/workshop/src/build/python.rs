//! Python: the interpreter, the SDK and the plugin in one component.

use std::process::Command;

use provost_builtins::CONTRACT;

use crate::build::inputs::Made;
use crate::build::{Toolchains, step, toolchain};
use crate::project::Project;

const WHEEL: &str = "componentize-py==0.25.1";

/// What the tool starts from: the plugin exports itself, the SDK answers the host for it.
const ENTRY: &str = "import plugin\nfrom provost_sdk._guest import Checks\n";

pub(super) fn build(
    project: &Project,
    toolchains: &Toolchains,
    tell: &dyn Fn(&str),
) -> Result<Made, String> {
    let remedy = "install Python 3.11 or later, with `venv` and `pip`";
    let tool = toolchain::from_wheel(toolchains, WHEEL, tell, remedy)?;
    let contract = step::scratch(project, "wit")?;
    step::write(&contract, CONTRACT)?;
    // A folder of its own: what else lies in `build/` is no module of the plugin.
    let entry = step::scratch(project, "entry")?;
    std::fs::create_dir_all(&entry).map_err(|error| format!("`build/` cannot be used: {error}"))?;
    step::write(&entry.join("provost_entry.py"), ENTRY)?;
    let made = step::scratch(project, "made.wasm")?;
    let sdk = std::path::absolute(&project.sdk).map_err(|error| error.to_string())?;
    tell("componentize-py componentize");
    let mut command = Command::new(tool.join("bin/componentize-py"));
    command
        .current_dir(&project.folder)
        .arg("--wit-path")
        .arg(&contract)
        .args(["--world", "check", "componentize", "--stub-wasi"])
        .arg("--python-path")
        .arg(&entry)
        .arg("--python-path")
        .arg(&sdk)
        .args(["--python-path", ".", "provost_entry", "--output"])
        .arg(&made)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    step::run(&mut command, remedy, tell)?;
    // It imports from these folders alone.
    Ok(Made { component: step::read(&made)?, outside: Vec::new() })
}
