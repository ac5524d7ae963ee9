//! `provost prove`: specifications alone.

use std::path::Path;

use jiff::Timestamp;
use provost_engine::{ComponentOutcome, Development, Library, RecordFile};
use provost_model::{Assessment, Problem, Proof};

use crate::arguments::{Arguments, Prove};
use crate::check::{Judged, cache_folder, documents, interruptible, nothing, surround};
use crate::config::gate;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::terminal::{print, say, style};

/// Prove what is asked.
pub fn run(arguments: &Arguments, prove: &Prove) -> Judged {
    let style = style(arguments);
    interruptible(&|| {
        let progress = Progress::new();
        let gate = gate(arguments)?;
        progress.start("loading specifications");
        let mut library = Library::load(&gate, cache_folder().as_deref())?;
        if let Some(name) = &prove.spec {
            library.restrict(name).map_err(|problem| vec![problem])?;
        }
        let record = prove.record.as_deref().map(RecordFile::load).transpose()?;
        progress.start("reading files");
        let (mut change, development) = documents(&gate, &prove.paths, &progress);
        if !prove.cluster.is_empty() {
            surround(&mut change, documents(&gate, &prove.cluster, &progress).0);
        }
        progress.start("proving");
        let mut assessment = library.prove(&change, &|more| progress.add(more));
        if prove.explain || prove.export.is_some() {
            progress.start("taking proofs apart");
            library.explain(&change, &mut assessment);
        }
        drop(progress);
        let text = provost_report::proving(&assessment, prove.format, prove.explain, &style);
        let silent = assessment.results.iter().all(|result| result.proofs.is_empty());
        let about_nothing = change.problems.is_empty() && silent && !library.is_about(&change);
        let exit = if about_nothing { Exit::Nothing } else { Exit::of(&assessment) };
        let exit = print(&text, exit);
        if change.documents.is_empty() && change.problems.is_empty() {
            nothing(&prove.paths);
        } else if about_nothing {
            say("no object here is one that a specification is about");
        }
        if let Some(folder) = &prove.export {
            export(&assessment, folder).map_err(|problem| vec![problem])?;
        }
        if let Some(record) = record {
            let now = prove.now.unwrap_or_else(Timestamp::now);
            keep(record, &development, &assessment, now).map_err(|problem| vec![problem])?;
        }
        Ok(exit)
    })
}

/// Write every part of every proof into a folder, and say how to check them again.
fn export(assessment: &Assessment, folder: &Path) -> Result<(), Problem> {
    let failed = |path: &Path, error: &std::io::Error| {
        let problem = Problem::about("export", path.display().to_string(), error.to_string());
        problem.help("name a folder that can be written to")
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let mut written = 0;
    for result in &assessment.results {
        for (number, record) in result.proofs.iter().enumerate() {
            let Proof::Proved(proved) = &record.proof else { continue };
            for (part, obligation) in proved.obligations.iter().enumerate() {
                let (id, property) = (&result.check.id, &record.property);
                let name = format!("{id}.{}.{property}.{}.smt2", number + 1, part + 1);
                let path = folder.join(name);
                let text = format!("; about {}\n{}", record.object, obligation.script);
                std::fs::write(&path, text).map_err(|error| failed(&path, &error))?;
                written += 1;
            }
        }
    }
    say(&format!(
        "wrote {written} parts of proofs to `{}`; any SMT solver answers `unsat` to each",
        folder.display()
    ));
    Ok(())
}

/// Write down what is verified now, and say so.
fn keep(
    mut record: RecordFile,
    development: &Development,
    assessment: &Assessment,
    now: Timestamp,
) -> Result<(), Problem> {
    if development.is_empty() {
        say("no object here is a component; the record stays as it is");
        return Ok(());
    }
    let by = concat!("provost ", env!("CARGO_PKG_VERSION"));
    let before = record.text();
    let outcomes = record.update(development, &assessment.results, now, by);
    // A file that says it all is left as somebody wrote it.
    if record.text() != before {
        record.write()?;
    }
    for (name, outcome) in outcomes {
        match outcome {
            ComponentOutcome::Found(status) => say(&format!("recorded: {name} is {status}")),
            ComponentOutcome::Left(why) => say(&format!("not recorded: {name}, because {why}")),
        }
    }
    Ok(())
}
