//! cvc5's finite sets in the words of Z3, and back.
//!
//! The symbolic compiler writes for cvc5 and reads what cvc5 writes. Z3 has the same theory
//! since version 5 under other names: `FiniteSet` for `Set`, `set.in` for `set.member`, and so
//! on. Nothing else in its scripts differs. In models, Z3 may write a string as the sequence of
//! its characters, a union of any number of sets, and `none` without its sort; the compiler's
//! reader takes unions of two, and cannot infer the sort of a missing prefix of an address.

use provost_verify::Interpreted;

use crate::sexpr::Sexpr;

/// What Z3 reads of a script.
#[derive(Default)]
pub struct Script {
    /// The script as it was, since its last `(reset)`.
    pub since_reset: String,
    /// Declarations and assertions.
    pub text: String,
    /// How many assertions.
    pub assertions: usize,
    /// What is declared: its name, the sorts of its arguments and its own, as cvc5 has them.
    declared: Vec<(String, Vec<Sexpr>, Sexpr)>,
}

impl Script {
    /// From a script for cvc5. Commands that ask something are left out: the caller asks.
    ///
    /// # Errors
    /// When it is no script.
    pub fn of(text: &str) -> Result<Self, String> {
        let mut script = Self::default();
        for command in Sexpr::read_all(text)? {
            let members = command.list().ok_or("a command is a list")?;
            // By its commands, not by its text: a string may hold what looks like one.
            if matches!(members, [word] if word.is("reset")) {
                script = Self::default();
                continue;
            }
            script.since_reset.push_str(&command.to_string());
            script.since_reset.push('\n');
            match members {
                [word, ..] if is_question(word) => continue,
                [word, _] if word.is("assert") => script.assertions += 1,
                [word, Sexpr::Atom(name), sort] if word.is("declare-const") => {
                    script.declared.push((name.clone(), Vec::new(), sort.clone()));
                }
                [word, Sexpr::Atom(name), Sexpr::List(domain), sort] if word.is("declare-fun") => {
                    script.declared.push((name.clone(), domain.clone(), sort.clone()));
                }
                _ => {}
            }
            let reminders = reminders(members);
            script.text.push_str(&to_z3(command).to_string());
            script.text.push('\n');
            script.assertions += reminders.len();
            for reminder in reminders {
                script.text.push_str(&to_z3(reminder).to_string());
                script.text.push('\n');
            }
        }
        Ok(script)
    }

    /// A model of Z3 as cvc5 would write it. What the script does not declare is left out.
    ///
    /// # Errors
    /// When a value is no S-expression.
    pub fn model(&self, model: &[Interpreted]) -> Result<String, String> {
        let mut text = String::from("(\n");
        for (name, domain, sort) in &self.declared {
            let Some(one) = model.iter().find(|one| one.name == *name) else { continue };
            let mut body = value(&one.otherwise)?;
            for (arguments, result) in one.entries.iter().rev() {
                let [argument] = arguments.as_slice() else {
                    return Err(format!("`{name}` takes {} arguments", arguments.len()));
                };
                let is_it = list([Sexpr::atom("="), value(argument)?, Sexpr::atom("x")]);
                body = list([Sexpr::atom("ite"), is_it, value(result)?, body]);
            }
            let parameters =
                domain.iter().map(|sort| list([Sexpr::atom("x"), sort.clone()])).collect();
            let definition = list([
                Sexpr::atom("define-fun"),
                Sexpr::atom(name),
                Sexpr::List(parameters),
                sort.clone(),
                body,
            ]);
            text.push_str(&definition.to_string());
            text.push('\n');
        }
        text.push_str(")\n");
        Ok(text)
    }
}

/// That the elements of a set which is defined by them are in it. This is so anyway, but Z3 leaves
/// elements out of its model of a set that is part of a record, where the same elements also make
/// another set: `{1, 2, 3}` beside `{2, 3}`. Asked for them, it has them all.
fn reminders(command: &[Sexpr]) -> Vec<Sexpr> {
    let [word, name, _, _, Sexpr::List(body)] = command else { return Vec::new() };
    let [insert, elements @ .., _] = body.as_slice() else { return Vec::new() };
    if !word.is("define-fun") || !insert.is("set.insert") || elements.len() < 2 {
        return Vec::new();
    }
    let reminder = |element: &Sexpr| {
        let is_in = list([Sexpr::atom("set.member"), element.clone(), name.clone()]);
        list([Sexpr::atom("assert"), is_in])
    };
    elements.iter().map(reminder).collect()
}

fn is_question(word: &Sexpr) -> bool {
    ["check-sat", "get-model", "set-option", "exit"].iter().any(|name| word.is(name))
}

fn value(text: &str) -> Result<Sexpr, String> {
    Ok(from_z3(Sexpr::read(text)?))
}

fn list<const N: usize>(members: [Sexpr; N]) -> Sexpr {
    Sexpr::List(members.into())
}

