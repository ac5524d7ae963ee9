use provost_model::{Counterexample, Scalar, Step};
use unicode_width::UnicodeWidthStr as _;

use super::ink::Ink;
use super::screen::{Screen, clean};

/// Longer runs are shown with their middle left out.
const LONGEST: usize = 30;
/// How much of a longer run is shown at either end.
const END: usize = 10;
/// A value that the step did not change.
const SAME: &str = "\u{b7}";

/// A run as a small table, indented by `indent`: the number of the step, what
/// happened, and the variables that changed.
pub(super) fn show(screen: &mut Screen, run: &Counterexample, indent: usize) {
    if run.variables.is_empty() || run.steps.is_empty() {
        return;
    }
    let rows = rows(run, screen.limit(LONGEST));
    let table = Table::of(run, &rows, indent);
    if table.width() <= screen.width {
        table.show(screen, &rows);
    } else {
        list(screen, run, &rows, indent);
    }
}

/// One step, or steps left out.
enum Row<'a> {
    Step { number: usize, action: String, values: Vec<Option<&'a Scalar>> },
    LeftOut(usize),
}

fn rows(run: &Counterexample, longest: usize) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut before: Option<&Step> = None;
    let left_out = if run.steps.len() > longest { run.steps.len() - 2 * END } else { 0 };
    for (number, step) in run.steps.iter().enumerate() {
        if left_out > 0 && (END..END + left_out).contains(&number) {
            if number == END {
                rows.push(Row::LeftOut(left_out));
                before = None;
            }
            continue;
        }
        let same = |index: usize, value: &Scalar| {
            before.is_some_and(|before| before.state.get(index) == Some(value))
        };
        let values = (0..run.variables.len())
            .map(|index| step.state.get(index).filter(|value| !same(index, value)));
        rows.push(Row::Step { number, action: clean(&step.action), values: values.collect() });
        before = Some(step);
    }
    rows
}

/// The widths of the columns.
struct Table<'a> {
    indent: usize,
    step: usize,
    action: usize,
    variables: Vec<(&'a str, usize)>,
}

const STEP: &str = "step";
const ACTION: &str = "what happened";

impl<'a> Table<'a> {
    fn of(run: &'a Counterexample, rows: &[Row<'_>], indent: usize) -> Self {
        let steps = || {
            rows.iter().filter_map(|row| match row {
                Row::Step { action, values, .. } => Some((action, values)),
                Row::LeftOut(_) => None,
            })
        };
        let variable = |(index, name): (usize, &'a String)| {
            let widest = steps()
                .filter_map(|(_, values)| values.get(index).copied().flatten())
                .map(|value| value.to_string().len())
                .max();
            (name.as_str(), name.width().max(widest.unwrap_or(0)))
        };
        Self {
            indent,
            step: STEP.len().max(run.steps.len().to_string().len()),
            action: steps().map(|(action, _)| action.width()).max().unwrap_or(0).max(ACTION.len()),
            variables: run.variables.iter().enumerate().map(variable).collect(),
        }
    }

    fn width(&self) -> usize {
        let variables: usize = self.variables.iter().map(|(_, width)| width + 2).sum();
        self.indent + self.step + 2 + self.action + variables
    }

    fn show(&self, screen: &mut Screen, rows: &[Row<'_>]) {
        let names = self.variables.iter().map(|(name, _)| (*name).to_owned());
        let head = self.line(STEP, ACTION, names);
        screen.line(&[(Ink::Faint, &head)]);
        for row in rows {
            let line = match row {
                Row::Step { number, action, values } => {
                    let cells = values
                        .iter()
                        .map(|value| value.map_or_else(|| SAME.to_owned(), ToString::to_string));
                    self.line(&number.to_string(), action, cells)
                }
                Row::LeftOut(count) => self.line("...", &format!("{count} steps left out"), []),
            };
            screen.line(&[(Ink::Plain, &line)]);
        }
    }

    fn line(&self, step: &str, action: &str, cells: impl IntoIterator<Item = String>) -> String {
        let mut line =
            format!("{:indent$}{step:>width$}  ", "", indent = self.indent, width = self.step);
        line.push_str(action);
        line.push_str(&" ".repeat(self.action.saturating_sub(action.width())));
        for (cell, (_, width)) in cells.into_iter().zip(&self.variables) {
            line.push_str("  ");
            line.push_str(&" ".repeat(width.saturating_sub(cell.width())));
            line.push_str(&cell);
        }
        line
    }
}

/// The same for tables that are too wide: changed variables by name.
fn list(screen: &mut Screen, run: &Counterexample, rows: &[Row<'_>], indent: usize) {
    for row in rows {
        match row {
            Row::LeftOut(count) => {
                let line = format!("{:indent$}... {count} steps left out", "");
                screen.line(&[(Ink::Plain, &line)]);
            }
            Row::Step { number, action, values } => {
                let changed: Vec<_> = run
                    .variables
                    .iter()
                    .zip(values)
                    .filter_map(|(name, value)| value.map(|value| format!("{name}={value}")))
                    .collect();
                let lead = format!("{:indent$}{number:>2}  ", "");
                let text = format!("{action}: {}", changed.join(" "));
                screen.wrapped(&[(Ink::Plain, &lead)], lead.len() + 2, (Ink::Plain, &text));
            }
        }
    }
}
