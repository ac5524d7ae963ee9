//! `provost plugin`: make, test, look at and distribute plugins.

mod bench;
mod dev;
pub mod distribution;
mod inspect;
mod run;
mod test;

use std::path::{Path, PathBuf};

use provost_engine::PluginMetrics;
use provost_model::Problem;
use provost_workshop::{Language, Project, Toolchains, build, create};

use crate::arguments::{Arguments, Plugin, PluginLanguage};
use crate::check::cache_folder;
use crate::exit::Exit;
use crate::terminal::{print, say};

pub use bench::PluginBench;
pub use run::PluginRun;

/// Do what is asked.
pub fn run(arguments: &Arguments, plugin: &Plugin) -> Result<Exit, Vec<Problem>> {
    match plugin {
        Plugin::New(new) => {
            let language = match new.language {
                PluginLanguage::Rust => Language::Rust,
                PluginLanguage::Go => Language::Go,
                PluginLanguage::Python => Language::Python,
                PluginLanguage::JavaScript => Language::JavaScript,
                PluginLanguage::TypeScript => Language::TypeScript,
                PluginLanguage::C => Language::C,
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
        Plugin::Test(test) => test::run(test),
        Plugin::Run(run) => run::run(arguments, run),
        Plugin::Bench(bench) => bench::run(bench),
        Plugin::Dev(folder) => dev::run(&folder.folder),
        Plugin::Inspect(inspect) => inspect::run(inspect),
        Plugin::Distribution(distribution) => distribution::run(arguments, distribution),
    }
}

/// Say what a plugin cost.
fn say_cost(name: &str, cost: &PluginMetrics) {
    let PluginMetrics { calls, documents, fuel, memory_bytes, busy, .. } = cost;
    let (kib, failures) = (memory_bytes.div_ceil(1024), cost.failures);
    say(&format!(
        "plugin {name}: {documents} documents in {calls} calls ({failures} failed), {fuel} \
         instructions, {busy:.1?}, at most {kib} KiB"
    ));
}

/// Build a project; what is being done goes to standard error.
fn make(project: &Project) -> Result<PathBuf, Vec<Problem>> {
    let cache = cache_folder().unwrap_or_else(std::env::temp_dir);
    let toolchains = Toolchains { folder: cache.join("toolchains") };
    build(project, &toolchains, &say)
}

/// A component, what it is called, and the files of cases of its project.
struct Made {
    name: String,
    component: Vec<u8>,
    cases: Vec<PathBuf>,
}

/// The component of a file; that of a project's folder is built first.
fn made(path: &Path) -> Result<Made, Vec<Problem>> {
    if !path.is_dir() {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(Made { name, component: component(path)?, cases: Vec::new() });
    }
    let project = Project::read(path)?;
    let component = component(&make(&project)?)?;
    Ok(Made { name: project.name, component, cases: project.cases })
}

fn component(path: &Path) -> Result<Vec<u8>, Vec<Problem>> {
    std::fs::read(path).map_err(|error| {
        let name = path.display().to_string();
        let message = format!("`{name}` cannot be read: {error}");
        let help = "name a component, or a folder with a `plugin.yaml`";
        vec![Problem::about("unreadable", name, message).help(help)]
    })
}
