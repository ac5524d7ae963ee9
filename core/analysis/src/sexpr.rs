//! S-expressions of SMT-LIB 2 (version 2.7, §3.1): read, and written back.

use std::fmt;

/// An atom as it is written (a symbol, a numeral, a string with its quotes), or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sexpr {
    /// One token.
    Atom(String),
    /// What stands between parentheses.
    List(Vec<Self>),
}

/// Lists within lists that are read. What a solver writes grows with its sets; far beyond what
/// any policy holds, it is refused rather than read with a deep stack.
const DEEPEST: usize = 4_000;

impl Sexpr {
    /// An atom.
    pub fn atom(text: &str) -> Self {
        Self::Atom(text.to_owned())
    }

    /// Is it this atom?
    pub fn is(&self, text: &str) -> bool {
        matches!(self, Self::Atom(atom) if atom == text)
    }

    /// The members of a list.
    pub fn list(&self) -> Option<&[Self]> {
        match self {
            Self::Atom(_) => None,
            Self::List(members) => Some(members),
        }
    }

    /// Everything in a text, in order; comments are left out.
    ///
    /// # Errors
    /// What is wrong, and the byte where.
    pub fn read_all(text: &str) -> Result<Vec<Self>, String> {
        // The innermost list that is open is the last one.
        let mut open: Vec<Vec<Self>> = vec![Vec::new()];
        let mut rest = text;
        loop {
            rest = rest.trim_start();
            let at = text.len() - rest.len();
            let Some(first) = rest.chars().next() else { break };
            if first == ';' {
                rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
                continue;
            }
            let length = match first {
                '(' | ')' => 1,
                _ => token(rest).ok_or_else(|| format!("an open {first} at byte {at}"))?,
            };
            let (word, after) = rest.split_at(length);
            rest = after;
            let read = match word {
                "(" if open.len() >= DEEPEST => {
                    return Err(format!("lists more than {DEEPEST} deep at byte {at}"));
                }
                "(" => {
                    open.push(Vec::new());
                    continue;
                }
                ")" if open.len() == 1 => return Err(format!("a `)` too many at byte {at}")),
                ")" => Self::List(open.pop().unwrap_or_default()),
                word => Self::atom(word),
            };
            if let Some(list) = open.last_mut() {
                list.push(read);
            }
        }
        match (open.pop(), open.is_empty()) {
            (Some(all), true) => Ok(all),
            _ => Err("a `)` is missing at the end".to_owned()),
        }
    }

    /// The one S-expression of a text.
    ///
    /// # Errors
    /// When there is none, or another after it.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut all = Self::read_all(text)?;
        match (all.pop(), all.is_empty()) {
            (Some(one), true) => Ok(one),
            _ => Err("not one S-expression".to_owned()),
        }
    }
}

/// The length of the token at the start of a text; `None` when it has no end.
fn token(text: &str) -> Option<usize> {
    match text.chars().next()? {
        '|' => text.get(1..)?.find('|').map(|end| end + 2),
        '"' => string(text),
        _ => Some(text.find(ends_a_word).unwrap_or(text.len())),
    }
}

fn ends_a_word(character: char) -> bool {
    character.is_whitespace() || matches!(character, '(' | ')' | '"' | '|' | ';')
}

/// Within a string, a quote is written twice.
fn string(text: &str) -> Option<usize> {
    let mut end = 1;
    loop {
        end += text.get(end..)?.find('"')? + 1;
        if !text.get(end..)?.starts_with('"') {
            return Some(end);
        }
        end += 1;
    }
}

impl fmt::Display for Sexpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Atom(text) => f.write_str(text),
            Self::List(members) => {
                f.write_str("(")?;
                for (place, member) in members.iter().enumerate() {
                    if place > 0 {
                        f.write_str(" ")?;
                    }
                    write!(f, "{member}")?;
                }
                f.write_str(")")
            }
        }
    }
}
