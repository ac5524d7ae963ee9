//! What a specification looks at beside the object that it is asked about.

use std::collections::BTreeSet;

use provost_model::Document;

use crate::cluster::{Kinds, WORKLOADS, makes_pods, parse_kind};
use crate::expr::{Expr, ExprKind, Literal};
use crate::functions;
use crate::specification::Specification;

/// Which objects beside its own a specification may look at, by what its expressions call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Group and kind of what is looked for.
    pub kinds: BTreeSet<(String, String)>,
    /// Is anything looked for that makes pods?
    pub workloads: bool,
    /// Is a kind looked for that only the objects themselves name?
    pub named: bool,
    /// May an object of any kind matter?
    pub anything: bool,
}

const AUTOSCALER: (&str, &str) = ("autoscaling", "HorizontalPodAutoscaler");
const BUDGET: (&str, &str) = ("policy", "PodDisruptionBudget");

impl Reach {
    /// Is it an object of a kind that is looked for?
    pub fn includes(&self, document: &Document) -> bool {
        let object = &document.object;
        self.anything
            || (self.workloads && makes_pods(document))
            || self
                .kinds
                .iter()
                .any(|(group, kind)| *kind == object.kind && group == object.group())
    }

    /// Is nothing looked for?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn add(&mut self, (group, kind): (&str, &str)) {
        self.kinds.insert((group.to_owned(), kind.to_owned()));
    }

    fn of(&mut self, expr: &Expr) {
        if let ExprKind::Call { target: None, name, arguments } = &expr.kind {
            match name.as_str() {
                "autoscalerFor" => self.add(AUTOSCALER),
                "budgetFor" | "budgetsFor" => self.add(BUDGET),
                "othersUnder" | "promised" => {
                    self.add(AUTOSCALER);
                    self.workloads = true;
                }
                "quotasFor" => self.add(("", "ResourceQuota")),
                "selectedBy" => self.workloads = true,
                "documents" | "find" => match arguments.first().map(|kind| &kind.kind) {
                    // A kind that is none finds nothing, and the answer says so.
                    Some(ExprKind::Literal(Literal::Text(kind))) => {
                        parse_kind(kind).into_iter().for_each(|kind| self.add(kind));
                    }
                    _ => (self.named, self.anything) = (true, true),
                },
                // A function that is not known here sees everything, to be safe.
                name if functions::AROUND.contains(&name) => {
                    (self.named, self.anything) = (true, true);
                }
                _ => {}
            }
        }
        expr.children().into_iter().for_each(|child| self.of(child));
    }
}

impl Specification {
    /// The same, knowing what it looks at.
    pub(crate) fn with_reach(self) -> Self {
        let mut reach = Reach { anything: self.is_about_everything(), ..Reach::default() };
        self.expressions().into_iter().for_each(|expression| reach.of(&expression.expr));
        Self { reach, ..self }
    }

    /// Does it look at other objects than the one it is asked about? Then an answer about one
    /// object alone says nothing of that object in its cluster.
    pub fn looks_around(&self) -> bool {
        !self.reach.is_empty()
    }

    /// The kinds that have to be known to ask it about a cluster: its own, and those that it
    /// looks for. Of kinds that only objects name, the built-in ones that make pods; an object
    /// that names another one cannot be judged.
    pub fn needs(&self) -> Kinds {
        let reach = &self.reach;
        if reach.kinds.is_empty() && !reach.workloads && !reach.named {
            return Kinds::new();
        }
        let mut needs: Kinds = self.kinds.iter().chain(&reach.kinds).cloned().collect();
        if reach.workloads || reach.named {
            needs.extend(WORKLOADS.map(|(group, kind)| (group.to_owned(), kind.to_owned())));
        }
        needs
    }
}
