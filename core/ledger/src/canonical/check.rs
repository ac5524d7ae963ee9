//! Is a text canonical?

use std::cmp::Ordering;

use super::{DEPTH, LARGEST};

/// Where a text stops being canonical JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct NotCanonical {
    /// Bytes before it.
    pub offset: usize,
    /// What is wrong there.
    pub reason: &'static str,
}

/// Check that a text is one JSON value in canonical form (RFC 8785).
///
/// # Errors
/// Where it is not: not JSON, blanks between tokens, keys that repeat or are out of order,
/// text or numbers that could be written in another way, nested too deep.
pub fn check(text: &str) -> Result<(), NotCanonical> {
    let mut scanner = Scanner { text, offset: 0 };
    scanner.value(0)?;
    if scanner.offset == text.len() { Ok(()) } else { scanner.fail("expected the end") }
}

struct Scanner<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Scanner<'a> {
    fn value(&mut self, depth: usize) -> Result<(), NotCanonical> {
        match self.peek() {
            Some(b'{' | b'[') if depth >= DEPTH => self.fail("nested too deep"),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(drop),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.fail("expected a value"),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), NotCanonical> {
        self.offset += 1;
        if self.takes(b'}') {
            return Ok(());
        }
        let mut previous: Option<&str> = None;
        loop {
            let start = self.offset;
            let key = self.string()?;
            if previous.is_some_and(|previous| compare(previous, key) != Ordering::Less) {
                let reason = "a key that repeats or is out of order";
                return Err(NotCanonical { offset: start, reason });
            }
            previous = Some(key);
            if !self.takes(b':') {
                return self.fail("expected `:`");
            }
            self.value(depth + 1)?;
            if self.takes(b'}') {
                return Ok(());
            }
            if !self.takes(b',') {
                return self.fail("expected `,` or `}`");
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<(), NotCanonical> {
        self.offset += 1;
        if self.takes(b']') {
            return Ok(());
        }
        loop {
            self.value(depth + 1)?;
            if self.takes(b']') {
                return Ok(());
            }
            if !self.takes(b',') {
                return self.fail("expected `,` or `]`");
            }
        }
    }

    /// The inside of a string, with its escapes.
    fn string(&mut self) -> Result<&'a str, NotCanonical> {
        if !self.takes(b'"') {
            return self.fail("expected text in double quotes");
        }
        let start = self.offset;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(..b' ') => return self.fail("a control character that is not escaped"),
                Some(_) => self.offset += 1,
                None => return self.fail("text that is not closed"),
            }
        }
        let inside = self.text.get(start..self.offset).unwrap_or_default();
        self.offset += 1;
        Ok(inside)
    }

    fn escape(&mut self) -> Result<(), NotCanonical> {
        let rest = self.text.as_bytes().get(self.offset + 1..).unwrap_or_default();
        let length = match rest {
            [b'"' | b'\\' | b'b' | b't' | b'n' | b'f' | b'r', ..] => 2,
            [b'u', b'0', b'0', high @ b'0'..=b'1', low, ..] => {
                let short = [(b'0', b'8'), (b'0', b'9'), (b'0', b'a'), (b'0', b'c'), (b'0', b'd')];
                let is_digit = matches!(low, b'0'..=b'9' | b'a'..=b'f');
                if !is_digit || short.contains(&(*high, *low)) {
                    return self.fail("an escape that has a shorter form");
                }
                6
            }
            _ => return self.fail("an escape that is not needed, or not JSON"),
        };
        self.offset += length;
        Ok(())
    }

    fn number(&mut self) -> Result<(), NotCanonical> {
        let part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let rest = self.text.as_bytes().get(self.offset..).unwrap_or_default();
        let length = rest.iter().position(|byte| !part(byte)).unwrap_or(rest.len());
        let token = self.text.get(self.offset..self.offset + length).unwrap_or_default();
        if !is_canonical_number(token) {
            return self.fail("a number that is written in another way");
        }
        self.offset += length;
        Ok(())
    }

    fn word(&mut self, word: &str) -> Result<(), NotCanonical> {
        let rest = self.text.get(self.offset..).unwrap_or_default();
        if !rest.starts_with(word) {
            return self.fail("expected a value");
        }
        self.offset += word.len();
        Ok(())
    }

    fn takes(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        self.offset += usize::from(taken);
        taken
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn fail<T>(&self, reason: &'static str) -> Result<T, NotCanonical> {
        Err(NotCanonical { offset: self.offset, reason })
    }
}

/// Keys by UTF-16 code units (RFC 8785, 3.2.3). They are given with their escapes.
fn compare(a: &str, b: &str) -> Ordering {
    let is_plain = |key: &str| key.bytes().all(|byte| byte.is_ascii() && byte != b'\\');
    if is_plain(a) && is_plain(b) {
        return a.cmp(b);
    }
    let units = |key: &str| {
        let text: String = serde_json::from_str(&format!("\"{key}\"")).unwrap_or_default();
        text.encode_utf16().collect::<Vec<_>>()
    };
    units(a).cmp(&units(b))
}

fn is_canonical_number(token: &str) -> bool {
    let digits = token.strip_prefix('-').unwrap_or(token);
    // Most numbers of a log are small integers.
    if digits.len() <= 16 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let has_sign = digits.len() < token.len();
        let is_zero = digits == "0";
        return (is_zero && !has_sign)
            || (!digits.starts_with('0')
                && digits.parse::<u64>().is_ok_and(|magnitude| magnitude <= LARGEST))
            || is_shortest(token);
    }
    is_shortest(token)
}

/// Is it what ECMAScript writes for its value?
fn is_shortest(token: &str) -> bool {
    token.parse::<f64>().is_ok_and(|number| {
        number.is_finite() && ryu_js::Buffer::new().format_finite(number) == token
    })
}
