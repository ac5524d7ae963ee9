//! One example of a specification: what its page says, and what comes out.

use super::ink::Ink;
use super::screen::Screen;

/// What came of one example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExampleState {
    /// It is as its page says.
    AsWritten,
    /// It is not.
    Failed,
    /// Its page was rewritten.
    Rewritten,
    /// There is no example.
    Missing,
}

/// One example, what its page says of it, and what came out.
#[derive(Clone, Copy, Debug)]
pub struct ComparedExample<'a> {
    /// What came of it.
    pub state: ExampleState,
    /// The line of the page: `specs/x.md:27:1`.
    pub place: &'a str,
    /// In a few words: `allowed`, or why there is none.
    pub summary: &'a str,
    /// The text that the page shows.
    pub expected: &'a str,
    /// The text that came out.
    pub found: &'a str,
}

pub(super) fn show(screen: &mut Screen, example: &ComparedExample<'_>) {
    let (ink, word) = match example.state {
        ExampleState::AsWritten => (Ink::Good, "ok     "),
        ExampleState::Failed => (Ink::Bad, "FAILED "),
        ExampleState::Rewritten => (Ink::Warning, "written"),
        ExampleState::Missing => (Ink::Faint, "none   "),
    };
    let ComparedExample { place, summary, .. } = example;
    screen.line(&[
        (ink, word),
        (Ink::Plain, " "),
        (Ink::Plain, place),
        (Ink::Plain, ": "),
        (Ink::Plain, summary),
    ]);
    let differs = example.expected != example.found;
    if differs && matches!(example.state, ExampleState::Failed | ExampleState::Rewritten) {
        screen.line(&[(Ink::Faint, "    - the page says, + comes out")]);
        for (sign, line) in difference(example.expected, example.found) {
            let (ink, sign) = match sign {
                Sign::Both => (Ink::Plain, "      "),
                Sign::Expected => (Ink::Bad, "    - "),
                Sign::Found => (Ink::Good, "    + "),
            };
            screen.line(&[(ink, sign), (ink, line)]);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Both,
    Expected,
    Found,
}

/// The lines of both texts, those that are in both once, as few apart as can be: the
/// longest common subsequence.
fn difference<'t>(expected: &'t str, found: &'t str) -> Vec<(Sign, &'t str)> {
    let old: Vec<_> = expected.lines().collect();
    let new: Vec<_> = found.lines().collect();
    // Row `i`, column `j`: the length for what is left after `i` old and `j` new lines.
    let mut rows = vec![vec![0_usize; new.len() + 1]];
    for line in old.iter().rev() {
        let below = rows.last().cloned().unwrap_or_default();
        let mut row = vec![0; new.len() + 1];
        for (column, other) in new.iter().enumerate().rev() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or_default();
            let length = if line == other {
                at(&below, column + 1) + 1
            } else {
                at(&below, column).max(at(&row, column + 1))
            };
            if let Some(cell) = row.get_mut(column) {
                *cell = length;
            }
        }
        rows.push(row);
    }
    rows.reverse();
    let left = |i: usize, j: usize| rows.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    loop {
        match (old.get(i), new.get(j)) {
            (Some(one), Some(other)) if one == other => {
                lines.push((Sign::Both, *one));
                (i, j) = (i + 1, j + 1);
            }
            (Some(one), other) if other.is_none() || left(i + 1, j) >= left(i, j + 1) => {
                lines.push((Sign::Expected, *one));
                i += 1;
            }
            (_, Some(other)) => {
                lines.push((Sign::Found, *other));
                j += 1;
            }
            (_, None) => return lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_texts_are_said_once() {
        use Sign::{Both, Expected, Found};
        assert_eq!(
            difference("a\nb\nc\n", "b\nx\nc\nd\n"),
            [(Expected, "a"), (Both, "b"), (Found, "x"), (Both, "c"), (Found, "d")]
        );
        assert_eq!(difference("", "a"), [(Found, "a")]);
        assert_eq!(difference("a", ""), [(Expected, "a")]);
        assert_eq!(difference("a\nb", "c\nb"), [(Expected, "a"), (Found, "c"), (Both, "b")]);
        assert_eq!(difference("", ""), []);
    }
}
