//! Named values: typed in the order in which they use each other.

use std::collections::{BTreeMap, BTreeSet};

use provost_model::escape_pointer;

use crate::expr::{Expr, ExpressionFault};
use crate::expression::Expression;
use crate::form::Cel;
use crate::loader::Loader;
use crate::types::{Names, Type, check};

impl Loader<'_> {
    /// Types every `let`, each after those it uses.
    pub(crate) fn lets(
        &mut self,
        cels: &BTreeMap<String, Cel>,
        names: &mut Names,
    ) -> Vec<(String, Expression)> {
        let mut waiting = BTreeMap::new();
        for (name, cel) in cels {
            // What is wrong with one is not also wrong with those that use it.
            let place = self.key("/spec/let", name);
            self.define(name, place, Type::Any, names);
            if let Some(parsed) = self.parse(cel, &format!("/spec/let/{}", escape_pointer(name))) {
                waiting.insert(name.clone(), parsed);
            }
        }
        let mut ordered = Vec::new();
        for name in self.order(&waiting) {
            let Some(expression) = waiting.remove(&name) else { continue };
            let mut faults = Vec::new();
            let found = check(&expression.expr, names, &mut faults);
            faults.extend(misplaced_unknowns(&expression.expr));
            self.report(&expression, faults);
            names.insert(name.clone(), found);
            ordered.push((name, expression));
        }
        ordered
    }

    /// The names of `let`s, each after those it uses; without those that are in a circle.
    fn order(&mut self, lets: &BTreeMap<String, Expression>) -> Vec<String> {
        let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut used_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, expression) in lets {
            let mut free = Vec::new();
            expression.expr.free_names(&mut free);
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
