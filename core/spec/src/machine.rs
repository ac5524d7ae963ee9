//! State machines: how the system of a specification moves.

use provost_model::escape_pointer;

use crate::expression::Expression;
use crate::form::{Cel, MachineForm, SortForm, StepForm};
use crate::loader::Loader;
use crate::term::Sort;
use crate::types::{Names, Type};

/// A state machine.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// State variables, in source order.
    pub state: Vec<(String, Sort)>,
    /// Their first values.
    pub start: Vec<Expression>,
    /// What can happen, in source order.
    pub steps: Vec<Step>,
    /// Facts to prove first and use then.
    pub lemmas: Vec<Expression>,
}

/// A step of a machine.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// In words, with `{choice}` placeholders.
    pub title: String,
    /// When it can happen.
    pub when: Expression,
    /// Chosen integers with their least and greatest values.
    pub choices: Vec<(String, Expression, Expression)>,
    /// Next values: index of the state variable, expression.
    pub then: Vec<(usize, Expression)>,
}

impl Loader<'_> {
    pub(crate) fn machine(&mut self, form: Option<&MachineForm>, names: &Names) -> Machine {
        let Some(form) = form else { return Machine::default() };
        let mut machine = Machine::default();
        let mut scope = names.clone();
        for name in self.keys("/spec/machine/state") {
            let Some(sort) = form.state.get(&name) else { continue };
            let sort = match sort {
                SortForm::Int => Sort::Int,
                SortForm::Bool => Sort::Bool,
            };
            let place = self.key("/spec/machine/state", &name);
            self.define(&name, place, sort.into(), &mut scope);
            match form.start.get(&name) {
                Some(cel) => {
                    let pointer = format!("/spec/machine/start/{}", escape_pointer(&name));
                    machine.start.extend(self.expression(cel, &pointer, names, &sort.into()));
                }
                None => {
                    let help = format!("add it to `start`, as `{name}: …`");
                    self.problem(place, format!("`{name}` has no first value"), help);
                }
            }
            machine.state.push((name, sort));
        }
        self.known_variables(&machine, form.start.keys(), "/spec/machine/start");
        for name in self.keys("/spec/machine/steps") {
            if let Some(step) = form.steps.get(&name) {
                machine.steps.extend(self.step(&name, step, &machine, &scope));
            }
        }
        machine.lemmas = self.list(&form.lemmas, "/spec/machine/lemmas", &scope);
        machine
    }

    fn known_variables<'k>(
        &mut self,
        machine: &Machine,
        keys: impl Iterator<Item = &'k String>,
        pointer: &str,
    ) {
        let known = || machine.state.iter().map(|(name, _)| name.as_str());
        for key in keys {
            if !known().any(|name| name == key) {
                let help = match provost_syntax::suggest(key, known()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "declare it in `state`".to_owned(),
                };
                let place = self.key(pointer, key);
                self.problem(place, format!("`{key}` is not a state variable"), help);
            }
        }
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
        let when = self.expression(&form.when, &at("when"), scope, &Type::Bool);
        let mut choices = Vec::new();
        let mut inner = scope.clone();
        for (choice, range) in &form.choose {
            let bound = |loader: &mut Self, cel: &Cel, end: &str| {
                let pointer = at(&format!("choose/{}/{end}", escape_pointer(choice)));
                loader.expression(cel, &pointer, scope, &Type::Int)
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
        for (index, (variable, sort)) in machine.state.iter().enumerate() {
            if let Some(cel) = form.then.get(variable) {
                let pointer = at(&format!("then/{}", escape_pointer(variable)));
                let next = self.expression(cel, &pointer, &inner, &(*sort).into());
                then.extend(next.map(|next| (index, next)));
            }
        }
        self.known_variables(machine, form.then.keys(), &at("then"));
        Some(Step { name: name.to_owned(), title: form.title.clone(), when: when?, choices, then })
    }

    /// Each `{name}` in the title of a step is one of its choices.
    fn placeholders(&mut self, title: &str, pointer: &str, form: &StepForm) {
        let named = title.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        for (name, _) in named {
            if !form.choose.contains_key(name) {
                let near = provost_syntax::suggest(name, form.choose.keys().map(String::as_str));
                let help = match near {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => "only what is in `choose` has a value here".to_owned(),
                };
                let place = self.value(pointer);
                self.problem(place, format!("`{name}` is not a choice of this step"), help);
            }
        }
    }
}
