//! A new plugin: a copy of a template, with the SDK beside it.

use std::io::ErrorKind;
use std::path::Path;

use provost_builtins::SDK;
use provost_host::is_kebab_case;
use provost_model::Problem;

use crate::project::Language;

/// Makes the folder of a new plugin that builds and passes its cases.
///
/// # Errors
/// When the name is not kebab-case, the folder is there already, or it cannot be written.
pub fn create(name: &str, language: Language, folder: &Path) -> Result<(), Vec<Problem>> {
    let problem = |message: String, help: &str| {
        vec![Problem::about("plugin-new", folder.display().to_string(), message).help(help)]
    };
    if !is_kebab_case(name) {
        let message = format!("`{name}` is not lower-case words joined by hyphens");
        return Err(problem(message, "call it like `memory-limits`"));
    }
    let created = std::fs::create_dir(folder).and_then(|()| fill(name, language, folder));
    created.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            problem(format!("`{}` is there already", folder.display()), "choose another name")
        }
        _ => problem(
            format!("`{}` cannot be written: {error}", folder.display()),
            "go where you may write",
        ),
    })
}

fn fill(name: &str, language: Language, folder: &Path) -> std::io::Result<()> {
    let sdk = format!("{}/", language.sdk());
    let template = format!("template/{}/", language.template());
    // What a language has of its own stands in place of what all have in common: it is later in
    // the list.
    for (path, text) in SDK {
        let part = path.strip_prefix("template/all/").or_else(|| path.strip_prefix(&template));
        if let Some(path) = part {
            let path = path.strip_suffix(".tmpl").unwrap_or(path);
            let path = if path == "gitignore" { ".gitignore" } else { path };
            let text = text.replace("{{name}}", name).replace("{{crate}}", &name.replace('-', "_"));
            write(&folder.join(path), &text)?;
        } else if let Some(path) = path.strip_prefix(&sdk) {
            write(&folder.join("sdk").join(path), text)?;
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [`fill`] goes through the list in its order.
    #[test]
    fn what_all_have_in_common_comes_first() {
        let place = |wanted: &str| SDK.iter().position(|(path, _)| path.starts_with(wanted));
        for language in ["c", "go", "javascript", "python", "rust", "typescript"] {
            let own = place(&format!("template/{language}/"));
            assert!(own.is_some() && place("template/all/") < own, "{language}");
        }
    }
}
