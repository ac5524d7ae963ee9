use provost_model::Problem;

use super::BLOCKS;
use super::excerpt::{self, Mark};
use super::finding::{arrow, note};
use super::ink::Ink;
use super::screen::Screen;

/// What could not be read, each in full.
pub(super) fn show(screen: &mut Screen, problems: &[Problem]) {
    let (shown, rest) = problems.split_at(problems.len().min(screen.limit(BLOCKS)));
    for problem in shown {
        screen.gap();
        block(screen, problem);
    }
    if !rest.is_empty() {
        screen.gap();
        let head = format!("and {} more that could not be read", rest.len());
        screen.line(&[(Ink::Strong, &head)]);
    }
}

/// One problem.
pub(super) fn block(screen: &mut Screen, problem: &Problem) {
    let label = format!("error[{}]", problem.code);
    screen.wrapped(&[(Ink::Bad, &label), (Ink::Plain, ": ")], 4, (Ink::Strong, &problem.message));
    let gutter = if let Some(location) = &problem.location {
        let marks = [Mark { location, label: String::new() }];
        let gutter = excerpt::gutter(&marks);
        arrow(screen, gutter, &location.to_string(), "");
        excerpt::show(screen, Ink::Bad, &marks);
        gutter
    } else {
        if let Some(subject) = &problem.subject {
            arrow(screen, 1, subject, "");
        }
        1
    };
    if let Some(help) = &problem.help {
        note(screen, gutter, "help", help);
    }
}
