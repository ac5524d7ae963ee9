//! The state and the steps of a machine for one object: maps and lists taken apart.

use std::collections::BTreeMap;

use crate::domain::Domain;
use crate::expression::Expression;
use crate::instance::{Instance, InstanceFault};
use crate::limits::{MACHINE_SLOTS, MACHINE_STEPS};
use crate::machine::FAULTS;
use crate::value::Value;

/// One value of a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// A variable, as `old`, or a value of a map, as `status[build]`.
    pub name: String,
    /// What it can be.
    pub domain: Domain,
    /// Index of the variable in the machine; the number of faults is none.
    pub(crate) variable: Option<usize>,
    /// The key in a map.
    pub(crate) key: Option<String>,
}

/// A step for one item of each of its lists.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<'c> {
    /// Index of the step in the machine.
    pub step: usize,
    /// As `deploy`, or `run[build]`.
    pub name: String,
    /// In words; placeholders of choices are still there.
    pub title: String,
    /// The items, by name.
    pub(crate) items: BTreeMap<String, Value<'c>>,
}

/// The state and the steps of a machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout<'c> {
    /// What a state is made of.
    pub slots: Vec<Slot>,
    /// What can happen.
    pub events: Vec<Event<'c>>,
}

impl<'c> Layout<'c> {
    /// # Errors
    /// When a list has no known value, or there would be too many values or steps.
    pub(crate) fn of(instance: &Instance<'_, 'c>) -> Result<Self, InstanceFault> {
        let machine = &instance.specification.machine;
        let mut layout = Self::default();
        for (index, variable) in machine.state.iter().enumerate() {
            let slot = |name, key| Slot {
                name,
                domain: variable.domain.clone(),
                variable: Some(index),
                key,
            };
            let Some(over) = &variable.over else {
                layout.slots.push(slot(variable.name.clone(), None));
                continue;
            };
            let mut keys: Vec<String> = Vec::new();
            for item in items(instance, over)? {
                match item {
                    Value::Text(key) if !keys.contains(&key) => keys.push(key),
                    Value::Text(_) => {}
                    other => return Err(fault(over, format!("{} is no key", other.describe()))),
                }
            }
            let named = |key: String| slot(format!("{}[{key}]", variable.name), Some(key));
            layout.slots.extend(keys.into_iter().map(named));
            if layout.slots.len() > MACHINE_SLOTS {
                return Err(fault(over, format!("these are more than {MACHINE_SLOTS} values")));
            }
        }
        let no_faults = match &machine.faults {
            Some(budget) => instance.evaluate(budget)?.int() == Some(0),
            None => true,
        };
        if !no_faults {
            let domain = Domain::Int;
            layout.slots.push(Slot { name: FAULTS.to_owned(), domain, variable: None, key: None });
        }
        for (index, step) in machine.steps.iter().enumerate() {
            if step.fault && no_faults {
                continue;
            }
            layout.events.extend(events(instance, index)?);
            if layout.events.len() > MACHINE_STEPS {
                let message = format!("the machine has more than {MACHINE_STEPS} steps");
                let place = machine.steps.first().map(|step| &step.when);
                return Err(place.map_or_else(
                    || unplaced(instance, &message),
                    |place| fault(place, message.clone()),
                ));
            }
        }
        Ok(layout)
    }
}

fn unplaced(instance: &Instance<'_, '_>, message: &str) -> InstanceFault {
    InstanceFault { message: message.to_owned(), location: instance.subject.locate("") }
}

fn fault(at: &Expression, message: String) -> InstanceFault {
    InstanceFault { message, location: at.location(at.expr.span) }
}

/// The items of a list, or the keys of a map.
fn items<'c>(
    instance: &Instance<'_, 'c>,
    list: &Expression,
) -> Result<Vec<Value<'c>>, InstanceFault> {
    match instance.evaluate(list)? {
        Value::List(items) => Ok(items),
        map if map.keys().is_some() => {
            let keys = map.keys().unwrap_or_default().into_iter();
            Ok(keys.map(|key| Value::Text(key.to_owned())).collect())
        }
        other => Err(fault(list, format!("expected a list, found {}", other.describe()))),
    }
}

/// One event for each combination of items.
fn events<'c>(instance: &Instance<'_, 'c>, index: usize) -> Result<Vec<Event<'c>>, InstanceFault> {
    let Some(step) = instance.specification.machine.steps.get(index) else {
        return Ok(Vec::new());
    };
    let first = Event {
        step: index,
        name: step.name.clone(),
        title: step.title.clone(),
        items: BTreeMap::new(),
    };
    let mut events = vec![first];
    for (name, list) in &step.for_each {
        let mut more = Vec::new();
        for item in items(instance, list)? {
            let text = match (&item, item.int()) {
                (Value::Text(text), _) => text.clone(),
                (_, Some(number)) => number.to_string(),
                _ => return Err(fault(list, format!("{} is no item", item.describe()))),
            };
            for event in &events {
                let mut items = event.items.clone();
                items.insert(name.clone(), item.clone());
                more.push(Event {
                    step: index,
                    name: format!("{}[{text}]", event.name),
                    title: event.title.replace(&format!("{{{name}}}"), &text),
                    items,
                });
            }
            if more.len() > MACHINE_STEPS {
                return Err(fault(list, format!("these are more than {MACHINE_STEPS} steps")));
            }
        }
        events = more;
    }
    Ok(events)
}
