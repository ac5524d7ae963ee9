//! Reads formulas that Z3 writes: what is not understood is no formula.

use std::collections::BTreeMap;

use provost_spec::{Arithmetic, Comparison, Sort, Term};

/// Most bytes that are read.
const BYTES: usize = 1 << 18;
/// Most brackets inside each other.
const DEPTH: usize = 200;

/// An S-expression.
#[derive(Clone, Debug, PartialEq)]
enum Written {
    Word(String),
    List(Vec<Written>),
}

/// What an answer says of a relation, with these terms for its arguments: from
/// `(forall ((A Int)) (= (inv A) (<= 0 A)))`.
pub(crate) fn certificate(text: &str, relation: &str, arguments: &[Term]) -> Option<Term> {
    if text.len() > BYTES {
        return None;
    }
    let written = read(text)?;
    let mut found = None;
    definition(&written, relation, arguments, &mut found).then_some(found).flatten()
}

/// Is this a conjunction of definitions, one of them of the relation?
fn definition(
    written: &Written,
    relation: &str,
    arguments: &[Term],
    found: &mut Option<Term>,
) -> bool {
    let Written::List(parts) = written else { return *written == Written::word("true") };
    match parts.as_slice() {
        [Written::Word(word), rest @ ..] if word == "and" => {
            rest.iter().all(|part| definition(part, relation, arguments, found))
        }
        [Written::Word(word), body, ..] if word == "!" => {
            definition(body, relation, arguments, found)
        }
        [Written::Word(word), _, body] if word == "forall" => {
            definition(body, relation, arguments, found)
        }
        [Written::Word(word), head, body] if word == "=" => {
            let names = match head {
                Written::List(head) => match head.split_first() {
                    Some((Written::Word(name), names)) if name == relation => names,
                    _ => return false,
                },
                Written::Word(name) if name == relation => &[],
                Written::Word(_) => return false,
            };
            if names.len() != arguments.len() || found.is_some() {
                return false;
            }
            let mut scope = BTreeMap::new();
            for (name, argument) in names.iter().zip(arguments) {
                let Written::Word(name) = name else { return false };
                scope.insert(name.clone(), argument.clone());
            }
            *found = body.term(&scope).filter(|term| term.sort() == Sort::Bool);
            found.is_some()
        }
        _ => false,
    }
}

fn read(text: &str) -> Option<Written> {
    let mut open: Vec<Vec<Written>> = vec![Vec::new()];
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '(' => {
                open.push(Vec::new());
                rest = rest.get(1..)?;
            }
            ')' => {
                let list = open.pop()?;
                open.last_mut()?.push(Written::List(list));
                rest = rest.get(1..)?;
            }
            '|' => {
                let (word, after) = rest.get(1..)?.split_once('|')?;
                open.last_mut()?.push(Written::word(word));
                rest = after;
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')'));
                let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
                open.last_mut()?.push(Written::word(word));
                rest = after;
            }
        }
        if open.len() > DEPTH {
            return None;
        }
        rest = rest.trim_start();
    }
    match (open.pop(), open.is_empty()) {
        (Some(mut all), true) if all.len() == 1 => all.pop(),
        _ => None,
    }
}

impl Written {
    fn word(word: &str) -> Self {
        Self::Word(word.to_owned())
    }

    fn term(&self, scope: &BTreeMap<String, Term>) -> Option<Term> {
        let parts = match self {
            Self::Word(word) => return literal(word).or_else(|| scope.get(word).cloned()),
            Self::List(parts) => parts,
        };
        let (Self::Word(operator), rest) = parts.split_first()? else { return None };
        match (operator.as_str(), rest) {
            ("let", [Self::List(bindings), body]) => {
                let mut inner = scope.clone();
                for binding in bindings {
                    let Self::List(binding) = binding else { return None };
                    let [Self::Word(name), value] = binding.as_slice() else { return None };
                    inner.insert(name.clone(), value.term(scope)?);
                }
                body.term(&inner)
            }
            ("!", [body, ..]) => body.term(scope),
            (operator, rest) => {
                let terms = rest.iter().map(|part| part.term(scope)).collect::<Option<_>>()?;
                applied(operator, terms)
            }
        }
    }
}

fn literal(word: &str) -> Option<Term> {
    match word {
        "true" => Some(true.into()),
        "false" => Some(false.into()),
        digits => digits.parse::<i128>().ok().map(Term::from),
    }
}

fn applied(operator: &str, terms: Vec<Term>) -> Option<Term> {
    let all = |sort: Sort| terms.iter().all(|term| term.sort() == sort);
    match operator {
        "and" if all(Sort::Bool) => Some(Term::and(terms)),
        "or" if all(Sort::Bool) => Some(Term::or(terms)),
        "not" | "=>" if all(Sort::Bool) => match <[Term; 1]>::try_from(terms) {
            Ok([term]) if operator == "not" => Some(Term::negate(term)),
            Ok(_) => None,
            Err(mut terms) if operator == "=>" => {
                let last = terms.pop()?;
                Some(Term::or(terms.into_iter().map(Term::negate).chain([last])))
            }
            Err(_) => None,
        },
        "+" | "-" | "*" if all(Sort::Int) => arithmetic(operator, terms),
        "<" | "<=" | ">" | ">=" if all(Sort::Int) => {
            let [a, b] = <[Term; 2]>::try_from(terms).ok()?;
            Some(match operator {
                "<" => Term::compare(Comparison::Less, a, b),
                "<=" => Term::compare(Comparison::AtMost, a, b),
                ">" => Term::compare(Comparison::Less, b, a),
                _ => Term::compare(Comparison::AtMost, b, a),
            })
        }
        "=" => {
            let [a, b] = <[Term; 2]>::try_from(terms).ok()?;
            (a.sort() == b.sort()).then(|| Term::equal(a, b))
        }
        "ite" => {
            let [condition, a, b] = <[Term; 3]>::try_from(terms).ok()?;
            let fits = condition.sort() == Sort::Bool && a.sort() == b.sort();
            fits.then(|| Term::choose(condition, a, b))
        }
        _ => None,
    }
}

fn arithmetic(operator: &str, terms: Vec<Term>) -> Option<Term> {
    let operation = match operator {
        "+" => Arithmetic::Add,
        "-" => Arithmetic::Sub,
        _ => Arithmetic::Mul,
    };
    let mut terms = terms.into_iter();
    let first = terms.next()?;
    if operation == Arithmetic::Sub && terms.len() == 0 {
        return Term::arithmetic(Arithmetic::Sub, 0.into(), first).ok();
    }
    terms.try_fold(first, |sum, term| Term::arithmetic(operation, sum, term).ok())
}