/// cvc5's names on the left, Z3's on the right.
const NAMES: [(&str, &str); 4] = [
    ("Set", "FiniteSet"),
    ("set.member", "set.in"),
    ("set.inter", "set.intersect"),
    ("set.minus", "set.difference"),
];

/// A term, sort or command of cvc5 in the words of Z3.
pub fn to_z3(expression: Sexpr) -> Sexpr {
    match expression {
        Sexpr::Atom(atom) => {
            let name = NAMES.iter().find(|(cvc5, _)| *cvc5 == atom);
            name.map_or(Sexpr::Atom(atom), |(_, z3)| Sexpr::atom(z3))
        }
        Sexpr::List(members) => {
            let mut members: Vec<_> = members.into_iter().map(to_z3).collect();
            if members.len() < 3 || !members.first().is_some_and(|first| first.is("set.insert")) {
                return Sexpr::List(members);
            }
            // `(set.insert a b S)` is `{a} ∪ ({b} ∪ S)`.
            let mut set = members.pop().unwrap_or(Sexpr::List(Vec::new()));
            for element in members.drain(1..).rev() {
                let single = list([Sexpr::atom("set.singleton"), element]);
                set = list([Sexpr::atom("set.union"), single, set]);
            }
            set
        }
    }
}

/// A value of Z3 in the words of cvc5.
pub fn from_z3(expression: Sexpr) -> Sexpr {
    match expression {
        Sexpr::Atom(atom) => {
            let name = NAMES.iter().find(|(_, z3)| *z3 == atom);
            name.map_or(Sexpr::Atom(atom), |(cvc5, _)| Sexpr::atom(cvc5))
        }
        Sexpr::List(members) if members.first().is_some_and(|first| first.is("set.union")) => {
            let mut parts = Vec::new();
            for part in members.into_iter().skip(1) {
                united(part, &mut parts);
            }
            union(parts)
        }
        Sexpr::List(members) => {
            let members: Vec<_> = members.into_iter().map(from_z3).collect();
            let value = Sexpr::List(prefixed(members));
            characters(&value).map_or(value, |characters| Sexpr::Atom(format!("\"{characters}\"")))
        }
    }
}

/// The sets that a union unites, in order, translated; those of unions within it too.
fn united(set: Sexpr, parts: &mut Vec<Sexpr>) {
    let mut open = vec![set];
    while let Some(set) = open.pop() {
        match set {
            Sexpr::List(members) if members.first().is_some_and(|first| first.is("set.union")) => {
                open.extend(members.into_iter().skip(1).rev());
            }
            other => parts.push(from_z3(other)),
        }
    }
}

/// Unions of two. Halved, so that a set of thousands is not nested thousands deep.
fn union(mut parts: Vec<Sexpr>) -> Sexpr {
    if parts.len() > 1 {
        let rest = parts.split_off(parts.len() / 2);
        return list([Sexpr::atom("set.union"), union(parts), union(rest)]);
    }
    // Z3 unites at least two.
    parts.pop().unwrap_or_else(|| list([Sexpr::atom("set.union")]))
}

/// Bits of the length of a prefix, by version of the Internet Protocol, as the compiler has it.
const PREFIXES: [(&str, &str); 2] = [("V4", "5"), ("V6", "7")];

/// An address without a prefix says of which sort the prefix would be.
fn prefixed(members: Vec<Sexpr>) -> Vec<Sexpr> {
    let [version, address, prefix] = members.as_slice() else { return members };
    let bits = PREFIXES.iter().find(|(name, _)| version.is(name)).map(|(_, bits)| bits);
    match bits {
        Some(bits) if prefix.is("none") => {
            let sort = list([Sexpr::atom("_"), Sexpr::atom("BitVec"), Sexpr::atom(bits)]);
            let sort = list([Sexpr::atom("Option"), sort]);
            let none = list([Sexpr::atom("as"), Sexpr::atom("none"), sort]);
            vec![version.clone(), address.clone(), none]
        }
        _ => members,
    }
}

/// The characters, escaped, of a string that is written as a sequence.
fn characters(value: &Sexpr) -> Option<String> {
    match value {
        Sexpr::Atom(atom) => {
            let inner = atom.strip_prefix('"')?.strip_suffix('"')?;
            Some(inner.to_owned())
        }
        Sexpr::List(members) => match members.as_slice() {
            [word, character] if word.is("seq.unit") => character_of(character),
            [word, parts @ ..] if word.is("str.++") || word.is("seq.++") => {
                parts.iter().map(characters).collect()
            }
            [word, empty, _] if word.is("as") && empty.is("seq.empty") => Some(String::new()),
            _ => None,
        },
    }
}

/// `(_ Char 97)`, `(Char 97)`, `(_ char #x61)`.
fn character_of(value: &Sexpr) -> Option<String> {
    let members = value.list()?;
    let Some(Sexpr::Atom(code)) = members.last() else { return None };
    let names = members.iter().any(|member| member.is("Char") || member.is("char"));
    let code = match code.strip_prefix("#x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => code.parse().ok()?,
    };
    names.then(|| format!("\\u{{{code:x}}}"))
}
