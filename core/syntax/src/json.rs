//! JSON text with spans.
//!
//! Only the structure is read here; every scalar is decoded by `serde_json`, so
//! that the two cannot disagree about escapes and numbers.

use std::sync::Arc;

use provost_model::{Location, Node, Problem, Source, Span, Value};

use crate::Limits;
use crate::keys::Key;
use crate::read::{Parsed, too_many_documents};
use crate::tree::Tree;

/// Reads one or more JSON values.
///
/// # Errors
/// Where and why the text is not JSON. What is wrong with JSON that is well
/// formed (a duplicate key, a limit) is in [`Parsed::problem`].
pub(crate) fn read(source: &Arc<Source>, limits: &Limits) -> Result<Parsed, Box<Problem>> {
    let mut reader = Reader {
        source,
        limits,
        text: source.text(),
        offset: 0,
        tree: Tree::new(source, limits),
        documents: Vec::new(),
    };
    if reader.text.starts_with('\u{feff}') {
        reader.offset = '\u{feff}'.len_utf8();
    }
    let stopped = match reader.values() {
        Ok(()) => None,
        Err(stop) => match *stop {
            Stop::NotJson(problem) => return Err(problem),
            Stop::Unusable(problem) => Some(problem),
        },
    };
    Ok(Parsed::new(reader.documents, reader.tree.into_problems(stopped)))
}

enum Stop {
    NotJson(Box<Problem>),
    Unusable(Box<Problem>),
}

impl From<Box<Problem>> for Box<Stop> {
    fn from(problem: Box<Problem>) -> Self {
        Box::new(Stop::Unusable(problem))
    }
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    limits: &'a Limits,
    text: &'a str,
    offset: usize,
    tree: Tree<'a>,
    documents: Vec<Node>,
}

impl Reader<'_> {
    fn values(&mut self) -> Result<(), Box<Stop>> {
        while self.peek().is_some() {
            if self.documents.len() >= self.limits.documents {
                let at = self.location(self.offset);
                return Err(Box::new(too_many_documents(at, self.limits)).into());
            }
            self.value()?;
            self.documents.extend(self.tree.take_root());
        }
        Ok(())
    }

    /// One mapping or list at the top, with everything in it.
    fn value(&mut self) -> Result<(), Box<Stop>> {
        if !matches!(self.peek(), Some(b'{' | b'[')) {
            return Err(self.unexpected("`{` or `[`"));
        }
        let mut next = Next::Value;
        loop {
            let byte = self.peek();
            next = match (next, byte) {
                (Next::ValueOrEnd, Some(b']')) | (Next::KeyOrEnd, Some(b'}')) => self.close()?,
                (Next::Value | Next::ValueOrEnd, _) => self.begin_or_scalar(byte)?,
                (Next::Key | Next::KeyOrEnd, _) => self.key(byte)?,
                (Next::CommaOrEnd, Some(b',')) => {
                    self.offset += 1;
                    if self.tree.in_list() { Next::Value } else { Next::Key }
                }
                (Next::CommaOrEnd, Some(b']')) if self.tree.in_list() => self.close()?,
                (Next::CommaOrEnd, Some(b'}')) if !self.tree.in_list() => self.close()?,
                (Next::CommaOrEnd, _) if self.tree.in_list() => {
                    return Err(self.unexpected("`,` or `]`"));
                }
                (Next::CommaOrEnd, _) => return Err(self.unexpected("`,` or `}`")),
            };
            if !self.tree.is_open() {
                return Ok(());
            }
        }
    }

    fn begin_or_scalar(&mut self, byte: Option<u8>) -> Result<Next, Box<Stop>> {
        let start = self.offset;
        match byte {
            Some(b'{') => {
                self.tree.begin_map(start, 0)?;
                self.offset += 1;
                return Ok(Next::KeyOrEnd);
            }
            Some(b'[') => {
                self.tree.begin_list(start, 0)?;
                self.offset += 1;
                return Ok(Next::ValueOrEnd);
            }
            _ => {}
        }
        let value = match byte {
            Some(b'"') => Value::Text(self.string()?),
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => return Err(self.unexpected("a value")),
        };
        self.tree.scalar(Node { span: Span::new(start, self.offset), value })?;
        Ok(Next::CommaOrEnd)
    }

    fn key(&mut self, byte: Option<u8>) -> Result<Next, Box<Stop>> {
        if byte != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let start = self.offset;
        let name = self.string()?;
        self.tree.key(Key::Name(name), Span::new(start, self.offset));
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.offset += 1;
        Ok(Next::Value)
    }

    fn close(&mut self) -> Result<Next, Box<Stop>> {
        self.offset += 1;
        if let Some(ended) = self.tree.end(Some(self.offset))? {
            self.tree.place(ended)?;
        }
        Ok(Next::CommaOrEnd)
    }

    /// Skips white space; the next byte.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.rest();
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let skip = rest.iter().position(|byte| !blank(byte)).unwrap_or(rest.len());
        let next = rest.get(skip).copied();
        self.offset += skip;
        next
    }

    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.offset..).unwrap_or_default()
    }

    fn string(&mut self) -> Result<String, Box<Stop>> {
        let mut length = 1;
        let mut plain = true;
        loop {
            match self.rest().get(length) {
                Some(b'"') => break,
                Some(b'\\') => {
                    plain = false;
                    length += 2;
                }
                Some(byte) => {
                    plain &= *byte >= b' ';
                    length += 1;
                }
                None => {
                    return Err(self.not_json(self.offset, "a text that begins here is not closed"));
                }
            }
        }
        let token = self.text.get(self.offset..=self.offset + length).unwrap_or_default();
        let string = if plain {
            token.get(1..length).unwrap_or_default().to_owned()
        } else {
            serde_json::from_str(token).map_err(|error| {
                let (reason, column) = reason(&error);
                self.not_json(self.offset + column.min(length), &reason)
            })?
        };
        self.offset += length + 1;
        Ok(string)
    }

    fn number(&mut self) -> Result<Value, Box<Stop>> {
        let part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let rest = self.rest();
        let length = rest.iter().position(|byte| !part(byte)).unwrap_or(rest.len());
        let token = self.text.get(self.offset..self.offset + length).unwrap_or_default();
        let number: serde_json::Number = serde_json::from_str(token)
            .map_err(|error| self.not_json(self.offset, &reason(&error).0))?;
        self.offset += length;
        Ok(number
            .as_i64()
            .map_or_else(|| Value::Number(number.as_f64().unwrap_or(f64::NAN)), Value::Integer))
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Box<Stop>> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(self.unexpected("a value"));
        }
        self.offset += word.len();
        Ok(value)
    }

    fn location(&self, offset: usize) -> Location {
        Location::new(self.source, Span::new(offset, offset))
    }

    fn unexpected(&self, expected: &str) -> Box<Stop> {
        let found = self.text.get(self.offset..).and_then(|rest| rest.chars().next());
        let reason = match found {
            Some(found) => format!("expected {expected}, found `{}`", found.escape_debug()),
            None => format!("expected {expected}, but the text ends here"),
        };
        self.not_json(self.offset, &reason)
    }

    fn not_json(&self, offset: usize, reason: &str) -> Box<Stop> {
        // `serde_json` counts bytes, and may stop inside a character.
        let offset = self.text.floor_char_boundary(offset);
        let problem = Problem::at("json-syntax", self.location(offset), reason)
            .help("correct the JSON; the rest of the text was not read");
        Box::new(Stop::NotJson(Box::new(problem)))
    }
}

