//! State machines: how the system of a specification moves.

use std::sync::Arc;

use provost_model::escape_pointer;

use crate::domain::Domain;
use crate::expr::{Expr, ExprKind, ExpressionFault};
use crate::expression::Expression;
use crate::form::{Body, Cel, EnumForm, ItemForm, MachineForm, SortForm, StepForm, VariableForm};
use crate::loader::Loader;
use crate::types::{Names, Type};

/// A state machine.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// State variables, in source order.
    pub state: Vec<Variable>,
    /// Their first values.
    pub start: Vec<Expression>,
    /// What can happen, in source order.
    pub steps: Vec<Step>,
    /// How many faults a run may have, where some step is one.
    pub faults: Option<Expression>,
    /// Facts to prove first and use then.
    pub lemmas: Vec<Expression>,
}

/// A state variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it, or each of its values, can be.
    pub domain: Domain,
    /// For a map, its keys: a list of texts.
    pub over: Option<Expression>,
}

/// A step of a machine.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// In words, with `{name}` placeholders.
    pub title: String,
    /// There is one such step for each item of these lists.
    pub for_each: Vec<(String, Expression)>,
    /// When it can happen.
    pub when: Expression,
    /// Chosen integers with their least and greatest values.
    pub choices: Vec<(String, Expression, Expression)>,
    /// Next values.
    pub then: Vec<Change>,
    /// Does something go wrong in it?
    pub fault: bool,
    /// Must it happen at last?
    pub fair: bool,
}

/// The next value of a variable.
#[derive(Clone, Debug)]
pub struct Change {
    /// Index of the variable in the machine.
    pub variable: usize,
    /// Of a map, the only key that changes; without it each does.
    pub key: Option<Expression>,
    /// The value.
    pub value: Expression,
}

/// The name of the key of a map in what is said of each of its values.
pub(crate) const KEY: &str = "key";
/// The number of faults so far.
pub(crate) const FAULTS: &str = "faults";

impl Variable {
    fn of_type(&self) -> Type {
        let item = self.domain.of_type();
        if self.over.is_some() { Type::Map(Box::new(item)) } else { item }
    }
}

