//! Excerpts of source, drawn by `annotate-snippets`.
//!
//! It is given only the lines that it shall show, because it walks over all that
//! it gets, panics on spans outside and would lay bare lines of any length.

use annotate_snippets::{AnnotationKind, Group, Renderer, Snippet};
use provost_model::Location;
use unicode_width::UnicodeWidthStr as _;

use super::ink::Ink;
use super::screen::{Screen, harmless};
use crate::place::Place;

/// A place to underline, and what to say there.
#[derive(Clone, Debug)]
pub(super) struct Mark<'a> {
    pub(super) location: &'a Location,
    pub(super) label: String,
}

/// One line of source, ready to be drawn.
#[derive(Clone, Debug)]
struct Line {
    /// From 1.
    number: usize,
    text: String,
    /// The bytes of `text` to underline.
    start: usize,
    end: usize,
}

/// The width of the line numbers beside the excerpt of `marks`.
pub(super) fn gutter(marks: &[Mark<'_>]) -> usize {
    let last = marks.iter().map(|mark| mark.location.position().line).max().unwrap_or(0);
    last.to_string().len()
}

/// Can these marks be drawn as one excerpt: one text, and lines that need no cutting?
pub(super) fn fit_together(screen: &Screen, marks: &[Mark<'_>]) -> bool {
    let room = screen.width.saturating_sub(gutter(marks) + 3);
    marks.iter().all(|mark| {
        let line = Line::of(&Place::of(mark.location), screen.width);
        let label = if mark.label.is_empty() { 0 } else { mark.label.width() + 2 };
        let underlined = line.text.get(..line.end).unwrap_or_default().replace('\t', "    ");
        line.text.replace('\t', "    ").width() <= room
            && underlined.width() + label <= room
            && mark.location.source.name()
                == marks.first().map_or("", |first| first.location.source.name())
    })
}

/// The lines of `marks`, underlined; nothing when the text is not known.
pub(super) fn show(screen: &mut Screen, ink: Ink, marks: &[Mark<'_>]) {
    let Some(first) = marks.first().filter(|mark| !mark.location.source.text().is_empty()) else {
        return;
    };
    let mut lines: Vec<_> = marks
        .iter()
        .map(|mark| (Line::of(&Place::of(mark.location), screen.width), mark.label.as_str()))
        .collect();
    lines.sort_by_key(|(line, _)| line.number);
    let mut source = String::new();
    let mut annotations = Vec::new();
    let start = lines.first().map_or(1, |(line, _)| line.number);
    let mut drawn: Option<(usize, usize)> = None;
    for (line, label) in lines {
        let offset = match drawn {
            Some((number, offset)) if number == line.number => offset,
            _ => {
                let from = drawn.map_or(start, |(number, _)| number);
                source.push_str(&between(first.location, from, line.number, screen.width));
                let offset = source.len();
                source.push_str(&line.text);
                drawn = Some((line.number, offset));
                offset
            }
        };
        let span = offset + line.start..offset + line.end;
        annotations.push(AnnotationKind::Primary.span(span).label(label.to_owned()));
    }
    let snippet = Snippet::source(source).line_start(start).annotations(annotations);
    let report = [Group::with_level(ink.level()).element(snippet)];
    let renderer = if screen.color { Renderer::styled() } else { Renderer::plain() };
    let drawing = renderer.term_width(screen.width).render(&report);
    screen.block(&drawing);
}

/// Line feeds from line `from` to line `to`. A single line between them is drawn,
/// so it has its text; more are folded away.
fn between(location: &Location, from: usize, to: usize, width: usize) -> String {
    if to == from + 2 {
        let line = location.source.text().lines().nth(from).unwrap_or_default();
        let shown: String = line.chars().take(width * 2).map(harmless_or_tab).collect();
        return format!("\n{shown}\n");
    }
    "\n".repeat(to.saturating_sub(from))
}

fn harmless_or_tab(character: char) -> char {
    if character == '\t' { character } else { harmless(character) }
}

impl Line {
    /// The line where `place` starts, cut to a few widths around it: a file may be
    /// one line of a megabyte. What is underlined fits into one width.
    fn of(place: &Place<'_>, width: usize) -> Self {
        let begin = place.before().rfind('\n').map_or(0, |index| index + 1);
        let rest = place.rest();
        let stop = place.start + rest.find('\n').unwrap_or(rest.len());
        let line = place.text.get(begin..stop).unwrap_or_default().trim_end_matches('\r');
        let start = (place.start - begin).min(line.len());
        let covered = line.get(start..).unwrap_or_default();
        let covered = covered.get(..place.covered().len()).unwrap_or(covered).trim_end();
        // Room for the number, the cut marks and the underline itself.
        let limit = start + super::screen::prefix(covered, (width / 2).max(8));
        let end = if covered.is_empty() { start } else { limit };

        let left = line.floor_char_boundary(start.saturating_sub(width * 2));
        let right = line.ceil_char_boundary((end + width * 2).min(line.len()));
        let mut cut = Self { number: place.from.line, text: String::new(), start: 0, end: 0 };
        for (index, character) in line.get(left..right).unwrap_or_default().char_indices() {
            if left + index == start {
                cut.start = cut.text.len();
            }
            if left + index == end {
                cut.end = cut.text.len();
            }
            cut.text.push(harmless_or_tab(character));
        }
        if start >= right {
            cut.start = cut.text.len();
        }
        if end >= right {
            cut.end = cut.text.len();
        }
        // An empty last line would not count as a line.
        if cut.text.is_empty() {
            cut.text.push(' ');
        }
        cut
    }
}
