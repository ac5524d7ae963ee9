//! Runs that break a property, each in full.

use super::excerpt::{self, Mark};
use super::finding::{arrow, note, run};
use super::ink::Ink;
use super::screen::Screen;
use crate::trace::Trace;
use crate::violation::Refutation;

pub(super) fn show(screen: &mut Screen, trace: &Trace<'_>) {
    let Trace { check, object, property, run: counterexample } = trace;
    let label = format!("{}[{}]", check.severity, check.id);
    let message = (Ink::Strong, counterexample.message.as_str());
    screen.gap();
    screen.wrapped(&[(check.severity.into(), &label), (Ink::Plain, ": ")], 4, message);
    let marks = [Mark { location: &counterexample.blame, label: String::new() }];
    let gutter = excerpt::gutter(&marks);
    arrow(screen, gutter, &counterexample.blame.to_string(), &object.to_string());
    excerpt::show(screen, check.severity.into(), &marks);
    run(screen, gutter, &Refutation { property, run: counterexample });
    for remedy in &counterexample.remedies {
        note(screen, gutter, "help", &format!("{remedy}, proved sufficient"));
    }
}
