//! `provost plugin`: make, test, look at and distribute plugins.

pub mod distribution;
mod inspect;
mod test;

use std::path::{Path, PathBuf};

use provost_model::Problem;
use provost_workshop::{Language, Project, Toolchains, build, create};

use crate::arguments::{Arguments, Plugin, PluginLanguage};
use crate::check::cache_folder;
use crate::exit::Exit;
use crate::terminal::{print, say};

/// Do what is asked.
pub fn run(arguments: &Arguments, plugin: &Plugin) -> Result<Exit, Vec<Problem>> {
    match plugin {
        Plugin::New(new) => {
            let language = match new.language {
                PluginLanguage::Rust => Language::Rust,
                PluginLanguage::Go => Language::Go,
                PluginLanguage::Python => Language::Python,
                PluginLanguage::JavaScript => Language::JavaScript,
            };
            create(&new.name, language, Path::new(&new.name))?;
            let name = &new.name;
            say(&format!("made `{name}`; next: cd {name} && provost plugin test"));
            Ok(Exit::Allowed)
        }
        Plugin::Build(folder) => {
            let component = make(&Project::read(&folder.folder)?)?;
            Ok(print(&format!("{}\n", component.display()), Exit::Allowed))
        }
        Plugin::Test(test) => test::run(arguments, test),
        Plugin::Inspect(inspect) => inspect::run(arguments, inspect),
        Plugin::Distribution(distribution) => distribution::run(arguments, distribution),
    }
}

/// Build a project; what is being done goes to standard error.
fn make(project: &Project) -> Result<PathBuf, Vec<Problem>> {
    let cache = cache_folder().unwrap_or_else(std::env::temp_dir);
    let toolchains = Toolchains { folder: cache.join("toolchains") };
    build(project, &toolchains, &say)
}

fn component(path: &Path) -> Result<Vec<u8>, Vec<Problem>> {
    std::fs::read(path).map_err(|error| {
        let name = path.display().to_string();
        let message = format!("`{name}` cannot be read: {error}");
        let help = "name a component, or a folder with a `plugin.yaml`";
        vec![Problem::about("unreadable", name, message).help(help)]
    })
}
