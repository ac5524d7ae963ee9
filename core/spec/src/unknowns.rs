//! Integers that are not known, and their ranges.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::Labels;
use crate::term::{Comparison, Sort, Term};

/// An unknown integer and its range, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unknown {
    /// Its name: that of the `let` or `given` that declares it.
    pub name: String,
    /// The least value.
    pub low: i128,
    /// The greatest value, if there is one.
    pub high: Option<i128>,
    /// For an unknown text, the texts whose places in this list the values are.
    pub labels: Option<Labels>,
}

impl Unknown {
    /// Is it one of its values?
    pub fn contains(&self, value: i128) -> bool {
        self.low <= value && self.high.is_none_or(|high| value <= high)
    }

    /// That the symbol is one of its values.
    pub fn range(&self) -> Term {
        let symbol = Term::symbol(&self.name, Sort::Int);
        match self.high {
            Some(high) => Term::between(&symbol, &self.low.into(), &high.into()),
            None => Term::compare(Comparison::AtMost, self.low.into(), symbol),
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, low, high, labels } = self;
        match (labels, high) {
            (Some(_), _) => write!(f, "{name}"),
            (None, Some(high)) => write!(f, "{name} from {low} to {high}"),
            (None, None) => write!(f, "{name} from {low} up"),
        }
    }
}

/// The unknowns declared while evaluating, and who declares now.
#[derive(Clone, Debug, Default)]
pub struct Unknowns {
    /// Declared so far.
    pub declared: Vec<Unknown>,
    /// The name that the next one gets.
    pub owner: String,
    /// Values chosen for unknowns: a counterexample is evaluated again with these.
    pub chosen: BTreeMap<String, i128>,
}

impl Unknowns {
    /// An unknown integer from `low` to `high`, or the value chosen for it.
    ///
    /// # Errors
    /// When the range is empty, and for a second unknown of the same `let`.
    pub fn declare(
        &mut self,
        low: i128,
        high: Option<i128>,
        labels: Option<Labels>,
    ) -> Result<Term, String> {
        if let Some(high) = high.filter(|high| low > *high) {
            return Err(format!("there is no integer from {low} to {high}"));
        }
        let name = self.owner.clone();
        if name.is_empty() || self.declared.iter().any(|unknown| unknown.name == name) {
            // One name for two unknowns would make them one.
            return Err("an unknown is declared once, in a `let` of its own".to_owned());
        }
        if Some(low) == high {
            return Ok(low.into());
        }
        let unknown = Unknown { name: name.clone(), low, high, labels };
        match self.chosen.get(&name) {
            Some(chosen) if unknown.contains(*chosen) => Ok((*chosen).into()),
            Some(chosen) => Err(format!("{chosen} is not a value of {unknown}")),
            None => {
                self.declared.push(unknown);
                Ok(Term::symbol(name, Sort::Int))
            }
        }
    }
}
