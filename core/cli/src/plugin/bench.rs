//! `provost plugin bench`: what a plugin costs.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use provost_engine::Gate;
use provost_model::{Document, Problem};
use provost_workshop::{Bench, Cases, Measurement, read_settings};
use serde_json::{Value, json};

use crate::check::{cache_folder, documents};
use crate::exit::Exit;
use crate::plugin::made;
use crate::progress::Progress;
use crate::terminal::print;

/// Arguments of `plugin bench`.
#[derive(Debug, Args)]
pub struct PluginBench {
    /// A folder with a `plugin.yaml`, which is built first, or a component.
    #[arg(value_name = "PLUGIN", default_value = ".")]
    pub plugin: PathBuf,
    /// Files or folders of manifests to ask about; without one, the objects of the plugin's cases.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// A file of settings for the plugin.
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// How often each thing is done; what takes long is done less often.
    #[arg(long, value_name = "COUNT", default_value_t = 1_000)]
    pub samples: usize,
    /// The form of the table.
    #[arg(long, short, value_enum, default_value_t = BenchForm::Human)]
    pub format: BenchForm,
}

/// How measurements are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BenchForm {
    /// A table, for people.
    Human,
    /// A list, for machines.
    Json,
}

/// Measure a plugin.
pub fn run(bench: &PluginBench) -> Result<Exit, Vec<Problem>> {
    let settings = bench.settings.as_deref().map(read_settings).transpose()?;
    let settings = settings.unwrap_or(Value::Null);
    let made = made(&bench.plugin)?;
    let progress = Progress::new();
    progress.start("measuring");
    let documents = if bench.paths.is_empty() {
        of_cases(&made.cases)?
    } else {
        let (change, _) = documents(&Gate::default(), &bench.paths, &progress);
        if !change.problems.is_empty() {
            return Err(change.problems);
        }
        change.documents
    };
    let bench = Bench {
        component: &made.component,
        settings: &settings,
        documents: &documents,
        samples: bench.samples,
        cache: cache_folder(),
    }
    .run()
    .map(|rows| match bench.format {
        BenchForm::Human => table(&rows),
        BenchForm::Json => format!("{:#}\n", json!(rows)),
    });
    drop(progress);
    let shown = bench.map_err(|reason| vec![Problem::about("plugin", "bench", reason)])?;
    Ok(print(&shown, Exit::Allowed))
}

/// The objects of all cases.
fn of_cases(files: &[PathBuf]) -> Result<Vec<Arc<Document>>, Vec<Problem>> {
    let mut all = Vec::new();
    for file in files {
        let cases = Cases::read(file)?;
        let problem = |reason| Problem::about("cases", cases.name(), reason);
        all.extend(
            cases
                .documents()
                .map_err(|reasons| reasons.into_iter().map(problem).collect::<Vec<_>>())?,
        );
    }
    Ok(all)
}

fn table(rows: &[Measurement]) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut shown = format!(
        "wall time on {cores} cores that others may use too; every call in a fresh instance\n\n"
    );
    let heads = ["", "p50", "p99", "samples", "instructions", "memory"].map(str::to_owned);
    let cells = rows.iter().map(|row| {
        [
            row.what.clone(),
            time(row.p50),
            time(row.p99),
            row.samples.to_string(),
            row.instructions.map_or(String::new(), |count| count.to_string()),
            row.memory_bytes.map_or(String::new(), |bytes| format!("{} KiB", bytes.div_ceil(1024))),
        ]
    });
    let lines: Vec<[String; 6]> = std::iter::once(heads).chain(cells).collect();
    let mut widths = [0; 6];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    for line in &lines {
        let [what, numbers @ ..] = line;
        let [first, others @ ..] = widths;
        let _ = write!(shown, "{what:first$}");
        for (cell, width) in numbers.iter().zip(others) {
            let _ = write!(shown, "  {cell:>width$}");
        }
        shown.truncate(shown.trim_end().len());
        shown.push('\n');
    }
    shown
}

/// Nanoseconds, for people.
fn time(nanoseconds: u64) -> String {
    let microseconds = nanoseconds as f64 / 1e3;
    match microseconds {
        us if us < 1e3 => format!("{us:.1} µs"),
        us if us < 1e6 => format!("{:.2} ms", us / 1e3),
        us => format!("{:.2} s", us / 1e6),
    }
}
