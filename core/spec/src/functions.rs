//! The functions of the language: one table with their types and their meaning.

use crate::cluster::Cluster;
use crate::evaluate::{Steps, Unknowns};
use crate::term::{Arithmetic, Comparison, Sort, Term};
use crate::types::Type;
use crate::value::Value;

/// The type of one parameter or result.
pub type Parameter = fn() -> Type;

/// How a function is typed.
#[derive(Clone, Copy, Debug)]
pub enum Signature {
    /// Parameters (the target of a method first) and result.
    Fixed(&'static [Parameter], Parameter),
    /// `optional(T).orValue(T) → T`
    OrValue,
    /// `optional(T).value() → T`
    Value,
}

/// What a function may look at.
pub struct Context<'s, 'c> {
    /// The documents of the change.
    pub cluster: &'s Cluster<'c>,
    /// Where `between` declares unknowns.
    pub unknowns: &'s mut Unknowns,
    /// What large work is paid with.
    pub steps: &'s Steps,
}

/// The meaning: operands (the target of a method first) to a value.
pub type Meaning = for<'s, 'c> fn(&mut Context<'s, 'c>, &[Value<'c>]) -> Result<Value<'c>, String>;

/// One function.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Is it called on a target?
    pub method: bool,
    /// Its types.
    pub signature: Signature,
    /// How it is called and what it gives, for people.
    pub usage: &'static str,
    /// Its meaning.
    pub meaning: Meaning,
}

const ANY: Parameter = || Type::Any;
const INT: Parameter = || Type::Int;
const BOOL: Parameter = || Type::Bool;
const TEXT: Parameter = || Type::Text;
const DOCUMENT: Parameter = || Type::Document;
const DOCUMENTS: Parameter = || Type::List(Box::new(Type::Document));
const INTS: Parameter = || Type::List(Box::new(Type::Int));
const MAYBE: Parameter = || Type::Optional(Box::new(Type::Any));
const MAYBE_DOCUMENT: Parameter = || Type::Optional(Box::new(Type::Document));

const fn global(
    name: &'static str,
    signature: Signature,
    usage: &'static str,
    meaning: Meaning,
) -> Function {
    Function { name, method: false, signature, usage, meaning }
}

const fn method(
    name: &'static str,
    signature: Signature,
    usage: &'static str,
    meaning: Meaning,
) -> Function {
    Function { name, method: true, signature, usage, meaning }
}

impl Function {
    /// The type of what it gives, in words.
    pub fn result(&self) -> String {
        match self.signature {
            Signature::Fixed(_, result) => result().to_string(),
            Signature::OrValue | Signature::Value => "what is there".to_owned(),
        }
    }
}

/// Every function, in the order of the reference.
pub static FUNCTIONS: &[Function] = &[
    global(
        "between",
        Signature::Fixed(&[INT, INT], INT),
        "between(low, high): any integer from low to high, both included; the answer must hold for each",
        between,
    ),
    global("min", Signature::Fixed(&[INT, INT], INT), "min(a, b): the smaller", |_, v| {
        smaller(v, false)
    }),
    global("max", Signature::Fixed(&[INT, INT], INT), "max(a, b): the larger", |_, v| {
        smaller(v, true)
    }),
    global("string", Signature::Fixed(&[ANY], TEXT), "string(x): x as text", |_, v| text_of(v)),
    global(
        "size",
        Signature::Fixed(&[ANY], INT),
        "size(x): the number of items, keys or characters",
        |_, v| size(v),
    ),
    global(
        "scaled",
        Signature::Fixed(&[ANY, INT, TEXT], INT),
        "scaled(x, total, \"up\" or \"down\"): an integer, or a percentage of total rounded so",
        |_, v| scaled(v),
    ),
    global(
        "desiredHealthy",
        Signature::Fixed(&[DOCUMENT, INT], INT),
        "desiredHealthy(budget, expected): how many of the expected pods a PodDisruptionBudget keeps",
        desired_healthy,
    ),
    global(
        "budgetFor",
        Signature::Fixed(&[DOCUMENT], MAYBE_DOCUMENT),
        "budgetFor(workload): the first PodDisruptionBudget that selects its pods",
        |c, v| Ok(Value::optional(budgets(c, v)?.into_iter().next())),
    ),
    global(
        "budgetsFor",
        Signature::Fixed(&[DOCUMENT], DOCUMENTS),
        "budgetsFor(workload): every PodDisruptionBudget that selects its pods",
        |c, v| Ok(Value::List(budgets(c, v)?)),
    ),
    global(
        "autoscalerFor",
        Signature::Fixed(&[DOCUMENT], MAYBE_DOCUMENT),
        "autoscalerFor(workload): the HorizontalPodAutoscaler that scales it",
        |c, v| Ok(Value::optional(c.cluster.autoscaler_for(document(v, 0)?).map(Value::Document))),
    ),
    global(
        "othersUnder",
        Signature::Fixed(&[DOCUMENT, DOCUMENT], INT),
        "othersUnder(budget, workload): how many pods of other workloads the budget also selects, at the least",
        |c, v| c.cluster.others_under(document(v, 0)?, document(v, 1)?).map(Value::from),
    ),
    global(
        "promised",
        Signature::Fixed(&[DOCUMENT, DOCUMENT, INT], INT),
        "promised(budget, workload, replicas): how many of its replicas the budget keeps while the pods of other workloads that it selects are ready",
        promised,
    ),
    method("hasValue", Signature::Fixed(&[MAYBE], BOOL), "x.hasValue(): is it there?", |_, v| {
        match v {
            [Value::Optional(inner)] => Ok(inner.is_some().into()),
            _ => Err(unexpected("an optional", v.first())),
        }
    }),
    method(
        "value",
        Signature::Value,
        "x.value(): what is there; a fault when nothing is",
        |_, v| match v {
            [Value::Optional(Some(inner))] => Ok((**inner).clone()),
            [Value::Optional(None)] => Err("there is no value here".to_owned()),
            _ => Err(unexpected("an optional", v.first())),
        },
    ),
    method(
        "orValue",
        Signature::OrValue,
        "x.orValue(default): what is there, or the default",
        |_, v| match v {
            [Value::Optional(Some(inner)), _] => Ok((**inner).clone()),
            [Value::Optional(None), default] => Ok(default.clone()),
            _ => Err(unexpected("an optional", v.first())),
        },
    ),
    method("size", Signature::Fixed(&[ANY], INT), "x.size(): as size(x)", |_, v| size(v)),
    method(
        "min",
        Signature::Fixed(&[INTS], INT),
        "xs.min(): the smallest; a fault when there is none",
        |_, v| extreme(v, false),
    ),
    method(
        "max",
        Signature::Fixed(&[INTS], INT),
        "xs.max(): the largest; a fault when there is none",
        |_, v| extreme(v, true),
    ),
    method(
        "startsWith",
        Signature::Fixed(&[TEXT, TEXT], BOOL),
        "s.startsWith(t): does it begin with t?",
        |_, v| texts(v, |s, t| s.starts_with(t)),
    ),
    method(
        "endsWith",
        Signature::Fixed(&[TEXT, TEXT], BOOL),
        "s.endsWith(t): does it end with t?",
        |_, v| texts(v, |s, t| s.ends_with(t)),
    ),
    method(
        "contains",
        Signature::Fixed(&[TEXT, TEXT], BOOL),
        "s.contains(t): is t in it?",
        |_, v| texts(v, |s, t| s.contains(t)),
    ),
];

/// The function of this name.
pub fn find(name: &str, method: bool) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name && function.method == method)
}

