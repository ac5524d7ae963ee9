//! What the CEL parser says, in words that help.

use cel::ParseError;

use crate::expr::ExpressionFault;
use crate::parse::too_deep;

/// The first error, as a fault at the token that it is about: those after it are mostly its
/// consequences.
pub(crate) fn syntax_fault(text: &str, errors: &[ParseError]) -> ExpressionFault {
    if errors.iter().any(|error| error.msg.contains("Recursion limit")) {
        return too_deep((0, text.len()));
    }
    // What the parser could not finish is reported at its start, and says nothing.
    let telling = errors.iter().find(|error| !error.msg.starts_with("Incomplete"));
    let Some(error) = telling.or(errors.first()) else {
        return ExpressionFault::new((0, text.len()), "not a CEL expression");
    };
    let start = offset(text, error.pos);
    if let Some(open) = unclosed_string(text) {
        return ExpressionFault::new((open, text.len()), "this string is not closed");
    }
    let (message, length) = translated(text, start, &error.msg);
    let fault = ExpressionFault::new((start, start + length), message);
    match hint(text, start, length) {
        Some(help) => fault.help(help),
        None => fault,
    }
}

/// The parser counts lines from 1 and characters from 1.
fn offset(text: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let column = usize::try_from(column).unwrap_or(1).max(1);
    let line_start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(line_start..).unwrap_or_default();
    rest.char_indices().nth(column - 1).map_or(text.len(), |(offset, _)| line_start + offset)
}

/// The message, and how many bytes it is about.
fn translated(text: &str, start: usize, message: &str) -> (String, usize) {
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    let found = token(text, start);
    if found.is_empty() {
        let missing = message.strip_prefix("missing '").and_then(|rest| rest.split('\'').next());
        return match missing {
            Some(token) => (format!("`{token}` is missing at the end"), 0),
            None if text.trim().is_empty() => ("there is no expression here".to_owned(), 0),
            None => ("the expression ends too early".to_owned(), 0),
        };
    }
    if let Some(word) = message.strip_prefix("reserved identifier: ") {
        return (format!("`{word}` is a reserved word of CEL"), word.len());
    }
    if message == "invalid argument to has() macro" {
        return ("`has` takes a field, as in `has(a.b)`".to_owned(), found.len());
    }
    if message == "argument must be a simple name" {
        return ("the first argument must be a name for each item".to_owned(), found.len());
    }
    if message == "invalid int literal" {
        return (format!("`{found}` does not fit in 64 bits"), found.len());
    }
    let generated =
        ["mismatched input", "extraneous input", "no viable alternative", "token recognition"];
    if generated.iter().any(|start| message.starts_with(start)) {
        return (format!("`{found}` is not expected here"), found.len());
    }
    if let Some(token) = message.strip_prefix("missing '").and_then(|rest| rest.split('\'').next())
    {
        return (format!("`{token}` is missing before `{found}`"), found.len());
    }
    (format!("not a CEL expression: {message}"), found.len())
}

/// The word, number or run of signs that starts here.
fn token(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let sign = |c: char| matches!(c, '=' | '&' | '|' | '<' | '>' | '!');
    let length =
        |belongs: &dyn Fn(char) -> bool| rest.find(|c: char| !belongs(c)).unwrap_or(rest.len());
    let end = match rest.chars().next() {
        Some(first) if word(first) => length(&word),
        Some(first) if sign(first) => length(&sign),
        Some(first) => first.len_utf8(),
        None => 0,
    };
    rest.get(..end).unwrap_or_default()
}

/// What was probably meant by a token that belongs to another language.
fn hint(text: &str, start: usize, length: usize) -> Option<&'static str> {
    let before = text.get(..start).unwrap_or_default().trim_end();
    let last = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    Some(match (text.get(start..start + length)?, last) {
        ("=>", _) => "`!a || b` is the implication of CEL",
        ("=", _) if before.ends_with("==") => "`==` compares",
        ("=", _) => "`==` compares; `let` names values",
        ("&", _) | ("and", _) => "`&&` is the conjunction of CEL",
        ("|", _) | ("or", _) => "`||` is the disjunction of CEL",
        (_, "not") => "`!` is the negation of CEL",
        ("<>", _) | (">", _) if before.ends_with('<') => "`!=` is the inequality of CEL",
        _ => return None,
    })
}

/// Where a string starts that has no end.
fn unclosed_string(text: &str) -> Option<usize> {
    let mut open: Option<(usize, char)> = None;
    let mut escaped = false;
    for (offset, c) in text.char_indices() {
        match open {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some((_, quote)) if c == quote => open = None,
            None if c == '"' || c == '\'' => open = Some((offset, c)),
            _ => {}
        }
    }
    open.map(|(offset, _)| offset)
}

/// Words that CEL keeps for itself: a name that is one could never be used.
pub(crate) const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];
