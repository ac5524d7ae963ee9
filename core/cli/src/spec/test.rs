//! `provost spec test`: the examples on the page beside a specification.

use std::path::Path;
use std::sync::Arc;

use provost_engine::{Answer, Example, SpecificationFile};
use provost_intake::{Limits, read_source};
use provost_model::{Change, Problem, Source};
use provost_report::{ComparedExample, ExampleState, Style};

use crate::arguments::{Arguments, SpecTest};
use crate::check::limits;
use crate::config::gate;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::terminal::{print, say, style};

/// Judge every example.
pub fn run(arguments: &Arguments, test: &SpecTest) -> Result<Exit, Vec<Problem>> {
    let gate = gate(arguments)?;
    let style = style(arguments);
    let named = gate.specification_paths();
    let paths = if test.paths.is_empty() { &named } else { &test.paths };
    let progress = Progress::new();
    progress.start("loading specifications");
    let files = SpecificationFile::load_all(paths)?;
    let verifier = gate.verifier()?;
    let limits = limits(&gate);
    let read = |files: &[Arc<Source>]| read_all(files, &limits);
    progress.start("judging examples");
    let mut tally = Tally { files: files.len(), ..Tally::default() };
    let mut shown = String::new();
    for file in &files {
        let answers = file.answers(&verifier, &read);
        progress.add(answers.len());
        shown.push_str(&compared(file, &answers, test.bless, &mut tally, &style)?);
    }
    drop(progress);
    if tally.examples == 0 {
        say("no example to judge; name a specification that has a page beside it");
        return Ok(print(&shown, Exit::Nothing));
    }
    let exit = if tally.failed == 0 { Exit::Allowed } else { Exit::Denied };
    Ok(print(&format!("{shown}\n{}\n", tally.sum()), exit))
}

fn read_all(files: &[Arc<Source>], limits: &Limits) -> Change {
    let mut all = Change::default();
    for file in files {
        let change = read_source(file, limits);
        all.documents.extend(change.documents);
        all.problems.extend(change.problems);
    }
    all
}

/// What came of all.
#[derive(Default)]
struct Tally {
    files: usize,
    examples: usize,
    failed: usize,
    rewritten: usize,
    /// Files without an example.
    without: usize,
}

impl Tally {
    fn sum(&self) -> String {
        let Self { files, examples, failed, rewritten, without } = self;
        let number = |count: usize, what: &str| {
            if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
        };
        let good = examples - failed - rewritten;
        let mut sum = format!(
            "{} of {}: {good} as written",
            number(*examples, "example"),
            number(*files, "file")
        );
        for (count, what) in [(rewritten, "rewritten"), (failed, "failed")] {
            if *count > 0 {
                sum.push_str(&format!(", {count} {what}"));
            }
        }
        if *without > 0 {
            sum.push_str(&format!("; {} without examples", number(*without, "file")));
        }
        sum
    }
}

/// What came of the examples of one file; `bless` rewrites its page.
fn compared(
    file: &SpecificationFile,
    answers: &[Answer],
    bless: bool,
    tally: &mut Tally,
    style: &Style,
) -> Result<String, Vec<Problem>> {
    let Some(page) = file.page.as_ref().filter(|page| !page.examples().is_empty()) else {
        tally.without += 1;
        let place = file.path.display().to_string();
        let page = file.path.with_extension("md").display().to_string();
        let summary = format!("no example in `{page}`");
        let state = ExampleState::Missing;
        let none =
            ComparedExample { state, place: &place, summary: &summary, expected: "", found: "" };
        return Ok(provost_report::example(&none, style));
    };
    let mut shown = String::new();
    let mut texts = Vec::new();
    for (example, answer) in page.examples().iter().zip(answers) {
        let state = state(example, answer, bless);
        tally.examples += 1;
        tally.failed += usize::from(state == ExampleState::Failed);
        tally.rewritten += usize::from(state == ExampleState::Rewritten);
        let rewritten = state == ExampleState::Rewritten;
        texts.push(if rewritten { answer.text.as_str() } else { example.answer.as_str() });
        let compared = ComparedExample {
            state,
            place: &example.location.to_string(),
            summary: &summary(example, answer),
            expected: &example.answer,
            found: &answer.text,
        };
        shown.push_str(&provost_report::example(&compared, style));
    }
    let text = page.with_answers(texts);
    if text != page.text() {
        write(Path::new(page.name()), &text)?;
    }
    Ok(shown)
}

fn state(example: &Example, answer: &Answer, bless: bool) -> ExampleState {
    if example.outcome != answer.outcome {
        ExampleState::Failed
    } else if example.answer == answer.text {
        ExampleState::AsWritten
    } else if bless {
        ExampleState::Rewritten
    } else {
        ExampleState::Failed
    }
}

fn summary(example: &Example, answer: &Answer) -> String {
    if example.outcome == answer.outcome {
        example.outcome.to_string()
    } else {
        format!("the page says {}, it is {}", example.outcome, answer.outcome)
    }
}

fn write(page: &Path, text: &str) -> Result<(), Vec<Problem>> {
    std::fs::write(page, text).map_err(|error| {
        let message = format!("the page cannot be written: {error}");
        vec![Problem::about("example", page.display().to_string(), message)]
    })
}
