use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::ink::Ink;
use crate::Style;

const NARROWEST: usize = 40;
/// Wider text is not easier to read, and arithmetic on widths stays small.
const WIDEST: usize = 10_000;

/// Lines of text for a person, within a width.
#[derive(Debug)]
pub(super) struct Screen {
    out: String,
    pub(super) color: bool,
    pub(super) width: usize,
    pub(super) verbose: bool,
}

impl Screen {
    pub(super) fn new(style: &Style) -> Self {
        let width = style.width.clamp(NARROWEST, WIDEST);
        Self { out: String::new(), color: style.color, width, verbose: style.verbose }
    }

    /// `count`, or no limit when everything was asked for.
    pub(super) fn limit(&self, count: usize) -> usize {
        if self.verbose { usize::MAX } else { count }
    }

    /// An empty line, unless nothing stands above it.
    pub(super) fn gap(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    /// One line as it is, never broken: places and digests that people copy.
    pub(super) fn line(&mut self, parts: &[(Ink, &str)]) {
        for (ink, text) in parts {
            self.paint(*ink, &clean(text));
        }
        self.turn(0);
    }

    /// `lead`, then `text` broken into lines, all but the first `hang` columns in.
    pub(super) fn wrapped(&mut self, lead: &[(Ink, &str)], hang: usize, text: (Ink, &str)) {
        let hang = hang.min(self.width / 2);
        let mut first = 0;
        for (ink, part) in lead {
            let part = clean(part);
            if first > 0 && first + part.trim_end().width() > self.width {
                self.turn(hang);
                first = hang;
            }
            first += part.width();
            self.paint(*ink, &part);
        }
        let (ink, text) = text;
        let lines = wrap(&clean(text), self.width, first, hang);
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                self.turn(hang);
            }
            self.paint(ink, line);
        }
        self.turn(0);
    }

    /// Lines that are already cleaned, coloured and narrow enough.
    pub(super) fn block(&mut self, lines: &str) {
        for line in lines.lines() {
            self.out.push_str(line.trim_end());
            self.out.push('\n');
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// A new line that starts `indent` columns in.
    fn turn(&mut self, indent: usize) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
        self.out.push_str(&" ".repeat(indent));
    }

    fn paint(&mut self, ink: Ink, text: &str) {
        if self.color && ink != Ink::Plain && !text.is_empty() {
            let style = ink.style();
            self.out.push_str(&format!("{style}{text}{style:#}"));
        } else {
            self.out.push_str(text);
        }
    }
}

/// One line that can do no harm to a terminal: no control characters, and no
/// characters that reorder the text around them.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            _ => harmless(character),
        })
        .collect()
}

/// The character itself, or a replacement when a terminal would obey it.
pub(crate) fn harmless(character: char) -> char {
    match character {
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        _ if character.is_control() => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

/// Lines of at most `width` columns: the first starts at column `first`, the
/// others at `hang`. A word wider than a line is broken.
fn wrap(text: &str, width: usize, first: usize, hang: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut room = width.saturating_sub(first);
    for mut word in text.split_whitespace() {
        let space = usize::from(!line.is_empty());
        let full = line.width() + space + word.width() > room;
        // A line that is empty and starts as far left as any would not be better.
        if full && (!line.is_empty() || (lines.is_empty() && first > hang)) {
            lines.push(std::mem::take(&mut line));
            room = width - hang;
        }
        while word.width() > room {
            let (head, tail) = word.split_at(prefix(word, room));
            lines.push(head.to_owned());
            word = tail;
            room = width - hang;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// How many bytes of `text` fit in `columns`; at least one character.
pub(super) fn prefix(text: &str, columns: usize) -> usize {
    let mut used = 0;
    for (index, character) in text.char_indices() {
        used += character.width().unwrap_or(1);
        if used > columns && index > 0 {
            return index;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words_and_within_words_wider_than_a_line() {
        assert_eq!(wrap("one two three", 8, 0, 2), ["one two", "three"]);
        assert_eq!(wrap("one two", 9, 5, 2), ["one", "two"]);
        assert_eq!(wrap("abcdefghij", 6, 0, 2), ["abcdef", "ghij"]);
        assert_eq!(wrap("a abcdefgh", 6, 4, 2), ["a", "abcd", "efgh"]);
        assert_eq!(wrap("long", 9, 7, 2), ["", "long"], "no room after the lead");
        assert_eq!(wrap("", 9, 7, 2), [""]);
    }

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        assert_eq!(
            clean("a\u{1b}[31mb\u{9b}2J\u{202e}c\nd"),
            "a\u{fffd}[31mb\u{fffd}2J\u{fffd}c d"
        );
    }
}
