//! How output for people looks here.

use anstream::AutoStream;
use anstream::ColorChoice;
use provost_model::Problem;
use provost_report::Style;

use crate::arguments::{Arguments, Color};

/// The style of standard output.
pub fn style(arguments: &Arguments) -> Style {
    let automatic = AutoStream::choice(&std::io::stdout());
    let color = match arguments.color {
        Color::Auto => !matches!(automatic, ColorChoice::Never),
        Color::Always => true,
        Color::Never => false,
    };
    // What colours are written is decided here alone.
    if color {
        ColorChoice::AlwaysAnsi.write_global();
    } else {
        ColorChoice::Never.write_global();
    }
    let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
    Style { color, width: width.min(140), verbose: arguments.verbose }
}

/// Show problems on standard error.
pub fn problems(problems: &[Problem], style: &Style) {
    for problem in problems {
        anstream::eprint!("{}", provost_report::problem(problem, style));
    }
}
