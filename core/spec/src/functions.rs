//! The functions of the language. `table.rs` says how each is called, typed and what it gives;
//! the other modules say what they mean, one for each theme.
//!
//! A meaning is a function of its operands and of the change, and never guesses: what it
//! cannot read is a fault with the text in it. What costs more than its operands are large is
//! paid with [`Steps`].

mod budgets;
mod image;
mod lists;
mod network;
mod numbers;
mod objects;
mod operands;
mod pods;
mod quantity;
mod table;
mod text;
mod version;

use crate::cluster::Cluster;
use crate::evaluate::Steps;
use crate::types::Type;
use crate::unknowns::Unknowns;
use crate::value::Value;

pub(crate) use operands::shown;
pub use table::FUNCTIONS;

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

/// What a function gives, or why it gives nothing.
pub(crate) type Given<'c> = Result<Value<'c>, String>;

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

impl Function {
    /// The type of what it gives, in words.
    pub fn result(&self) -> String {
        match self.signature {
            Signature::Fixed(_, result) => result().to_string(),
            Signature::OrValue | Signature::Value => "what is there".to_owned(),
        }
    }
}

/// The global functions that look at other objects than their operands.
pub(crate) const AROUND: &[&str] = &[
    "autoscalerFor",
    "budgetFor",
    "budgetsFor",
    "documents",
    "find",
    "othersUnder",
    "promised",
    "quotasFor",
    "selectedBy",
];

/// The function of this name.
pub fn find(name: &str, method: bool) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name && function.method == method)
}

/// Every name.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

#[cfg(test)]
mod tests;
