//! `provost plugin run`: what one plugin says of manifests.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use provost_engine::{Gate, Observation};
use provost_host::{Capability, Host, Limits};
use provost_model::{Change, Problem};
use provost_report::Format;
use provost_workshop::{read_settings, record};
use serde_json::Value;

use crate::arguments::{Arguments, format};
use crate::check::{Judged, cache_folder, documents, interruptible, nothing, surround};
use crate::exit::Exit;
use crate::plugin::{Made, made, say_cost};
use crate::progress::Progress;
use crate::terminal::{print, say, style};

/// Arguments of `plugin run`.
#[derive(Debug, Args)]
pub struct PluginRun {
    /// A folder with a `plugin.yaml`, which is built first, or a component.
    #[arg(value_name = "PLUGIN")]
    pub plugin: PathBuf,
    /// Files, folders (read recursively), or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// A snapshot of the cluster, which the plugin may look up.
    #[arg(long, value_name = "PATH")]
    pub cluster: Vec<PathBuf>,
    /// A file of settings for the plugin.
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Write what the plugin saw and said into a new file of cases, for `plugin test --cases`.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// The form of the report: `human`, `json` or `sarif`.
    #[arg(long, short, default_value_t = Format::Human, value_parser = format)]
    pub format: Format,
}

/// Ask a plugin, with every capability that it requests.
pub fn run(arguments: &Arguments, run: &PluginRun) -> Judged {
    let style = style(arguments);
    interruptible(&|| {
        let settings = run.settings.as_deref().map(read_settings).transpose()?;
        let settings = settings.unwrap_or(Value::Null);
        let Made { name, component, .. } = made(&run.plugin)?;
        let progress = Progress::new();
        progress.start("loading the plugin");
        let host = Host::new(cache_folder()).map_err(|error| vec![Problem::from(&error)])?;
        let loaded = host.load(&name, &component, &settings, &Capability::ALL, Limits::default());
        let plugin = loaded.map_err(|error| vec![Problem::from(&error)])?;
        progress.start("reading files");
        let gate = Gate::default();
        let (mut change, _) = documents(&gate, &run.paths, &progress);
        if !run.cluster.is_empty() {
            let (cluster, _) = documents(&gate, &run.cluster, &progress);
            surround(&mut change, cluster);
        }
        progress.start("asking the plugin");
        let observation = Observation::new(&plugin, &change, &|more| progress.add(more));
        drop(progress);
        for (level, message) in &observation.logs {
            let level = format!("{level:?}").to_lowercase();
            say(&format!("the plugin logs, {level}: {message}"));
        }
        if style.verbose {
            say_cost(&plugin.description().name, &observation.metrics);
        }
        if let Some(file) = &run.record {
            let Change { documents, cluster, .. } = &change;
            let cases = record(&plugin, &settings, documents, cluster.as_deref());
            let failed = |reason| vec![Problem::about("record", &name, reason)];
            write_new(file, &cases.map_err(failed)?)?;
        }
        let assessment = &observation.assessment;
        let text = provost_report::observing(assessment, observation.subjects, run.format, &style);
        let about_nothing = observation.subjects == 0 && change.problems.is_empty();
        let exit = if about_nothing { Exit::Nothing } else { Exit::of(assessment) };
        let exit = print(&text, exit);
        if change.documents.is_empty() && change.problems.is_empty() {
            nothing(&run.paths);
        } else if about_nothing {
            let kinds = plugin.description().kinds.join(", ");
            say(&format!("the plugin asks for no object here (it asks for {kinds})"));
        }
        Ok(exit)
    })
}

/// Writes recorded cases; a file that is there is left as it is.
fn write_new(file: &Path, cases: &Value) -> Result<(), Vec<Problem>> {
    let created = OpenOptions::new().write(true).create_new(true).open(file);
    let write = |mut out: std::fs::File| out.write_all(format!("{cases:#}\n").as_bytes());
    let name = file.display().to_string();
    created.and_then(write).map_err(|error| {
        let problem = Problem::about("record", &name, error.to_string());
        vec![problem.help("name a file that is not there yet, in a folder that is")]
    })?;
    say(&format!("recorded in `{name}`; next: provost plugin test PLUGIN --cases {name}"));
    Ok(())
}
