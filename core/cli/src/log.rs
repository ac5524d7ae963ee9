//! `provost log`: look at a log of decisions, and append to one.

mod arguments;
mod record;
mod show;
mod verify;

use std::io;
use std::path::Path;

use provost_model::Problem;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::terminal::{print, say};

pub use arguments::Log;
pub use record::{folder, record, say_recovery};

/// Do what is asked.
pub fn run(arguments: &Arguments, log: &Log) -> Result<Exit, Vec<Problem>> {
    match log {
        Log::Verify(verify) => verify::run(arguments, verify),
        Log::Show(show) => show::run(arguments, show),
        Log::Checkpoint(checkpoint) => {
            let folder = &checkpoint.folder;
            if !folder.is_dir() {
                let error = io::Error::from(io::ErrorKind::NotADirectory);
                return Err(vec![unreadable(folder, &error)]);
            }
            let head = provost_ledger::head(folder).map_err(|error| vec![Problem::from(&error)])?;
            let Some(head) = head else { return Ok(nothing(folder)) };
            Ok(print(&format!("{head}\n"), Exit::Allowed))
        }
    }
}

/// Say that there is no log.
fn nothing(path: &Path) -> Exit {
    say(&format!("no entry of a log in `{}`", path.display()));
    Exit::Nothing
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    let name = path.display().to_string();
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("there is no `{name}`"),
        io::ErrorKind::NotADirectory => format!("`{name}` is not a folder"),
        _ => format!("`{name}` cannot be read: {error}"),
    };
    Problem::about("decision-log", name, message).help("name the folder of a log")
}
