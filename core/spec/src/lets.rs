//! Named values: typed in the order in which they use each other.

use std::collections::{BTreeMap, BTreeSet};

use provost_model::escape_pointer;

use crate::expr::{Expr, ExpressionFault};
use crate::expression::Expression;
use crate::form::{Body, Cel, Given};
use crate::loader::Loader;
use crate::types::{Names, Type, check, check_is};

/// A named value.
#[derive(Clone, Debug)]
pub enum Let {
    /// Read from the change.
    Value(Expression),
    /// Any integer from the first to the second, or from the first up.
    Range(Expression, Option<Expression>),
    /// Any text of a list.
    OneOf(Expression),
}

impl Let {
    /// Its expressions.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let (first, second) = match self {
            Self::Value(first) | Self::OneOf(first) => (first, None),
            Self::Range(first, second) => (first, second.as_ref()),
        };
        std::iter::once(first).chain(second)
    }
}

impl Loader<'_> {
    /// Types every named value, each after those it uses.
    pub(crate) fn lets(&mut self, bodies: &[&Body], names: &mut Names) -> Vec<(String, Let)> {
        let mut waiting = BTreeMap::new();
        let mut known: BTreeSet<String> = BTreeSet::new();
        for pointer in ["/spec/let", "/spec/given", "/spec/defaults"] {
            let keys = self.keys(pointer);
            self.once(pointer, &keys);
            for name in keys {
                let is_default = pointer == "/spec/defaults";
                let is_new = known.insert(name.clone());
                // A default gives way to what is said elsewhere; said twice is found by `once`.
                if !is_new && (is_default || waiting.contains_key(&name)) {
                    continue;
                }
                // What is wrong with one is not also wrong with those that use it.
                let place = self.key(pointer, &name);
                self.define(&name, place, Type::Any, names);
                let at = format!("{pointer}/{}", escape_pointer(&name));
                let cel = bodies.iter().find_map(|body| {
                    if is_default { body.defaults.get(&name) } else { body.lets.get(&name) }
                });
                let given = bodies.iter().find_map(|body| body.given.get(&name));
                let found = match (pointer, cel, given) {
                    ("/spec/let" | "/spec/defaults", Some(cel), _) => {
                        self.parse(cel, &at).map(Let::Value)
                    }
                    (_, _, Some(given)) => self.given(given, &at),
                    _ => None,
                };
                waiting.extend(found.map(|found| (name, found)));
            }
        }
        let mut ordered = Vec::new();
        for name in self.order(&waiting) {
            let Some(value) = waiting.remove(&name) else { continue };
            let found = self.named(&value, names);
            names.insert(name.clone(), found);
            ordered.push((name, value));
        }
        ordered
    }

    fn given(&mut self, form: &Given, pointer: &str) -> Option<Let> {
        let mut parse = |cel: &Option<Cel>, field: &str| {
            cel.as_ref().and_then(|cel| self.parse(cel, &format!("{pointer}/{field}")))
        };
        let (from, to) = (parse(&form.from, "from"), parse(&form.to, "to"));
        let one_of = parse(&form.one_of, "oneOf");
        match (&form.from, &form.to, &form.one_of) {
            (Some(_), _, None) => {
                // A greatest value with a mistake in it is not one that is missing.
                let to = if form.to.is_some() { Some(to?) } else { None };
                Some(Let::Range(from?, to))
            }
            (None, None, Some(_)) => Some(Let::OneOf(one_of?)),
            _ => {
                let place = self.value(pointer);
                let help = "write `from` with or without `to`, or `oneOf`".to_owned();
                self.problem(place, "a given value is of a range or of a list", help);
                None
            }
        }
    }

    /// The type of a named value, and what is wrong with it.
    fn named(&mut self, value: &Let, names: &Names) -> Type {
        let mut faults = Vec::new();
        let found = match value {
            Let::Value(expression) => {
                let found = check(&expression.expr, names, &mut faults);
                faults.extend(misplaced_unknowns(&expression.expr));
                self.report(expression, faults);
                return found;
            }
            Let::Range(..) => Type::Int,
            Let::OneOf(_) => Type::Text,
        };
        let texts = Type::List(Box::new(Type::Text));
        let wanted = if found == Type::Int { &Type::Int } else { &texts };
        for expression in value.expressions() {
            let mut faults = Vec::new();
            check_is(&expression.expr, names, wanted, &mut faults);
            self.report(expression, faults);
        }
        found
    }

    /// The names of values, each after those it uses; without those that are in a circle.
    fn order(&mut self, lets: &BTreeMap<String, Let>) -> Vec<String> {
        let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut used_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in lets {
            let mut free = Vec::new();
            value.expressions().for_each(|expression| expression.expr.free_names(&mut free));
            let used: BTreeSet<_> =
                free.into_iter().map(|(n, _)| n).filter(|n| lets.contains_key(*n)).collect();
            used.iter().for_each(|used| used_by.entry(used).or_default().push(name));
            uses.insert(name, used);
        }
        let mut ready: BTreeSet<&str> =
            uses.iter().filter(|(_, used)| used.is_empty()).map(|(name, _)| *name).collect();
        let mut ordered = Vec::new();
        while let Some(name) = ready.pop_first() {
            uses.remove(name);
            ordered.push(name.to_owned());
            for user in used_by.remove(name).unwrap_or_default() {
                if let Some(left) = uses.get_mut(user)
                    && left.remove(name)
                    && left.is_empty()
                {
                    ready.insert(user);
                }
            }
        }
        while let Some(circle) = circle(&uses) {
            let first = circle.first().copied().unwrap_or_default();
            let place = self.key("/spec/let", first);
            let shown: Vec<_> =
                circle.iter().chain([&first]).map(|name| format!("`{name}`")).collect();
            let message = format!("`{first}` is defined by itself: {}", shown.join(" uses "));
            self.problem(place, message, None);
            without(&mut uses, circle.into_iter().collect());
        }
        ordered
    }
}

/// An unknown has the name of its `let`: more than one there would be one unknown with
/// several ranges.
fn misplaced_unknowns(expr: &Expr) -> Vec<ExpressionFault> {
    let calls = expr.calls("between");
    let again = calls.iter().skip(1).map(|(span, _)| {
        ExpressionFault::new(*span, "there are two unknowns in one `let`")
            .help("give each `between` a `let` of its own")
    });
    let repeated = calls.iter().take(1).filter(|(_, repeated)| *repeated).map(|(span, _)| {
        ExpressionFault::new(*span, "an unknown is declared once, not once for each item")
            .help("give `between` a `let` of its own")
    });
    repeated.chain(again).collect()
}

/// Names each of which uses the next, and the last the first.
fn circle<'n>(uses: &BTreeMap<&'n str, BTreeSet<&'n str>>) -> Option<Vec<&'n str>> {
    let mut path = vec![*uses.keys().next()?];
    loop {
        let next = *uses.get(path.last()?)?.first()?;
        if let Some(start) = path.iter().position(|name| *name == next) {
            path.drain(..start);
            return Some(path);
        }
        path.push(next);
    }
}

/// Takes names away, and those that then use nothing more that is left.
fn without<'n>(uses: &mut BTreeMap<&'n str, BTreeSet<&'n str>>, mut gone: BTreeSet<&'n str>) {
    while let Some(name) = gone.pop_first() {
        uses.remove(name);
        for (user, used) in uses.iter_mut() {
            if used.remove(name) && used.is_empty() {
                gone.insert(user);
            }
        }
    }
}
