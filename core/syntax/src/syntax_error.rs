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
const INDENTATION: &str = "compare the indentation of this line with the lines above it";

/// The problem with a text that is not YAML.
pub(crate) fn problem(error: &ScanError, source: &Arc<Source>, limits: &Limits) -> Problem {
    let text = source.text();
    let offset = error.marker().byte_offset().unwrap_or_default().min(text.len());
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
    let tab = line.trim_start_matches(' ').starts_with('\t');
    let (message, help) = match kind {
        ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => {
            ("a tab is used for indentation", Some("indent with spaces"))
        }
        _ if tab => ("a tab is used for indentation", Some("indent with spaces")),
        ErrorKind::UnexpectedCharacter { character: '`' } => {
            ("a value cannot begin with a backtick", Some(QUOTE))
        }
        ErrorKind::UnexpectedCharacter { character: character @ ('@' | '%') } => {
            let message = format!("a value cannot begin with `{character}`");
            return (message, Some(QUOTE));
        }
        ErrorKind::UnexpectedCharacter { character } => {
            let message = format!("unexpected character `{}`", character.escape_debug());
            return (message, None);
        }
        ErrorKind::UnknownAnchor => {
            let word: String = rest.chars().take_while(|c| !c.is_whitespace()).collect();
            let message = format!("`{word}` refers to an anchor that is not defined before it");
            return (
                message,
                Some("define `&name` first, or put the value in quotes if it is text"),
            );
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
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "text follows a closing quote",
            Some(
                "put all of the value in quotes, with quotes inside doubled (`''`) or escaped (`\\\"`)",
            ),
        ),
        ErrorKind::UnknownQuotedScalarEscape => (
            "unknown escape in double quotes",
            Some("write `\\\\` for a backslash, or use single quotes"),
        ),
        ErrorKind::InvalidIndentation
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidBlockScalarIndent => ("wrong indentation", Some(INDENTATION)),
        ErrorKind::UnclosedFlowCollection { open } => {
            return (format!("`{open}` is not closed"), Some("close the bracket"));
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("`{open}` is closed by `{close}`"), Some("use matching brackets"));
        }
        ErrorKind::InvalidColonPlacement => (
            "`:` is not allowed here",
            Some("close the bracket that was opened above, or put the value in quotes"),
        ),
        ErrorKind::BlockEntryInFlowCollection => (
            "`- ` is not allowed between brackets",
            Some("close the bracket that was opened above, or separate items by `,`"),
        ),
        ErrorKind::ExpectedFlowMappingSeparator => ("expected `,` or `}` here", None),
        ErrorKind::ExpectedFlowSequenceSeparator => ("expected `,` or `]` here", None),
        ErrorKind::UndeclaredTagHandle | ErrorKind::InvalidTagTerminator => {
            ("an unquoted `!` begins a tag, and this is none", Some(QUOTE))
        }
        other => return (parser_words(other), None),
    };
    (message.to_owned(), help)
}

/// The parser's own words, without where it was at the time.
fn parser_words(kind: &ErrorKind) -> String {
    let words = kind.to_string();
    match words.split_once(", ") {
        Some((place, what)) if place.starts_with("while ") => what.to_owned(),
        _ => words,
    }
}