/// Every name.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

fn unexpected(wanted: &str, found: Option<&Value<'_>>) -> String {
    format!("expected {wanted}, found {}", found.map_or("nothing", Value::describe))
}

fn term(values: &[Value<'_>], index: usize) -> Result<Term, String> {
    match values.get(index) {
        Some(Value::Term(term)) if term.sort() == Sort::Int => Ok(term.clone()),
        other => Err(unexpected("an int", other)),
    }
}

fn document<'c>(values: &[Value<'c>], index: usize) -> Result<&'c provost_model::Document, String> {
    match values.get(index) {
        Some(Value::Document(document)) => Ok(document),
        other => Err(unexpected("a document", other)),
    }
}

fn text<'v>(values: &'v [Value<'_>], index: usize) -> Result<&'v str, String> {
    match values.get(index) {
        Some(Value::Text(text)) => Ok(text),
        other => Err(unexpected("a string", other)),
    }
}

fn texts<'c>(values: &[Value<'c>], test: impl Fn(&str, &str) -> bool) -> Result<Value<'c>, String> {
    Ok(test(text(values, 0)?, text(values, 1)?).into())
}

fn between<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Result<Value<'c>, String> {
    let bound = |index| {
        values
            .get(index)
            .and_then(Value::int)
            .ok_or_else(|| unexpected("a known int", values.get(index)))
    };
    context.unknowns.declare(bound(0)?, Some(bound(1)?), None).map(Value::Term)
}

fn smaller<'c>(values: &[Value<'c>], larger: bool) -> Result<Value<'c>, String> {
    Ok(Value::Term(one_of(term(values, 0)?, term(values, 1)?, larger)))
}

fn extreme<'c>(values: &[Value<'c>], larger: bool) -> Result<Value<'c>, String> {
    let Some(Value::List(items)) = values.first() else {
        return Err(unexpected("a list", values.first()));
    };
    let mut terms = (0..items.len()).map(|index| term(items, index));
    let first = terms.next().ok_or("the list is empty")??;
    let found = terms.try_fold(first, |found, next| Ok::<_, String>(one_of(found, next?, larger)));
    found.map(Value::Term)
}

