//! What a specification claims.

use crate::expression::Expression;
use crate::form::{Body, Cel, Invariant, TemporalProperty};
use crate::loader::Loader;
use crate::types::{Names, Type};

/// One property.
#[derive(Clone, Debug)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// What it claims.
    pub claim: Claim,
    /// When it is proved for all values.
    pub holds_when: Option<Expression>,
    /// What to say about a state that breaks it; without it, the claim itself is shown.
    pub violation: Option<Expression>,
}

/// What is claimed.
#[derive(Clone, Debug)]
pub enum Claim {
    /// It holds in every reachable state.
    Invariant(Expression),
    /// It holds in every reachable state in which no fair step can happen.
    Final(Expression),
    /// In every reachable state it holds or a fair step can happen.
    NeverStuck(Expression),
    /// Every run comes to a goal.
    Progress {
        /// Whenever this holds; without it, from the start.
        from: Option<Expression>,
        /// The goal.
        to: Expression,
        /// Never negative, lowered by every fair step until then and raised by none.
        rank: Option<Expression>,
        /// In how many steps.
        within: Option<Expression>,
    },
    /// From every reachable state some steps that are no faults lead to a goal.
    Reachable {
        /// The goal.
        goal: Expression,
        /// Never negative; until the goal some step lowers it.
        rank: Option<Expression>,
        /// In how many steps.
        within: Option<Expression>,
    },
}

impl Claim {
    /// The condition that is claimed to hold or to be reached.
    pub fn goal(&self) -> &Expression {
        match self {
            Self::Invariant(goal) | Self::Final(goal) | Self::NeverStuck(goal) => goal,
            Self::Progress { to: goal, .. } | Self::Reachable { goal, .. } => goal,
        }
    }

    /// Every expression of the claim.
    pub(crate) fn expressions(&self) -> Vec<&Expression> {
        match self {
            Self::Progress { from, to, within, .. } => {
                from.iter().chain([to]).chain(within).collect()
            }
            Self::Reachable { goal, within, .. } => std::iter::once(goal).chain(within).collect(),
            _ => vec![self.goal()],
        }
    }

    /// What a reader is told of a state that breaks it, when the specification has no words.
    pub(crate) fn broken(&self) -> String {
        let text = &self.goal().text;
        match self {
            Self::Invariant(_) => format!("`{text}` does not hold"),
            Self::Final(_) => format!("it ends, and `{text}` does not hold"),
            Self::NeverStuck(_) => {
                format!("nothing can happen any more, and `{text}` does not hold")
            }
            Self::Progress { within: None, .. } => format!("it never comes to `{text}`"),
            Self::Progress { .. } => format!("it does not come to `{text}` in time"),
            Self::Reachable { within: None, .. } => format!("no way leads from here to `{text}`"),
            Self::Reachable { .. } => format!("no way that is short enough leads to `{text}`"),
        }
    }
}

