//! Terms in the words of Z3.

use provost_spec::{Arithmetic, Comparison, Constant, Sort, Term};
use z3::ast::{Bool, Int};

/// A truth value.
pub(crate) fn encode_bool(term: &Term) -> Bool {
    match term {
        Term::Constant(Constant::Bool(value)) => Bool::from_bool(*value),
        Term::Symbol(name, Sort::Bool) => Bool::new_const(name.as_str()),
        Term::Compare(comparison, a, b) => {
            let (a, b) = (encode_int(a), encode_int(b));
            match comparison {
                Comparison::Less => a.lt(b),
                Comparison::AtMost => a.le(b),
                Comparison::Equal => a.eq(b),
            }
        }
        Term::Same(a, b) => encode_bool(a).eq(encode_bool(b)),
        Term::And(terms) => Bool::and(&terms.iter().map(encode_bool).collect::<Vec<_>>()),
        Term::Or(terms) => Bool::or(&terms.iter().map(encode_bool).collect::<Vec<_>>()),
        Term::Not(term) => encode_bool(term).not(),
        Term::If(c, a, b) => encode_bool(c).ite(&encode_bool(a), &encode_bool(b)),
        // An integer where a truth value belongs cannot be built: `Term` keeps sorts apart.
        Term::Constant(Constant::Int(_)) | Term::Symbol(..) | Term::Arithmetic(..) => {
            unreachable!("an integer term is not a truth value")
        }
    }
}

/// An integer.
pub(crate) fn encode_int(term: &Term) -> Int {
    match term {
        Term::Constant(Constant::Int(value)) => Int::from_i128(*value),
        Term::Symbol(name, Sort::Int) => Int::new_const(name.as_str()),
        Term::Arithmetic(operation, a, b) => {
            let (a, b) = (encode_int(a), encode_int(b));
            match operation {
                Arithmetic::Add => Int::add(&[a, b]),
                Arithmetic::Sub => Int::sub(&[a, b]),
                Arithmetic::Mul => Int::mul(&[a, b]),
                Arithmetic::Div => truncated_quotient(&a, &b),
                Arithmetic::Rem => {
                    let quotient = truncated_quotient(&a, &b);
                    Int::sub(&[a, Int::mul(&[b, quotient])])
                }
            }
        }
        Term::If(c, a, b) => encode_bool(c).ite(&encode_int(a), &encode_int(b)),
        _ => unreachable!("a truth value is not an integer term"),
    }
}

/// CEL rounds towards zero; Z3's `div` leaves a remainder that is never negative. They
/// agree on dividends that are not negative.
fn truncated_quotient(a: &Int, b: &Int) -> Int {
    let zero = Int::from_i64(0);
    let negated = Int::sub(&[zero.clone(), a.clone()]);
    let mirrored = Int::sub(&[zero.clone(), negated.div(b)]);
    a.ge(&zero).ite(&a.div(b), &mirrored)
}