/// The smaller, or the larger.
fn one_of(a: Term, b: Term, larger: bool) -> Term {
    let ordered = Term::compare(Comparison::AtMost, a.clone(), b.clone());
    if larger { Term::choose(ordered, b, a) } else { Term::choose(ordered, a, b) }
}

fn text_of<'c>(values: &[Value<'c>]) -> Result<Value<'c>, String> {
    match values {
        [Value::Text(text)] => Ok(Value::Text(text.clone())),
        [Value::Term(Term::Constant(constant))] => Ok(Value::Text(constant.to_string())),
        [Value::Document(document)] => Ok(Value::Text(document.object.to_string())),
        _ => Err(unexpected("a known string, int, bool or document", values.first())),
    }
}

fn size<'c>(values: &[Value<'c>]) -> Result<Value<'c>, String> {
    let size = match values {
        [Value::Text(text)] => text.chars().count(),
        [Value::List(items)] => items.len(),
        [value] => match value.node() {
            Some(node) => node.entries().len(),
            None => return Err(unexpected("a string, list or map", Some(value))),
        },
        _ => return Err(unexpected("one value", None)),
    };
    Ok((size as i128).into())
}

/// `GetScaledValueFromIntOrPercent` of k8s.io/apimachinery/pkg/util/intstr.
fn scaled<'c>(values: &[Value<'c>]) -> Result<Value<'c>, String> {
    let total = term(values, 1)?;
    let up = match text(values, 2)? {
        "up" => true,
        "down" => false,
        other => return Err(format!("`{other}` is not a direction: use \"up\" or \"down\"")),
    };
    let percentage = match values.first() {
        Some(Value::Term(term)) if term.sort() == Sort::Int => {
            return Ok(Value::Term(term.clone()));
        }
        Some(Value::Text(text)) => percentage(text)?,
        other => return Err(unexpected("an int or a percentage", other)),
    };
    let fault = |fault: crate::term::ArithmeticFault| fault.to_string();
    let product = Term::arithmetic(Arithmetic::Mul, total, percentage.into()).map_err(fault)?;
    let rounded = if up {
        Term::arithmetic(Arithmetic::Add, product, 99.into()).map_err(fault)?
    } else {
        product
    };
    Ok(Value::Term(Term::arithmetic(Arithmetic::Div, rounded, 100.into()).map_err(fault)?))
}

fn percentage(text: &str) -> Result<i128, String> {
    text.strip_suffix('%')
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse::<i32>().ok())
        .map(i128::from)
        .ok_or_else(|| format!("`{text}` is neither an integer nor a percentage such as `25%`"))
}

/// `getExpectedPodCount` of the Kubernetes disruption controller: both fields round up.
fn desired_healthy<'c>(_: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Result<Value<'c>, String> {
    let budget = document(values, 0)?;
    let expected = term(values, 1)?;
    let field = |name: &str| {
        budget.root.at(&format!("/spec/{name}")).filter(|node| !node.is_null()).map(Value::of)
    };
    let scale = |value: Value<'c>| -> Result<Term, String> {
        let up = Value::Text("up".to_owned());
        let scaled = scaled(&[value, Value::Term(expected.clone()), up]);
        match scaled.map_err(|fault| format!("{}: {fault}", budget.object))? {
            Value::Term(term) => Ok(term),
            other => Err(unexpected("an int", Some(&other))),
        }
    };
    if let Some(unavailable) = field("maxUnavailable") {
        let left = Term::arithmetic(Arithmetic::Sub, expected.clone(), scale(unavailable)?);
        let left = left.map_err(|fault| fault.to_string())?;
        return Ok(Value::Term(one_of(left, 0.into(), true)));
    }
    match field("minAvailable") {
        Some(available) => scale(available).map(Value::Term),
        None => Ok(0.into()),
    }
}

fn promised<'c>(context: &mut Context<'_, 'c>, values: &[Value<'c>]) -> Result<Value<'c>, String> {
    let others = context.cluster.others_under(document(values, 0)?, document(values, 1)?)?;
    let fault = |fault: crate::term::ArithmeticFault| fault.to_string();
    let all = Term::arithmetic(Arithmetic::Add, term(values, 2)?, others.into()).map_err(fault)?;
    let budget = values.first().cloned().into_iter();
    let operands: Vec<_> = budget.chain([Value::Term(all)]).collect();
    let desired = term(&[desired_healthy(context, &operands)?], 0)?;
    let own = Term::arithmetic(Arithmetic::Sub, desired, others.into()).map_err(fault)?;
    Ok(Value::Term(own))
}

fn budgets<'c>(context: &Context<'_, 'c>, values: &[Value<'c>]) -> Result<Vec<Value<'c>>, String> {
    let budgets = context.cluster.budgets_for(document(values, 0)?);
    Ok(budgets.into_iter().map(Value::Document).collect())
}
