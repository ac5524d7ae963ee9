use std::fmt::Write as _;

use provost_model::{Counterexample, Scalar};

/// Width of a column and of the column of names, in pixels.
const COLUMN: usize = 120;
const NAMES: usize = 110;
/// Height of a row, in pixels.
const ROW: usize = 64;
const TOP: usize = 96;
/// Characters of an action that fit into a column.
const FITS: usize = 18;

/// A counterexample as a timeline: one row per variable, one column per step, a bar whose
/// height is the value. Changed values are marked. No scripts, no fonts, no links.
pub fn svg(counterexample: &Counterexample) -> String {
    let columns = counterexample.steps.len();
    let rows = counterexample.variables.len();
    let (width, height) = (NAMES + columns * COLUMN + 20, TOP + rows * ROW + 20);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        escape(&counterexample.message)
    );
    text(&mut out, (12, 24), "start", "#222", &clip(&counterexample.message, width / 7));
    for (column, step) in counterexample.steps.iter().enumerate() {
        let middle = NAMES + column * COLUMN + COLUMN / 2;
        text(&mut out, (middle, 56), "middle", "#777", &format!("step {column}"));
        text(&mut out, (middle, 76), "middle", "#222", &clip(&step.action, FITS));
    }
    for (row, name) in counterexample.variables.iter().enumerate() {
        let base = TOP + (row + 1) * ROW - 12;
        text(&mut out, (NAMES - 16, base), "end", "#222", &clip(name, 14));
        let values: Vec<_> = counterexample.steps.iter().map(|step| step.state.get(row)).collect();
        let tallest = values.iter().flatten().map(|v| size(v)).max().unwrap_or(0).max(1);
        for (column, value) in values.iter().enumerate() {
            let Some(value) = value else { continue };
            let before = column.checked_sub(1).and_then(|c| values.get(c)).copied().flatten();
            let changed = before.is_some_and(|before| before != *value);
            let tall = usize::try_from(size(value) * 32 / tallest).unwrap_or(0);
            let left = NAMES + column * COLUMN + COLUMN / 4;
            let fill = if changed { "#d9480f" } else { "#adb5bd" };
            let _ = writeln!(
                out,
                "<rect x=\"{left}\" y=\"{}\" width=\"{}\" height=\"{tall}\" fill=\"{fill}\"/>",
                base - tall,
                COLUMN / 2
            );
            let mark = if changed { "▸ " } else { "" };
            let label = format!("{mark}{value}");
            text(&mut out, (left + COLUMN / 4, base - tall - 4), "middle", "#222", &label);
        }
    }
    out.push_str("</svg>\n");
    out
}

fn size(value: &Scalar) -> i64 {
    match value {
        Scalar::Integer(value) => (*value).clamp(0, i64::from(u32::MAX)),
        Scalar::Bool(value) => i64::from(*value),
    }
}

fn text(out: &mut String, (x, y): (usize, usize), anchor: &str, fill: &str, said: &str) {
    let said = escape(said);
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" fill=\"{fill}\">{said}</text>"
    );
}

fn clip(said: &str, most: usize) -> String {
    if said.chars().count() <= most {
        return said.to_owned();
    }
    said.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// XML 1.0: markup escaped, characters that it does not allow left out.
fn escape(said: &str) -> String {
    let mut out = String::new();
    for character in said.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            other if other.is_control() || matches!(other, '\u{FFFE}' | '\u{FFFF}') => {}
            other => out.push(other),
        }
    }
    out
}