impl Loader<'_> {
    pub(crate) fn properties(
        &mut self,
        body: &Body,
        names: &Names,
        state: &Names,
    ) -> Vec<Property> {
        self.only_own();
        let mut properties = Vec::new();
        let lists = [
            (&body.invariants, "/spec/invariants", Claim::Invariant as fn(Expression) -> Claim),
            (&body.postconditions, "/spec/postconditions", Claim::Final),
        ];
        for (list, pointer, claim) in lists {
            for (index, form) in list.iter().enumerate() {
                let at = format!("{pointer}/{index}");
                self.unique(&form.name, &format!("{at}/name"), &properties);
                properties.extend(self.invariant(form, &at, claim, (names, state)));
            }
        }
        for (index, form) in body.temporal_properties.iter().enumerate() {
            let at = format!("/spec/temporalProperties/{index}");
            self.unique(&form.name, &format!("{at}/name"), &properties);
            properties.extend(self.temporal(form, &at, (names, state)));
        }
        self.all_parts();
        properties
    }

    fn invariant(
        &mut self,
        form: &Invariant,
        pointer: &str,
        claim: fn(Expression) -> Claim,
        (names, state): (&Names, &Names),
    ) -> Option<Property> {
        let at = |field: &str| format!("{pointer}/{field}");
        let expr = self.expression(&form.expr, &at("expr"), state, &Type::Bool);
        let holds_when = self.optional(&form.holds_when, &at("holdsWhen"), names);
        let violation = self.violation(&form.violation, &at("violation"), state);
        Some(Property { name: form.name.clone(), claim: claim(expr?), holds_when, violation })
    }

    fn violation(&mut self, cel: &Option<Cel>, pointer: &str, names: &Names) -> Option<Expression> {
        cel.as_ref().and_then(|cel| self.expression(cel, pointer, names, &Type::Text))
    }

    fn temporal(
        &mut self,
        form: &TemporalProperty,
        pointer: &str,
        (names, state): (&Names, &Names),
    ) -> Option<Property> {
        let at = |field: &str| format!("{pointer}/{field}");
        let rank = form.rank.as_ref();
        let rank = rank.and_then(|cel| self.expression(cel, &at("rank"), state, &Type::Int));
        let within = form.within.as_ref();
        let within = within.and_then(|cel| self.expression(cel, &at("within"), names, &Type::Int));
        let holds_when = self.optional(&form.holds_when, &at("holdsWhen"), names);
        let violation = self.violation(&form.violation, &at("violation"), state);
        let said: Vec<&str> = [
            ("eventually", form.eventually.is_some()),
            ("leadsTo", form.leads_to.is_some()),
            ("neverStuckUntil", form.never_stuck_until.is_some()),
            ("canAlwaysReach", form.can_always_reach.is_some()),
        ]
        .into_iter()
        .filter_map(|(word, there)| there.then_some(word))
        .collect();
        let &[word] = said.as_slice() else {
            let place = self.value(&at("name"));
            let message = format!("`{}` says {} of the four things", form.name, said.len());
            let help = "give it one of `eventually`, `leadsTo`, `neverStuckUntil` and \
                        `canAlwaysReach`";
            self.problem(place, message, help.to_owned());
            return None;
        };
        if !self.moves() {
            let place = self.key(pointer, word);
            let help = "add a `machine`, or state an invariant".to_owned();
            self.problem(place, "without a `machine` nothing ever happens", help);
        }
        let bool =
            |l: &mut Self, cel: &Option<Cel>, field: &str| l.optional(cel, &at(field), state);
        let claim = match word {
            "eventually" => {
                let to = bool(self, &form.eventually, word)?;
                Claim::Progress { from: None, to, rank, within }
            }
            "leadsTo" => {
                let both = form.leads_to.as_ref()?;
                let from = self.expression(&both.from, &at("leadsTo/from"), state, &Type::Bool);
                let to = self.expression(&both.to, &at("leadsTo/to"), state, &Type::Bool);
                Claim::Progress { from: Some(from?), to: to?, rank, within }
            }
            "neverStuckUntil" => {
                if form.within.is_some() {
                    let place = self.key(pointer, "within");
                    let help = "a bound belongs to `eventually` and `leadsTo`".to_owned();
                    self.problem(place, "to be never stuck takes no number of steps", help);
                }
                Claim::NeverStuck(bool(self, &form.never_stuck_until, word)?)
            }
            _ => {
                let goal = bool(self, &form.can_always_reach, word)?;
                Claim::Reachable { goal, rank, within }
            }
        };
        Some(Property { name: form.name.clone(), claim, holds_when, violation })
    }

    fn unique(&mut self, name: &str, pointer: &str, before: &[Property]) {
        if before.iter().any(|property| property.name == name) {
            let place = self.value(pointer);
            let help = "choose another name".to_owned();
            self.problem(place, format!("there are two properties `{name}`"), help);
        }
    }
}
