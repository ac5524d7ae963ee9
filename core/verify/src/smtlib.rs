//! Obligations as SMT-LIB 2, for other solvers (Barrett, Fontaine and Tinelli, "The SMT-LIB
//! Standard", version 2.7).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use provost_spec::{Arithmetic, Comparison, Constant, Sort, Term};

use crate::obligation::Obligation;

/// An obligation as the text of a file; `says` gives the place of what says a hypothesis.
pub(crate) fn script(
    title: &str,
    obligation: &Obligation,
    says: &dyn Fn(&crate::obligation::Hypothesis) -> String,
) -> String {
    let mut symbols = BTreeMap::new();
    for hypothesis in &obligation.hypotheses {
        hypothesis.term.symbols(&mut symbols);
    }
    obligation.denied.symbols(&mut symbols);
    let mut text = format!("; {}\n(set-logic ALL)\n(set-info :status unsat)\n", comment(title));
    for (name, sort) in &symbols {
        let sort = match sort {
            Sort::Int => "Int",
            Sort::Bool => "Bool",
        };
        let _ = writeln!(text, "(declare-const {} {sort})", quoted(name));
    }
    for hypothesis in &obligation.hypotheses {
        let says = says(hypothesis);
        if !says.is_empty() {
            let _ = writeln!(text, "; {}", comment(&says));
        }
        let _ = writeln!(text, "(assert {})", written(&hypothesis.term));
    }
    let _ = writeln!(text, "; the opposite of what is shown");
    let _ = writeln!(text, "(assert {})\n(check-sat)", written(&obligation.denied));
    text
}

fn comment(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

/// A name between bars; what may not stand there is written as the bytes of it, as `%7C`.
fn quoted(name: &str) -> String {
    let mut text = String::from("|");
    for byte in name.bytes() {
        match byte {
            b'|' | b'\\' | b'%' => {
                let _ = write!(text, "%{byte:02X}");
            }
            b' '..=b'~' => text.push(char::from(byte)),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text.push('|');
    text
}

fn written(term: &Term) -> String {
    let one = |operator: &str, terms: &[&Term]| {
        let parts: Vec<String> = terms.iter().map(|term| written(term)).collect();
        format!("({operator} {})", parts.join(" "))
    };
    match term {
        Term::Constant(Constant::Bool(value)) => value.to_string(),
        Term::Constant(Constant::Int(value)) if *value < 0 => {
            format!("(- {})", value.unsigned_abs())
        }
        Term::Constant(Constant::Int(value)) => value.to_string(),
        Term::Symbol(name, _) => quoted(name),
        Term::Arithmetic(Arithmetic::Add, a, b) => one("+", &[a, b]),
        Term::Arithmetic(Arithmetic::Sub, a, b) => one("-", &[a, b]),
        Term::Arithmetic(Arithmetic::Mul, a, b) => one("*", &[a, b]),
        Term::Arithmetic(Arithmetic::Div, a, b) => truncated(&written(a), &written(b)),
        Term::Arithmetic(Arithmetic::Rem, a, b) => {
            let (a, b) = (written(a), written(b));
            format!("(- {a} (* {b} {}))", truncated(&a, &b))
        }
        Term::Compare(Comparison::Less, a, b) => one("<", &[a, b]),
        Term::Compare(Comparison::AtMost, a, b) => one("<=", &[a, b]),
        Term::Compare(Comparison::Equal, a, b) | Term::Same(a, b) => one("=", &[a, b]),
        Term::And(terms) => one("and", &terms.iter().collect::<Vec<_>>()),
        Term::Or(terms) => one("or", &terms.iter().collect::<Vec<_>>()),
        Term::Not(term) => one("not", &[term]),
        Term::If(c, a, b) => one("ite", &[c, a, b]),
    }
}

/// A quotient rounded towards zero; that of SMT-LIB leaves a remainder that is never negative.
fn truncated(a: &str, b: &str) -> String {
    format!("(ite (>= {a} 0) (div {a} {b}) (- (div (- {a}) {b})))")
}