/// What `serde_json` says of a single token, and the offset in it.
fn reason(error: &serde_json::Error) -> (String, usize) {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    (text.strip_suffix(&place).unwrap_or(&text).to_owned(), error.column().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "tests"
    )]

    use serde_json::json;

    use super::*;

    fn parse(text: &str) -> Result<Parsed, Box<Problem>> {
        read(&Source::new("x.json", text), &Limits::default())
    }

    #[test]
    fn tabs_escapes_and_surrogate_pairs_are_read() {
        let parsed =
            parse("{\n\t\"a\\u00e9\\/\": \"\\ud83d\\ude00\\n\",\t\"b\" : [ ] , \"c\":1e3}\n");
        let parsed = parsed.expect("JSON");
        let expected = json!({"aé/": "😀\n", "b": [], "c": 1000.0});
        assert_eq!(parsed.documents.first().expect("one").to_json(), expected);
        assert_eq!(parsed.problem, None);
    }

    #[test]
    fn values_may_follow_each_other() {
        let parsed = parse("{\"a\":1}\n[2]{}").expect("JSON");
        let values: Vec<_> = parsed.documents.iter().map(Node::to_json).collect();
        assert_eq!(values, [json!({"a": 1}), json!([2]), json!({})]);
    }

    #[test]
    fn what_is_not_json_is_said_with_its_place() {
        for (text, expected) in [
            ("{\"a\": 1,}", "x.json:1:9: expected a key in double quotes, found `}`"),
            ("[1 2]", "x.json:1:4: expected `,` or `]`, found `2`"),
            ("{\"a\": tru}", "x.json:1:7: expected a value, found `t`"),
            ("{\"a\" 1}", "x.json:1:6: expected `:`, found `1`"),
            ("{\"a\": \"x", "x.json:1:7: a text that begins here is not closed"),
            ("{\"a\": 01}", "x.json:1:7: invalid number"),
            ("{\"a\": \"\\x\"}", "x.json:1:9: invalid escape"),
            ("{\"a\": \"\\ud83d\\udéé\"}", "x.json:1:18: invalid escape"),
            ("{\"a\": [1}", "x.json:1:9: expected `,` or `]`, found `}`"),
            ("{", "x.json:1:2: expected a key in double quotes, but the text ends here"),
            ("{} x", "x.json:1:4: expected `{` or `[`, found `x`"),
        ] {
            let problem = parse(text).expect_err(text);
            assert!(problem.to_string().starts_with(expected), "{problem}");
        }
    }

    #[test]
    fn a_key_that_is_there_twice_is_a_problem() {
        let problem = parse("{\"a\": 1,\n\"a\": 2}").expect("JSON").problem.expect("a problem");
        assert_eq!(problem.code, "duplicate-key");
        assert_eq!(problem.message, "key `a` is on line 1 and again on line 2");
    }
}
