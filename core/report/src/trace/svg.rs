//! A run as a picture: time from left to right, one lane for each variable.
//!
//! The picture needs nothing beside itself, follows the light or dark of the reader, and
//! says nothing by colour alone: every value is written where it changes.

use std::fmt::Write as _;

use provost_model::{Counterexample, Scalar};
use unicode_width::UnicodeWidthStr as _;

use super::Trace;

/// The width of a character of the fixed-width font, in pixels.
const CHARACTER: usize = 8;
const MARGIN: usize = 16;
const LINE: usize = 20;
/// The height of a lane, and of what moves in it.
const LANE: usize = 52;
const SWING: usize = 22;
/// Characters in a line of prose.
const PROSE: usize = 90;

const STYLE: &str = "\
svg{--ink:#1f2328;--faint:#59636e;--rule:#d1d9e0;--back:#fff;--line:#0969da;--bad:#cf222e;--mark:#ffebe9}
@media(prefers-color-scheme:dark){svg{--ink:#f0f6fc;--faint:#9198a1;--rule:#3d444d;--back:#0d1117;\
--line:#4493f8;--bad:#ff7b72;--mark:#3c1618}}
.back{fill:var(--back)}.mark{fill:var(--mark)}
text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:var(--ink)}
.title{font-weight:700}.faint{fill:var(--faint)}.bad{fill:var(--bad);font-weight:700}
.rule{stroke:var(--rule)}.lane{stroke:var(--line);stroke-width:2;fill:none}
.again{stroke:var(--bad);stroke-width:2;fill:none;stroke-dasharray:5 3}
";

pub(super) fn draw(trace: &Trace<'_>) -> String {
    let run = trace.run;
    let layout = Layout::of(trace);
    let (width, height) = (layout.width, layout.height);
    let title = format!("{}: {} breaks {}", trace.check.id, trace.object, trace.property);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n<style>{STYLE}</style>\n\
         <rect class=\"back\" width=\"{width}\" height=\"{height}\"/>\n",
        escape(&title),
        escape(&in_words(run)),
    );
    layout.prose(&mut svg);
    layout.columns(run, &mut svg);
    for index in 0..run.variables.len() {
        layout.lane(run, index, &mut svg);
    }
    layout.again(run, &mut svg);
    layout.steps(&mut svg);
    svg.push_str("</svg>\n");
    svg
}

/// Where everything is, in pixels.
struct Layout {
    width: usize,
    height: usize,
    /// The lines above the lanes, and their class.
    prose: Vec<(&'static str, String)>,
    /// The lines below the lanes: what happened at each step.
    steps: Vec<String>,
    /// The top of the numbers of the steps.
    top: usize,
    /// The left of the first column.
    left: usize,
    column: usize,
    lanes: usize,
}

impl Layout {
    fn of(trace: &Trace<'_>) -> Self {
        let run = trace.run;
        let prose = prose(trace);
        let steps = steps(run);
        let names = run.variables.iter().map(|name| name.width()).max().unwrap_or(0);
        let left = MARGIN + names * CHARACTER + MARGIN;
        let values = run.steps.iter().flat_map(|step| &step.state);
        let widest = values.map(|value| shown(value).width()).max().unwrap_or(0);
        let column = (widest * CHARACTER + 2 * CHARACTER).max(56);
        let top = MARGIN + prose.len() * LINE + MARGIN;
        let lines =
            prose.iter().map(|(_, line)| line.as_str()).chain(steps.iter().map(String::as_str));
        let text = lines.map(|line| line.width()).max().unwrap_or(0) * CHARACTER + 2 * MARGIN;
        let below = top + LINE + run.variables.len() * LANE + LINE;
        let again = if run.back_to.is_some() { 2 * LINE } else { 0 };
        Self {
            width: text.max(left + column * run.steps.len() + MARGIN),
            height: below + again + steps.len() * LINE + MARGIN,
            prose,
            steps,
            top,
            left,
            column,
            lanes: run.variables.len(),
        }
    }

