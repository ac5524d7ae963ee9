//! What is written where, and how it looks here.

use std::io::{ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};
use provost_model::Problem;
use provost_report::Style;
use terminal_size::{Width, terminal_size_of};

use crate::arguments::{Arguments, Color};
use crate::exit::Exit;

/// The columns of what no terminal shows.
const WIDTH: u16 = 100;
/// Longer lines are hard to read.
const WIDEST: u16 = 140;

/// The style of standard output. What colours are written is decided here alone.
pub fn style(arguments: &Arguments) -> Style {
    let automatic = AutoStream::choice(&std::io::stdout());
    let color = match arguments.color {
        Color::Auto => !matches!(automatic, ColorChoice::Never),
        Color::Always => true,
        Color::Never => false,
    };
    if color {
        ColorChoice::AlwaysAnsi.write_global();
    } else {
        ColorChoice::Never.write_global();
    }
    let width = terminal_size_of(std::io::stdout()).map_or(WIDTH, |(Width(width), _)| width);
    Style { color, width: usize::from(width.min(WIDEST)), verbose: arguments.verbose }
}

/// Write data to standard output, and end with `exit`.
///
/// A reader that went away is not an error; a full disk is: what was allowed on the
/// strength of a report that nobody can read is incomplete.
pub fn print(text: &str, exit: Exit) -> Exit {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            say(&format!("the output could not be written: {error}"));
            exit.unsaid()
        }
        _ => exit,
    }
}

/// Say something on standard error. That nobody listens is no reason to fail.
pub fn say(message: &str) {
    let _ = writeln!(std::io::stderr(), "provost: {message}");
}

/// Show problems on standard error.
pub fn problems(problems: &[Problem], style: &Style) {
    let shown: Vec<_> = problems.iter().map(|one| provost_report::problem(one, style)).collect();
    let _ = anstream::stderr().write_all(shown.join("\n").as_bytes());
}
