//! What the YAML parser says, in words that help.

use std::sync::Arc;

use granit_parser::{ErrorKind, ScanError};
use provost_model::{Location, Problem, Source, Span};

use crate::Limits;
use crate::tree::too_deep;

/// What to do with an unrendered template.
pub(crate) const TEMPLATE: &str = "`{{ … }}` looks like a Helm or Jinja template, which is not YAML yet: \
    render it first (`helm template`), or put it in quotes if it is text";

const QUOTE: &str = "put the value in quotes if it is text";
const QUOTE_ALL: &str =
    "put all of the value in quotes, with quotes inside doubled (`''`) or escaped (`\\\"`)";
const OPEN_BRACKET: &str =
    "close the bracket that was opened above, or put the value in quotes if it is text";
const INDENTATION: &str = "compare the indentation of this line with the lines above it";

/// The problem with a text that is not YAML.
pub(crate) fn problem(error: &ScanError, source: &Arc<Source>, limits: &Limits) -> Problem {
    let text = source.text();
    let offset = text.floor_char_boundary(error.marker().byte_offset().unwrap_or_default());
    let location = Location::new(source, Span::new(offset, offset));
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return too_deep(location, limits);
    }
    let line = line_at(text, offset);
    let (message, help) = explain(error.kind(), line, text.get(offset..).unwrap_or_default());
    let problem = Problem::at("yaml-syntax", location, message);
    let above = line_above(text, offset);
    if is_template(line) || is_template(above) {
        return problem.help(TEMPLATE);
    }
    let no_space = above.contains(':') && !above.trim_end().ends_with(':') && !above.contains(": ");
    match help {
        Some(_) if no_space && *error.kind() == ErrorKind::MappingValueNotAllowed => {
            problem.help("is a space missing after the `:` on the line above?")
        }
        Some(help) => problem.help(help),
        None if is_template(text) => problem.help(TEMPLATE),
        None => problem.help("the rest of the text was not read"),
    }
}

fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

fn line_at(text: &str, offset: usize) -> &str {
    let start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
}

fn line_above(text: &str, offset: usize) -> &str {
    let before = text.get(..offset).unwrap_or_default();
    let end = before.rfind('\n').unwrap_or(0);
    before.get(..end).and_then(|above| above.rsplit('\n').next()).unwrap_or_default()
}

/// What is wrong, and what to do.
fn explain(kind: &ErrorKind, line: &str, rest: &str) -> (String, Option<&'static str>) {
    if line.trim_start_matches(' ').starts_with('\t') {
        return ("a tab is used for indentation".to_owned(), Some("indent with spaces"));
    }
    match kind {
        ErrorKind::UnexpectedCharacter { character: '`' } => {
            ("a value cannot begin with a backtick".to_owned(), Some(QUOTE))
        }
        ErrorKind::UnexpectedCharacter { character: character @ ('@' | '%') } => {
            (format!("a value cannot begin with `{character}`"), Some(QUOTE))
        }
        ErrorKind::UnexpectedCharacter { character } => {
            (format!("unexpected character `{}`", character.escape_debug()), None)
        }
        ErrorKind::UnknownAnchor => {
            let word: String = rest.chars().take_while(|c| !c.is_whitespace()).take(60).collect();
            let message = format!("`{word}` refers to an anchor that is not defined before it");
            (message, Some("define `&name` first, or put the value in quotes if it is text"))
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            (format!("`{open}` is not closed"), Some("close the bracket"))
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            (format!("`{open}` is closed by `{close}`"), Some("use matching brackets"))
        }
        other => match in_other_words(other) {
            Some((message, help)) => (message.to_owned(), help),
            None => (parser_words(other), None),
        },
    }
}

/// Errors that always mean the same.
fn in_other_words(kind: &ErrorKind) -> Option<(&'static str, Option<&'static str>)> {
    Some(match kind {
        ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => {
            ("a tab is used for indentation", Some("indent with spaces"))
        }
        ErrorKind::MissingAnchorOrAliasName => {
            ("an unquoted `*` or `&` must be followed by the name of an anchor", Some(QUOTE))
        }
        ErrorKind::MappingValueNotAllowed => (
            "`: ` is not allowed here: it stands inside an unquoted value, or the line is indented wrongly",
            Some("put the value in quotes, or correct the indentation"),
        ),
        ErrorKind::ExpectedBlockMappingKey => ("expected a key here", Some(INDENTATION)),
        ErrorKind::ExpectedBlockSequenceEntry => ("expected `-` here", Some(INDENTATION)),
        ErrorKind::BlockSequenceEntryNotAllowed => {
            ("a list item is not allowed here", Some("begin the list on a line of its own"))
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            ("expected `:` after a key", Some("write `key: value`, with a space after the colon"))
        }
        ErrorKind::UnclosedQuotedScalar => {
            ("a quote that begins here is not closed", Some("close the quote"))
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            ("text follows a closing quote", Some(QUOTE_ALL))
        }
        ErrorKind::UnknownQuotedScalarEscape => (
            "unknown escape in double quotes",
            Some("write `\\\\` for a backslash, or use single quotes"),
        ),
        ErrorKind::InvalidIndentation
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidBlockScalarIndent => ("wrong indentation", Some(INDENTATION)),
        ErrorKind::InvalidColonPlacement => ("`:` is not allowed here", Some(OPEN_BRACKET)),
        ErrorKind::BlockEntryInFlowCollection => {
            ("`- ` is not allowed between brackets", Some(OPEN_BRACKET))
        }
        ErrorKind::ExpectedFlowMappingSeparator => ("expected `,` or `}` here", None),
        ErrorKind::ExpectedFlowSequenceSeparator => ("expected `,` or `]` here", None),
        ErrorKind::UndeclaredTagHandle | ErrorKind::InvalidTagTerminator => {
            ("an unquoted `!` begins a tag, and this is none", Some(QUOTE))
        }
        _ => return None,
    })
}

/// The parser's own words, without where it was at the time.
fn parser_words(kind: &ErrorKind) -> String {
    let words = kind.to_string();
    match words.split_once(", ") {
        Some((place, what)) if place.starts_with("while ") => what.to_owned(),
        _ => words,
    }
}