    /// The left of a column.
    fn x(&self, step: usize) -> usize {
        self.left + step * self.column
    }

    /// The top of a lane; that after the last is the bottom of all.
    fn y(&self, lane: usize) -> usize {
        self.top + LINE + lane * LANE
    }

    fn prose(&self, svg: &mut String) {
        for (index, (class, line)) in self.prose.iter().enumerate() {
            text(svg, class, MARGIN, MARGIN + (index + 1) * LINE - 6, line);
        }
    }

    /// The numbers of the steps; a run that does not go round ends where it breaks.
    fn columns(&self, run: &Counterexample, svg: &mut String) {
        let last = run.steps.len().saturating_sub(1);
        let bottom = self.y(self.lanes);
        for (index, step) in run.steps.iter().enumerate() {
            let (x, y, width, height) =
                (self.x(index), self.top, self.column, bottom.saturating_sub(self.top));
            let breaks = index == last && run.back_to.is_none();
            let class = if breaks { "mark" } else { "back" };
            let _ = writeln!(
                svg,
                "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" \
                 height=\"{height}\"><title>{index}: {}</title></rect>",
                escape(&step.action)
            );
            let class = if breaks { "bad" } else { "faint" };
            let label = if breaks { format!("{index} ✗") } else { index.to_string() };
            text(svg, class, x + CHARACTER / 2, y + LINE - 6, &label);
            rule(svg, (x, y), (x, bottom));
        }
    }

    /// The values of a variable: a line that steps where the value changes, and there its value.
    fn lane(&self, run: &Counterexample, variable: usize, svg: &mut String) {
        let name = run.variables.get(variable).map(String::as_str).unwrap_or_default();
        let values: Vec<_> = run.steps.iter().filter_map(|step| step.state.get(variable)).collect();
        let levels = levels(&values);
        let top = self.y(variable);
        rule(svg, (MARGIN, top), (self.x(run.steps.len()), top));
        let mut path = String::new();
        let mut labels = String::new();
        let mut before: Option<&Scalar> = None;
        for (index, (value, level)) in values.iter().zip(&levels).enumerate() {
            let (x, y) = (self.x(index), top + LANE - 6 - level);
            let _ = match before {
                None => write!(path, "M{x} {y}H{}", x + self.column),
                Some(_) => write!(path, "V{y}H{}", x + self.column),
            };
            if before != Some(*value) {
                text(&mut labels, "value", x + CHARACTER / 2, y - 5, &shown(value));
            }
            before = Some(value);
        }
        let _ = writeln!(
            svg,
            "<g role=\"group\"><title>{}</title>\n<path class=\"lane\" d=\"{path}\"/>",
            escape(&history(name, &values))
        );
        text(svg, "title", MARGIN, top + LANE / 2 + 4, name);
        let _ = writeln!(svg, "{labels}</g>");
    }

    /// From the last state back to the one that it is.
    fn again(&self, run: &Counterexample, svg: &mut String) {
        let Some(back_to) = run.back_to else { return };
        let last = run.steps.len().saturating_sub(1);
        let middle = |step: usize| self.x(step) + self.column / 2;
        let (from, to) = (middle(last), middle(back_to));
        let (top, bottom) = (self.y(self.lanes) + 2, self.y(self.lanes) + LINE);
        let _ = writeln!(
            svg,
            "<path class=\"again\" d=\"M{from} {top}V{bottom}H{to}V{top}m-5 8l5 -8l5 8\"/>"
        );
        let label = format!("and then on from step {back_to} again, for ever");
        text(svg, "bad", self.left, bottom + LINE - 4, &label);
    }

