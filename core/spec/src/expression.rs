//! An expression in its file.

use std::sync::Arc;

use provost_model::{Location, Source, Span};

use crate::expr::{Expr, TextSpan};

/// A typed expression and where it stands.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it says.
    pub expr: Expr,
    /// Its text.
    pub text: String,
    pub(crate) source: Arc<Source>,
    /// The YAML scalar that holds it.
    pub(crate) scalar: Span,
}

impl Expression {
    /// The place in the file of some bytes of the expression; the whole scalar where YAML
    /// escapes characters.
    pub fn location(&self, span: TextSpan) -> Location {
        place(&self.source, self.scalar, &self.text, span)
    }
}

/// The place in a file of some bytes of the text of a scalar.
pub(crate) fn place(
    source: &Arc<Source>,
    scalar: Span,
    text: &str,
    (start, end): TextSpan,
) -> Location {
    let raw = source.text().get(scalar.start as usize..scalar.end as usize).unwrap_or_default();
    let found = match (offset_in(raw, text, start), offset_in(raw, text, end.max(start))) {
        (Some(start), Some(end)) => {
            let base = scalar.start as usize;
            Span::new(base + start, base + end.max(start))
        }
        _ => scalar,
    };
    Location::new(source, found)
}

/// Where byte `target` of `text` is in `raw`, the scalar that YAML folded into `text`.
///
/// Folding changes white space only: line ends and indentation to a space or a line end.
fn offset_in(raw: &str, text: &str, target: usize) -> Option<usize> {
    let quote = raw.chars().next().filter(|c| matches!(c, '"' | '\'') && raw.len() > 1);
    let quote = quote.filter(|_| !text.starts_with(raw));
    let mut place = quote.map_or(0, char::len_utf8);
    let mut characters = text.char_indices().peekable();
    while let Some((offset, wanted)) = characters.next() {
        let rest = raw.get(place..)?;
        let space = rest.len() - rest.trim_start().len();
        if wanted.is_whitespace() {
            if offset >= target {
                return Some(place);
            }
            // The last of a run of spaces takes all that is left of the run.
            let more = characters.peek().is_some_and(|(_, next)| next.is_whitespace());
            place += if more { space.min(1) } else { space };
            continue;
        }
        place += space;
        if offset >= target {
            return Some(place);
        }
        let found = raw.get(place..)?.chars().next()?;
        if found != wanted {
            return None;
        }
        place += found.len_utf8();
        if quote == Some('\'') && found == '\'' {
            place += 1;
        }
    }
    Some(place)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn shown(raw: &str, text: &str, word: &str) -> String {
        let start = text.find(word).unwrap();
        let source = Source::new("x", format!("key: {raw}"));
        let scalar = Span::new(5, 5 + raw.len());
        let span = place(&source, scalar, text, (start, start + word.len())).span;
        source.text()[span.start as usize..span.end as usize].to_owned()
    }

    #[test]
    fn places_are_found_in_every_style_of_scalar() {
        assert_eq!(shown("a + bcd", "a + bcd", "bcd"), "bcd");
        assert_eq!(shown("'a + bcd'", "a + bcd", "bcd"), "bcd");
        assert_eq!(shown("\"a + bcd\"", "a + bcd", "a"), "a");
        assert_eq!(shown("'x == ''y'' + bcd'", "x == 'y' + bcd", "bcd"), "bcd");
        assert_eq!(shown("'x == ''y'''", "x == 'y'", "'y'"), "''y''");
        assert_eq!(shown("    a\n    + bcd\n    + e\n", "a + bcd + e", "bcd"), "bcd");
        assert_eq!(shown("    a\n    + \"b  c\" +\n    d\n", "a\n+ \"b  c\" +\nd\n", "d"), "d");
        assert_eq!(shown("a\n  + é + bcd", "a + é + bcd", "bcd"), "bcd");
    }

    #[test]
    fn where_yaml_escapes_the_whole_scalar_is_shown() {
        let raw = r#""a == \"b\" + c""#;
        assert_eq!(shown(raw, r#"a == "b" + c"#, "c"), raw);
        assert_eq!(shown(raw, r#"a == "b" + c"#, "a"), "a");
    }
}
