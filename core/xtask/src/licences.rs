//! Licences of everything that is linked in, and known vulnerabilities.

use serde_json::Value;

use crate::process::{Failure, command, metadata, output, root, say};

/// Licences that may be linked into an Apache-2.0 program without conditions on its source.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Every dependency has an allowed licence; advisories are checked where the tool is.
pub fn check() -> Result<(), Failure> {
    let metadata = metadata()?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    let packages = packages.ok_or_else(|| Failure::new("cargo metadata lists no packages"))?;
    let mut refused = Vec::new();
    for package in packages {
        let text = |field: &str| package.get(field).and_then(Value::as_str).unwrap_or_default();
        if !is_allowed(text("license")) {
            refused.push(format!("{} {}: `{}`", text("name"), text("version"), text("license")));
        }
    }
    if !refused.is_empty() {
        return Err(Failure::new(format!(
            "licences that are not on the list in core/xtask/src/licences.rs:\n  {}",
            refused.join("\n  ")
        )));
    }
    say(&format!("licences of {} packages are allowed", packages.len()));
    advisories()
}

/// An SPDX expression of alternatives and conjunctions, without nested brackets.
fn is_allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    plain
        .split(" AND ")
        .all(|part| part.split(" OR ").any(|licence| ALLOWED.contains(&licence.trim())))
}

fn advisories() -> Result<(), Failure> {
    if output("cargo", &["audit", "--version"]).is_none() {
        say("SKIPPED advisories: cargo-audit is not installed (cargo install cargo-audit)");
        return Ok(());
    }
    let output = command("cargo").args(["audit", "--quiet"]).current_dir(root()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        say("no known vulnerabilities");
        Ok(())
    } else if said.contains("fetch") {
        say("SKIPPED advisories: their database cannot be reached from here");
        Ok(())
    } else {
        Err(Failure::new(format!("{}{said}", String::from_utf8_lossy(&output.stdout))))
    }
}