    fn steps(&self, svg: &mut String) {
        let bottom = self.height - MARGIN - self.steps.len() * LINE;
        for (index, line) in self.steps.iter().enumerate() {
            text(svg, "step", MARGIN, bottom + (index + 1) * LINE - 6, line);
        }
    }
}

/// What is said above the lanes.
fn prose(trace: &Trace<'_>) -> Vec<(&'static str, String)> {
    let run = trace.run;
    let mut lines = vec![("title", format!("{}: {}", trace.check.id, trace.object))];
    let breaks = format!("✗ breaks {}: {}", trace.property, run.message);
    lines.extend(wrapped(&breaks).into_iter().map(|line| ("bad", line)));
    if !run.parameters.is_empty() {
        let values = run.parameters.iter().map(|(name, value)| format!("{name}={}", shown(value)));
        let with = format!("with {}", values.collect::<Vec<_>>().join(", "));
        lines.extend(wrapped(&with).into_iter().map(|line| ("faint", line)));
    }
    if let Some(when) = &run.fails_when {
        let when = format!("fails exactly when {when}");
        lines.extend(wrapped(&when).into_iter().map(|line| ("faint", line)));
    }
    lines
}

fn steps(run: &Counterexample) -> Vec<String> {
    let step = |(index, step): (usize, &provost_model::Step)| {
        wrapped(&format!("{index:>3}  {}", step.action))
    };
    run.steps.iter().enumerate().flat_map(step).collect()
}

/// Lines of prose; the first keeps the blanks it starts with.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let indent = text.len() - text.trim_start().len();
    let mut line = " ".repeat(indent);
    let mut is_empty = true;
    for word in text.split_whitespace() {
        if !is_empty && line.width() + 1 + word.width() > PROSE {
            lines.push(std::mem::replace(&mut line, "     ".to_owned()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines.remove(0);
    lines
}

/// How high each value stands: integers in proportion, truth at the top, texts in the order
/// that they are met.
fn levels(values: &[&Scalar]) -> Vec<usize> {
    let mut texts: Vec<&str> = Vec::new();
    for value in values {
        if let Scalar::Text(text) = value
            && !texts.contains(&text.as_str())
        {
            texts.push(text);
        }
    }
    let number = |value: &Scalar| match value {
        Scalar::Integer(number) => i128::from(*number),
        Scalar::Bool(truth) => i128::from(*truth),
        Scalar::Text(text) => {
            texts.iter().position(|known| known == text).map_or(0, |place| place as i128)
        }
    };
    let numbers: Vec<_> = values.iter().map(|value| number(value)).collect();
    let is_truth = values.iter().all(|value| matches!(value, Scalar::Bool(_)));
    let low = if is_truth { 0 } else { numbers.iter().copied().min().unwrap_or(0) };
    let high = if is_truth { 1 } else { numbers.iter().copied().max().unwrap_or(0) };
    let level = |number: &i128| match high - low {
        0 => 0,
        range => usize::try_from((number - low) * SWING as i128 / range).unwrap_or(0),
    };
    numbers.iter().map(level).collect()
}

/// What a value looks like; no longer than a column may be.
fn shown(value: &Scalar) -> String {
    let text = value.to_string();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A lane for those who do not see it.
fn history(name: &str, values: &[&Scalar]) -> String {
    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
    format!("{name}: {}", values.join(", "))
}

/// The run for those who do not see it.
fn in_words(run: &Counterexample) -> String {
    let mut words = format!("{}.", run.message);
    for (index, step) in run.steps.iter().enumerate() {
        let named = run.variables.iter().zip(&step.state);
        let state: Vec<_> = named.map(|(name, value)| format!("{name} {value}")).collect();
        let _ = write!(words, " Step {index}: {} ({}).", step.action, state.join(", "));
    }
    if let Some(step) = run.back_to {
        let _ = write!(words, " And then on from step {step} again, for ever.");
    }
    words
}

fn text(svg: &mut String, class: &str, x: usize, y: usize, words: &str) {
    let words = escape(words);
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" xml:space=\"preserve\">{words}</text>"
    );
}

fn rule(svg: &mut String, from: (usize, usize), to: (usize, usize)) {
    let ((x1, y1), (x2, y2)) = (from, to);
    let _ = writeln!(svg, "<line class=\"rule\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");
}

/// Text that XML takes as text. Most control characters are not even allowed when escaped
/// (XML 1.0, section 2.2).
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            _ => escaped.push(crate::human::harmless(character)),
        }
    }
    escaped
}
