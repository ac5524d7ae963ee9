//! Every function on what it is for and on what it must refuse.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod lists;
mod network;
mod numbers;
mod objects;
mod opaque;
mod pods;
mod text;
mod version;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use provost_model::Document;

use super::*;
use crate::cluster::tests::documents;
use crate::evaluate::{Evaluator, Scope};
use crate::expr::Expr;
use crate::term::{Assignment, Constant, Sort, Term};
use crate::types::{Names, check};

/// The value of an expression, or what is wrong with it: the documents are `d0`, `d1`, …, the
/// fields of the first are there under their own names, `x` and `y` are unknown integers,
/// `chosen` is an unknown text, and `made` a map that was computed.
fn given(expression: &str, cluster: &Cluster<'_>) -> Result<String, String> {
    evaluated(expression, cluster, &Steps::default(), shown_value)
}

fn evaluated<T>(
    expression: &str,
    cluster: &Cluster<'_>,
    steps: &Steps,
    show: impl Fn(&Value<'_>) -> T,
) -> Result<T, String> {
    let mut values = BTreeMap::new();
    let first = cluster.documents.first();
    for entry in first.iter().flat_map(|document| document.root.entries()) {
        values.insert(entry.key.clone(), Value::of(&entry.value).unwrap());
    }
    for (index, document) in cluster.documents.iter().copied().enumerate() {
        values.insert(format!("d{index}"), Value::Document(document));
    }
    for name in ["x", "y"] {
        values.insert(name.to_owned(), Value::Term(Term::symbol(name, Sort::Int)));
    }
    let labels: crate::domain::Labels = vec!["1.0.0".to_owned(), "10".to_owned()].into();
    values.insert("chosen".to_owned(), Value::Enum(Term::symbol("x", Sort::Int), labels));
    let text = |text: &str| Value::Text(text.to_owned());
    let entries = vec![("a".to_owned(), text("b")), ("c".to_owned(), text("d"))];
    values.insert("made".to_owned(), Value::Map(entries));
    let names: Names = values.keys().map(|name| (name.clone(), Type::Any)).collect();
    let expr = Expr::parse(expression).map_err(|fault| fault.message)?;
    let mut faults = Vec::new();
    check(&expr, &names, &mut faults);
    if let Some(fault) = faults.into_iter().next() {
        return Err(format!("type: {}", fault.message));
    }
    let outer = BTreeMap::new();
    let scope = Scope::Names(&outer);
    Evaluator::new(cluster, &mut Unknowns::default(), steps)
        .evaluate(&expr, &Scope::Layer(&values, &scope))
        .map(|value| show(&value))
        .map_err(|fault| fault.message)
}

fn shown_value(value: &Value<'_>) -> String {
    match value {
        Value::Term(Term::Constant(constant)) => constant.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(items) => {
            format!("[{}]", items.iter().map(shown_value).collect::<Vec<_>>().join(", "))
        }
        Value::Optional(None) => "none".to_owned(),
        Value::Optional(Some(inner)) => format!("some {}", shown_value(inner)),
        Value::Node(node) => node.canonical_json(),
        Value::Document(document) => document.object.to_string(),
        other => format!("{other:?}"),
    }
}

/// Each line is an expression, `=>` and its value, or `!!` and a part of its fault.
fn cases(documents: &[Arc<Document>], lines: &str) {
    cases_in(&Cluster::new(documents), lines);
}

fn cases_in(cluster: &Cluster<'_>, lines: &str) {
    let lines: Vec<_> = lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert!(!lines.is_empty());
    for line in lines {
        if let Some((expression, wanted)) = line.split_once(" => ") {
            assert_eq!(given(expression, cluster), Ok(wanted.to_owned()), "{line}");
        } else {
            let (expression, wanted) = line.split_once(" !! ").unwrap();
            match given(expression, cluster) {
                Err(said) => assert!(said.contains(wanted), "{line}\n{said}"),
                Ok(value) => panic!("{line}\nit has a value: {value}"),
            }
        }
    }
}

/// The values of an expression over `x` and `y`, agreed upon by evaluation on symbols and on
/// known integers.
fn agreed(expression: &str, x: i128, y: i128) -> i128 {
    let cluster = Cluster::default();
    let steps = Steps::default();
    let assignment: Assignment =
        [("x", x), ("y", y)].map(|(name, value)| (name.to_owned(), Constant::Int(value))).into();
    let symbolic = evaluated(expression, &cluster, &steps, |value| match value {
        Value::Term(term) => term.evaluate(&assignment),
        other => panic!("{other:?}"),
    });
    let Ok(Some(Constant::Int(symbolic))) = symbolic else { panic!("{symbolic:?}") };
    let names = regex::Regex::new(r"\b[xy]\b").unwrap();
    let known = names.replace_all(expression, |found: &regex::Captures<'_>| {
        format!("({})", if &found[0] == "x" { x } else { y })
    });
    assert_eq!(given(&known, &cluster), Ok(symbolic.to_string()), "{expression} {x} {y}");
    symbolic
}

#[test]
fn each_function_is_there_once_and_says_how_it_is_called() {
    let mut seen = BTreeSet::new();
    for function in FUNCTIONS {
        let (name, usage) = (function.name, function.usage);
        assert!(seen.insert((name, function.method)), "{name}");
        let call = if function.method { format!(".{name}(") } else { format!("{name}(") };
        let (called, meaning) = usage.split_once(": ").unwrap();
        let start = called.find(&call).unwrap_or_else(|| panic!("{usage}"));
        assert_eq!(start == 0, !function.method, "{usage}");
        assert!(!meaning.is_empty() && !meaning.contains('|'), "{usage}");
        if let Signature::Fixed(parameters, _) = function.signature {
            let written = called[start + call.len()..called.len() - 1].split(", ");
            let written = written.filter(|parameter| !parameter.is_empty()).count();
            assert_eq!(written + usize::from(function.method), parameters.len(), "{usage}");
        }
    }
}

/// A meaning never relies on what the types of an expression promise.
#[test]
fn no_operands_and_strange_operands_are_faults() {
    let cluster = Cluster::default();
    let steps = Steps::default();
    for function in FUNCTIONS {
        let mut unknowns = Unknowns::default();
        let mut context = Context { cluster: &cluster, unknowns: &mut unknowns, steps: &steps };
        let given = (function.meaning)(&mut context, &[]);
        let said = given.err().unwrap_or_else(|| {
            panic!("{} gives something for nothing", function.name);
        });
        assert!(!said.is_empty());
    }
}