impl Loader<'_> {
    /// The machine, and the names in scope in it.
    pub(crate) fn machine(&mut self, bodies: &[&Body], names: &Names) -> (Machine, Names) {
        let mut machine = Machine::default();
        let mut scope = names.clone();
        let forms: Vec<&MachineForm> = bodies.iter().filter_map(|b| b.machine.as_ref()).collect();
        self.variables(&forms, &mut machine, &mut scope, names);
        let faulty = forms.iter().any(|form| form.steps.values().any(|step| step.fault));
        if let Some(cel) = forms.iter().find_map(|form| form.faults.as_ref()) {
            machine.faults = self.expression(cel, "/spec/machine/faults", names, &Type::Int);
            let place = self.key("/spec/machine", FAULTS);
            self.define(FAULTS, place, Type::Int, &mut scope);
        } else if faulty {
            let place = self.key("/spec/machine", "steps");
            let help = "add `faults: 1` to the machine, or as many as there may be".to_owned();
            self.problem(place, "a step is a fault, and no fault may happen", help);
        }
        let keys = self.keys("/spec/machine/steps");
        self.once("/spec/machine/steps", &keys);
        for name in keys {
            if let Some(step) = forms.iter().find_map(|form| form.steps.get(&name)) {
                machine.steps.extend(self.step(&name, step, &machine, &scope));
            }
        }
        machine.lemmas = self.in_parts(bodies, |loader, body| {
            let lemmas = body.machine.as_ref().map_or(&[][..], |machine| &machine.lemmas);
            loader.list(lemmas, "/spec/machine/lemmas", &scope)
        });
        (machine, scope)
    }

    fn variables(
        &mut self,
        forms: &[&MachineForm],
        machine: &mut Machine,
        scope: &mut Names,
        names: &Names,
    ) {
        let keys = self.keys("/spec/machine/state");
        self.once("/spec/machine/state", &keys);
        for name in keys {
            let Some(form) = forms.iter().find_map(|form| form.state.get(&name)) else { continue };
            let pointer = format!("/spec/machine/state/{}", escape_pointer(&name));
            let (domain, over) = match form {
                VariableForm::Sort(sort) => (sorted(*sort), None),
                VariableForm::Enum(labels) => (self.labels(labels, &pointer), None),
                VariableForm::Map(map) => {
                    let texts = Type::List(Box::new(Type::Text));
                    let over =
                        self.expression(&map.over, &format!("{pointer}/over"), names, &texts);
                    let Some(over) = over else { continue };
                    let domain = match &map.of {
                        ItemForm::Sort(sort) => sorted(*sort),
                        ItemForm::Enum(labels) => self.labels(labels, &format!("{pointer}/of")),
                    };
                    (domain, Some(over))
                }
            };
            let variable = Variable { name: name.clone(), domain, over };
            let place = self.key("/spec/machine/state", &name);
            self.define(&name, place, variable.of_type(), scope);
            self.first_value(forms, &variable, machine, names);
            machine.state.push(variable);
        }
        let pointer = "/spec/machine/start";
        for key in self.keys(pointer) {
            if !machine.state.iter().any(|variable| variable.name == key) {
                self.unknown_variable(machine, &key, pointer, &key);
            }
        }
    }

    fn first_value(
        &mut self,
        forms: &[&MachineForm],
        variable: &Variable,
        machine: &mut Machine,
        names: &Names,
    ) {
        let name = &variable.name;
        match forms.iter().find_map(|form| form.start.get(name)) {
            Some(cel) => {
                let pointer = format!("/spec/machine/start/{}", escape_pointer(name));
                let names = with_key(variable, names);
                let first = self.expression(cel, &pointer, &names, &variable.domain.of_type());
                machine.start.extend(first);
            }
            None => {
                let place = self.key("/spec/machine/state", name);
                let help = format!("add it to `start`, as `{name}: …`");
                self.problem(place, format!("`{name}` has no first value"), help);
            }
        }
    }

    fn labels(&mut self, form: &EnumForm, pointer: &str) -> Domain {
        for (index, label) in form.labels.iter().enumerate() {
            if form.labels.iter().take(index).any(|before| before == label) {
                let place = self.value(&format!("{pointer}/enum/{index}"));
                self.problem(place, format!("`{label}` is listed twice"), None);
            }
        }
        Domain::Enum(Arc::from(form.labels.as_slice()))
    }

    fn unknown_variable(&mut self, machine: &Machine, written: &str, pointer: &str, key: &str) {
        let known = machine.state.iter().map(|variable| variable.name.as_str());
        let help = match provost_syntax::suggest(written, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "declare it in `state`".to_owned(),
        };
        let place = self.key(pointer, key);
        self.problem(place, format!("`{written}` is not a state variable"), help);
    }

    fn step(
        &mut self,
        name: &str,
        form: &StepForm,
        machine: &Machine,
        scope: &Names,
    ) -> Option<Step> {
        let step = format!("/spec/machine/steps/{}", escape_pointer(name));
        let at = |field: &str| format!("{step}/{field}");
        let mut inner = scope.clone();
        let mut for_each = Vec::new();
        for (item, cel) in &form.for_each {
            let pointer = at(&format!("forEach/{}", escape_pointer(item)));
            let Some(list) = self.parse(cel, &pointer) else { continue };
            let mut faults = Vec::new();
            let found = crate::types::check(&list.expr, scope, &mut faults);
            let item_type = match found {
                Type::List(item) => *item,
                Type::Any => Type::Any,
                other => {
                    let message = format!("expected a list, found {other}");
                    faults.push(ExpressionFault::new(list.expr.span, message));
                    Type::Any
                }
            };
            self.report(&list, faults);
            let place = self.key(&at("forEach"), item);
            self.define(item, place, item_type, &mut inner);
            for_each.push((item.clone(), list));
        }
        let when = self.expression(&form.when, &at("when"), &inner, &Type::Bool);
        let mut choices = Vec::new();
        let outer = inner.clone();
        for (choice, range) in &form.choose {
            let bound = |loader: &mut Self, cel: &Cel, end: &str| {
                let pointer = at(&format!("choose/{}/{end}", escape_pointer(choice)));
                loader.expression(cel, &pointer, &outer, &Type::Int)
            };
            let (from, to) = (bound(self, &range.from, "from"), bound(self, &range.to, "to"));
            if let (Some(from), Some(to)) = (from, to) {
                choices.push((choice.clone(), from, to));
            }
            let place = self.key(&at("choose"), choice);
            self.define(choice, place, Type::Int, &mut inner);
        }
        self.placeholders(&form.title, &at("title"), form);
        let mut then = Vec::new();
        for (key, cel) in &form.then {
            then.extend(self.change(key, cel, &at("then"), machine, &inner));
        }
        self.twice(&then, &at("then"));
        then.sort_by_key(|change| change.variable);
        Some(Step {
            name: name.to_owned(),
            title: form.title.clone(),
            for_each,
            when: when?,
            choices,
            then,
            fault: form.fault,
            fair: form.fair && !form.fault,
        })
    }

    /// `x: …`, `m[k]: …` or `m: …`
    fn change(
        &mut self,
        written: &str,
        cel: &Cel,
        pointer: &str,
        machine: &Machine,
        scope: &Names,
    ) -> Option<Change> {
        let target = self.parse_key(pointer, written)?;
        let (name, index) = match target.expr.kind.clone() {
            ExprKind::Name(name) => (name, None),
            ExprKind::Index { operand, index, optional: false } => match operand.kind {
                ExprKind::Name(name) => (name, Some(*index)),
                _ => (written.to_owned(), None),
            },
            _ => (written.to_owned(), None),
        };
        let found = machine.state.iter().position(|variable| variable.name == name);
        let Some((index_of, variable)) = found.and_then(|i| Some((i, machine.state.get(i)?)))
        else {
            self.unknown_variable(machine, &name, pointer, written);
            return None;
        };
        let key = match index {
            Some(_) if variable.over.is_none() => {
                let place = self.key(pointer, written);
                self.problem(place, format!("`{name}` is not a map"), format!("write `{name}`"));
                return None;
            }
            Some(index) => Some(self.map_key(&target, index, scope)),
            None => None,
        };
        let names = if key.is_none() { with_key(variable, scope) } else { scope.clone() };
        let at = format!("{pointer}/{}", escape_pointer(written));
        let value = self.expression(cel, &at, &names, &variable.domain.of_type())?;
        Some(Change { variable: index_of, key, value })
    }

    fn map_key(&mut self, target: &Expression, index: Expr, scope: &Names) -> Expression {
        let mut faults = Vec::new();
        crate::types::check_is(&index, scope, &Type::Text, &mut faults);
        self.report(target, faults);
        Expression { expr: index, ..target.clone() }
    }

    /// A variable as a whole and one of its keys cannot both be set.
    fn twice(&mut self, changes: &[Change], pointer: &str) {
        for (index, change) in changes.iter().enumerate() {
            let same = |other: &&Change| {
                other.variable == change.variable && (other.key.is_none() || change.key.is_none())
            };
            if changes.iter().take(index).any(|other| same(&other)) {
                let place = self.value(pointer);
                let help = "write one expression for the whole map, over `key`".to_owned();
                self.problem(place, "a map and one of its keys are both set", help);
            }
        }
    }

    /// Each `{name}` in the title of a step is an item or one of its choices.
    fn placeholders(&mut self, title: &str, pointer: &str, form: &StepForm) {
        let named = title.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        let known = || form.choose.keys().chain(form.for_each.keys());
        for (name, _) in named {
            if !known().any(|known| known == name) {
                let near = provost_syntax::suggest(name, known().map(String::as_str));
                let help = match near {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => "only what is in `choose` or `forEach` has a value here".to_owned(),
                };
                let place = self.value(pointer);
                self.problem(place, format!("`{name}` is not a choice of this step"), help);
            }
        }
    }
}

fn sorted(form: SortForm) -> Domain {
    match form {
        SortForm::Int => Domain::Int,
        SortForm::Bool => Domain::Bool,
    }
}

/// The names in what is said of each value of a map.
fn with_key(variable: &Variable, names: &Names) -> Names {
    let mut names = names.clone();
    if variable.over.is_some() {
        names.insert(KEY.to_owned(), Type::Text);
    }
    names
}
