//! `provost spec trace`: the run that breaks a property, drawn.

use std::path::Path;

use provost_engine::{Gate, Library};
use provost_model::{Assessment, Problem, Proof};
use provost_report::{Trace, TraceFormat, traces};

use crate::arguments::{Arguments, SpecTrace, TraceForm};
use crate::check::{Judged, cache_folder, documents, interruptible, nothing};
use crate::config::gate;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::terminal::{print, problems, say, style};

/// Draw what is refuted.
pub fn run(arguments: &Arguments, asked: &SpecTrace) -> Judged {
    let style = style(arguments);
    interruptible(&|| {
        let progress = Progress::new();
        let gate = gate(arguments)?;
        progress.start("loading specifications");
        let library = library(&gate, &asked.spec)?;
        progress.start("reading files");
        let (change, _) = documents(&gate, &asked.paths, &progress);
        progress.start("proving");
        let assessment = library.prove(&change, &|more| progress.add(more));
        drop(progress);
        problems(&change.problems, &style);
        check_names(&assessment, asked)?;
        let found = Trace::all(&assessment);
        let chosen: Vec<_> = found.into_iter().filter(|trace| is_asked(asked, trace)).collect();
        if chosen.is_empty() {
            if change.documents.is_empty() && change.problems.is_empty() {
                nothing(&asked.paths);
            }
            return Ok(none(&library, &assessment, &change, asked));
        }
        let format = format(asked.format);
        if format.is_of_one() && chosen.len() > 1 {
            return Err(vec![several(&chosen, asked)]);
        }
        let exit = if change.problems.is_empty() { Exit::Allowed } else { Exit::Incomplete };
        let text = traces(&chosen, format, &style);
        match &asked.output {
            None => Ok(print(&text, exit)),
            Some(path) => write(path, &text).map(|()| exit),
        }
    })
}

/// The specifications of a file, or that of the library which has the name.
fn library(gate: &Gate, spec: &Path) -> Result<Library, Vec<Problem>> {
    if spec.exists() {
        return Library::load_files(gate, &[spec.to_owned()]);
    }
    let name = spec.display().to_string();
    let mut library = Library::load(gate, cache_folder().as_deref())?;
    library.restrict(&name).map_err(|problem| {
        let message = "there is no such file, and no specification of this name";
        vec![Problem { message: message.to_owned(), ..problem }]
    })?;
    Ok(library)
}

fn is_asked(asked: &SpecTrace, trace: &Trace<'_>) -> bool {
    let object = asked.object.as_ref().is_none_or(|name| trace.object.to_string() == *name);
    object && asked.property.as_ref().is_none_or(|name| trace.property == name)
}

/// A name that nothing has would draw nothing, as if all were well.
fn check_names(assessment: &Assessment, asked: &SpecTrace) -> Result<(), Vec<Problem>> {
    let records = || assessment.results.iter().flat_map(|result| &result.proofs);
    let objects = || records().map(|record| record.object.to_string());
    let properties = || records().map(|record| record.property.clone());
    let mut problems = Vec::new();
    for (name, known, what) in [
        (&asked.object, objects().collect::<Vec<_>>(), "object judged"),
        (&asked.property, properties().collect(), "property judged"),
    ] {
        let Some(name) = name.as_ref().filter(|name| !known.contains(name)) else { continue };
        let problem = Problem::about("arguments", name, format!("there is no {what} of this name"));
        let help = match provost_engine::suggest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`provost prove` lists them".to_owned(),
        };
        problems.push(problem.help(help));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Why there is nothing to draw.
fn none(
    library: &Library,
    assessment: &Assessment,
    change: &provost_model::Change,
    asked: &SpecTrace,
) -> Exit {
    let records = assessment.results.iter().flat_map(|result| &result.proofs).filter(|record| {
        let object = asked.object.as_ref().is_none_or(|name| record.object.to_string() == *name);
        object && asked.property.as_ref().is_none_or(|name| record.property == *name)
    });
    let mut unknown = false;
    let mut proved = 0;
    for record in records {
        match &record.proof {
            Proof::Unknown(reason) => {
                unknown = true;
                say(&format!("{}: {}: unknown: {reason}", record.object, record.property));
            }
            Proof::Proved(_) => proved += 1,
            Proof::Refuted(_) => {}
        }
    }
    if unknown || !change.problems.is_empty() {
        say("nothing is refuted, but not everything is known");
        return Exit::Incomplete;
    }
    if !library.is_about(change) {
        say("no object here is one that the specification is about");
        return Exit::Nothing;
    }
    match proved {
        0 => say("nothing is refuted: the specification does not apply"),
        1 => say("nothing is refuted: 1 property is proved"),
        many => say(&format!("nothing is refuted: {many} properties are proved")),
    }
    Exit::Allowed
}

fn several(chosen: &[Trace<'_>], asked: &SpecTrace) -> Problem {
    let message = format!("{} properties are refuted, and this form holds one run", chosen.len());
    let first = chosen.first().map(|trace| {
        format!("choose one, as with `--object {} --property {}`", trace.object, trace.property)
    });
    let problem = Problem::about("arguments", asked.spec.display().to_string(), message);
    problem.help(first.unwrap_or_default())
}

fn format(form: TraceForm) -> TraceFormat {
    match form {
        TraceForm::Table => TraceFormat::Table,
        TraceForm::Svg => TraceFormat::Svg,
        TraceForm::Itf => TraceFormat::Itf,
        TraceForm::Json => TraceFormat::Json,
    }
}

fn write(path: &Path, text: &str) -> Result<(), Vec<Problem>> {
    // What goes to a file is not for a terminal.
    let text = anstream::adapter::strip_str(text).to_string();
    std::fs::write(path, text).map_err(|error| {
        let message = format!("it cannot be written: {error}");
        vec![Problem::about("output", path.display().to_string(), message)]
    })
}
