//! `provost log verify`: is a log as it was written?

use std::fmt::Write as _;
use std::path::Path;

use provost_ledger::{Checkpoint, Fault, Verification, verify};
use provost_model::Problem;

use super::arguments::Verify;
use super::{nothing, unreadable};
use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::terminal::{print, style};

/// Verify a log.
pub fn run(arguments: &Arguments, asked: &Verify) -> Result<Exit, Vec<Problem>> {
    let from =
        asked.from.as_deref().map(checkpoint).transpose().map_err(|problem| vec![problem])?;
    let found = verify(&asked.path, from).map_err(|error| vec![unreadable(&asked.path, &error)])?;
    if found.lines == 0 && found.is_intact() {
        return Ok(nothing(&asked.path));
    }
    let style = style(arguments);
    let mut text = String::new();
    for fault in &found.faults {
        text.push_str(&provost_report::problem(&problem(fault), &style));
        text.push('\n');
    }
    if found.omitted > 0 {
        let _ = writeln!(text, "and {} more\n", found.omitted);
    }
    text.push_str(&summary(&asked.path, from, &found));
    let exit = if found.is_intact() {
        Exit::Allowed
    } else if found.is_unfinished() {
        Exit::Incomplete
    } else {
        Exit::Denied
    };
    Ok(print(&text, exit))
}

/// A checkpoint as it is printed, or a file with it.
fn checkpoint(text: &str) -> Result<Checkpoint, Problem> {
    let invalid = |error: &dyn std::fmt::Display| {
        Problem::about("arguments", "--from", error.to_string())
            .help("give what `provost log checkpoint` printed, or a file with it")
    };
    text.parse().or_else(|error| {
        if !Path::new(text).is_file() {
            return Err(invalid(&error));
        }
        let text = std::fs::read_to_string(text).map_err(|error| invalid(&error))?;
        text.parse().map_err(|error| invalid(&error))
    })
}

fn problem(fault: &Fault) -> Problem {
    let file = fault.file.display();
    let place = if fault.line > 0 { format!("{file}:{}", fault.line) } else { file.to_string() };
    Problem::about("decision-log", place, fault.kind.to_string())
}

fn summary(path: &Path, from: Option<Checkpoint>, found: &Verification) -> String {
    let mut text = String::new();
    let entries = match (found.first, found.head) {
        (Some(first), Some(head)) => format!("entries {first} to {}", head.index),
        _ => "no entry".to_owned(),
    };
    let state = if found.is_intact() {
        "intact".to_owned()
    } else {
        match found.faults.len() as u64 + found.omitted {
            1 => "NOT INTACT, 1 fault".to_owned(),
            faults => format!("NOT INTACT, {faults} faults"),
        }
    };
    let segments = match found.segments {
        1 => "1 segment".to_owned(),
        segments => format!("{segments} segments"),
    };
    let _ = writeln!(text, "{}: {state}: {entries} in {segments}", path.display());
    if let Some(head) = found.head.filter(|_| found.is_intact()) {
        let _ = writeln!(text, "head: {head}");
    }
    match found.recoveries {
        0 => {}
        1 => text.push_str("note: once a line that a crash had left unfinished was cut off\n"),
        many => {
            let _ = writeln!(
                text,
                "note: {many} times a line that a crash had left unfinished was cut off"
            );
        }
    }
    if from.is_none() && found.is_intact() {
        text.push_str(
            "note: whether the end was cut off, or all of it written anew, shows only against a \
             checkpoint that was kept elsewhere: --from\n",
        );
    }
    text
}
